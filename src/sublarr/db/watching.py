"""How long a statement took: from the moment it is sent until its last row is here.

SQLite does most of a query's work while rows are fetched, so `execute` alone says little. Rows come in batches
of `BATCH`; only the time inside the driver counts, not what the caller does between two batches.
"""

from collections import deque
from collections.abc import Sequence
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, CursorResult
from sqlalchemy.engine.cursor import CursorFetchStrategy, FullyBufferedCursorFetchStrategy

from sublarr.db.explaining import RanStatement, failed_statement
from sublarr.db.observer import DatabaseObserver
from sublarr.db.slow import Outcome, SlowQueries
from sublarr.vocabulary.errors import SublarrError

# Few results are larger: most end within `execute`, where they are counted at once.
BATCH = 1_000


class StatementWatch:
    """Measures the statements of one unit of work, and tells metrics and the slow-query log."""

    __slots__ = ("_observer", "_slow", "_unread", "counts")

    def __init__(self, observer: DatabaseObserver, slow: SlowQueries, counts: dict[str, int]) -> None:
        self._observer = observer
        self._slow = slow
        self._unread: list[TimedRows] = []
        self.counts = counts

    def fetch(self, name: str, started: float, result: CursorResult[*tuple[Any, ...]]) -> None:
        """The statement was sent and answered: fetch what comes at once."""
        rows: int | None = None
        strategy = result.cursor_strategy
        # Any other one belongs to a stream, or to a statement that has no rows.
        if type(strategy) is CursorFetchStrategy:
            first = strategy.fetchmany(result, result.cursor, BATCH)
            rows = len(first)
            if rows == BATCH:
                self._unread.append(TimedRows(self, name, result, first))
                self._unread[-1].seconds = perf_counter() - started
                return
            if rows:
                result.cursor_strategy = FullyBufferedCursorFetchStrategy(None, None, first)
        self.ran(name, result, perf_counter() - started, rows)

    def ran(
        self, name: str, result: CursorResult[*tuple[Any, ...]], seconds: float, rows: int | None
    ) -> None:
        """The statement is over."""
        self.counts[name] = self.counts.get(name, 0) + 1
        self._observer.statement(name, seconds)
        if seconds >= self._slow.threshold_seconds:
            context = result.context
            if rows is None and not result.returns_rows and result.rowcount >= 0:
                rows = result.rowcount
            parameters = context.parameters if context.executemany else next(iter(context.parameters), None)
            self._slow.note(name, Outcome(seconds, rows), RanStatement(str(context.statement), parameters))

    def failed(self, name: str, started: float, connection: Connection, error: BaseException) -> None:
        """The statement raised."""
        seconds = perf_counter() - started
        self.counts[name] = self.counts.get(name, 0) + 1
        self._observer.statement(name, seconds)
        if seconds >= self._slow.threshold_seconds:
            failure = error.code if isinstance(error, SublarrError) else type(error).__name__
            self._slow.note(name, Outcome(seconds, None, failure), failed_statement(connection))

    def over(self) -> None:
        """The unit ends: count the results that nobody read to their end."""
        while self._unread:
            self._unread[-1].report()

    def read_out(self, timed: "TimedRows") -> None:
        """A large result was read to its end, or dropped."""
        self._unread.remove(timed)


class TimedRows(CursorFetchStrategy):
    """Fetches the rows of a large result batch by batch, and knows how long that took."""

    __slots__ = ("_name", "_result", "_rows", "_watch", "count", "is_complete", "seconds")

    def __init__(
        self, watch: StatementWatch, name: str, result: CursorResult[*tuple[Any, ...]], first: Sequence[Any]
    ) -> None:
        self._watch = watch
        self._name = name
        # For the report's SQL; let go of once it is made, as the two hold each other.
        self._result: CursorResult[*tuple[Any, ...]] | None = result
        self._rows = deque(first)
        self.seconds = 0.0
        self.count = len(first)
        self.is_complete = False
        result.cursor_strategy = self

    def report(self) -> None:
        """Tell the watch, once."""
        result, self._result = self._result, None
        if result is not None:
            self._watch.read_out(self)
            self._watch.ran(self._name, result, self.seconds, self.count)

    def _fill(self, result: Any, cursor: Any) -> None:
        if self.is_complete:
            return
        started = perf_counter()
        try:
            batch = cursor.fetchmany(BATCH)
        except BaseException as error:  # noqa: BLE001 - raised again as ours, as SQLAlchemy's own strategies do
            self.handle_exception(result, cursor, error)
        self.seconds += perf_counter() - started
        self.count += len(batch)
        self._rows.extend(batch)
        self.is_complete = len(batch) < BATCH

    def yield_per(self, result: Any, dbapi_cursor: Any, num: int) -> None:
        """Batches are what they are."""

    def soft_close(self, result: Any, dbapi_cursor: Any) -> None:
        """The rows were read, or are not wanted."""
        self._rows.clear()
        self.report()
        super().soft_close(result, dbapi_cursor)

    def hard_close(self, result: Any, dbapi_cursor: Any) -> None:
        """The rows are not wanted."""
        self._rows.clear()
        self.report()
        super().hard_close(result, dbapi_cursor)

    def fetchone(self, result: Any, dbapi_cursor: Any, hard_close: bool = False) -> Any:  # noqa: FBT001, FBT002
        """The next row, or None."""
        if not self._rows:
            self._fill(result, dbapi_cursor)
        if self._rows:
            return self._rows.popleft()
        _close(result, hard=hard_close)
        return None

    def fetchmany(self, result: Any, dbapi_cursor: Any, size: int | None = None) -> Any:
        """The next rows."""
        if size is None:
            return self.fetchall(result, dbapi_cursor)
        while len(self._rows) < size and not self.is_complete:
            self._fill(result, dbapi_cursor)
        rows = [self._rows.popleft() for _ in range(min(size, len(self._rows)))]
        if not rows:
            _close(result)
        return rows

    def fetchall(self, result: Any, dbapi_cursor: Any) -> Any:
        """All rows that are left."""
        while not self.is_complete:
            self._fill(result, dbapi_cursor)
        rows, self._rows = self._rows, deque()
        _close(result)
        return rows


def _close(result: Any, *, hard: bool = False) -> None:
    # What each of SQLAlchemy's own fetch strategies calls; there is no public name for it.
    result._soft_close(hard=hard)  # noqa: SLF001
