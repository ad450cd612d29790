"""A scan that meets a file which hangs: it is passed over, and a person's word or a stop reaches it meanwhile."""

import functools
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sublarr.jobs import scan_folder as scanning
from sublarr.jobs.asking import scan_folder
from sublarr.library.reading.pool import ReadingPool
from sublarr.vocabulary.jobs import JobEvent, JobStatus
from sublarr.vocabulary.media import ProbeStatus
from tests.integration.queue.bench import until
from tests.integration.scanning.household import Household

# A child that is the real one, but for a file which no disk gives back.
_CHILD = """
import sys, time
from sublarr.library.reading import child
really = child.probe
def probe(path):
    while "Hang" in path:
        open({mark!r}, "w").close()
        time.sleep(60)
    return really(path)
child.probe = probe
child.main()
"""


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Path]:
    """Have reading hang on a file, for so many seconds at most; answers what is there once it does."""
    mark = tmp_path / "hanging"
    paths = [path for path in sys.path if path]
    code = f"import sys; sys.path[:0] = {paths!r}\n" + _CHILD.format(mark=str(mark))

    def set_limit(seconds: float) -> Path:
        command = (sys.executable, "-c", code)
        pool = functools.partial(_limited, seconds=seconds, command=command)
        monkeypatch.setattr(scanning, "ReadingPool", pool)
        return mark

    return set_limit


def _limited(
    workers: int, timeout_seconds: float, *, seconds: float, command: tuple[str, ...]
) -> ReadingPool:
    return ReadingPool(workers, seconds, command=command)


def _fill(household: Household) -> None:
    household.put("Hang (2001).mkv")
    household.put("Good (2002).mkv")


def test_a_file_that_hangs_is_passed_over_and_not_tried_at_every_scan(
    household: Household, hanging: Callable[[float], Path]
) -> None:
    hanging(2.0)
    _fill(household)
    assert household.found()["unreadable"] == 1
    assert household.file("Hang (2001).mkv").probe_status is ProbeStatus.TIMED_OUT
    assert "2 s" in household.file("Hang (2001).mkv").probe_message
    assert household.file("Good (2002).mkv").probe_status is ProbeStatus.OK
    assert household.found()["unchanged"] == 2


@pytest.mark.parametrize("asks", ["cancel", "pause", "stop"])
def test_a_scan_that_hangs_on_a_file_can_be_ended(
    household: Household, hanging: Callable[[float], Path], asks: str
) -> None:
    mark = hanging(300.0)
    _fill(household)
    database = household.house.database
    job_id = scan_folder(database, household.folder.id).job_id
    thread = threading.Thread(target=household.work)
    thread.start()
    try:
        until(mark.exists)
        (context,) = household.runner.running()
        if asks == "stop":
            household.runner._is_stopping.set()
            context.stop()
        else:
            with database.write() as unit:
                getattr(unit.jobs, asks)(job_id)
            with database.write() as unit:
                (pulse,) = unit.claims.pulse("test-worker", [job_id])
            context.heed(pulse)
    finally:
        thread.join(60)
    assert not thread.is_alive()
    expected = {"cancel": JobStatus.CANCELLED, "pause": JobStatus.PAUSED, "stop": JobStatus.QUEUED}[asks]
    job = household.job(job_id)
    assert (job.status, job.attempts, job.error) == (expected, 0, "")
    with database.read() as unit:
        last = unit.jobs.diary(job_id)[-1].event
    assert last in (JobEvent.CANCELLED, JobEvent.PAUSED, JobEvent.HANDED_BACK)
    assert not _children_of_this_process()


def _children_of_this_process() -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat") if sys.platform == "linux" else ():
        try:
            fields = entry.read_text().rpartition(")")[2].split()
            command = entry.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == os.getpid() and b"child.main()" in command:
            found.append(command.decode(errors="replace"))
    return found
