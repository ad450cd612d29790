"""The ledger as people and other code see it: asking for jobs, looking at them, ending them.

What workers do with jobs is in `claims`. Every change of state is one guarded UPDATE and a line in the
job's diary; which moves exist is `JOB_MOVES`' business.
"""

import heapq
import secrets as random_source
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, or_, select, update

from sublarr.db.column_types import db_now
from sublarr.db.models.counters import RowCount
from sublarr.db.models.ledger import Job, JobDiary
from sublarr.db.pages import Listing, Page, PageRequest, Query, SortKey
from sublarr.db.repositories import counted
from sublarr.db.repositories.base import Repository, chunks, contains_pattern
from sublarr.db.streams import Stream
from sublarr.vocabulary.errors import IllegalMove, NotFound
from sublarr.vocabulary.jobs import (
    JOB_MOVES,
    UNFINISHED,
    JobEvent,
    JobOrigin,
    JobPayload,
    JobPriority,
    JobStatus,
)

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

# What a list or a page shows of a job; the error's detail is read with the job alone.
_SHOWN = (
    Job.id,
    Job.kind,
    Job.title,
    Job.status,
    Job.origin,
    Job.priority,
    Job.attempts,
    Job.max_attempts,
    Job.crashes,
    Job.progress_done,
    Job.progress_total,
    Job.progress_note,
    Job.cancel_requested,
    Job.error,
    Job.result,
    Job.file_path,
    Job.worker_id,
    Job.run_at,
    Job.created_at,
    Job.started_at,
    Job.completed_at,
    Job.updated_at,
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as lists show it."""

    id: str
    kind: str
    title: str
    status: JobStatus
    origin: JobOrigin
    priority: int
    attempts: int
    max_attempts: int
    crashes: int
    progress_done: int
    progress_total: int | None
    progress_note: str
    cancel_requested: bool
    error: str
    result: dict[str, Any] | None
    file_path: str
    worker_id: str | None
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DiaryLine:
    """One line of a job's diary."""

    event: JobEvent
    at: datetime
    worker_id: str
    claim_no: int
    note: str


@dataclass(frozen=True, slots=True)
class Enqueued:
    """The job that will do what was asked; `is_new` is false where one was waiting for it already."""

    job_id: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs a list shows; empty means all."""

    statuses: tuple[JobStatus, ...] = ()
    kind: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Asking:
    """The circumstances of a request for a job."""

    origin: JobOrigin = JobOrigin.PERSON
    priority: int = JobPriority.NORMAL
    delay_seconds: float = 0.0
    parent_id: str | None = None
    request_id: str = ""


_DEFAULT_ASKING = Asking()
_EVERYTHING = JobFilter()


def new_job_id(moment: datetime) -> str:
    """A ULID: 48 bits of milliseconds and 80 random bits in Crockford's base 32, so ids sort by time.

    Format: https://github.com/ulid/spec
    """
    number = (int(moment.timestamp() * 1000) << 80) | random_source.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


class JobRepository(Repository):
    """The `jobs` and `job_events` tables."""

    aggregate = "jobs"

    def enqueue(self, payload: JobPayload, asking: Asking = _DEFAULT_ASKING) -> Enqueued:
        """Ask for a job in this transaction; the runners are woken once it is committed."""
        row = self._row(payload, asking)
        times = {
            "created_at": db_now(),
            "updated_at": db_now(),
            "run_at": db_now(bindparam("delay_seconds", asking.delay_seconds)),
        }
        insertion = self._insert_into(Job.__table__).values(times).on_conflict_do_nothing()
        job_id, is_new = self._get_or_add(
            f"the job {payload.title()!r}",
            lambda: self._run("enqueue", insertion.returning(Job.id), row).scalar_one_or_none(),
            lambda: self._waiting_for(row["unique_key"]),
        )
        if is_new:
            self._note([job_id], JobEvent.QUEUED)
            self._unit.ring()
        return Enqueued(job_id, is_new)

    def enqueue_many(self, payloads: Iterable[JobPayload], asking: Asking = _DEFAULT_ASKING) -> int:
        """Ask for many jobs; answers how many are new, the others were waiting already."""
        new = 0
        for chunk in chunks(payloads):
            # One moment for all, and ids in the order of asking: what was asked for first is claimed first.
            ids = sorted(new_job_id(self._now) for _ in chunk)
            now = self._run("database_now", select(db_now())).scalar_one()
            times = {"created_at": now, "updated_at": now}
            times["run_at"] = now + timedelta(seconds=asking.delay_seconds)
            rows = [
                self._row(payload, asking) | times | {"id": job_id}
                for payload, job_id in zip(chunk, ids, strict=True)
            ]
            # By key, so that two who ask for the same never wait for each other in a circle.
            rows.sort(key=lambda row: row["unique_key"] or "")
            insertion = self._insert_into(Job.__table__).on_conflict_do_nothing()
            self._run("enqueue_many", insertion, rows)
            stored = self._run("enqueue_many_stored", select(Job.id).where(Job.id.in_(ids))).scalars().all()
            self._note(stored, JobEvent.QUEUED)
            new += len(stored)
        if new:
            self._unit.ring()
        return new

    def _row(self, payload: JobPayload, asking: Asking) -> dict[str, Any]:
        return {
            "id": new_job_id(self._now),
            "kind": payload.kind,
            "title": payload.title(),
            "payload": payload.model_dump(mode="json"),
            "status": JobStatus.QUEUED,
            "origin": asking.origin,
            "priority": int(asking.priority),
            "unique_key": payload.unique_key(),
            "frees_key_at_claim": payload.may_wait_behind_itself,
            "concurrency_key": payload.concurrency_key(),
            "max_attempts": payload.max_attempts,
            "parent_id": asking.parent_id,
            "request_id": asking.request_id,
            "file_path": getattr(payload, "file_path", ""),
        }

    def _waiting_for(self, unique_key: str | None) -> str | None:
        statement = select(Job.id).where(Job.unique_key == unique_key, Job.status.in_(UNFINISHED))
        found: str | None = self._run("find_by_unique_key", statement).scalar_one_or_none()
        return found

    def find(self, job_id: str) -> JobRow | None:
        """The job, or None."""
        row = self._run("find", select(*_SHOWN).where(Job.id == job_id)).one_or_none()
        return None if row is None else JobRow(*row)

    def get(self, job_id: str) -> JobRow:
        """The job; raises `NotFound`."""
        row = self.find(job_id)
        if row is None:
            raise NotFound(f"there is no job {job_id}")
        return row

    def error_detail(self, job_id: str) -> str:
        """The traceback of a failed job, '' where there is none."""
        found = self._run("error_detail", select(Job.error_detail).where(Job.id == job_id))
        detail: str | None = found.scalar_one_or_none()
        return detail or ""

    def diary(self, job_id: str) -> tuple[DiaryLine, ...]:
        """Everything that happened to a job, oldest first."""
        statement = (
            select(JobDiary.event, JobDiary.at, JobDiary.worker_id, JobDiary.claim_no, JobDiary.note)
            .where(JobDiary.job_id == job_id)
            .order_by(JobDiary.id)
        )
        return tuple(DiaryLine(*row) for row in self._run("diary", statement))

    def page(self, wanted: JobFilter, request: PageRequest) -> Page[JobRow]:
        """Jobs, newest first."""
        return self._page(_listing(wanted), request, lambda row: JobRow(*row[: len(_SHOWN)]))

    def stream(self, wanted: JobFilter = _EVERYTHING) -> Stream[JobRow]:
        """All jobs that match, newest first, in flat memory."""
        return self._stream(_listing(wanted), lambda row: JobRow(*row[: len(_SHOWN)]))

    def active(self, limit: int = 100) -> tuple[JobRow, ...]:
        """What runs, then what waits in the order in which it will be claimed."""
        order = (Job.priority.desc(), Job.run_at, Job.id)
        first: dict[JobStatus, list[JobRow]] = {}
        for status in UNFINISHED:
            statement = select(*_SHOWN).where(Job.status == status).order_by(*order).limit(limit)
            first[status] = [JobRow(*row) for row in self._run("active", statement)]
        running = first.pop(JobStatus.RUNNING)
        waiting = heapq.merge(*first.values(), key=lambda job: (-job.priority, job.run_at, job.id))
        return tuple(islice(chain(running, waiting), limit))

    def changed_since(self, moment: datetime, limit: int = 200) -> tuple[JobRow, ...]:
        """Jobs that changed after `moment`, in the order of change."""
        statement = (
            select(*_SHOWN).where(Job.updated_at > moment).order_by(Job.updated_at, Job.id).limit(limit)
        )
        return tuple(JobRow(*row) for row in self._run("changed_since", statement))

    def counts(self) -> Mapping[tuple[str, JobStatus], int]:
        """How many jobs there are by kind and status."""
        statement = counted.counts("jobs", RowCount.kind, RowCount.status)
        return {(kind, JobStatus(status)): number for kind, status, number in self._run("counts", statement)}

    def failed_count(self) -> int:
        """How many jobs failed for good and wait for a person."""
        statement = counted.total("jobs", RowCount.status == JobStatus.FAILED)
        return int(self._run("failed_count", statement).scalar_one())

    def oldest_due_seconds(self) -> float:
        """For how many seconds the longest-waiting due job has been due; 0 where none is."""
        statement = select(func.min(Job.run_at), db_now()).where(
            Job.status == JobStatus.QUEUED, Job.run_at <= db_now()
        )
        due, now = self._run("oldest_due", statement).one()
        return 0.0 if due is None else float((now - due).total_seconds())

    def cancel(self, job_id: str) -> JobStatus:
        """End a job: at once where it waits, at its next safe point where it runs."""
        self._hold(job_id)
        waiting = (JobStatus.QUEUED, JobStatus.PAUSED, JobStatus.FAILED)
        if self._move(job_id, waiting, JobStatus.CANCELLED, completed_at=db_now()):
            self._note([job_id], JobEvent.CANCELLED)
            return JobStatus.CANCELLED
        if self._move(job_id, (JobStatus.RUNNING,), JobStatus.RUNNING, cancel_requested=True):
            self._note([job_id], JobEvent.CANCEL_REQUESTED)
            return JobStatus.RUNNING
        raise self._illegal(job_id, JobStatus.CANCELLED)

    def pause(self, job_id: str) -> JobStatus:
        """Hold a job back: at once where it waits, at its next safe point where it runs."""
        self._hold(job_id)
        if self._move(job_id, (JobStatus.QUEUED,), JobStatus.PAUSED):
            self._note([job_id], JobEvent.PAUSED)
            return JobStatus.PAUSED
        if self._move(job_id, (JobStatus.RUNNING,), JobStatus.RUNNING, pause_requested=True):
            self._note([job_id], JobEvent.PAUSE_REQUESTED)
            return JobStatus.RUNNING
        raise self._illegal(job_id, JobStatus.PAUSED)

    def resume(self, job_id: str) -> None:
        """Put a paused job back into the queue."""
        if not self._move(job_id, (JobStatus.PAUSED,), JobStatus.QUEUED, run_at=db_now()):
            raise self._illegal(job_id, JobStatus.QUEUED)
        self._note([job_id], JobEvent.RESUMED)
        self._unit.ring()

    def retry(self, job_id: str) -> None:
        """Give a failed job a fresh start; raises `Conflict` where another does the same work already."""
        fresh = {"attempts": 0, "crashes": 0, "error": "", "error_detail": "", "completed_at": None}
        if not self._move(job_id, (JobStatus.FAILED,), JobStatus.QUEUED, run_at=db_now(), **fresh):
            raise self._illegal(job_id, JobStatus.QUEUED)
        self._note([job_id], JobEvent.REPLAYED)
        self._unit.ring()

    def supersede_failed(self, payload: JobPayload) -> int:
        """Cancel failed jobs that did the same as `payload` asks for anew, so that they do not pile up."""
        statement = (
            update(Job)
            .where(
                Job.status == JobStatus.FAILED,
                Job.kind == payload.kind,
                Job.concurrency_key == payload.concurrency_key(),
            )
            .values(status=JobStatus.CANCELLED, completed_at=db_now(), updated_at=db_now())
            .returning(Job.id)
        )
        job_ids = self._run("supersede_failed", statement).scalars().all()
        self._note(job_ids, JobEvent.CANCELLED, "asked for anew")
        return len(job_ids)

    def delete_finished_before(self, moment: datetime, limit: int) -> int:
        """Remove up to `limit` jobs that were completed or cancelled before `moment`, oldest first."""
        # Asked for what they are, SQLite would read every such job and sort; so it walks the index of completion.
        others = [status for status in JobStatus if status not in (JobStatus.COMPLETED, JobStatus.CANCELLED)]
        old = (
            select(Job.id)
            .where(Job.completed_at < moment, Job.status.not_in(others))
            .order_by(Job.completed_at)
            .limit(limit)
        )
        return self._run("delete_finished", delete(Job).where(Job.id.in_(old.scalar_subquery()))).rowcount

    def _hold(self, job_id: str) -> None:
        """Keep workers off the job: it must not change hands between the two ways to stop it."""
        if self._connection.dialect.name == "postgresql":
            self._run("hold", select(Job.id).where(Job.id == job_id).with_for_update())

    def _move(self, job_id: str, before: Sequence[JobStatus], target: JobStatus, **values: Any) -> bool:
        assert all(target is state or target in JOB_MOVES[state] for state in before)
        statement = (
            update(Job)
            .where(Job.id == job_id, Job.status.in_(before))
            .values(status=target, updated_at=db_now(), **values)
        )
        return self._run(f"move_{target}", statement).rowcount == 1

    def _illegal(self, job_id: str, target: JobStatus) -> IllegalMove:
        job = self.get(job_id)
        return IllegalMove(f"the job {job.title!r} is {job.status}, so it cannot become {target}")

    def _note(self, job_ids: Sequence[str], event: JobEvent, note: str = "") -> None:
        if job_ids:
            rows = [{"job_id": job_id, "event": event, "note": note} for job_id in job_ids]
            self._run("note", insert(JobDiary).values(at=db_now()), rows)


def _listing(wanted: JobFilter) -> Listing:
    return Listing(
        "jobs",
        _filtered(select(*_SHOWN), wanted),
        (SortKey(Job.created_at, True), SortKey(Job.id, True)),
        (wanted,),
        _branches(wanted),
        _counted(wanted),
    )


def _branches(wanted: JobFilter) -> tuple[ColumnElement[bool], ...]:
    """The parts that make up the list: the index of a kind holds each state's jobs in order."""
    statuses = wanted.statuses or (tuple(JobStatus) if wanted.kind else ())
    return tuple(Job.status == status for status in statuses)


def _counted(wanted: JobFilter) -> Query | None:
    """What knows how many jobs match; None where cells do not tell them from others."""
    if wanted.words:
        return None
    conditions: list[ColumnElement[bool]] = []
    if wanted.statuses:
        conditions.append(RowCount.status.in_(wanted.statuses))
    if wanted.kind:
        conditions.append(RowCount.kind == wanted.kind)
    return counted.total("jobs", *conditions)


def _filtered(statement: Query, wanted: JobFilter) -> Query:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind:
        conditions.append(Job.kind == wanted.kind)
    if wanted.words:
        pattern = contains_pattern(wanted.words)
        conditions.append(
            or_(Job.title.ilike(pattern, escape="\\"), Job.file_path.ilike(pattern, escape="\\"))
        )
    return statement.where(and_(*conditions)) if conditions else statement
