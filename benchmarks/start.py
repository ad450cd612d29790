"""Start to first healthy response, and memory at rest, of the whole default set-up as a process."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from benchmarks.door.serving import PATIENCE_SECONDS, pss_of_family, serving
from benchmarks.runner import Line, at_most
from sublarr.bootstrap import open_house, start_workers
from sublarr.db.database import Database
from sublarr.demo.many import make_many
from sublarr.jobs.asking import scan_folder
from sublarr.library.service import add_folder

_SETTLE_SECONDS = 5.0


def lines(*, quick: bool) -> Iterable[Line]:
    """An empty household, then one with files, each started several times."""
    runs = 1 if quick else 7
    with tempfile.TemporaryDirectory() as place:
        with serving(Path(place)):
            pass  # the first start makes the database
        starts, memory = _measure(Path(place), runs)
        yield Line("start to first healthy response", starts, "s", target=at_most(0.7))
        yield Line("idle memory (PSS), before a scan", memory, "MB", target=at_most(75))
        count = 500 if quick else 10_000
        _fill(Path(place), count)
        starts, memory = _measure(Path(place), runs)
        yield Line(f"start with {count} files", starts, "s", target=at_most(0.8))
        yield Line(f"idle memory (PSS), {count} files known", memory, "MB", target=at_most(75))
        yield Line("idle memory (PSS), after a scan", _after_scan(Path(place)), "MB")


def _measure(place: Path, runs: int) -> tuple[float, float]:
    seconds, memory = [], []
    for number in range(runs):
        with serving(place) as served:
            seconds.append(served.seconds)
            if number == runs - 1:
                sleep(_SETTLE_SECONDS)
                memory.append(pss_of_family(served.pid))
    return median(seconds), median(memory)


def _fill(place: Path, count: int) -> None:
    make_many(place / "library", count, layout="arr")
    house = open_house({"SUBLARR_CONFIG_DIR": str(place / "config")})
    workers = start_workers(house, kind="benchmark", threads=2, watches=False)
    folder = add_folder(house.database, str(place / "library"))
    _await_scan(house.database, scan_folder(house.database, folder.id).job_id)
    workers.stop()
    house.close()


def _after_scan(place: Path) -> float:
    """Memory of a server that has just scanned everything anew."""
    house = open_house({"SUBLARR_CONFIG_DIR": str(place / "config")})
    with house.database.write() as unit:
        folder = unit.folders.listed()[0]
        unit.files.delete(unit.files.ids_of_source(folder.source_id))
    with serving(place) as served:
        _await_scan(house.database, scan_folder(house.database, folder.id).job_id)
        sleep(_SETTLE_SECONDS)
        memory = pss_of_family(served.pid)
    house.close()
    return memory


def _await_scan(database: Database, job_id: str) -> None:
    began = monotonic()
    while monotonic() - began < PATIENCE_SECONDS * 5:
        with database.read() as unit:
            if unit.jobs.get(job_id).status in ("completed", "failed"):
                return
        sleep(0.1)
    raise TimeoutError("the scan did not end")
