"""System, database: where it is, how large, its pool, the values that are really in force, and what was slow."""

from pathlib import Path

from flask import Response

from sublarr.jobs import asking
from sublarr.vocabulary.errors import SublarrError
from sublarr.web.journal import request_id
from sublarr.web.pages.frame import Frame

_PATH = "/system/database"
_SIDE_FILES = ("", "-wal", "-shm")


def add_routes(frame: Frame) -> None:
    """Register the page and its action."""
    frame.get(_PATH, show)
    frame.post(f"{_PATH}/search", rebuild_search)


def show(frame: Frame) -> Response:
    """The database as it stands."""
    database = frame.house.database
    with database.read(stale_ok=True) as unit:
        tables = unit.statistics.table_rows()
    return frame.render(
        "database.html",
        database=database,
        place=place(frame),
        size=None if database.path is None else size_on_disk(database.path),
        tables=tables,
        pool=database.pool_state(),
        values=database.values_in_force(),
        slow=database.slow_queries,
        long_writes=database.write_holds.long(),
        writing=database.write_holds.now(),
    )


def rebuild_search(frame: Frame) -> Response:
    """Have the search looked through and put right."""
    try:
        job = asking.rebuild_search(frame.house.database, request_id=request_id())
    except SublarrError as problem:
        return frame.refused(_PATH, problem)
    return frame.done(f"/activity/queue/{job.job_id}", "" if job.is_new else "It was asked for already.")


def place(frame: Frame) -> str:
    """The file or the URL without its password."""
    path = frame.house.database.path
    return str(path) if path is not None else str(frame.house.settings.database.database_url)


def size_on_disk(path: Path) -> int:
    """Bytes of an SQLite database with its log."""
    files = (path.with_name(path.name + suffix) for suffix in _SIDE_FILES)
    return sum(file.stat().st_size for file in files if file.exists())
