"""The processes that run jobs: who they are, whether they live."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from sublarr.db.column_types import db_now
from sublarr.db.models.ledger import JobWorker
from sublarr.db.repositories.base import Repository


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker process as it registered itself."""

    id: str
    host: str
    pid: int
    kind: str
    threads: int
    version: str
    lock_name: str
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewWorker:
    """What a process says of itself when it begins."""

    id: str
    host: str
    pid: int
    kind: str
    threads: int
    version: str
    lock_name: str


class WorkerRepository(Repository):
    """The `job_workers` table."""

    aggregate = "workers"

    def add(self, worker: NewWorker) -> None:
        """Register a process."""
        values = {
            "id": worker.id,
            "host": worker.host,
            "pid": worker.pid,
            "kind": worker.kind,
            "threads": worker.threads,
            "version": worker.version,
            "lock_name": worker.lock_name,
        }
        statement = insert(JobWorker).values(started_at=db_now(), heartbeat_at=db_now(), **values)
        self._run("add", statement)

    def beat(self, worker_id: str) -> None:
        """The process lives."""
        statement = update(JobWorker).where(JobWorker.id == worker_id).values(heartbeat_at=db_now())
        self._run("beat", statement)

    def stop(self, worker_ids: Sequence[str]) -> None:
        """These processes are gone, by their own word or because their lock is free."""
        statement = (
            update(JobWorker)
            .where(JobWorker.id.in_(worker_ids), JobWorker.stopped_at.is_(None))
            .values(stopped_at=db_now())
        )
        self._run("stop", statement)

    def listed(self) -> tuple[WorkerRow, ...]:
        """Every worker that has not stopped, oldest first."""
        table = JobWorker
        statement = (
            select(
                table.id,
                table.host,
                table.pid,
                table.kind,
                table.threads,
                table.version,
                table.lock_name,
                table.started_at,
                table.heartbeat_at,
                table.stopped_at,
            )
            .where(table.stopped_at.is_(None))
            .order_by(table.started_at)
        )
        return tuple(WorkerRow(*row) for row in self._run("listed", statement))

    def stop_silent(self, seconds: float) -> None:
        """Mark workers stopped that have said nothing for so long: another machine's that died."""
        statement = (
            update(JobWorker)
            .where(JobWorker.stopped_at.is_(None), JobWorker.heartbeat_at < db_now(-seconds))
            .values(stopped_at=db_now())
        )
        self._run("stop_silent", statement)

    def delete_stopped_before(self, moment: datetime) -> int:
        """Forget workers that stopped before `moment`."""
        return self._run("delete_stopped", delete(JobWorker).where(JobWorker.stopped_at < moment)).rowcount
