"""One job in the hands of a real runner: how a run ends, and what a person's word does to it."""

import random
import threading
from typing import Any

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from sublarr.queue.context import JobContext
from sublarr.vocabulary.errors import (
    Corrupt,
    InvalidInput,
    JobInterrupted,
    NotFound,
    Rejected,
    SublarrError,
    Unavailable,
)
from sublarr.vocabulary.jobs import ExtractSubtitles, JobEvent, JobStatus
from tests.integration.queue.bench import (
    Bench,
    Held,
    ask,
    claim,
    events,
    extraction,
    get,
    let_lease_run_out,
    make_due,
    until,
    until_status,
)

KIND = ExtractSubtitles.kind


def _raising(error: Exception) -> Any:
    def handler(payload: Any, context: JobContext, /) -> None:
        raise error

    return handler


def test_a_result_is_kept(bench: Bench, database: Database) -> None:
    bench.runner({KIND: lambda payload, context: {"file": payload.file_id}})
    job_id = ask(database, extraction(5))
    job = until_status(database, job_id, JobStatus.COMPLETED)
    assert job.result == {"file": 5}
    assert job.completed_at is not None
    assert job.worker_id is None
    assert events(database, job_id) == [JobEvent.QUEUED, JobEvent.CLAIMED, JobEvent.COMPLETED]


@pytest.mark.parametrize(("asks", "status"), [("cancel", JobStatus.CANCELLED), ("pause", JobStatus.PAUSED)])
def test_a_persons_word_reaches_a_running_job(
    bench: Bench, database: Database, asks: str, status: JobStatus
) -> None:
    held = Held()
    _, keeper = bench.worker({KIND: held})
    job_id = ask(database, extraction(1))
    assert held.has_begun.wait(20)
    with database.write() as unit:
        assert getattr(unit.jobs, asks)(job_id) is JobStatus.RUNNING
    # The next heartbeat, which is up to ten seconds away.
    keeper._beat()
    job = until_status(database, job_id, status)
    assert job.attempts == 0
    assert not job.cancel_requested


def test_progress_carries_a_persons_word_too(bench: Bench, database: Database) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()

    def handler(payload: Any, context: JobContext, /) -> None:
        has_begun.set()
        may_go_on.wait(20)
        context.progress(1, 2, "half way", now=True)
        raise AssertionError("it went on")

    bench.runner({KIND: handler})
    job_id = ask(database, extraction(1))
    assert has_begun.wait(20)
    with database.write() as unit:
        unit.jobs.cancel(job_id)
    may_go_on.set()
    job = until_status(database, job_id, JobStatus.CANCELLED)
    assert (job.progress_done, job.progress_total, job.progress_note) == (1, 2, "half way")


def test_code_that_only_knows_that_it_must_stop_does_not_turn_a_cancel_into_a_failure(
    bench: Bench, database: Database
) -> None:
    held = threading.Event()

    def handler(payload: Any, context: JobContext, /) -> None:
        held.set()
        until(context.should_stop)
        raise JobInterrupted("reading was stopped")

    _, keeper = bench.worker({KIND: handler})
    job_id = ask(database, extraction(1))
    assert held.wait(20)
    with database.write() as unit:
        unit.jobs.cancel(job_id)
    keeper._beat()
    assert until_status(database, job_id, JobStatus.CANCELLED).error == ""


@pytest.mark.parametrize("is_told", [True, False])
def test_a_stopping_process_hands_its_job_back_and_costs_it_no_attempt(
    bench: Bench, database: Database, is_told: bool
) -> None:
    held = Held()

    def reading(payload: Any, context: JobContext, /) -> None:
        held.has_begun.set()
        until(context.should_stop)
        raise JobInterrupted("reading was stopped")

    runner = bench.runner({KIND: held if is_told else reading})
    job_id = ask(database, extraction(1))
    assert held.has_begun.wait(20)
    assert runner.stop()
    job = get(database, job_id)
    assert (job.status, job.attempts, job.crashes) == (JobStatus.QUEUED, 0, 0)
    assert events(database, job_id)[-1] is JobEvent.HANDED_BACK
    assert claim(database).attempts == 0, "it is due at once"


def test_a_job_that_does_not_heed_a_stop_is_said_to_run_on(bench: Bench, database: Database) -> None:
    may_end, has_begun = threading.Event(), threading.Event()

    def deaf(payload: Any, context: JobContext, /) -> None:
        has_begun.set()
        may_end.wait(20)

    runner = bench.runner({KIND: deaf}, grace_seconds=0.2)
    job_id = ask(database, extraction(1))
    assert has_begun.wait(20)
    assert not runner.stop()
    may_end.set()
    until_status(database, job_id, JobStatus.COMPLETED)


def test_a_failed_attempt_is_followed_by_another_after_a_growing_pause(
    bench: Bench, database: Database
) -> None:
    runner = bench.runner({KIND: _raising(OSError("disk sulks"))})
    runner._chance = random.Random(4)
    job_id = ask(database, extraction(1))
    delays = []
    for attempt in (1, 2):
        until(lambda attempt=attempt: get(database, job_id).attempts == attempt)
        job = get(database, job_id)
        assert job.status is JobStatus.QUEUED
        assert "disk sulks" in job.error
        delays.append((job.run_at - job.updated_at).total_seconds())
        make_due(database)
        runner.ring()
    job = until_status(database, job_id, JobStatus.FAILED)
    assert job.attempts == job.max_attempts == 3
    assert 5 <= delays[0] <= 10.1
    assert 10 <= delays[1] <= 20.1
    with database.read() as unit:
        assert "Traceback" in unit.jobs.error_detail(job_id)
    assert events(database, job_id)[-3:] == [JobEvent.RETRY, JobEvent.CLAIMED, JobEvent.FAILED]


