"""The job ledger: jobs, their diaries, the processes that run them, and the schedules that ask for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import Base, PartialIndex, Timestamped, valid_json
from sublarr.db.column_types import Identifier, JsonDocument, PathText, UTCDateTime, enum_column
from sublarr.vocabulary.jobs import JobEvent, JobOrigin, JobStatus

_IS_UNFINISHED = "unique_key IS NOT NULL AND status IN ('queued', 'running', 'paused')"
_IS_QUEUED = "status = 'queued'"
_IS_RUNNING = "status = 'running'"
KNOWS_ITS_SETTINGS = "completed_at IS NOT NULL AND config_hash <> ''"
_HOLDS_KEY = "status = 'running' AND concurrency_key IS NOT NULL"


class Job(Base):
    """One piece of background work from its asking to its end.

    `claim_no` goes up at every claim and fences late results; `attempts` counts failures, `crashes` the
    times its process died under it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        PartialIndex(
            "uq_jobs_unique_key",
            "unique_key",
            unique=True,
            where=_IS_UNFINISHED,
        ),
        PartialIndex(
            "uq_jobs_concurrency_key",
            "concurrency_key",
            unique=True,
            where=_HOLDS_KEY,
        ),
        PartialIndex(
            "ix_jobs_claim",
            text("priority DESC"),
            "run_at",
            "id",
            where=_IS_QUEUED,
        ),
        PartialIndex("ix_jobs_lease", "lease_until", where=_IS_RUNNING),
        Index("ix_jobs_created", "created_at", "id"),
        Index("ix_jobs_status", "status", "created_at", "id"),
        Index("ix_jobs_kind", "kind", "status", "created_at", "id"),
        Index("ix_jobs_updated", "updated_at"),
        Index("ix_jobs_file_path", "file_path", "created_at", "id"),
        PartialIndex(
            "ix_jobs_outdated", "completed_at", "id", "status", "config_hash", where=KNOWS_ITS_SETTINGS
        ),
        Index("ix_jobs_finished", "completed_at"),
        *valid_json("payload", "result", "stats", "arr_context"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    title: Mapped[str] = mapped_column(PathText)
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    status: Mapped[JobStatus] = mapped_column(enum_column(JobStatus, "status"))
    origin: Mapped[JobOrigin] = mapped_column(enum_column(JobOrigin, "origin"))
    priority: Mapped[int] = mapped_column(default=0)
    unique_key: Mapped[str | None] = mapped_column(PathText)
    # What changed since a scan began must be scanned again: such kinds give their key up at the claim.
    frees_key_at_claim: Mapped[bool] = mapped_column(default=False)
    concurrency_key: Mapped[str | None] = mapped_column(PathText)
    request_id: Mapped[str] = mapped_column(default="")
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), index=True)
    run_at: Mapped[datetime] = mapped_column(UTCDateTime)
    claim_no: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=1)
    crashes: Mapped[int] = mapped_column(default=0)
    worker_id: Mapped[str | None] = mapped_column(
        ForeignKey("job_workers.id", ondelete="SET NULL"), index=True
    )
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    pause_requested: Mapped[bool] = mapped_column(default=False)
    progress_done: Mapped[int] = mapped_column(Identifier, default=0)
    progress_total: Mapped[int | None] = mapped_column(Identifier)
    progress_note: Mapped[str] = mapped_column(PathText, default="")
    error: Mapped[str] = mapped_column(default="")
    error_detail: Mapped[str] = mapped_column(default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # Columns that only some kinds fill: what was worked on, and with which settings.
    file_path: Mapped[str] = mapped_column(PathText, default="")
    source_format: Mapped[str] = mapped_column(default="")
    output_path: Mapped[str] = mapped_column(PathText, default="")
    config_hash: Mapped[str] = mapped_column(default="")
    force: Mapped[bool] = mapped_column(default=False)
    stats: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    arr_context: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)


class JobDiary(Base):
    """One line of a job's diary: every change of state, and what was refused."""

    __tablename__ = "job_events"
    __table_args__ = (Index("ix_job_events_job_id", "job_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    event: Mapped[JobEvent] = mapped_column(enum_column(JobEvent, "event"))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    worker_id: Mapped[str] = mapped_column(default="")
    claim_no: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")


class JobWorker(Base):
    """A process that runs jobs. `lock_name` names the file it holds locked for as long as it lives."""

    __tablename__ = "job_workers"
    __table_args__ = (Index("ix_job_workers_heartbeat_at", "heartbeat_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    kind: Mapped[str]
    threads: Mapped[int] = mapped_column(default=1)
    version: Mapped[str] = mapped_column(default="")
    lock_name: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    heartbeat_at: Mapped[datetime] = mapped_column(UTCDateTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class JobSchedule(Timestamped, Base):
    """A job that is asked for again and again: every so many seconds, or daily at a local time."""

    __tablename__ = "job_schedules"
    __table_args__ = (
        Index("ix_job_schedules_next_run_at", "next_run_at"),
        *valid_json("payload"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    interval_seconds: Mapped[int | None]
    daily_at: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    next_run_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
