"""How fast a folder is scanned: first laid out as Sonarr and Radarr do, then as scene names, then unchanged."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any, Literal

from benchmarks.runner import Line, at_least
from sublarr.bootstrap import House, open_house, start_workers
from sublarr.db.repositories.jobs import JobRow
from sublarr.demo.many import make_many
from sublarr.jobs.asking import scan_folder
from sublarr.library.service import add_folder

_PATIENCE_SECONDS = 600.0


def lines(*, quick: bool) -> Iterable[Line]:
    """First scans of new files and a second one of the same, in files a second."""
    count = 400 if quick else 10_000
    with _library("arr", count) as (house, folder_id):
        first, _ = scan(house, folder_id)
        second = min(scan(house, folder_id)[0] for _ in range(3))
    yield Line("first scan, arr layout", count / first, "files/s", target=at_least(400))
    yield Line("second scan, unchanged", count / second, "files/s", target=at_least(20_000))
    with _library("scene", count) as (house, folder_id):
        yield Line(
            "first scan, scene names", count / scan(house, folder_id)[0], "files/s", target=at_least(120)
        )


@contextmanager
def _library(layout: Literal["arr", "scene"], count: int) -> Iterator[tuple[House, int]]:
    with tempfile.TemporaryDirectory() as place:
        make_many(Path(place) / "library", count, layout=layout)
        house = open_house({"SUBLARR_CONFIG_DIR": f"{place}/config", "SUBLARR_TARGET_LANGUAGE": "de"})
        workers = start_workers(house, kind="benchmark", threads=2, watches=False)
        try:
            yield house, add_folder(house.database, f"{place}/library").id
        finally:
            workers.stop()
            house.close()


def scan(house: House, folder_id: int) -> tuple[float, dict[str, Any]]:
    """Seconds from claim to completion, by the ledger, and what the scan tells."""
    job_id = scan_folder(house.database, folder_id).job_id
    job = _wait(house, job_id)
    if job.status != "completed" or job.started_at is None or job.completed_at is None:
        raise RuntimeError(f"the scan {job.status}: {job.error}")
    return (job.completed_at - job.started_at).total_seconds(), job.result or {}


def _wait(house: House, job_id: str) -> JobRow:
    never = Event()
    for _ in range(int(_PATIENCE_SECONDS / 0.05)):
        with house.database.read() as unit:
            job = unit.jobs.get(job_id)
        if job.status in ("completed", "failed", "cancelled"):
            return job
        never.wait(0.05)
    raise TimeoutError("the scan did not end")
