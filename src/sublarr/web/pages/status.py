"""System, status: is the house well, what is it running on, and what does it need of a person?"""

import os
import platform
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response

from sublarr.vocabulary.paths import to_native
from sublarr.web.pages.database import place, size_on_disk
from sublarr.web.pages.frame import Frame

# The ones worth knowing without looking further; the database's page has them all.
_TELLING = (
    "journal_mode",
    "synchronous",
    "foreign_keys",
    "busy_timeout",
    "server_version",
    "default_transaction_isolation",
    "TimeZone",
    "statement_timeout",
)


@dataclass(frozen=True, slots=True)
class _Disk:
    """A place things are kept at, and the room there."""

    name: str
    path: str
    total: int
    free: int

    @property
    def used_percent(self) -> int:
        """How full it is."""
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


def add_routes(frame: Frame) -> None:
    """Register the page."""
    frame.get("/system/status", show)


def show(frame: Frame) -> Response:
    """Health, versions, database, disks, and folders with problems."""
    house = frame.house
    with house.database.read(stale_ok=True) as unit:
        folders = unit.folders.listed()
        library = unit.statistics.library()
        workers = unit.workers.listed()
    path = house.database.path
    values = house.database.values_in_force()["write"]
    disks = [("Sublarr’s own files", str(house.settings.paths.config_dir))]
    disks += [(folder.label or "Watched folder", folder.path) for folder in folders]
    return frame.render(
        "status.html",
        report=house.health.deep(),
        library=library,
        workers=workers,
        troubled=[folder for folder in folders if folder.last_problem],
        place=place(frame),
        dialect=house.database.dialect,
        database_size=None if path is None else size_on_disk(path),
        values={name: values[name] for name in _TELLING if name in values},
        disks=list(_disks(disks)),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        started_at=house.started_at,
        up_seconds=(datetime.now(UTC) - house.started_at).total_seconds(),
    )


def _disks(places: list[tuple[str, str]]) -> Iterator[_Disk]:
    """Each file system once, under the first place that lies on it; places that are gone are left out."""
    seen: set[int] = set()
    for name, path in places:
        try:
            device = os.stat(to_native(path)).st_dev
            usage = shutil.disk_usage(to_native(path))
        except OSError:
            continue
        if device not in seen:
            seen.add(device)
            yield _Disk(name, path, usage.total, usage.free)
