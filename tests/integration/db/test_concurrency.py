"""Many writers at once: nothing lost, nothing done twice, nobody told that the database is locked."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.vocabulary.errors import IllegalMove
from sublarr.vocabulary.jobs import JobStatus, ScanFolder
from sublarr.vocabulary.subtitles import WantedStatus
from tests.contract.db.rows import a_film, a_scan, a_wish, a_worker
from tests.integration.db import processes
from tests.integration.db.writing import COUNTER, claim_all, increment

pytestmark = pytest.mark.slow

_THREADS = 8
_TIMES = 500


def _in_threads(call: Callable[[int], Any], count: int = _THREADS) -> list[Any]:
    """What `call` answered in each of so many threads that began at the same moment."""
    answers: list[Any] = [None] * count
    start = threading.Barrier(count)

    def run(number: int) -> None:
        start.wait(10)
        try:
            answers[number] = call(number)
        except BaseException as failure:  # noqa: BLE001 - the test's own thread looks at it
            answers[number] = failure

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
        assert not thread.is_alive()
    return answers


def _start_counting(database: Database) -> None:
    with database.write() as unit:
        unit.config.save(COUNTER, "0")


def _counted(database: Database) -> str | None:
    with database.read() as unit:
        return unit.config.find(COUNTER)


def test_eight_threads_that_read_and_write_lose_nothing(database: Database) -> None:
    _start_counting(database)
    errors = _in_threads(lambda _: increment(database, _TIMES))
    assert errors == [[]] * _THREADS
    assert _counted(database) == str(_THREADS * _TIMES)


def test_four_processes_that_read_and_write_lose_nothing(database: Database) -> None:
    _start_counting(database)
    writers = processes.start("increment", database.options.url, [_TIMES] * 4)
    processes.begin(writers)
    assert processes.finish(writers) == [[]] * 4
    assert _counted(database) == str(4 * _TIMES)


def test_threads_and_processes_together_lose_nothing(database: Database) -> None:
    _start_counting(database)
    writers = processes.start("increment", database.options.url, [100, 100])
    processes.begin(writers)
    errors = _in_threads(lambda _: increment(database, 100), 4)
    assert [*processes.finish(writers), *errors] == [[]] * 6
    assert _counted(database) == str(6 * 100)


def test_every_job_is_claimed_once_per_claim_number(database: Database) -> None:
    with database.write() as unit:
        unit.jobs.enqueue_many(a_scan(number) for number in range(200))
    others = processes.start("claim_all", database.options.url, [100, 101])
    processes.begin(others)
    answers = _in_threads(lambda number: claim_all(database, number))
    answers += [[tuple(claim) for claim in claims] for claims in processes.finish(others)]
    claims = Counter(claim for answer in answers for claim in answer)
    assert set(claims.values()) == {1}
    assert Counter(number for _, number in claims) == {1: 200, 2: 100}
    with database.read() as unit:
        assert unit.jobs.counts() == {("scan_folder", JobStatus.COMPLETED): 200}


def test_two_jobs_of_one_concurrency_key_never_run_together(database: Database) -> None:
    with database.write() as unit:
        unit.jobs.enqueue_many(ScanFolder(folder_id=n % 5, below=f"/{n}") for n in range(50))
    running: set[int] = set()
    guard = threading.Lock()

    def run_all(number: int) -> int:
        with database.write() as unit:
            worker = a_worker(unit, f"worker-{number}")
        done = 0
        while True:
            with database.write() as unit:
                claim = unit.claims.claim(worker, [ScanFolder.kind])
            if claim is None:
                return done
            with guard:
                assert claim.payload["folder_id"] not in running
                running.add(claim.payload["folder_id"])
            with guard:
                running.remove(claim.payload["folder_id"])
            with database.write() as unit:
                unit.claims.complete(claim)
            done += 1

    # A thread may leave early while every folder is taken; the last one never does.
    assert sum(_in_threads(run_all)) == 50


def test_asking_for_one_thing_eight_times_at_once_makes_one_job(database: Database) -> None:
    def ask(_: int) -> list[tuple[str, bool]]:
        found = []
        for number in range(20):
            with database.write() as unit:
                asked = unit.jobs.enqueue(a_scan(number))
            found.append((asked.job_id, asked.is_new))
        return found

    answers = _in_threads(ask)
    assert not [answer for answer in answers if isinstance(answer, BaseException)]
    for number in range(20):
        asked = [answer[number] for answer in answers]
        assert len({job_id for job_id, _ in asked}) == 1
        assert [is_new for _, is_new in asked].count(True) == 1


def test_one_of_eight_people_who_cancel_a_job_ends_it(database: Database) -> None:
    with database.write() as unit:
        unit.jobs.enqueue_many(a_scan(number) for number in range(20))
        job_ids = [job.id for job in unit.jobs.active()]

    def cancel(_: int) -> int:
        ended = 0
        for job_id in job_ids:
            try:
                with database.write() as unit:
                    unit.jobs.cancel(job_id)
                ended += 1
            except IllegalMove:
                pass
        return ended

    assert sum(_in_threads(cancel)) == len(job_ids)


def test_one_of_eight_searches_gets_a_wanted_subtitle(database: Database) -> None:
    with database.write() as unit:
        films = [a_film(unit, f"Film {number}") for number in range(20)]
        unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
        ids = [row.id for film in films for row in unit.wanted.of_file(film.file_id)]

    def search(_: int) -> int:
        moved = 0
        for item_id in ids:
            with database.write() as unit:
                moved += unit.wanted.move([item_id], WantedStatus.SEARCHING)
        return moved

    assert sum(_in_threads(search)) == len(ids)


def test_one_of_eight_schedulers_fires(database: Database) -> None:
    with database.write() as unit:
        unit.schedules.upsert_many((ScheduleSpec("scan", "Scan", "scan_library", {}, 60),))
        unit.schedules.set_next("scan", unit.clock())
        seen = unit.schedules.get("scan")

    def fire(_: int) -> bool:
        with database.write() as unit:
            return unit.schedules.fire(seen, None)

    assert sorted(_in_threads(fire)) == [False] * 7 + [True]


def test_one_secret_is_made_by_eight_who_ask_first(database: Database) -> None:
    def ask(_: int) -> str:
        with database.write() as unit:
            return unit.secrets.get_or_make("sessions")

    assert len(set(_in_threads(ask))) == 1
