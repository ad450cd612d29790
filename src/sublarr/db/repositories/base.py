"""What repositories share: running named statements, pages, upserts, chunks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from time import perf_counter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Table, func, or_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from sublarr.db.observer import DatabaseObserver
from sublarr.db.pages import TOTAL_CAP, Cursors, Listing, Page, PageRequest, finish

Item = TypeVar("Item")
# However many columns a statement selects, its rows are given their types by the frozen row classes.
Rows = CursorResult[*tuple[Any, ...]]
Row = TypeVar("Row")

# SQLite allows 32,766 bound values in a statement, PostgreSQL 65,535.
CHUNK = 500
LIKE_ESCAPE = "\\"
_STAMPS = frozenset({"updated_at", "cached_at"})


class UnitContext(Protocol):
    """What a repository needs of its unit of work."""

    connection: Connection
    observer: DatabaseObserver

    @property
    def session(self) -> Session:
        """The ORM session over the same transaction."""

    @property
    def cursors(self) -> Cursors:
        """What makes and reads this database's page cursors."""

    def clock(self) -> datetime:
        """The time now."""

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have `call` run once the transaction is committed."""

    def ring(self) -> None:
        """Have the runners woken once the transaction is committed."""


class Repository:
    """One aggregate's queries inside one unit of work."""

    aggregate = ""

    def __init__(self, unit: UnitContext) -> None:
        self._unit = unit

    @property
    def _connection(self) -> Connection:
        return self._unit.connection

    @property
    def _now(self) -> datetime:
        return self._unit.clock()

    def _run(
        self,
        name: str,
        statement: Executable,
        parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> Rows:
        """Execute under the name by which metrics and the slow-query log know it."""
        started = perf_counter()
        try:
            result: Rows = self._unit.connection.execute(statement, parameters)
            return result
        finally:
            self._unit.observer.statement(f"{self.aggregate}.{name}", perf_counter() - started)

    def _page(
        self,
        listing: Listing,
        request: PageRequest,
        make: Callable[[Any], Row],
    ) -> Page[Row]:
        scope = repr((self.aggregate, listing.name, listing.filters))
        cursors = self._unit.cursors
        position = cursors.decode(scope, request.cursor) if request.cursor else None
        known = self._known_total(listing, request)
        if known == 0 and position is None:
            # To find nothing, a list of rare things would be walked to its end.
            return Page((), total=0 if request.wants_total else None)
        rows = self._run(f"{listing.name}_page", listing.arranged(position, request.limit)).all()
        width = len(listing.keys)
        page = finish(
            rows,
            request,
            position,
            lambda row: tuple(row[-width:]),
            lambda place: cursors.encode(scope, place),
        )
        total, is_capped = self._total(listing, known) if request.wants_total else (None, False)
        return Page(tuple(make(row) for row in page.items), page.next, page.prev, total, is_capped)

    def _known_total(self, listing: Listing, request: PageRequest) -> int | None:
        """What the counters say, where they know this list and its first page or its total is asked for."""
        if listing.counted is None or (request.cursor and not request.wants_total):
            return None
        known: int = self._run(f"{listing.name}_counted", listing.counted).scalar_one()
        return known

    def _total(self, listing: Listing, known: int | None) -> tuple[int, bool]:
        if known is not None:
            return min(known, TOTAL_CAP), known > TOTAL_CAP
        capped = select(func.count()).select_from(
            listing.whole.with_only_columns(listing.keys[-1].column)
            .order_by(None)
            .limit(TOTAL_CAP + 1)
            .subquery()
        )
        total: int = self._run(f"{listing.name}_total", capped).scalar_one()
        return min(total, TOTAL_CAP), total > TOTAL_CAP

    def _insert_into(self, table: Any) -> Any:
        """An INSERT that knows ON CONFLICT, which each dialect spells with a class of its own."""
        if self._connection.dialect.name == "sqlite":
            return sqlite.insert(table)
        # The dialect costs 2 MB, which a household on SQLite never needs.
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415

        return postgresql.insert(table)

    def _upsert(
        self,
        name: str,
        table: Table,
        rows: Sequence[Mapping[str, Any]],
        key: Sequence[str],
        update: Sequence[str],
    ) -> int:
        """Insert rows or bring the stored ones in line; answers how many were changed.

        A stored row that already equals the new one in all of `update` is not touched; its time of change and
        its version, where the table has them, move on change only.
        """
        if not rows:
            return 0
        statement = self._insert_into(table)
        if update:
            values = {column: statement.excluded[column] for column in update}
            differs = or_(
                *(table.c[column].is_distinct_from(statement.excluded[column]) for column in update)
            )
            for stamp in _STAMPS & set(table.c.keys()):
                values[stamp] = statement.excluded[stamp]
            if "version" in table.c:
                values["version"] = table.c.version + 1
            statement = statement.on_conflict_do_update(index_elements=list(key), set_=values, where=differs)
        else:
            statement = statement.on_conflict_do_nothing(index_elements=list(key))
        # Otherwise psycopg's count is gone by the time it is asked for.
        statement = statement.execution_options(preserve_rowcount=True)
        changed = 0
        for chunk in chunks(rows, CHUNK):
            changed += max(0, self._run(name, statement, chunk).rowcount)
        return changed


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def contains_pattern(words: str) -> str:
    """The LIKE pattern for text that contains `words`, taken literally."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
