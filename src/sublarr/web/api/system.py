"""What is running: version, database, workers, counts."""

from datetime import datetime

from sublarr.bootstrap import House
from sublarr.vocabulary.jobs import JobStatus
from sublarr.web.api.shapes import Shape, present
from sublarr.web.routes import Routes

routes = Routes("system", "The running program")


class PoolShape(Shape):
    """Database connections at this moment."""

    size: int
    checked_out: int
    overflow: int


class DatabaseShape(Shape):
    """The database: `values_in_force` are PRAGMAs or server settings as real connections report them."""

    dialect: str
    path: str | None
    pool: PoolShape
    values_in_force: dict[str, dict[str, str]]
    table_rows: dict[str, int]


class WorkerShape(Shape):
    """A process that runs jobs."""

    id: str
    host: str
    pid: int
    kind: str
    threads: int
    version: str
    started_at: datetime
    heartbeat_at: datetime


class LibraryShape(Shape):
    """How large the library is."""

    movies: int
    series: int
    episodes: int
    files: int


class SystemStatus(Shape):
    """Everything the System page shows; jobs are counted by status."""

    version: str
    started_at: datetime
    needs_key: bool
    database: DatabaseShape
    workers: list[WorkerShape]
    library: LibraryShape
    jobs: dict[JobStatus, int]


class SlowQueryShape(Shape):
    """A statement that took long: `rows` is null where nobody counted, `failure` the code of its error if it failed.

    `sql` has placeholders and `parameters` tells how many values there were of which type; values are not kept.
    """

    name: str
    at: datetime
    seconds: float
    rows: int | None
    call_site: str
    sql: str
    parameters: str
    plan: str
    failure: str
    request_id: str
    job_id: str


class WriteHoldShape(Shape):
    """A write transaction: `waited` is how many waited for it, null where the database does not tell."""

    started_at: datetime
    seconds: float
    thread: str
    call_site: str
    statements: dict[str, int]
    waited: int | None
    request_id: str
    job_id: str


class SlowQueries(Shape):
    """What this process found slow since it started; `threshold_ms` 0: nothing is called slow."""

    threshold_ms: int
    latest: list[SlowQueryShape]
    worst: list[SlowQueryShape]
    long_writes: list[WriteHoldShape]
    writing_now: list[WriteHoldShape]


@routes.get("/system/slow-queries", SlowQueries)
def show_slow_queries(house: House) -> SlowQueries:
    """Slow statements with their plans (the latest hundred, and the slowest of each name), and long writes."""
    slow, holds = house.database.slow_queries, house.database.write_holds
    return SlowQueries(
        threshold_ms=slow.threshold_ms,
        latest=[present(SlowQueryShape, query) for query in slow.latest()],
        worst=[present(SlowQueryShape, query) for query in slow.worst()],
        long_writes=[present(WriteHoldShape, hold) for hold in holds.long()],
        writing_now=[present(WriteHoldShape, hold) for hold in holds.now()],
    )


@routes.get("/system/status", SystemStatus)
def show_system_status(house: House) -> SystemStatus:
    """What is running, and how it stands."""
    jobs: dict[JobStatus, int] = {}
    with house.database.read(stale_ok=True) as unit:
        workers = unit.workers.listed()
        library = unit.statistics.library()
        rows = unit.statistics.table_rows()
        for (_kind, status), number in unit.jobs.counts().items():
            jobs[status] = jobs.get(status, 0) + number
    database = DatabaseShape(
        dialect=house.database.dialect,
        path=None if house.database.path is None else str(house.database.path),
        pool=present(PoolShape, house.database.pool_state()),
        values_in_force=house.database.values_in_force(),
        table_rows=dict(rows),
    )
    return SystemStatus(
        version=house.version,
        started_at=house.started_at,
        needs_key=bool(house.settings.server.api_key.get_secret_value()),
        database=database,
        workers=[present(WorkerShape, worker) for worker in workers],
        library=present(LibraryShape, library),
        jobs=jobs,
    )
