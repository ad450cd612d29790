"""Metrics listen to the data layer and to the job runners through these."""

from collections.abc import Callable, Iterator

from sublarr.db.database import Database, PoolState
from sublarr.metrics import Metrics, Reading
from sublarr.vocabulary.jobs import JobStatus


class DatabaseMetrics:
    """A `DatabaseObserver` that records."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._observers: dict[str, Callable[[float], None]] = {}
        self._transactions = {
            mode: metrics.db_transaction_duration_seconds.labels(mode) for mode in ("read", "write")
        }

    def statement(self, name: str, seconds: float) -> None:
        """A named statement ran."""
        observe = self._observers.get(name)
        if observe is None:
            table, _, operation = name.partition(".")
            observe = self._metrics.db_query_duration_seconds.labels(operation, table).observe
            self._observers[name] = observe
        observe(seconds)

    def slow_statement(self, name: str) -> None:
        """A named statement was slow; its name is in the log, which is where to look."""
        self._metrics.db_slow_queries_total.inc()

    def transaction(self, mode: str, seconds: float) -> None:
        """A unit of work ended."""
        self._transactions[mode].observe(seconds)

    def write_wait(self, seconds: float) -> None:
        """A writer waited for its turn."""
        self._metrics.db_write_wait_seconds.observe(seconds)

    def error(self, code: str) -> None:
        """The database refused something."""
        self._metrics.db_errors_total.labels(code).inc()


class JobMetrics:
    """A `JobObserver` that records."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def claimed(self, kind: str, waited_seconds: float) -> None:
        """A job was claimed."""
        self._metrics.job_wait_seconds.labels(kind).observe(waited_seconds)

    def ended(self, kind: str, status: JobStatus, seconds: float) -> None:
        """A run ended."""
        self._metrics.job_duration_seconds.labels(kind).observe(seconds)
        self._metrics.jobs_total.labels(kind, status.value).inc()

    def rescued(self, count: int) -> None:
        """Jobs were taken back."""
        self._metrics.jobs_rescued_total.inc(count)


def register_readers(metrics: Metrics, database: Database) -> None:
    """Have the states of the store be read at each scrape."""
    metrics.register_reader("pool", lambda: _pool(database))
    if database.replica is not None:
        metrics.register_reader("replica", lambda: _replica(database))
    metrics.register_reader("size", lambda: _size(database))
    metrics.register_reader("ledger", lambda: _ledger(database))
    metrics.register_reader("wanted", lambda: _wanted(database))


def _pool(database: Database) -> Iterator[Reading]:
    yield from _pool_readings("main", database.pool_state())


def _pool_readings(pool: str, state: PoolState) -> Iterator[Reading]:
    labels = {"pool": pool}
    yield Reading("db_pool_size", state.size, labels)
    yield Reading("db_pool_checked_out", state.checked_out, labels)
    yield Reading("db_pool_overflow", state.overflow, labels)


def _replica(database: Database) -> Iterator[Reading]:
    replica, pool = database.replica, database.replica_pool_state()
    if replica is None or pool is None:
        return
    yield from _pool_readings("replica", pool)
    state = replica.state()
    yield Reading("db_replica_used", state.is_used)
    if state.lag_bytes is not None:
        yield Reading("db_replica_lag_bytes", state.lag_bytes)
    if state.lag_seconds is not None:
        yield Reading("db_replica_lag_seconds", state.lag_seconds)


def _size(database: Database) -> Iterator[Reading]:
    size = database.size()
    yield Reading("db_size_bytes", size.database_bytes)
    yield Reading("db_wal_bytes", size.wal_bytes)
    if size.free_bytes is not None:
        yield Reading("disk_free_bytes", size.free_bytes, {"role": "config"})


def _ledger(database: Database) -> Iterator[Reading]:
    with database.read() as unit:
        counts = unit.jobs.counts()
        oldest = unit.jobs.oldest_due_seconds()
        workers = unit.workers.listed()
    for (kind, status), count in counts.items():
        yield Reading("jobs", count, {"kind": kind, "state": status.value})
    yield Reading("job_oldest_queued_seconds", oldest)
    yield Reading("workers", len(workers))


def _wanted(database: Database) -> Iterator[Reading]:
    with database.read() as unit:
        counts = unit.statistics.wanted()
    for (status, subtitle_type), count in counts.items():
        yield Reading("wanted_items", count, {"status": status.value, "subtitle_type": subtitle_type.value})
