"""The keeper: one thread per process that keeps leases alive, rescues, fires schedules and rings the bell.

It runs beside the worker threads so that a handler that is busy for an hour loses no lease.
"""

import logging
import os
import platform
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sublarr.db.database import Database
from sublarr.db.repositories.claims import Rescue
from sublarr.db.repositories.workers import NewWorker, WorkerRow
from sublarr.queue.liveness import LifeLock, forget, is_proven_dead
from sublarr.queue.observer import JobObserver, SilentJobObserver
from sublarr.queue.runner import EmbeddedRunner
from sublarr.queue.scheduling import Scheduler

_log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
HEARTBEAT_SECONDS = 10.0
RESCUE_SECONDS = 10.0
SCHEDULE_SECONDS = 5.0
# An idle process writes seldom, so that disks may sleep.
IDLE_HEARTBEAT_SECONDS = 60.0
REST_AFTER_SECONDS = 3.0
# Another machine's worker is taken for gone after this; its jobs are rescued by their lease long before.
SILENT_WORKER_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """Who this process is in the ledger, and where its lock file lies."""

    id: str
    kind: str
    threads: int
    version: str
    lock_folder: Path


@dataclass(frozen=True, slots=True)
class Chores:
    """What else is to be done: again and again, and once nothing has run for a while after something did."""

    every_few_seconds: Callable[[], object] = lambda: None
    after_work: Callable[[], object] = lambda: None


class Keeper:
    """Heartbeats, rescue and schedules of one worker process."""

    def __init__(
        self,
        database: Database,
        identity: WorkerIdentity,
        runner: EmbeddedRunner,
        scheduler: Scheduler,
        observer: JobObserver | None = None,
        *,
        chores: Chores | None = None,
    ) -> None:
        self._chores = chores or Chores()
        self._worked_at: float | None = None
        self._database = database
        self._identity = identity
        self._runner = runner
        self._scheduler = scheduler
        self._observer: JobObserver = observer or SilentJobObserver()
        self._lock = LifeLock(identity.lock_folder, identity.id)
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="job-keeper", daemon=True)
        self._due = dict.fromkeys(("heartbeat", "rescue", "schedules", "idle"), 0.0)

    def start(self) -> None:
        """Register, take back at once what dead processes of this machine ran, and begin to tick."""
        self._lock.hold()
        with self._database.write() as unit:
            unit.workers.add(
                NewWorker(
                    id=self._identity.id,
                    host=platform.node(),
                    pid=os.getpid(),
                    kind=self._identity.kind,
                    threads=self._identity.threads,
                    version=self._identity.version,
                    lock_name=self._lock.name,
                )
            )
        self._rescue()
        self._thread.start()

    def stop(self) -> None:
        """End the thread and sign off; call after the runner has stopped."""
        self._is_stopping.set()
        self._thread.join()
        try:
            with self._database.write() as unit:
                unit.workers.stop([self._identity.id])
        finally:
            self._lock.release()

    def _loop(self) -> None:
        while not self._is_stopping.wait(TICK_SECONDS):
            try:
                self._tick()
            # While the database is away the keeper must not die, or no lease would live on.
            except Exception:  # noqa: BLE001 - the keeper's loop is a door
                _log.exception("the job keeper met an error and goes on")

    def _tick(self) -> None:
        if self._is_due("heartbeat", HEARTBEAT_SECONDS) and self._runner.running():
            self._beat()
        if self._is_due("idle", IDLE_HEARTBEAT_SECONDS):
            with self._database.write() as unit:
                unit.workers.beat(self._identity.id)
        if self._is_due("rescue", RESCUE_SECONDS):
            self._rescue()
        if self._is_due("schedules", SCHEDULE_SECONDS):
            self._chores.every_few_seconds()
            self._scheduler.tick()
        self._rest_after_work()
        if self._runner.is_idle:
            # Jobs that other processes asked for, and those whose time has come, ring no bell here.
            self._runner.ring()

    def _rest_after_work(self) -> None:
        """Once nothing has run for a while after something did, let go of what the work needed."""
        if self._runner.take_worked() or self._runner.running():
            self._worked_at = monotonic()
        elif self._worked_at is not None and monotonic() - self._worked_at > REST_AFTER_SECONDS:
            self._worked_at = None
            self._chores.after_work()

    def _is_due(self, task: str, interval_seconds: float) -> bool:
        now = monotonic()
        if now < self._due[task]:
            return False
        self._due[task] = now + interval_seconds
        return True

    def _beat(self) -> None:
        running = self._runner.running()
        with self._database.write() as unit:
            job_ids = [context.claim.job_id for context in running]
            pulses = {pulse.job_id: pulse for pulse in unit.claims.pulse(self._identity.id, job_ids)}
            unit.workers.beat(self._identity.id)
        for context in running:
            context.heed(pulses.get(context.claim.job_id))

    def _rescue(self) -> None:
        with self._database.read() as unit:
            others = [row for row in unit.workers.listed() if row.id != self._identity.id]
            has_expired = unit.claims.has_expired()
        dead = [row for row in others if self._is_dead(row)]
        if dead or has_expired:
            self._take_back(dead)

    def _is_dead(self, row: WorkerRow) -> bool:
        # On another machine's view of a shared folder a lock may look free though it is held.
        return row.host == platform.node() and is_proven_dead(self._identity.lock_folder, row.lock_name)

    def _take_back(self, dead: Sequence[WorkerRow]) -> None:
        ids = [row.id for row in dead]
        with self._database.write() as unit:
            rescues = [unit.claims.rescue_of_workers(ids), unit.claims.rescue_expired()]
            unit.workers.stop(ids)
            unit.workers.stop_silent(SILENT_WORKER_SECONDS)
        for row in dead:
            forget(self._identity.lock_folder, row.lock_name)
        for rescue in rescues:
            self._report(rescue)

    def _report(self, rescue: Rescue) -> None:
        count = len(rescue.requeued) + len(rescue.given_up)
        if count:
            self._observer.rescued(count)
            _log.warning(
                "took back %d job(s) whose process died, gave up %d",
                len(rescue.requeued),
                len(rescue.given_up),
            )
