"""The words of the field: frozen values, enums, errors, payloads.

Nothing here does I/O or imports another room of the house; every other room may import this one.
"""