def test_a_service_that_asks_for_patience_is_left_alone_for_so_long(bench: Bench, database: Database) -> None:
    bench.runner({KIND: _raising(Unavailable("slow down", retry_after=1800.0))})
    job_id = ask(database, extraction(1))
    until(lambda: get(database, job_id).attempts == 1)
    job = get(database, job_id)
    assert 1799 <= (job.run_at - job.updated_at).total_seconds() <= 1801


@pytest.mark.parametrize("error", [NotFound("x"), Corrupt("x"), InvalidInput("x"), Rejected("x")])
def test_what_cannot_get_better_fails_at_once(bench: Bench, database: Database, error: SublarrError) -> None:
    bench.runner({KIND: _raising(error)})
    job_id = ask(database, extraction(1))
    assert until_status(database, job_id, JobStatus.FAILED).attempts == 1


def test_a_remedy_is_told_with_the_failure(bench: Bench, database: Database) -> None:
    bench.runner({KIND: _raising(Rejected("the disk is read-only", remedy="Mount it writable."))})
    job_id = ask(database, extraction(1))
    assert until_status(database, job_id, JobStatus.FAILED).error == (
        "the disk is read-only (Mount it writable.)"
    )


def test_a_job_that_takes_too_long_is_ended(
    bench: Bench, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExtractSubtitles, "time_limit_seconds", 0.2)
    monkeypatch.setattr(ExtractSubtitles, "max_attempts", 1)
    held = Held()
    bench.runner({KIND: held})
    job_id = ask(database, extraction(1))
    assert "longer than its 0.2 seconds" in until_status(database, job_id, JobStatus.FAILED).error


def test_a_payload_of_another_program_fails_at_once_instead_of_again_and_again(
    bench: Bench, database: Database
) -> None:
    job_id = ask(database, extraction(1))
    with database.write() as unit:
        unit.connection.execute(text("UPDATE jobs SET payload = '{}'"))
    bench.runner({KIND: lambda payload, context: None})
    assert until_status(database, job_id, JobStatus.FAILED).attempts == 1


@pytest.mark.parametrize("words", ["caf\udce9.mkv", "a\0b", "x" * 100_000, "📼\x1b[31m"])
def test_a_failure_whose_words_are_odd_is_still_a_failure(
    bench: Bench, database: Database, words: str
) -> None:
    bench.runner({KIND: _raising(Rejected(words))})
    job_id = ask(database, extraction(1))
    until_status(database, job_id, JobStatus.FAILED)


@pytest.mark.parametrize("result", [{"when": object()}, {"name": "a\0b"}])
def test_a_result_that_cannot_be_stored_does_not_leave_the_job_running_for_ever(
    bench: Bench, database: Database, result: dict[str, Any]
) -> None:
    bench.runner({KIND: lambda payload, context: result})
    job_id = ask(database, extraction(1))
    until(lambda: bool({JobEvent.RETRY, JobEvent.FAILED} & set(events(database, job_id))))
    assert get(database, job_id).attempts == 1


def test_a_result_that_comes_too_late_is_not_taken_and_the_diary_says_so(
    bench: Bench, database: Database
) -> None:
    held = Held({"late": True})
    bench.runner({KIND: held})
    job_id = ask(database, extraction(1))
    assert held.has_begun.wait(20)
    let_lease_run_out(database, job_id)
    with database.write() as unit:
        unit.claims.rescue_expired()
    successor = claim(database, "successor")
    held.may_end.set()
    until(lambda: JobEvent.REFUSED_LATE in events(database, job_id))
    assert get(database, job_id).worker_id == "successor"
    with database.write() as unit:
        unit.claims.complete(successor, {"mine": True})
    assert get(database, job_id).result == {"mine": True}


def test_what_a_handler_writes_with_its_end_is_undone_where_the_job_is_no_longer_its_own(
    bench: Bench, database: Database
) -> None:
    held = Held()

    def handler(payload: Any, context: JobContext, /) -> None:
        held(payload, context)
        with context.finish({"n": 1}) as unit:
            unit.config.save("effect", "1")

    bench.runner({KIND: handler})
    job_id = ask(database, extraction(1))
    assert held.has_begun.wait(20)
    let_lease_run_out(database, job_id)
    with database.write() as unit:
        unit.claims.rescue_expired()
    claim(database, "successor")
    held.may_end.set()
    until(lambda: JobEvent.REFUSED_LATE in events(database, job_id))
    with database.read() as unit:
        assert "effect" not in unit.config.all()


def test_more_jobs_than_threads_are_all_done_and_run_side_by_side(bench: Bench, database: Database) -> None:
    together = threading.Barrier(3)
    ids = [ask(database, extraction(number)) for number in range(9)]
    bench.runner({KIND: lambda payload, context: {"order": together.wait(20)}}, threads=3)
    for job_id in ids:
        until_status(database, job_id, JobStatus.COMPLETED)


def test_one_handlers_crash_does_not_take_the_thread_from_the_next_job(
    bench: Bench, database: Database
) -> None:
    def handler(payload: Any, context: JobContext, /) -> dict[str, Any]:
        if payload.file_id == 1:
            raise MemoryError
        return {}

    bench.runner({KIND: handler})
    ask(database, extraction(1))
    until_status(database, ask(database, extraction(2)), JobStatus.COMPLETED)
