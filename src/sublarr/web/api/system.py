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
