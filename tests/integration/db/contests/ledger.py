"""Contests over jobs, those who run them, schedules and transcriptions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import update

from sublarr.db.column_types import db_now
from sublarr.db.models.ledger import Job, JobWorker
from sublarr.db.repositories.claims import Claim, Progress
from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.db.repositories.transcriptions import NewTranscription
from sublarr.db.repositories.workers import NewWorker
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import ScanFolder
from sublarr.vocabulary.transcription import Transcript, TranscriptionStatus
from tests.contract.db.rows import a_scan, a_worker
from tests.integration.db.contests.case import EARLIER, LATER, Case, Winners, count_rows, one_row_each

_FEW = tuple(range(3))
_MANY = tuple(range(30))
_PHASES = (TranscriptionStatus.EXTRACTING, TranscriptionStatus.TRANSCRIBING, TranscriptionStatus.SAVING)


def _ids(unit: Unit) -> list[str]:
    return [job.id for job in unit.jobs.active()]


def _queued(unit: Unit) -> list[str]:
    unit.jobs.enqueue_many(a_scan(number) for number in _FEW)
    return _ids(unit)


def _paused(unit: Unit) -> list[str]:
    job_ids = _queued(unit)
    for job_id in job_ids:
        unit.jobs.pause(job_id)
    return job_ids


def _claims(unit: Unit) -> list[dict[str, Any]]:
    _queued(unit)
    worker = a_worker(unit)
    claims = [unit.claims.claim(worker, [ScanFolder.kind]) for _ in _FEW]
    return [asdict(claim) for claim in claims if claim is not None]


def _failed(unit: Unit) -> list[str]:
    claims = _claims(unit)
    for claim in claims:
        unit.claims.fail(Claim(**claim), "broken", "")
    return [claim["job_id"] for claim in claims]


def _completed(unit: Unit) -> list[int]:
    for claim in _claims(unit):
        unit.claims.complete(Claim(**claim))
    return list(_FEW)


def _expired(unit: Unit) -> list[int]:
    _claims(unit)
    unit.connection.execute(update(Job).values(lease_until=db_now(-1)))
    return list(_FEW)


def _rescued(rescue: Any) -> int:
    return len(rescue.requeued) + len(rescue.given_up)


def _ending(end: Callable[[Unit, Claim], None]) -> Case:
    return Case(_claims, lambda unit, claim: end(unit, Claim(**claim)))


def _schedules(unit: Unit) -> list[list[str]]:
    unit.schedules.upsert_many(_specs(_FEW))
    for number in _FEW:
        unit.schedules.set_next(str(number), EARLIER)
    return [[str(number), EARLIER.isoformat()] for number in _FEW]


def _specs(numbers: Sequence[int]) -> tuple[ScheduleSpec, ...]:
    return tuple(ScheduleSpec(str(number), "Scan", "scan_library", {}, 60) for number in numbers)


def _fire(unit: Unit, seen: list[str]) -> bool:
    name, due = seen
    return unit.schedules.fire(
        replace(unit.schedules.get(name), next_run_at=datetime.fromisoformat(due)), None
    )


def _transcriptions(unit: Unit, until: TranscriptionStatus = TranscriptionStatus.QUEUED) -> list[str]:
    for number in _FEW:
        unit.transcriptions.add(NewTranscription(str(number), f"/media/{number}.mkv"))
        for phase in _PHASES:
            if until is TranscriptionStatus.QUEUED:
                break
            unit.transcriptions.set_phase(str(number), phase)
            if phase is until:
                break
    return [str(number) for number in _FEW]


def _over(unit: Unit) -> list[str]:
    names = _transcriptions(unit)
    for name in names:
        unit.transcriptions.cancel(name)
    return names


def _workers(unit: Unit) -> list[str]:
    return [a_worker(unit, f"worker-{number}") for number in _FEW]


def _stopped(unit: Unit) -> list[str]:
    names = _workers(unit)
    unit.workers.stop(names)
    return names


def _silent(unit: Unit) -> list[str]:
    names = _workers(unit)
    unit.connection.execute(update(JobWorker).values(heartbeat_at=db_now(-600)))
    return names


_all_stopped = one_row_each("job_workers", "stopped_at IS NOT NULL")
_saving = partial(_transcriptions, until=TranscriptionStatus.SAVING)
_TRANSCRIPT = Transcript("1", 1, 1.0, 1.0)

CASES: Mapping[str, Case] = {
    "jobs.enqueue": Case(lambda _: _FEW, lambda unit, number: unit.jobs.enqueue(a_scan(number)).is_new),
    "jobs.enqueue_many": Case(
        lambda _: _MANY,
        lambda unit, numbers: unit.jobs.enqueue_many(a_scan(number) for number in numbers),
        whole=True,
        rounds=3,
    ),
    "jobs.cancel": Case(_queued, lambda unit, job_id: unit.jobs.cancel(job_id)),
    "jobs.pause": Case(_queued, lambda unit, job_id: unit.jobs.pause(job_id)),
    "jobs.resume": Case(_paused, lambda unit, job_id: unit.jobs.resume(job_id)),
    "jobs.retry": Case(_failed, lambda unit, job_id: unit.jobs.retry(job_id)),
    "jobs.supersede_failed": Case(
        lambda unit: [*range(len(_failed(unit)))],
        lambda unit, number: unit.jobs.supersede_failed(a_scan(number)),
    ),
    "jobs.delete_finished_before": Case(
        _completed, lambda unit, _: unit.jobs.delete_finished_before(LATER, 2)
    ),
    "claims.claim": Case(
        lambda unit: (_queued(unit), a_worker(unit))[0],
        lambda unit, _: unit.claims.claim("worker-1", [ScanFolder.kind]) is not None,
    ),
    "claims.pulse": Case(
        _claims, lambda unit, claim: len(unit.claims.pulse("worker-1", [claim["job_id"]])), Winners.ALL
    ),
    "claims.progress": Case(
        _claims,
        lambda unit, claim: unit.claims.progress(Claim(**claim), Progress(1, 2)).claim_no,
        Winners.ALL,
        check=one_row_each("jobs", "progress_done = 1 AND progress_total = 2 AND status = 'running'"),
    ),
    "claims.complete": _ending(lambda unit, claim: unit.claims.complete(claim)),
    "claims.cancel": _ending(lambda unit, claim: unit.claims.cancel(claim)),
    "claims.pause": _ending(lambda unit, claim: unit.claims.pause(claim)),
    "claims.hand_back": _ending(lambda unit, claim: unit.claims.hand_back(claim)),
    "claims.retry_later": _ending(lambda unit, claim: unit.claims.retry_later(claim, 0, "", "")),
    "claims.fail": _ending(lambda unit, claim: unit.claims.fail(claim, "", "")),
    "claims.refuse_late": Case(
        _claims,
        lambda unit, claim: unit.claims.refuse_late(Claim(**claim), "late"),
        Winners.ALL,
        check=lambda unit, things, hands: (
            count_rows(unit, "job_events", "note = 'late'") == len(things) * hands
        ),
    ),
    "claims.rescue_expired": Case(_expired, lambda unit, _: _rescued(unit.claims.rescue_expired())),
    "claims.rescue_of_workers": Case(
        _expired, lambda unit, _: _rescued(unit.claims.rescue_of_workers(["worker-1"]))
    ),
    "schedules.upsert_many": Case(
        lambda _: _MANY, lambda unit, numbers: unit.schedules.upsert_many(_specs(numbers)), whole=True
    ),
    "schedules.fire": Case(_schedules, _fire),
    "schedules.set_next": Case(
        _schedules,
        lambda unit, seen: unit.schedules.set_next(seen[0], LATER),
        Winners.ALL,
        check=lambda unit, *_: all(row.next_run_at == LATER for row in unit.schedules.listed()),
    ),
    "schedules.set_enabled": Case(
        _schedules,
        lambda unit, seen: unit.schedules.set_enabled(seen[0], enabled=False),
        Winners.ALL,
        check=lambda unit, *_: not any(row.enabled for row in unit.schedules.listed()),
    ),
    "schedules.note_job": Case(
        lambda unit: [
            [seen[0], job_id] for seen, job_id in zip(_schedules(unit), _queued(unit), strict=True)
        ],
        lambda unit, seen: unit.schedules.note_job(*seen),
        Winners.ALL,
        check=lambda unit, things, _: (
            {row.name: row.last_job_id for row in unit.schedules.listed()} == dict(things)
        ),
    ),
    "workers.add": Case(
        lambda _: _FEW,
        lambda unit, number: unit.workers.add(NewWorker(str(number), "host", 1, "embedded", 1, "1", "")),
    ),
    "workers.beat": Case(_silent, lambda unit, name: unit.workers.beat(name), Winners.ALL),
    "workers.stop": Case(
        _workers, lambda unit, names: unit.workers.stop(names), Winners.ALL, whole=True, check=_all_stopped
    ),
    "workers.stop_silent": Case(
        _silent, lambda unit, _: unit.workers.stop_silent(300), Winners.ALL, whole=True, check=_all_stopped
    ),
    "workers.delete_stopped_before": Case(
        _stopped, lambda unit, _: unit.workers.delete_stopped_before(LATER)
    ),
    "transcriptions.add": Case(
        lambda _: _FEW,
        lambda unit, number: unit.transcriptions.add(NewTranscription(str(number), "/media/a.mkv")),
    ),
    "transcriptions.set_phase": Case(
        _transcriptions,
        lambda unit, name: unit.transcriptions.set_phase(name, TranscriptionStatus.EXTRACTING),
    ),
    "transcriptions.set_progress": Case(
        _saving,
        lambda unit, name: unit.transcriptions.set_progress(name, 0.5),
        Winners.ALL,
        check=one_row_each("whisper_jobs", "progress = 0.5"),
    ),
    "transcriptions.complete": Case(
        _saving, lambda unit, name: unit.transcriptions.complete(name, _TRANSCRIPT)
    ),
    "transcriptions.fail": Case(_saving, lambda unit, name: unit.transcriptions.fail(name, "broken")),
    "transcriptions.cancel": Case(_saving, lambda unit, name: unit.transcriptions.cancel(name)),
    "transcriptions.requeue": Case(_saving, lambda unit, name: unit.transcriptions.requeue(name)),
    "transcriptions.delete": Case(_over, lambda unit, name: unit.transcriptions.delete(name)),
    "transcriptions.delete_finished_before": Case(
        _over, lambda unit, _: unit.transcriptions.delete_finished_before(LATER, 2)
    ),
}
