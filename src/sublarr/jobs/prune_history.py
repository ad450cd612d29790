"""Retention: remove what is past its keeping time, in pieces that hold the database for moments only.

One statement that deletes half a million rows keeps every other writer of an SQLite file out for most of a second.
Here a piece is as large as takes some milliseconds, whatever hangs on its rows, and after each the database is left
alone for as long: writers of other processes only ask SQLite's lock now and then, and would else miss every gap.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sublarr.jobs.retention import RULES, Periods, Rule
from sublarr.queue.context import JobContext
from sublarr.vocabulary.jobs import PruneHistory

_PIECE_SECONDS = 0.010
_FIRST_ROWS = 100
_LEAST_ROWS = 5
_MOST_ROWS = 2_000


class HistoryPruning:
    """The nightly clean-up; what it removed is told by rule, and what was left alone is not."""

    def __init__(self, periods: Callable[[], Periods], rules: tuple[Rule, ...] = RULES) -> None:
        self._periods = periods
        self._rules = rules

    def __call__(self, payload: PruneHistory, context: JobContext, /) -> dict[str, Any] | None:
        """Apply each rule; it can be stopped between any two pieces, and goes on with what is left next time."""
        del payload
        periods = self._periods()
        with context.database.read() as unit:
            now = unit.clock()
        removed: dict[str, Any] = {}
        for rule in self._rules:
            context.check()
            days = rule.days(periods)
            if days is None:
                continue
            count = _apply(rule, now - timedelta(days=days), context, sum(removed.values()))
            if count:
                removed[rule.name] = count
        return removed


def _apply(rule: Rule, before: datetime, context: JobContext, done: int) -> int:
    total, rows = 0, _FIRST_ROWS
    while True:
        with context.database.write() as unit:
            # From here on others wait: time spent waiting for them does not count.
            started = perf_counter()
            removed = rule.remove(unit, before, rows)
        held_seconds = perf_counter() - started
        total += removed
        if removed < rows:
            return total
        context.progress(done + total, None, rule.meaning)
        context.rest(held_seconds)
        rows = paced(rows, held_seconds)


def paced(rows: int, held_seconds: float) -> int:
    """How many rows the next piece has, after one of so many rows held the database for so long."""
    if held_seconds > _PIECE_SECONDS:
        # By measure rather than by half: the rows of a large folder's files bring others with them.
        return max(_LEAST_ROWS, int(rows * _PIECE_SECONDS / held_seconds))
    return min(_MOST_ROWS, rows * 2) if held_seconds < _PIECE_SECONDS / 2 else rows
