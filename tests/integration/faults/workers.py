"""Worker processes to be killed, and what must be true of a library after any number of kills."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pysubs2

from sublarr.bootstrap import House, open_house
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import JobFilter, JobRow
from sublarr.subtitles.files import is_leftover
from sublarr.vocabulary.jobs import JobEvent, JobStatus
from sublarr.vocabulary.paths import to_native
from sublarr.vocabulary.subtitles import SubtitleOrigin
from tests.integration.queue.bench import until


@dataclass
class Worker:
    """A `sublarr worker`."""

    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """No time to say goodbye."""
        self.process.kill()
        self.process.wait(timeout=30)

    def stop(self) -> None:
        """Ask it to end, which it does well."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0


@dataclass
class Scene:
    """A house seen from outside, and the processes that work for it."""

    environment: dict[str, str]
    log: Path
    house: House = field(init=False)
    _started: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.house = open_house(self.environment)

    def start(self) -> Worker:
        """A worker that has registered."""
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "sublarr", "worker", "--threads", "2"],
                env=os.environ | self.environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

        self._started.append(process)

        def has_registered() -> bool:
            assert process.poll() is None, self.log.read_text()
            with self.house.database.read() as unit:
                return process.pid in {row.pid for row in unit.workers.listed()}

        until(has_registered)
        return Worker(process)

    def close(self) -> None:
        """End whatever a test left behind."""
        for process in self._started:
            process.kill()
            process.wait(timeout=30)
        self.house.close()

    def jobs(self, *statuses: JobStatus) -> tuple[JobRow, ...]:
        with self.house.database.read() as unit:
            return unit.jobs.page(JobFilter(statuses=statuses), PageRequest(limit=200)).items

    def is_done(self) -> bool:
        return not self.jobs(JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED)

    def until_done(self) -> None:
        until(self.is_done, 90)

    def rescue_seconds(self, started_at: float, job_ids: Sequence[str]) -> float:
        """How long after `started_at` (monotonic) none of these jobs was the dead process's any more."""

        def are_rescued() -> bool:
            with self.house.database.read() as unit:
                return all(
                    JobEvent.RESCUED in [line.event for line in unit.jobs.diary(job_id)] for job_id in job_ids
                )

        until(are_rescued)
        return monotonic() - started_at

    def assert_nothing_lost(self, video_paths: Sequence[str]) -> None:
        """Every file known once, every job well ended, no subtitle half written."""
        jobs = self.jobs()
        assert {job.status for job in jobs} == {JobStatus.COMPLETED}, [job.error for job in jobs]
        assert not [job for job in jobs if job.worker_id is not None]
        with self.house.database.read() as unit:
            file_ids = [
                file_id
                for folder in unit.folders.listed()
                for file_id in unit.files.ids_of_source(folder.source_id)
            ]
            files = unit.files.listed(file_ids)
            subtitles = unit.files.subtitles(file_ids)
            owners = unit.files.owners(file_ids)
        assert Counter(to_native(file.path) for file in files) == Counter(video_paths)
        assert owners.keys() == set(file_ids)
        known = {
            to_native(row.path)
            for rows in subtitles.values()
            for row in rows
            if row.origin is SubtitleOrigin.SIDECAR
        }
        beside = _sidecars(video_paths)
        assert known == beside
        for path in beside:
            assert len(pysubs2.load(path)) > 3, f"{path} is not whole"
        assert not any(is_leftover(os.path.basename(path)) for path in known)


def _sidecars(video_paths: Sequence[str]) -> set[str]:
    suffixes = {".srt", ".ass", ".ssa", ".vtt"}
    return {
        str(path)
        for directory in {Path(path).parent for path in video_paths}
        for path in directory.iterdir()
        if path.suffix in suffixes and not path.name.startswith(".")
    }
