"""Waiting for jobs: somebody runs them, the ledger tells how far they are.

A live worker process does the work where there is one; otherwise threads of this process do, for as long as
the command runs. A worker that dies meanwhile is replaced the same way.
"""

import platform
import signal
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic, sleep
from types import FrameType
from typing import Self

from sublarr.bootstrap import House, Workers, start_workers
from sublarr.cli.progress import Report
from sublarr.db.repositories.jobs import JobRow
from sublarr.db.repositories.workers import WorkerRow
from sublarr.queue.liveness import is_proven_dead
from sublarr.vocabulary.jobs import JobStatus

# Another process's jobs ring no bell here, so the ledger is looked at again and again.
_LOOK_SECONDS = 0.2
_WORKERS_LOOK_SECONDS = 5.0
# An idle worker says every minute that it lives.
_SILENCE = timedelta(minutes=2)
_WAITS = (JobStatus.QUEUED, JobStatus.RUNNING)


class Hands:
    """Whoever runs the jobs that are waited for; used in a `with` block of the main thread.

    A stop by Ctrl-C or SIGTERM raises `KeyboardInterrupt` inside the block.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._own: Workers | None = None
        self._look_at = 0.0
        self._handler_before: signal.Handlers | int | Callable[[int, FrameType | None], object] | None = None

    def __enter__(self) -> Self:
        self._handler_before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        self.ensure()
        return self

    def __exit__(self, *_error: object) -> None:
        # What our threads still run goes back to the queue.
        if self._own is not None:
            self._own.stop()
        signal.signal(signal.SIGTERM, self._handler_before)

    @property
    def are_own(self) -> bool:
        """Whether threads of this process run them."""
        return self._own is not None

    def ensure(self) -> None:
        """Have somebody run jobs: start threads here where no worker lives."""
        if self._own is not None or monotonic() < self._look_at:
            return
        self._look_at = monotonic() + _WORKERS_LOOK_SECONDS
        if not has_live_worker(self._house):
            threads = max(1, self._house.settings.queue.queue_workers)
            self._own = start_workers(self._house, kind="command", threads=threads, watches=False)


def has_live_worker(house: House) -> bool:
    """Whether any process runs jobs now."""
    with house.database.read() as unit:
        workers = unit.workers.listed()
    return any(_lives(house, worker) for worker in workers)


def _lives(house: House, worker: WorkerRow) -> bool:
    if worker.threads == 0 or worker.heartbeat_at < house.clock() - _SILENCE:
        return False
    return worker.host != platform.node() or not is_proven_dead(house.worker_locks, worker.lock_name)


def follow(house: House, hands: Hands, job_ids: Sequence[str], report: Report) -> tuple[JobRow, ...]:
    """Wait until each of these jobs has ended or was paused; how they stand then."""
    while True:
        with house.database.read() as unit:
            jobs = tuple(unit.jobs.get(job_id) for job_id in job_ids)
        waiting = [job for job in jobs if job.status in _WAITS]
        if not waiting:
            return jobs
        shown = next((job for job in waiting if job.status is JobStatus.RUNNING), waiting[0])
        report(shown.progress_done, shown.progress_total, shown.progress_note or shown.error)
        hands.ensure()
        sleep(_LOOK_SECONDS)


def finish_kind(house: House, hands: Hands, kind: str, report: Report) -> int:
    """Wait until no job of a kind waits or runs; how many failed meanwhile."""
    failed_before = _counts(house, kind)[1]
    most = 0
    while True:
        waiting, failed = _counts(house, kind)
        if not waiting:
            return max(0, failed - failed_before)
        most = max(most, waiting)
        report(most - waiting, most, "")
        hands.ensure()
        sleep(_LOOK_SECONDS)


def _counts(house: House, kind: str) -> tuple[int, int]:
    with house.database.read() as unit:
        counts = unit.jobs.counts()
    return sum(counts.get((kind, status), 0) for status in _WAITS), counts.get((kind, JobStatus.FAILED), 0)
