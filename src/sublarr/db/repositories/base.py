"""What repositories share: running named statements, pages, upserts, chunks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from time import perf_counter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Table, func, select
from sqlalchemy.orm import Session

from sublarr.db.observer import DatabaseObserver
from sublarr.db.pages import TOTAL_CAP, Cursors, Listing, Page, PageRequest, finish
from sublarr.db.repositories.bulk import BulkStatement, insert_statement, insertion, upsert_statement

Item = TypeVar("Item")
# However many columns a statement selects, its rows are given their types by the frozen row classes.
Rows = CursorResult[*tuple[Any, ...]]
Row = TypeVar("Row")

# SQLite allows 32,766 bound values in a statement, PostgreSQL 65,535.
CHUNK = 500
LIKE_ESCAPE = "\\"


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
        statement, parameters = listing.prepared(position, request.limit)
        rows = self._run(f"{listing.name}_page", statement, parameters).all()
        width = len(listing.keys)
        page = finish(
            rows,
            request,
            position,
            lambda row: tuple(row[-width:]),
            lambda place: cursors.encode(scope, place),
        )
        total, is_capped = self._total(listing) if request.wants_total else (None, False)
        return Page(tuple(make(row) for row in page.items), page.next, page.prev, total, is_capped)

    def _total(self, listing: Listing) -> tuple[int, bool]:
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
        return insertion(self._connection.dialect, table)

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
        statement = upsert_statement(
            self._connection.dialect, table, tuple(rows[0]), tuple(key), tuple(update)
        )
        return sum(self._run_many(name, statement, chunk) for chunk in chunks(rows))

    def _insert_many(self, name: str, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of the same columns."""
        if rows:
            statement = insert_statement(self._connection.dialect, table, tuple(rows[0]))
            for chunk in chunks(rows):
                self._run_many(name, statement, chunk)

    def _run_many(self, name: str, statement: BulkStatement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute for each row, under the name by which metrics and the slow-query log know it."""
        started = perf_counter()
        try:
            result = self._connection.exec_driver_sql(
                statement.sql,
                statement.parameters(rows),
                # Otherwise psycopg's count is gone by the time it is asked for.
                execution_options={"preserve_rowcount": True},
            )
            return max(0, result.rowcount)
        finally:
            self._unit.observer.statement(f"{self.aggregate}.{name}", perf_counter() - started)


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def contains_pattern(words: str) -> str:
    """The LIKE pattern for text that contains `words`, taken literally."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
