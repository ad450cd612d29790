"""Finds the benchmarks, runs those asked for, and reports each figure against its baseline and target."""

from benchmarks.runner.line import Line, Target, at_least, at_most

__all__ = ["Line", "Target", "at_least", "at_most"]
