"""Whole lists in flat memory: every row in the list's order, a portion at a time, from the unit's one snapshot.

PostgreSQL keeps the place in a cursor of the server. SQLite would sort the whole list in memory wherever its
planner passes over the index, so there each portion is a page of its own, continued by its keys: the plan that
pages have, and no statement is left open between two portions.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import CursorResult

from sublarr.db.pages import Listing, Position, Query

# Large enough that the round trip does not count, small enough that a portion of wide rows is some megabytes.
PORTION = 1_000

Row = TypeVar("Row")
Run = Callable[[Query], CursorResult[*tuple[Any, ...]]]


class Stream(Generic[Row]):
    """Rows that are read while they are asked for, as long as their unit lasts; dropped, it lets go of its cursor."""

    def __init__(self, rows: Generator[Row]) -> None:
        self._rows = rows
        self._is_closed = False

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        # Without this, a stream carried out of its unit would look like a shorter list.
        if self._is_closed:
            raise RuntimeError("a stream is read inside the unit it came from, and not once it was closed")
        return next(self._rows)

    def close(self) -> None:
        """Let go of the cursor; whoever asks for another row afterwards is told so."""
        self._is_closed = True
        self._rows.close()


def rows_of(listing: Listing, dialect: str, run: Run, make: Callable[[Any], Row]) -> Generator[Row]:
    """Every row of a list in its order; `run` executes a statement in the unit."""
    portions = _continued(listing, run) if dialect == "sqlite" else _from_cursor(listing, run)
    try:
        for portion in portions:
            for row in portion:
                yield make(row)
    finally:
        # Now, not whenever the collector comes by: by then the connection may be another unit's.
        portions.close()


def _continued(listing: Listing, run: Run) -> Generator[Sequence[Any]]:
    position: Position | None = None
    width = len(listing.keys)
    while True:
        rows = run(listing.arranged(position, PORTION)).all()
        yield rows[:PORTION]
        if len(rows) <= PORTION:
            return
        position = Position(tuple(rows[PORTION - 1][-width:]), is_backward=False)


def _from_cursor(listing: Listing, run: Run) -> Generator[Sequence[Any]]:
    ordered = listing.with_keys(listing.whole).order_by(*listing.order)
    result = run(ordered.execution_options(yield_per=PORTION))
    try:
        yield from result.partitions()
    finally:
        result.close()
