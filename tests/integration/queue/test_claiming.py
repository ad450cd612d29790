"""Many workers over one ledger: each job is taken once, limits hold, and a late comer changes nothing."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sublarr.db.database import Database
from sublarr.db.postgresql import PoolOptions
from sublarr.db.repositories.claims import MAXIMUM_CRASHES, Claim, Progress
from sublarr.db.repositories.jobs import Asking
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import LeaseLost
from sublarr.vocabulary.jobs import JobEvent, JobPriority, JobStatus
from tests.contract.db.rows import a_scan, a_worker
from tests.database_fixtures import OpenDatabase
from tests.integration.queue.bench import (
    KINDS,
    ask,
    claim,
    events,
    extraction,
    get,
    let_lease_run_out,
    make_due,
)

JOBS = 60
THREADS = 8


def _claim_all(database: Database, worker_id: str, start: threading.Barrier) -> list[Claim]:
    start.wait()
    found: list[Claim] = []
    while True:
        with database.write() as unit:
            mine = unit.claims.claim(worker_id, KINDS)
        if mine is None:
            return found
        found.append(mine)


def test_no_job_is_done_twice_and_none_is_forgotten_when_many_claim(
    prepared_url: str, open_database: OpenDatabase
) -> None:
    # Two `Database` objects know of each other no more than two processes do.
    databases = [open_database(prepared_url, PoolOptions(size=THREADS)) for _ in range(2)]
    with databases[0].write() as unit:
        unit.jobs.enqueue_many([extraction(number) for number in range(JOBS)])
        workers = [a_worker(unit, f"worker-{number}") for number in range(THREADS)]
    start = threading.Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        asked = [
            pool.submit(_claim_all, databases[number % 2], worker, start)
            for number, worker in enumerate(workers)
        ]
        claims = [mine for future in asked for mine in future.result()]
    assert Counter(mine.job_id for mine in claims) == dict.fromkeys({c.job_id for c in claims}, 1)
    assert len(claims) == JOBS


def test_jobs_that_exclude_each_other_never_run_together_however_many_claim(
    prepared_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(prepared_url, PoolOptions(size=THREADS))
    with database.write() as unit:
        workers = [a_worker(unit, f"worker-{number}") for number in range(THREADS)]
        for below in range(20):
            unit.jobs.enqueue(a_scan(1).model_copy(update={"below": f"/media/1/{below}"}))
    inside = threading.Semaphore(1)
    start = threading.Barrier(THREADS)
    done: list[str] = []

    def work(worker_id: str) -> None:
        start.wait()
        misses = 0
        while len(done) < 20 and misses < 10_000:
            with database.write() as unit:
                mine = unit.claims.claim(worker_id, KINDS)
            if mine is None:
                misses += 1
                continue
            assert inside.acquire(blocking=False), "two scans of one folder at once"
            inside.release()
            with database.write() as unit:
                unit.claims.complete(mine)
            done.append(mine.job_id)

    with ThreadPoolExecutor(THREADS) as pool:
        for future in [pool.submit(work, worker) for worker in workers]:
            future.result()
    assert len(set(done)) == 20


def test_what_a_person_waits_for_goes_before_older_background_work(database: Database) -> None:
    late = ask(database, extraction(1), Asking(priority=JobPriority.BACKGROUND))
    older = ask(database, extraction(2), Asking(priority=JobPriority.NORMAL))
    newer = ask(database, extraction(3), Asking(priority=JobPriority.NORMAL))
    person = ask(database, extraction(4), Asking(priority=JobPriority.PERSON))
    assert [claim(database).job_id for _ in range(4)] == [person, older, newer, late]


def test_a_job_is_not_claimed_before_its_time(database: Database) -> None:
    ask(database, extraction(1), Asking(delay_seconds=3600))
    with database.read() as unit:
        assert not unit.claims.has_due(KINDS)
    make_due(database)
    assert claim(database).waited_seconds >= 0


LATE: dict[str, Callable[[Unit, Claim], object]] = {
    "complete": lambda unit, mine: unit.claims.complete(mine, {"late": True}),
    "fail": lambda unit, mine: unit.claims.fail(mine, "late", ""),
    "retry_later": lambda unit, mine: unit.claims.retry_later(mine, 0, "late", ""),
    "progress": lambda unit, mine: unit.claims.progress(mine, Progress(99, 100)),
    "pause": lambda unit, mine: unit.claims.pause(mine),
    "cancel": lambda unit, mine: unit.claims.cancel(mine),
    "hand_back": lambda unit, mine: unit.claims.hand_back(mine),
}


@pytest.mark.parametrize("late", LATE)
def test_a_worker_that_was_taken_for_dead_cannot_spoil_the_work_of_its_successor(
    database: Database, late: str
) -> None:
    job_id = ask(database, extraction(1))
    first = claim(database, "sleeper")
    let_lease_run_out(database, job_id)
    with database.write() as unit:
        assert unit.claims.rescue_expired().requeued == (job_id,)
    second = claim(database, "successor")

    def come_late() -> None:
        with database.write() as unit:
            unit.config.save("written_with_it", "1")
            LATE[late](unit, first)

    with pytest.raises(LeaseLost):
        come_late()
    with database.read() as unit:
        assert "written_with_it" not in unit.config.all()
    job = get(database, job_id)
    assert (job.status, job.worker_id, job.progress_done) == (JobStatus.RUNNING, "successor", 0)
    with database.write() as unit:
        unit.claims.complete(second, {"mine": True})
    assert get(database, job_id).result == {"mine": True}


def test_a_job_that_kills_its_process_again_and_again_is_given_up(database: Database) -> None:
    job_id = ask(database, extraction(1))
    for number in range(1, MAXIMUM_CRASHES + 1):
        claim(database, f"victim-{number}")
        with database.write() as unit:
            rescue = unit.claims.rescue_of_workers([f"victim-{number}"])
        assert rescue.given_up == ((job_id,) if number == MAXIMUM_CRASHES else ())
    job = get(database, job_id)
    assert job.status is JobStatus.FAILED
    assert str(MAXIMUM_CRASHES) in job.error
    assert job.attempts == 0
    with database.write() as unit:
        unit.jobs.retry(job_id)
    assert get(database, job_id).crashes == 0
    assert events(database, job_id)[-2:] == [JobEvent.FAILED, JobEvent.REPLAYED]


def test_two_rescuers_take_a_job_back_once(prepared_url: str, open_database: OpenDatabase) -> None:
    databases = [open_database(prepared_url) for _ in range(2)]
    job_id = ask(databases[0], extraction(1))
    claim(databases[0], "dead")
    start = threading.Barrier(2)

    def rescue(database: Database) -> int:
        start.wait()
        with database.write() as unit:
            return len(unit.claims.rescue_of_workers(["dead"]).requeued)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(rescue, databases)) == 1
    assert get(databases[0], job_id).crashes == 1


def test_many_who_ask_for_the_same_thing_get_one_job(prepared_url: str, open_database: OpenDatabase) -> None:
    database = open_database(prepared_url, PoolOptions(size=THREADS))
    start = threading.Barrier(THREADS)

    def enqueue() -> tuple[str, bool]:
        start.wait()
        with database.write() as unit:
            asked = unit.jobs.enqueue(extraction(7))
        return asked.job_id, asked.is_new

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [future.result() for future in [pool.submit(enqueue) for _ in range(THREADS)]]
    assert len({job_id for job_id, _ in answers}) == 1
    assert sum(is_new for _, is_new in answers) == 1
