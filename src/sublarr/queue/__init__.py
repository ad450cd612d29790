"""Runs what the ledger holds: worker threads, heartbeats, rescue, schedules.

The ledger (`sublarr.db`) is the truth; this room only claims, runs and hands in. What a job does is not
known here: handlers are given by `bootstrap`, and observers are told for metrics.
"""
