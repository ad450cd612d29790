"""The ledger as workers see it: claiming a job, keeping the lease, and handing in what came of it.

A claim is fenced: every later statement names the job's `claim_no`, so a worker that was taken for dead and
comes back changes nothing and is told `LeaseLost`. Leases run by the database's clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from sublarr.db.column_types import db_now
from sublarr.db.models.ledger import Job, JobDiary
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import LeaseLost
from sublarr.vocabulary.jobs import JobEvent, JobStatus

LEASE_SECONDS = 60.0
# What a dead worker's job may become, as its diary says it.
_RESCUE_EVENTS: Mapping[JobStatus, JobEvent] = {
    JobStatus.QUEUED: JobEvent.RESCUED,
    JobStatus.FAILED: JobEvent.FAILED,
    JobStatus.CANCELLED: JobEvent.CANCELLED,
    JobStatus.PAUSED: JobEvent.PAUSED,
}
_STOPPED_EVENTS: Mapping[JobStatus, JobEvent] = {
    JobStatus.CANCELLED: JobEvent.CANCELLED,
    JobStatus.PAUSED: JobEvent.PAUSED,
}
MAXIMUM_CRASHES = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that is ours as long as nobody claims it after us."""

    job_id: str
    claim_no: int
    kind: str
    title: str
    payload: dict[str, Any]
    attempts: int
    max_attempts: int
    request_id: str
    waited_seconds: float


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a heartbeat tells of a job that is still ours."""

    job_id: str
    claim_no: int
    cancel_requested: bool
    pause_requested: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is; `total` is None while it is not known."""

    done: int = 0
    total: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rescue:
    """What became of jobs whose worker died: back in the queue, or given up as the cause of its death."""

    requeued: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()


