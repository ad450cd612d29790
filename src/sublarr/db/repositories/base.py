"""What repositories share: running named statements, pages, upserts, chunks."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from operator import itemgetter
from time import perf_counter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Table, func, select
from sqlalchemy.orm import Session

from sublarr.db import indexing
from sublarr.db.observer import DatabaseObserver
from sublarr.db.pages import Cursors, Listing, Page, PageRequest, finish
from sublarr.db.repositories.bulk import BulkStatement, insert_statement, insertion, upsert_statement
from sublarr.db.streams import Stream, rows_of
from sublarr.db.watching import StatementWatch
from sublarr.vocabulary.audit import Actor
from sublarr.vocabulary.errors import Conflict

Item = TypeVar("Item")
# However many columns a statement selects, its rows are given their types by the frozen row classes.
Rows = CursorResult[*tuple[Any, ...]]
Row = TypeVar("Row")

# SQLite allows 32,766 bound values in a statement, PostgreSQL 65,535.
CHUNK = 500
LIKE_ESCAPE = "\\"
# What is in the way may be gone a moment later; somebody else may be faster again.
_ADD_TRIES = 5


class UnitContext(Protocol):
    """What a repository needs of its unit of work."""

    observer: DatabaseObserver
    watch: StatementWatch
    # The line of the audit that is being undone, for the lines that doing so writes.
    undoing: int | None

    @property
    def actor(self) -> Actor:
        """On whose behalf this unit works."""

    @property
    def connection(self) -> Connection:
        """The transaction's connection."""

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

    def keep(self, stream: Stream[Any]) -> None:
        """Have a stream closed when the unit ends, if nobody has dropped it before."""


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
        """Execute under the name by which metrics and the slow-query log know it.

        The time counted is that of the database, fetching the rows included, except where the statement asks to
        be streamed: there it ends with the first rows.
        """
        unit = self._unit
        # Once: after a failure the unit hands it out no more.
        connection = unit.connection
        full_name = f"{self.aggregate}.{name}"
        started = perf_counter()
        try:
            result: Rows = connection.execute(statement, parameters)
            unit.watch.fetch(full_name, started, result)
            return result
        # Whatever ends a statement, Ctrl-C too, ends its measuring; it is raised again as it is.
        except BaseException as error:
            unit.watch.failed(full_name, started, connection, error)
            raise

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
        total, is_capped = self._total(listing, known) if request.wants_total else (None, False)
        return Page(tuple(make(row) for row in page.items), page.next, page.prev, total, is_capped)

    def _known_total(self, listing: Listing, request: PageRequest) -> int | None:
        """What the counters say, where they know this list and its first page or its total is asked for."""
        if listing.known_total is None or (request.cursor and not request.wants_total):
            return None
        known: int = self._run(f"{listing.name}_counted", listing.known_total).scalar_one()
        return known

    def _stream(self, listing: Listing, make: Callable[[Any], Row]) -> Stream[Row]:
        """Every row of a list in its order, read while it is asked for; good inside this unit only."""
        dialect = self._connection.dialect.name
        stream = Stream(rows_of(listing, dialect, partial(self._run, f"{listing.name}_stream"), make))
        self._unit.keep(stream)
        return stream

    def _total(self, listing: Listing, known: int | None = None) -> tuple[int, bool]:
        total = known or 0
        for countable in listing.countable if known is None else ():
            rows = countable.with_only_columns(listing.keys[-1].column).order_by(None).limit(listing.cap + 1)
            capped = select(func.count()).select_from(rows.subquery())
            total = self._run(f"{listing.name}_total", capped).scalar_one()
            if total > listing.cap:
                break
        return min(total, listing.cap), total > listing.cap

    def _get_or_add(
        self, what: str, add: Callable[[], Item | None], find: Callable[[], Item | None]
    ) -> tuple[Item, bool]:
        """What `add` put there, or else what `find` sees in its place; and whether it is new.

        `add` is an INSERT … ON CONFLICT DO NOTHING that tells what it inserted: it waits for whoever adds the same
        at this moment, so that of many who ask at once one adds and all get the same.
        """
        for _ in range(_ADD_TRIES):
            added = add()
            if added is not None:
                return added, True
            found = find()
            if found is not None:
                return found, False
        raise Conflict(f"{what} is added and taken away by others all the time")

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
        # Transactions that take the same rows in the same order never wait for each other in a circle.
        ordered = sorted(rows, key=itemgetter(*key))
        return sum(self._run_many(name, statement, chunk) for chunk in chunks(ordered))

    def _insert_many(self, name: str, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows of the same columns."""
        if rows:
            statement = insert_statement(self._connection.dialect, table, tuple(rows[0]))
            for chunk in chunks(rows):
                self._run_many(name, statement, chunk)

    def _run_many(self, name: str, statement: BulkStatement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Execute for each row, under the name by which metrics and the slow-query log know it."""
        unit = self._unit
        full_name = f"{self.aggregate}.{name}"
        connection = unit.connection
        indexing.touch(connection, statement.table_name)
        started = perf_counter()
        try:
            result = connection.exec_driver_sql(
                statement.sql,
                statement.parameters(rows),
                # Otherwise psycopg's count is gone by the time it is asked for.
                execution_options={"preserve_rowcount": True},
            )
            unit.watch.fetch(full_name, started, result)
            return max(0, result.rowcount)
        # Whatever ends a statement, Ctrl-C too, ends its measuring; it is raised again as it is.
        except BaseException as error:
            unit.watch.failed(full_name, started, connection, error)
            raise


def chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def beside(column: Any) -> Any:
    """A column that is looked at in rows that another condition finds.

    SQLite, which knows no figures, would else take the index that begins with it, and read all rows of a state for
    the few that are asked for by their key.
    """
    return func.coalesce(column, "")


def contains_pattern(words: str) -> str:
    """The LIKE pattern for text that contains `words`, taken literally."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
