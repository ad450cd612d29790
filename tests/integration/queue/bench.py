"""A work bench for the queue: handlers that tests hold by the hand, real runners and keepers around them."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from sublarr.db.database import Database
from sublarr.db.repositories.claims import Claim
from sublarr.db.repositories.jobs import Asking, JobRow, new_job_id
from sublarr.queue.context import Handler, JobContext
from sublarr.queue.keeper import Keeper, WorkerIdentity
from sublarr.queue.runner import EmbeddedRunner, RunnerOptions
from sublarr.queue.scheduling import Scheduler
from sublarr.vocabulary.jobs import PAYLOADS, ExtractSubtitles, JobEvent, JobPayload, JobStatus
from tests.contract.db.rows import a_worker

PATIENCE_SECONDS = 30.0
KINDS = tuple(PAYLOADS)


def extraction(number: int) -> ExtractSubtitles:
    """A job that runs beside any other; another number is another job."""
    return ExtractSubtitles(file_id=number, file_path=f"/media/{number}.mkv")


def ask(database: Database, payload: JobPayload, asking: Asking | None = None) -> str:
    """The id of the job that will do it."""
    with database.write() as unit:
        return unit.jobs.enqueue(payload, asking or Asking()).job_id


def get(database: Database, job_id: str) -> JobRow:
    """The job as it stands."""
    with database.read() as unit:
        return unit.jobs.get(job_id)


def events(database: Database, job_id: str) -> list[JobEvent]:
    """The job's diary, shortened to what happened."""
    with database.read() as unit:
        return [line.event for line in unit.jobs.diary(job_id)]


def claim(database: Database, worker_id: str = "worker-1") -> Claim:
    """The best due job, claimed for a worker that is registered where it is new."""
    with database.write() as unit:
        if worker_id not in {row.id for row in unit.workers.listed()}:
            a_worker(unit, worker_id)
        found = unit.claims.claim(worker_id, KINDS)
    assert found is not None, "nothing is due"
    return found


def let_lease_run_out(database: Database, job_id: str) -> None:
    """As if a minute had passed without a heartbeat."""
    statement = "UPDATE jobs SET lease_until = started_at WHERE id = :id"
    with database.write() as unit:
        unit.connection.execute(text(statement), {"id": job_id})


def make_due(database: Database) -> None:
    """As if every delay were over."""
    with database.write() as unit:
        unit.connection.execute(text("UPDATE jobs SET run_at = created_at"))


def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Return once it is so."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError(f"it did not come to pass within {seconds:g} s")


def until_status(database: Database, job_id: str, *wanted: JobStatus) -> JobRow:
    """The job, once it is what was wished for."""
    until(lambda: get(database, job_id).status in wanted)
    return get(database, job_id)


class Held:
    """A handler that says when it has begun, and goes on when it may."""

    def __init__(self, result: dict[str, Any] | None = None) -> None:
        self.has_begun = threading.Event()
        self.may_end = threading.Event()
        self.result = result
        self.runs = 0

    def __call__(self, payload: Any, context: JobContext, /) -> dict[str, Any] | None:
        self.runs += 1
        self.has_begun.set()
        while not self.may_end.wait(0.01):
            context.check()
        context.check()
        return self.result


class Bench:
    """Runners over one database, all ended with the test."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self._runners: list[EmbeddedRunner] = []
        self._keepers: list[Keeper] = []

    def runner(
        self, handlers: Mapping[str, Handler], *, threads: int = 1, grace_seconds: float = 20.0
    ) -> EmbeddedRunner:
        """A runner that claims already."""
        runner, _ = self._make(handlers, threads, grace_seconds)
        runner.start()
        return runner

    def worker(self, handlers: Mapping[str, Handler], *, threads: int = 1) -> tuple[EmbeddedRunner, Keeper]:
        """A runner with its keeper, as a process has them."""
        runner, worker_id = self._make(handlers, threads, 20.0, registers=False)
        identity = WorkerIdentity(worker_id, "test", threads, "1.0", self.folder / "workers")
        keeper = Keeper(
            self.database, identity, runner, Scheduler(self.database, self.database._surroundings.clock)
        )
        keeper.start()
        self._keepers.append(keeper)
        runner.start()
        return runner, keeper

    def _make(
        self, handlers: Mapping[str, Handler], threads: int, grace_seconds: float, *, registers: bool = True
    ) -> tuple[EmbeddedRunner, str]:
        worker_id = new_job_id(self.database._surroundings.clock())
        if registers:
            with self.database.write() as unit:
                a_worker(unit, worker_id)
        runner = EmbeddedRunner(self.database, handlers, worker_id, RunnerOptions(threads, grace_seconds))
        self.database.on_ring(runner.ring)
        self._runners.append(runner)
        return runner, worker_id

    def close(self) -> None:
        """End what still runs."""
        for runner in self._runners:
            runner.stop()
        for keeper in self._keepers:
            if keeper._thread.is_alive():
                keeper.stop()
