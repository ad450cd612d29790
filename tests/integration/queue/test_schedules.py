"""Recurring jobs: each firing asks for one job, however many processes look and however late they do."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from sublarr.db.database import Database, DatabaseOptions, system_clock
from sublarr.db.pages import PageRequest
from sublarr.db.postgresql import PoolOptions
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.repositories.schedules import ScheduleRow, ScheduleSpec
from sublarr.queue.scheduling import Scheduler
from sublarr.vocabulary.errors import NotFound
from sublarr.vocabulary.jobs import JobOrigin, PruneHistory, ScanLibrary
from tests.database_fixtures import Clock, OpenDatabase
from tests.integration.queue.bench import claim

HOUR = 3600
SCAN = ScheduleSpec("scan", "Scan", ScanLibrary.kind, {}, interval_seconds=6 * HOUR)
PRUNE = ScheduleSpec("prune", "Prune", PruneHistory.kind, {}, daily_at="04:10")


@pytest.fixture
def scheduler(database: Database, clock: Clock) -> Scheduler:
    scheduler = Scheduler(database, clock)
    scheduler.install((SCAN,))
    return scheduler


def _row(database: Database, name: str = "scan") -> ScheduleRow:
    with database.read() as unit:
        return unit.schedules.get(name)


def _job_count(database: Database) -> int:
    with database.read() as unit:
        page = unit.jobs.page(JobFilter(), PageRequest(limit=200))
    return len(page.items)


def test_nothing_fires_before_its_time(scheduler: Scheduler, database: Database, clock: Clock) -> None:
    clock.advance(6 * HOUR - 1)
    assert scheduler.tick() == 0
    clock.advance(1)
    assert scheduler.tick() == 1
    job_id = _row(database).last_job_id
    assert job_id is not None
    with database.read() as unit:
        assert unit.jobs.get(job_id).origin is JobOrigin.SCHEDULE


def test_a_house_that_was_off_for_a_month_scans_once_when_it_wakes(
    scheduler: Scheduler, database: Database, clock: Clock
) -> None:
    now = clock.advance(30 * 24 * HOUR)
    assert [scheduler.tick() for _ in range(3)] == [1, 0, 0]
    assert _row(database).next_run_at == now + timedelta(hours=6)
    assert _job_count(database) == 1


def test_a_clock_that_jumps_back_does_not_fire_again(
    scheduler: Scheduler, database: Database, clock: Clock
) -> None:
    clock.advance(6 * HOUR)
    assert scheduler.tick() == 1
    clock.advance(-3 * HOUR)
    assert scheduler.tick() == 0


def test_many_threads_that_look_at_once_fire_once(
    prepared_url: str, open_database: OpenDatabase, clock: Clock
) -> None:
    databases = [open_database(prepared_url, PoolOptions(size=8)) for _ in range(2)]
    schedulers = [Scheduler(database, clock) for database in databases]
    schedulers[0].install((SCAN,))
    start = threading.Barrier(8)

    def look(number: int) -> int:
        start.wait()
        return schedulers[number % 2].tick()

    for firing in range(1, 4):
        clock.advance(6 * HOUR)
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(look, range(8))) == 1
        mine = claim(databases[0])
        with databases[0].write() as unit:
            unit.claims.complete(mine)
        assert _job_count(databases[0]) == firing


_LOOKER = """
import sys
from datetime import timedelta
from sublarr.db.database import Database, DatabaseOptions, system_clock
from sublarr.queue.scheduling import Scheduler
scheduler = Scheduler(Database(DatabaseOptions(url=sys.argv[1])), lambda: system_clock() + timedelta(hours=7))
print("ready", flush=True)
sys.stdin.readline()
print(sum(scheduler.tick() for _ in range(20)), flush=True)
"""


def test_two_processes_that_look_at_once_fire_once(prepared_url: str) -> None:
    database = Database(DatabaseOptions(url=prepared_url))
    Scheduler(database, system_clock).install((SCAN,))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _LOOKER, prepared_url]
    lookers = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for looker in lookers:
        assert looker.stdout is not None
        assert looker.stdout.readline() == "ready\n"
    for looker in lookers:
        assert looker.stdin is not None
        looker.stdin.write("\n")
        looker.stdin.flush()
    assert sum(int(looker.communicate(timeout=30)[0]) for looker in lookers) == 1
    assert _job_count(database) == 1
    database.close()


def test_a_persons_pause_outlives_a_restart(scheduler: Scheduler, database: Database, clock: Clock) -> None:
    with database.write() as unit:
        unit.schedules.set_enabled("scan", enabled=False)
    scheduler.install((SCAN,))
    clock.advance(7 * HOUR)
    assert scheduler.tick() == 0
    with database.write() as unit:
        unit.schedules.set_enabled("scan", enabled=True)
    assert scheduler.tick() == 1


def test_a_restart_does_not_put_off_what_is_due_soon(
    scheduler: Scheduler, database: Database, clock: Clock
) -> None:
    due = _row(database).next_run_at
    clock.advance(5 * HOUR)
    scheduler.install((SCAN,))
    assert _row(database).next_run_at == due


def test_a_changed_rhythm_starts_anew(scheduler: Scheduler, database: Database, clock: Clock) -> None:
    now = clock.advance(HOUR)
    scheduler.install((ScheduleSpec("scan", "Scan", ScanLibrary.kind, {}, interval_seconds=HOUR),))
    assert _row(database).next_run_at == now + timedelta(hours=1)


@pytest.mark.parametrize("specs", [(PRUNE,), (ScheduleSpec("scan", "Scan", ScanLibrary.kind, {}), PRUNE)])
def test_what_is_switched_off_or_gone_from_the_program_never_fires(
    scheduler: Scheduler, database: Database, clock: Clock, specs: tuple[ScheduleSpec, ...]
) -> None:
    scheduler.install(specs)
    assert _row(database).next_run_at is None
    clock.advance(48 * HOUR)
    assert scheduler.tick() == 1
    assert _row(database, "prune").last_job_id is not None
    assert _row(database).last_job_id is None


def test_a_schedule_of_a_newer_program_does_not_keep_the_others_from_firing(
    scheduler: Scheduler, database: Database, clock: Clock
) -> None:
    newer = ScheduleSpec("aaa", "From the future", "kind_of_tomorrow", {}, interval_seconds=60)
    with database.write() as unit:
        unit.schedules.upsert_many((newer,))
        unit.schedules.set_next("aaa", clock.now)
    clock.advance(7 * HOUR)
    assert scheduler.tick() == 1
    assert _row(database).last_job_id is not None


def test_a_person_can_run_a_schedule_now_and_its_rhythm_stays(
    scheduler: Scheduler, database: Database
) -> None:
    due = _row(database).next_run_at
    asked = scheduler.run_now("scan")
    assert asked.is_new
    again = scheduler.run_now("scan")
    assert (again.job_id, again.is_new) == (asked.job_id, False)
    assert (_row(database).next_run_at, _row(database).last_job_id) == (due, asked.job_id)
    with pytest.raises(NotFound):
        scheduler.run_now("nothing")
