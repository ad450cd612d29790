"""Recurring jobs: working out when each is due, and asking for those that are.

Times are the household's local ones (`TZ`); a firing belongs to whichever process moves the due time on.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from sublarr.db.database import Database
from sublarr.db.repositories.jobs import Asking, Enqueued
from sublarr.db.repositories.schedules import ScheduleRow, ScheduleSpec
from sublarr.vocabulary.jobs import PAYLOADS, JobOrigin, JobPriority

_log = logging.getLogger(__name__)


def next_due(schedule: ScheduleRow | ScheduleSpec, now: datetime) -> datetime | None:
    """The next time after `now` (UTC); None for a schedule without a rhythm."""
    if schedule.interval_seconds:
        return now + timedelta(seconds=schedule.interval_seconds)
    if schedule.daily_at:
        return _next_daily(time.fromisoformat(schedule.daily_at), now)
    return None


def _next_daily(at: time, now: datetime) -> datetime:
    # A naive time is taken as the system's local one; the offset is worked out for each day anew, so
    # the wall-clock time stays the same over daylight-saving changes. Compared in UTC: an hour that comes
    # twice would else have a due time that is over already, and fire again and again.
    due = datetime.combine(now.astimezone().date(), at)
    while due.astimezone(UTC) <= now:
        due += timedelta(days=1)
    return due.astimezone(UTC)


class Scheduler:
    """Keeps the stored schedules in line with the program's, and fires those that are due."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def install(self, specs: tuple[ScheduleSpec, ...]) -> None:
        """Store what the program wants to recur; a rhythm that changed starts anew, a pause stays.

        A stored schedule that the program knows no more is never due again.
        """
        with self._database.write() as unit:
            before = {row.name: row for row in unit.schedules.listed()}
            unit.schedules.upsert_many(specs)
            for spec in specs:
                known = before.get(spec.name)
                is_same = known is not None and (known.interval_seconds, known.daily_at) == (
                    spec.interval_seconds,
                    spec.daily_at,
                )
                if not is_same:
                    unit.schedules.set_next(spec.name, next_due(spec, self._clock()))
            for name in before.keys() - {spec.name for spec in specs}:
                unit.schedules.set_next(name, None)

    def tick(self) -> int:
        """Ask for every job that is due; answers how many firings were ours."""
        now = self._clock()
        with self._database.read() as unit:
            due = [
                row
                for row in unit.schedules.listed()
                if row.enabled
                and row.next_run_at is not None
                and row.next_run_at <= now
                # A newer program on the same database may want what this one cannot do.
                and row.kind in PAYLOADS
            ]
        return sum(self._fire(row, now) for row in due)

    def _fire(self, row: ScheduleRow, now: datetime) -> bool:
        with self._database.write() as unit:
            # However long nobody was there to look, a missed schedule runs once.
            if not unit.schedules.fire(row, next_due(row, now)):
                return False
            payload = PAYLOADS[row.kind].model_validate(row.payload)
            asking = Asking(JobOrigin.SCHEDULE, JobPriority.BACKGROUND)
            unit.schedules.note_job(row.name, unit.jobs.enqueue(payload, asking).job_id)
        _log.info("schedule %s fired", row.name)
        return True

    def run_now(self, name: str) -> Enqueued:
        """Ask for a schedule's job at once; its rhythm stays."""
        with self._database.write(urgent=True) as unit:
            row = unit.schedules.get(name)
            payload = PAYLOADS[row.kind].model_validate(row.payload)
            enqueued = unit.jobs.enqueue(payload, Asking(JobOrigin.PERSON, JobPriority.PERSON))
            unit.schedules.note_job(name, enqueued.job_id)
        return enqueued
