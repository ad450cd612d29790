"""Recurring jobs: when each is due, and firing it once however many processes look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from sublarr.db.models.ledger import JobSchedule
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import NotFound

_COLUMNS = (
    JobSchedule.name,
    JobSchedule.title,
    JobSchedule.kind,
    JobSchedule.payload,
    JobSchedule.interval_seconds,
    JobSchedule.daily_at,
    JobSchedule.enabled,
    JobSchedule.next_run_at,
    JobSchedule.last_run_at,
    JobSchedule.last_job_id,
)


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A recurring job: every `interval_seconds`, or daily at the local time `daily_at` (HH:MM)."""

    name: str
    title: str
    kind: str
    payload: Mapping[str, Any]
    interval_seconds: int | None
    daily_at: str | None
    enabled: bool
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_job_id: str | None


@dataclass(frozen=True, slots=True)
class ScheduleSpec:
    """What the program wants to recur."""

    name: str
    title: str
    kind: str
    payload: Mapping[str, Any]
    interval_seconds: int | None = None
    daily_at: str | None = None


class ScheduleRepository(Repository):
    """The `job_schedules` table."""

    aggregate = "schedules"

    def upsert_many(self, specs: tuple[ScheduleSpec, ...]) -> int:
        """Bring the stored schedules in line with what the settings say; a person's pause is kept."""
        now = self._now
        rows = [
            {
                "name": spec.name,
                "title": spec.title,
                "kind": spec.kind,
                "payload": dict(spec.payload),
                "interval_seconds": spec.interval_seconds,
                "daily_at": spec.daily_at,
                "enabled": True,
                "created_at": now,
                "updated_at": now,
            }
            for spec in specs
        ]
        update_columns = ("title", "kind", "payload", "interval_seconds", "daily_at")
        return self._upsert(
            "upsert", JobSchedule.metadata.tables["job_schedules"], rows, ("name",), update_columns
        )

    def listed(self) -> tuple[ScheduleRow, ...]:
        """Every schedule by name."""
        return tuple(
            ScheduleRow(*row) for row in self._run("listed", select(*_COLUMNS).order_by(JobSchedule.name))
        )

    def get(self, name: str) -> ScheduleRow:
        """One schedule; raises `NotFound`."""
        row = self._run("get", select(*_COLUMNS).where(JobSchedule.name == name)).one_or_none()
        if row is None:
            raise NotFound(f"there is no schedule {name}")
        return ScheduleRow(*row)

    def set_enabled(self, name: str, *, enabled: bool) -> None:
        """Pause a schedule, or let it go on."""
        statement = update(JobSchedule).where(JobSchedule.name == name).values(enabled=enabled)
        if self._run("set_enabled", statement).rowcount != 1:
            raise NotFound(f"there is no schedule {name}")

    def set_next(self, name: str, next_run_at: datetime | None) -> None:
        """Say when a schedule is due; None where it never is."""
        statement = update(JobSchedule).where(JobSchedule.name == name).values(next_run_at=next_run_at)
        self._run("set_next", statement)

    def fire(self, seen: ScheduleRow, next_run_at: datetime | None) -> bool:
        """Whether this firing is ours: true for exactly one of all who saw the same due time."""
        statement = (
            update(JobSchedule)
            .where(
                JobSchedule.name == seen.name,
                JobSchedule.next_run_at == seen.next_run_at,
                JobSchedule.enabled,
            )
            .values(next_run_at=next_run_at, last_run_at=self._now)
        )
        return self._run("fire", statement).rowcount == 1

    def note_job(self, name: str, job_id: str) -> None:
        """Remember which job the last firing asked for."""
        statement = update(JobSchedule).where(JobSchedule.name == name).values(last_job_id=job_id)
        self._run("note_job", statement)
