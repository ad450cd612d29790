"""The job ledger as workers see it, alike on both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from sublarr.db.column_types import db_now
from sublarr.db.database import Database
from sublarr.db.models.ledger import Job
from sublarr.db.repositories.claims import MAXIMUM_CRASHES, Claim, Progress, Rescue
from sublarr.db.repositories.jobs import Asking
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import LeaseLost
from sublarr.vocabulary.jobs import ExtractSubtitles, JobEvent, JobPriority, JobStatus, ScanFolder
from tests.contract.db.rows import GREATEST, a_scan, a_worker

_KINDS = ("scan_folder", "extract_subtitles")


def _claimed(unit: Unit, worker_id: str = "worker-1", number: int = 1) -> Claim:
    """A job that is running."""
    if worker_id not in {worker.id for worker in unit.workers.listed()}:
        a_worker(unit, worker_id)
    unit.jobs.enqueue(a_scan(number))
    claim = unit.claims.claim(worker_id, _KINDS)
    assert claim is not None
    return claim


def _expire(unit: Unit) -> None:
    unit.connection.execute(update(Job).values(lease_until=db_now(-1)))


def _last(unit: Unit, job_id: str) -> JobEvent:
    return unit.jobs.diary(job_id)[-1].event


_ENDINGS: dict[str, tuple[Callable[[Unit, Claim], None], JobStatus, JobEvent, int]] = {
    "complete": (
        lambda unit, claim: unit.claims.complete(claim, {"added": 1}),
        JobStatus.COMPLETED,
        JobEvent.COMPLETED,
        0,
    ),
    "cancel": (lambda unit, claim: unit.claims.cancel(claim), JobStatus.CANCELLED, JobEvent.CANCELLED, 0),
    "pause": (lambda unit, claim: unit.claims.pause(claim), JobStatus.PAUSED, JobEvent.PAUSED, 0),
    "hand_back": (
        lambda unit, claim: unit.claims.hand_back(claim),
        JobStatus.QUEUED,
        JobEvent.HANDED_BACK,
        0,
    ),
    "retry_later": (
        lambda unit, claim: unit.claims.retry_later(claim, 0.0, "no answer", "Traceback"),
        JobStatus.QUEUED,
        JobEvent.RETRY,
        1,
    ),
    "fail": (
        lambda unit, claim: unit.claims.fail(claim, "broken 🎬", "Traceback"),
        JobStatus.FAILED,
        JobEvent.FAILED,
        1,
    ),
}


def _check_ending(database: Database, name: str) -> None:
    """The state, the diary and the count of attempts; and that a second hand-in is refused."""
    end, status, event, attempts = _ENDINGS[name]
    with database.write() as unit:
        claim = _claimed(unit)
        if status is not JobStatus.QUEUED:
            unit.jobs.cancel(claim.job_id)
        end(unit, claim)
        job = unit.jobs.get(claim.job_id)
        assert (job.status, job.attempts, job.worker_id) == (status, attempts, None)
        assert (job.completed_at is not None) is (
            status in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)
        )
        assert not job.cancel_requested
        assert _last(unit, claim.job_id) is event
    with pytest.raises(LeaseLost), database.write() as unit:
        end(unit, claim)


def _check_obedience(database: Database, name: str) -> None:
    """What goes back into the queue does not run again where a person stopped it."""
    orders = {
        "cancel": (JobStatus.CANCELLED, JobEvent.CANCELLED),
        "pause": (JobStatus.PAUSED, JobEvent.PAUSED),
    }
    for number, (order, (status, event)) in enumerate(orders.items()):
        with database.write() as unit:
            claim = _claimed(unit, number=number)
            getattr(unit.jobs, order)(claim.job_id)
            _ENDINGS[name][0](unit, claim)
            job = unit.jobs.get(claim.job_id)
            assert (job.status, _last(unit, claim.job_id)) == (status, event)
            assert (job.completed_at is not None) is (status is JobStatus.CANCELLED)
            assert not job.cancel_requested


class TestClaimRepository:
    def test_has_due_sees_only_due_jobs_of_these_kinds(self, database: Database) -> None:
        with database.write() as unit:
            assert not unit.claims.has_due(_KINDS)
            unit.jobs.enqueue(a_scan(1))
            assert unit.claims.has_due(_KINDS)
            assert not unit.claims.has_due(["extract_subtitles"])
            assert not unit.claims.has_due([])

    def test_claim_takes_the_most_urgent_then_the_oldest(self, database: Database) -> None:
        with database.write() as unit:
            worker = a_worker(unit)
            unit.jobs.enqueue_many([a_scan(1), a_scan(2)])
            unit.jobs.enqueue(a_scan(3), Asking(priority=JobPriority.PERSON))
            unit.jobs.enqueue(a_scan(4), Asking(priority=JobPriority.BACKGROUND))
            unit.jobs.enqueue(a_scan(5), Asking(delay_seconds=60))
            titles = []
            while claim := unit.claims.claim(worker, _KINDS):
                titles.append(claim.title)
            assert titles == [f"Scan /media/{number}" for number in (3, 1, 2, 4)]

    def test_claim_tells_what_the_runner_needs(self, database: Database) -> None:
        with database.write() as unit:
            asked = unit.jobs.enqueue(a_scan(GREATEST), Asking(request_id="r-1", delay_seconds=-5))
            claim = unit.claims.claim(a_worker(unit), _KINDS)
            assert claim is not None
            assert (claim.job_id, claim.claim_no, claim.kind) == (asked.job_id, 1, "scan_folder")
            assert claim.payload["folder_id"] == GREATEST
            assert (claim.attempts, claim.max_attempts, claim.request_id) == (0, 3, "r-1")
            assert 4.9 < claim.waited_seconds < 60
            job = unit.jobs.get(claim.job_id)
            assert (job.status, job.worker_id) == (JobStatus.RUNNING, "worker-1")
            assert unit.claims.claim("worker-1", _KINDS) is None

    def test_claim_never_runs_two_jobs_of_one_concurrency_key(self, database: Database) -> None:
        with database.write() as unit:
            worker = a_worker(unit)
            unit.jobs.enqueue_many([ScanFolder(folder_id=1, below="/a"), ScanFolder(folder_id=1, below="/b")])
            first = unit.claims.claim(worker, _KINDS)
            assert first is not None
            assert not unit.claims.has_due(_KINDS)
            assert unit.claims.claim(worker, _KINDS) is None
            unit.claims.complete(first)
            assert unit.claims.claim(worker, _KINDS) is not None

    def test_claim_goes_past_a_blocked_job_to_one_that_may_run(self, database: Database) -> None:
        with database.write() as unit:
            worker = a_worker(unit)
            unit.jobs.enqueue_many(
                [ExtractSubtitles(file_id=1), ExtractSubtitles(file_id=1, languages=("de",))]
            )
            unit.jobs.enqueue(a_scan(1))
            kinds = [claim.kind for _ in range(3) if (claim := unit.claims.claim(worker, _KINDS))]
            assert kinds == ["extract_subtitles", "scan_folder"]

    def test_pulse_prolongs_leases_and_brings_a_persons_wishes(self, database: Database) -> None:
        with database.write() as unit:
            claim = _claimed(unit)
            _expire(unit)
            (pulse,) = unit.claims.pulse("worker-1", [claim.job_id])
            assert (pulse.job_id, pulse.claim_no) == (claim.job_id, 1)
            assert (pulse.cancel_requested, pulse.pause_requested) == (False, False)
            assert unit.claims.rescue_expired() == Rescue()
            unit.jobs.cancel(claim.job_id)
            assert unit.claims.pulse("worker-1", [claim.job_id])[0].cancel_requested
            assert unit.claims.pulse("nobody", [claim.job_id]) == ()
            assert unit.claims.pulse("worker-1", []) == ()

    def test_progress_is_shown_and_refused_after_the_end(self, database: Database) -> None:
        with database.write() as unit:
            claim = _claimed(unit)
            unit.jobs.pause(claim.job_id)
            pulse = unit.claims.progress(claim, Progress(GREATEST, GREATEST, "100% 🎬"))
            assert pulse.pause_requested
            job = unit.jobs.get(claim.job_id)
            assert (job.progress_done, job.progress_total) == (GREATEST, GREATEST)
            assert job.progress_note == "100% 🎬"
            unit.claims.complete(claim)
        with pytest.raises(LeaseLost), database.write() as unit:
            unit.claims.progress(claim, Progress(1))

    def test_complete_stores_the_result_once(self, database: Database) -> None:
        _check_ending(database, "complete")
        with database.read() as unit:
            assert unit.jobs.active() == ()
            (row,) = unit.jobs.changed_since(unit.clock().replace(year=2000))
            assert row.result == {"added": 1}

    def test_cancel_ends_the_job(self, database: Database) -> None:
        _check_ending(database, "cancel")

    def test_pause_holds_the_job_back(self, database: Database) -> None:
        _check_ending(database, "pause")

    def test_hand_back_costs_no_attempt(self, database: Database) -> None:
        _check_ending(database, "hand_back")
        with database.read() as unit:
            assert unit.claims.has_due(_KINDS)

    def test_hand_back_obeys_a_person_who_stopped_the_job(self, database: Database) -> None:
        _check_obedience(database, "hand_back")

    def test_retry_later_costs_an_attempt(self, database: Database) -> None:
        _check_ending(database, "retry_later")

    def test_retry_later_obeys_a_person_who_stopped_the_job(self, database: Database) -> None:
        _check_obedience(database, "retry_later")

    def test_retry_later_waits_for_its_delay(self, database: Database) -> None:
        with database.write() as unit:
            unit.claims.retry_later(_claimed(unit), 60.0, "no answer", "")
            assert not unit.claims.has_due(_KINDS)

    def test_fail_keeps_the_job_for_a_person(self, database: Database) -> None:
        _check_ending(database, "fail")

    def test_has_expired_sees_a_lease_that_ran_out(self, database: Database) -> None:
        with database.write() as unit:
            claim = _claimed(unit)
            assert not unit.claims.has_expired()
            _expire(unit)
            assert unit.claims.has_expired()
            unit.claims.complete(claim)
            assert not unit.claims.has_expired()

    def test_rescue_expired_fences_off_the_worker_that_was_taken_for_dead(self, database: Database) -> None:
        with database.write() as unit:
            late = _claimed(unit)
            assert unit.claims.rescue_expired() == Rescue()
            _expire(unit)
            assert unit.claims.rescue_expired() == Rescue((late.job_id,), ())
            assert _last(unit, late.job_id) is JobEvent.RESCUED
            now = unit.claims.claim(a_worker(unit, "worker-2"), _KINDS)
            assert now is not None
            assert (now.job_id, now.claim_no) == (late.job_id, 2)
        with pytest.raises(LeaseLost), database.write() as unit:
            unit.claims.complete(late, {"late": True})
        with database.write() as unit:
            unit.claims.complete(now, {"late": False})
            assert unit.jobs.get(now.job_id).result == {"late": False}

    def test_rescue_expired_gives_up_a_job_that_keeps_killing_its_process(self, database: Database) -> None:
        with database.write() as unit:
            claim = _claimed(unit)
            for _ in range(MAXIMUM_CRASHES - 1):
                _expire(unit)
                assert unit.claims.rescue_expired().requeued == (claim.job_id,)
                assert unit.claims.claim("worker-1", _KINDS) is not None
            _expire(unit)
            assert unit.claims.rescue_expired() == Rescue((), (claim.job_id,))
            job = unit.jobs.get(claim.job_id)
            assert (job.status, job.crashes) == (JobStatus.FAILED, MAXIMUM_CRASHES)
            assert job.completed_at is not None
            assert "given up" in job.error

    def test_rescue_expired_does_what_a_person_had_asked_for(self, database: Database) -> None:
        with database.write() as unit:
            cancelled, paused = _claimed(unit, number=1), _claimed(unit, number=2)
            unit.jobs.cancel(cancelled.job_id)
            unit.jobs.pause(paused.job_id)
            _expire(unit)
            unit.claims.rescue_expired()
            assert unit.jobs.get(cancelled.job_id).status is JobStatus.CANCELLED
            assert unit.jobs.get(paused.job_id).status is JobStatus.PAUSED

    def test_rescue_of_workers_takes_only_what_the_dead_ran(self, database: Database) -> None:
        with database.write() as unit:
            dead, alive = _claimed(unit, "worker-1", 1), _claimed(unit, "worker-2", 2)
            assert unit.claims.rescue_of_workers([]) == Rescue()
            assert unit.claims.rescue_of_workers(["worker-1", "nobody"]) == Rescue((dead.job_id,), ())
            assert unit.jobs.get(alive.job_id).status is JobStatus.RUNNING

    def test_refuse_late_leaves_a_line_in_the_diary(self, database: Database) -> None:
        with database.write() as unit:
            claim = _claimed(unit)
            unit.claims.refuse_late(claim, "came 3 s late")
            line = unit.jobs.diary(claim.job_id)[-1]
        assert (line.event, line.claim_no, line.note) == (JobEvent.REFUSED_LATE, 1, "came 3 s late")
