"""Start to first healthy response, and memory at rest, of the whole default set-up as a process."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep

from benchmarks.runner import Line, at_most
from sublarr.bootstrap import open_house, start_workers
from sublarr.db.database import Database
from sublarr.demo.many import make_many
from sublarr.jobs.asking import scan_folder
from sublarr.library.service import add_folder

_PATIENCE_SECONDS = 60.0
_SETTLE_SECONDS = 5.0


def lines(*, quick: bool) -> Iterable[Line]:
    """An empty household, then one with files, each started several times."""
    runs = 1 if quick else 7
    with tempfile.TemporaryDirectory() as place:
        with _serving(Path(place)):
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
        with _serving(place) as (process, started):
            seconds.append(started)
            if number == runs - 1:
                sleep(_SETTLE_SECONDS)
                memory.append(_pss_of_family(process.pid))
    return median(seconds), median(memory)


@contextmanager
def _serving(place: Path) -> Iterator[tuple["subprocess.Popen[bytes]", float]]:
    """`sublarr serve` as a process, and the seconds until /health answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"SUBLARR_CONFIG_DIR": str(place / "config"), "SUBLARR_PORT": str(port)}
    began = monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "sublarr", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", began)
        yield process, monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=_PATIENCE_SECONDS)


def _wait_for(address: str, began: float) -> None:
    while monotonic() - began < _PATIENCE_SECONDS:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            sleep(0.005)
    raise TimeoutError("the server did not become healthy")


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
    with _serving(place) as (process, _):
        _await_scan(house.database, scan_folder(house.database, folder.id).job_id)
        sleep(_SETTLE_SECONDS)
        memory = _pss_of_family(process.pid)
    house.close()
    return memory


def _await_scan(database: Database, job_id: str) -> None:
    began = monotonic()
    while monotonic() - began < _PATIENCE_SECONDS * 5:
        with database.read() as unit:
            if unit.jobs.get(job_id).status in ("completed", "failed"):
                return
        sleep(0.1)
    raise TimeoutError("the scan did not end")


def _pss_of_family(pid: int) -> float:
    """Proportional memory of a process and its children, in MB (/proc/PID/smaps_rollup)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = next(
        int(line.split()[1])
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    )
    return own / 1024 + sum(_pss_of_family(int(child)) for child in children)
