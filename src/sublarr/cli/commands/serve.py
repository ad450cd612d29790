"""`sublarr serve`: the whole of Sublarr in one process."""

import logging
import os
from collections.abc import Sequence
from typing import Self

import click

from sublarr.bootstrap import House, Workers, start_workers
from sublarr.cli.choices import WholeNumber
from sublarr.cli.opening import lasting_house
from sublarr.cli.terminal import Terminal
from sublarr.db.repositories.folders import FolderRow
from sublarr.jobs.asking import scan_folder
from sublarr.library.service import add_folder
from sublarr.settings import Origin
from sublarr.vocabulary.jobs import JobOrigin
from sublarr.vocabulary.paths import for_display, is_within, to_text
from sublarr.web.app import create_app
from sublarr.web.security import listening_host
from sublarr.web.server import Server
from sublarr.web.streaming import feed_of
from sublarr.worker import StopSignals

_log = logging.getLogger(__name__)


@click.command
@click.option("--folder", "folders", metavar="DIR", multiple=True, help="Watch this folder; may be repeated.")
@click.option("--host", help="The address to listen on; else as SUBLARR_HOST says.")
@click.option("--port", type=WholeNumber(1, 65535), help="The port; else as SUBLARR_PORT says.")
@click.option(
    "--workers",
    type=WholeNumber(0),
    help="Jobs at a time, 0 for pages alone; else as SUBLARR_QUEUE_WORKERS says.",
)
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    *,
    folders: tuple[str, ...],
    host: str | None,
    port: int | None,
    workers: int | None,
) -> None:
    """Run Sublarr: pages, API, schedules, the folder watch and background work, in one process.

    Ends on Ctrl-C or SIGTERM, handing what it was doing back to the queue; a second signal ends it at once.
    """
    given = {"SUBLARR_HOST": host, "SUBLARR_PORT": port, "SUBLARR_QUEUE_WORKERS": workers}
    overrides = {name: str(value) for name, value in given.items() if value is not None}
    with lasting_house(terminal, overrides, writes_log_file=True) as house:
        background = _Background(house)
        app = create_app(house, folders_changed=background.folders_changed)
        host, port = listening_host(house.settings), house.settings.server.port
        server = Server(app, host, port, on_stop=feed_of(app).stop)
        _warn_of_other_host(house, host)
        _watch(house, folders)
        with StopSignals(server.stop), background:
            _log.info("%s", _greeting(house, server.url))
            server.run()
            _log.info("stopping: running jobs go back to the queue")


class _Background:
    """The job threads of this process, from when the socket is ours until the server has stopped."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._workers: Workers | None = None

    def __enter__(self) -> Self:
        threads = self._house.settings.queue.queue_workers
        if threads:
            self._workers = start_workers(self._house, kind="embedded", threads=threads, watches=True)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._workers is not None and not self._workers.stop():
            _log.warning("a job did not stop in time; it is taken back at the next start")

    def folders_changed(self) -> None:
        """A person edited the watched folders: watch those that are stored now."""
        if self._workers is not None:
            self._workers.update_watched_folders()


def _warn_of_other_host(house: House, host: str) -> None:
    """Say so where this machine alone is served although somebody asked for more."""
    settings = house.settings
    if host != settings.server.host and settings.origin_of("host") is not Origin.DEFAULT:
        _log.warning(
            "listening on %s instead of %s, because SUBLARR_API_KEY is not set", host, settings.server.host
        )


def _watch(house: House, folders: Sequence[str]) -> None:
    """Have these folders be watched, and those that were never scanned be scanned soon."""
    for folder in folders:
        path = to_text(os.path.abspath(os.path.expanduser(folder)))
        row = _watching(house, path) or add_folder(house.database, path)
        if row.last_scan_at is None:
            scan_folder(house.database, row.id, origin=JobOrigin.PERSON)
            _log.info("%s is watched, and will be scanned now", for_display(row.path))


def _watching(house: House, path: str) -> FolderRow | None:
    """The folder through which a path is watched already."""
    with house.database.read() as unit:
        folders = unit.folders.listed()
    return next((folder for folder in folders if is_within(path, folder.path)), None)


def _greeting(house: House, url: str) -> str:
    database = house.database
    place = "PostgreSQL" if database.path is None else f"SQLite at {database.path}"
    threads = house.settings.queue.queue_workers
    with database.read() as unit:
        watched = len(unit.folders.listed(enabled_only=True))
    return (
        f"Sublarr {house.version} on {url} — {place}, "
        f"{_counted(threads, 'worker')}, watching {_counted(watched, 'folder')}"
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
