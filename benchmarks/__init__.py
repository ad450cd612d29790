"""The project's benchmarks: each module here is one, with `lines(quick)` yielding the figures it measured.

They are not tests. `benchmarks.runner` finds, runs and prints them; docs/testing.md says how to read the table.
"""