class ClaimRepository(Repository):
    """The `jobs` table from below."""

    aggregate = "claims"

    def has_due(self, kinds: Sequence[str]) -> bool:
        """Whether anything could be claimed now: a cheap look that takes no write lock."""
        statement = select(exists().where(_is_due(kinds)))
        return bool(self._run("has_due", statement).scalar_one())

    def claim(self, worker_id: str, kinds: Sequence[str]) -> Claim | None:
        """Take the most urgent due job, or None; one statement, so two workers never take the same."""
        chosen = (
            select(Job.id).where(_is_due(kinds)).order_by(Job.priority.desc(), Job.run_at, Job.id).limit(1)
        )
        if self._connection.dialect.name == "postgresql":
            # Two claimers could each pick one of two jobs that share a concurrency key.
            self._run("claim_lock", select(func.pg_advisory_xact_lock(_CLAIM_LOCK)))
            chosen = chosen.with_for_update(skip_locked=True)
        statement = (
            update(Job)
            .where(Job.id == chosen.scalar_subquery())
            .values(
                status=JobStatus.RUNNING,
                claim_no=Job.claim_no + 1,
                worker_id=worker_id,
                lease_until=db_now(LEASE_SECONDS),
                started_at=db_now(),
                updated_at=db_now(),
                unique_key=case((Job.frees_key_at_claim, None), else_=Job.unique_key),
                cancel_requested=False,
                pause_requested=False,
            )
            .returning(
                Job.id,
                Job.claim_no,
                Job.kind,
                Job.title,
                Job.payload,
                Job.attempts,
                Job.max_attempts,
                Job.request_id,
                Job.started_at,
                Job.run_at,
            )
        )
        row = self._run("claim", statement).one_or_none()
        if row is None:
            return None
        self._note(row.id, JobEvent.CLAIMED, worker_id, row.claim_no)
        waited = (row.started_at - row.run_at).total_seconds()
        return Claim(
            job_id=row.id,
            claim_no=row.claim_no,
            kind=row.kind,
            title=row.title,
            payload=row.payload,
            attempts=row.attempts,
            max_attempts=row.max_attempts,
            request_id=row.request_id,
            waited_seconds=max(0.0, waited),
        )

    def pulse(self, worker_id: str, job_ids: Sequence[str]) -> tuple[Pulse, ...]:
        """Prolong the leases of these jobs of a worker's, and learn what people asked of them.

        A job the ledger gives to this worker but that none of its threads runs (a claim whose answer got lost) is
        left to its lease.
        """
        statement = (
            update(Job)
            .where(Job.worker_id == worker_id, Job.id.in_(job_ids), Job.status == JobStatus.RUNNING)
            .values(lease_until=db_now(LEASE_SECONDS))
            .returning(Job.id, Job.claim_no, Job.cancel_requested, Job.pause_requested)
        )
        return tuple(Pulse(*row) for row in self._run("pulse", statement))

    def progress(self, claim: Claim, progress: Progress) -> Pulse:
        """Record how far the job is; raises `LeaseLost` where it is no longer ours."""
        statement = (
            self._guarded(claim)
            .values(
                progress_done=progress.done,
                progress_total=progress.total,
                progress_note=progress.note,
                lease_until=db_now(LEASE_SECONDS),
                updated_at=db_now(),
            )
            .returning(Job.id, Job.claim_no, Job.cancel_requested, Job.pause_requested)
        )
        row = self._run("progress", statement).one_or_none()
        if row is None:
            raise LeaseLost(f"the job {claim.title!r} is no longer ours")
        return Pulse(*row)

    def complete(self, claim: Claim, result: dict[str, Any] | None = None) -> None:
        """Hand in the result; what else this transaction writes is stored exactly once with it."""
        self._end(
            claim,
            JobStatus.COMPLETED,
            JobEvent.COMPLETED,
            result=result,
            error="",
            error_detail="",
            # Progress is told now and then only; what is done is done whole.
            progress_done=func.coalesce(Job.progress_total, Job.progress_done),
            progress_note="",
        )

    def cancel(self, claim: Claim) -> None:
        """The job stopped because a person said so."""
        self._end(claim, JobStatus.CANCELLED, JobEvent.CANCELLED)

    def pause(self, claim: Claim) -> None:
        """The job stopped, to go on when a person says so."""
        self._end(claim, JobStatus.PAUSED, JobEvent.PAUSED, completed_at=None)

    def hand_back(self, claim: Claim) -> None:
        """The process stops; the job waits again and has lost no attempt, unless a person stopped it."""
        self._put_back(claim, JobEvent.HANDED_BACK, run_at=db_now())

    def retry_later(self, claim: Claim, delay_seconds: float, error: str, detail: str) -> None:
        """The attempt failed; another follows after the delay, unless a person stopped the job."""
        self._put_back(
            claim,
            JobEvent.RETRY,
            note=error,
            attempts=Job.attempts + 1,
            run_at=db_now(delay_seconds),
            error=error,
            error_detail=detail,
        )

    def fail(self, claim: Claim, error: str, detail: str) -> None:
        """The last attempt failed; a person may replay it."""
        self._end(
            claim,
            JobStatus.FAILED,
            JobEvent.FAILED,
            note=error,
            attempts=Job.attempts + 1,
            error=error,
            error_detail=detail,
        )

    def has_expired(self) -> bool:
        """Whether any lease ran out: a cheap look that takes no write lock."""
        expired = exists().where(Job.status == JobStatus.RUNNING, Job.lease_until < db_now())
        return bool(self._run("has_expired", select(expired)).scalar_one())

    def rescue_expired(self) -> Rescue:
        """Take back jobs whose lease ran out."""
        return self._rescue(Job.lease_until < db_now(), "its lease ran out")

    def rescue_of_workers(self, worker_ids: Sequence[str]) -> Rescue:
        """Take back what dead workers ran."""
        if not worker_ids:
            return Rescue()
        return self._rescue(Job.worker_id.in_(worker_ids), "its process died")

    def refuse_late(self, claim: Claim, note: str) -> None:
        """Note in the diary that a result came after the lease was lost and was not taken."""
        self._note(claim.job_id, JobEvent.REFUSED_LATE, "", claim.claim_no, note)

    def _rescue(self, condition: ColumnElement[bool], reason: str) -> Rescue:
        is_poison = Job.crashes + 1 >= MAXIMUM_CRASHES
        gives_up = f"given up: the process died {MAXIMUM_CRASHES} times while running this job"
        statement = (
            update(Job)
            .where(Job.status == JobStatus.RUNNING, condition)
            .values(
                status=case(
                    (Job.cancel_requested, JobStatus.CANCELLED.value),
                    (is_poison, JobStatus.FAILED.value),
                    (Job.pause_requested, JobStatus.PAUSED.value),
                    else_=JobStatus.QUEUED.value,
                ),
                completed_at=case((or_(Job.cancel_requested, is_poison), db_now()), else_=None),
                error=case((is_poison, gives_up), else_=Job.error),
                crashes=Job.crashes + 1,
                worker_id=None,
                lease_until=None,
                run_at=db_now(),
                updated_at=db_now(),
            )
            .returning(Job.id, Job.status, Job.claim_no)
        )
        rows = self._run("rescue", statement).all()
        for job_id, status, claim_no in rows:
            self._note(job_id, _RESCUE_EVENTS[status], "", claim_no, reason)
        if rows:
            self._unit.ring()
        given_up = tuple(row.id for row in rows if row.status is JobStatus.FAILED)
        return Rescue(tuple(row.id for row in rows if row.id not in given_up), given_up)

    def _guarded(self, claim: Claim) -> Any:
        return update(Job).where(
            Job.id == claim.job_id, Job.claim_no == claim.claim_no, Job.status == JobStatus.RUNNING
        )

    def _end(
        self, claim: Claim, target: JobStatus, event: JobEvent, *, note: str = "", **values: Any
    ) -> None:
        settled = {"completed_at": db_now(), "status": target}
        self._settle(claim, f"end_{target}", settled | values)
        self._note(claim.job_id, event, "", claim.claim_no, note)

    def _put_back(self, claim: Claim, event: JobEvent, *, note: str = "", **values: Any) -> None:
        """Into the queue, or to where a person wanted it who spoke when the worker listened no more."""
        status = case(
            (Job.cancel_requested, JobStatus.CANCELLED.value),
            (Job.pause_requested, JobStatus.PAUSED.value),
            else_=JobStatus.QUEUED.value,
        )
        completed_at = case((Job.cancel_requested, db_now()), else_=None)
        became = self._settle(claim, "put_back", {"status": status, "completed_at": completed_at} | values)
        self._note(claim.job_id, _STOPPED_EVENTS.get(became, event), "", claim.claim_no, note)

    def _settle(self, claim: Claim, name: str, values: Mapping[str, Any]) -> JobStatus:
        settled = {
            "worker_id": None,
            "lease_until": None,
            "updated_at": db_now(),
            "cancel_requested": False,
            "pause_requested": False,
        }
        statement = self._guarded(claim).values(**settled, **values).returning(Job.status)
        became: JobStatus | None = self._run(name, statement).scalar_one_or_none()
        if became is None:
            raise LeaseLost(f"the job {claim.title!r} is no longer ours: its result was not taken")
        return became

    def _note(self, job_id: str, event: JobEvent, worker_id: str, claim_no: int, note: str = "") -> None:
        row = {"job_id": job_id, "event": event, "worker_id": worker_id, "claim_no": claim_no, "note": note}
        self._run("note", insert(JobDiary).values(at=db_now()), row)


# Any number that nobody else in this database uses as an advisory lock.
_CLAIM_LOCK = 0x53_55_42_4C  # "SUBL"


def _is_due(kinds: Sequence[str]) -> ColumnElement[bool]:
    running = aliased(Job)
    is_blocked = exists().where(
        running.status == JobStatus.RUNNING, running.concurrency_key == Job.concurrency_key
    )
    return and_(
        Job.status == JobStatus.QUEUED,
        Job.run_at <= db_now(),
        Job.kind.in_(kinds),
        or_(Job.concurrency_key.is_(None), ~is_blocked),
    )
