"""Worker processes and recurring jobs, alike on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from sublarr.db.column_types import db_now
from sublarr.db.database import Database
from sublarr.db.models.ledger import JobWorker
from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.vocabulary.errors import Conflict, InvalidInput, MissingReference, NotFound
from tests.contract.db.rows import HOSTILE_TEXTS, a_scan, a_worker
from tests.database_fixtures import Clock

_DUE = datetime(2026, 2, 18, 2, 0, tzinfo=UTC)
_SCAN = ScheduleSpec("scan", "Scan the library", "scan_library", {"extract": None}, interval_seconds=3600)
_PRUNE = ScheduleSpec("prune", "Remove old jobs", "prune_history", {}, daily_at="02:30")


class TestWorkerRepository:
    def test_add_registers_a_process_once(self, database: Database) -> None:
        with database.write() as unit:
            a_worker(unit)
            (worker,) = unit.workers.listed()
        assert (worker.id, worker.pid, worker.threads, worker.stopped_at) == ("worker-1", 4711, 2, None)
        assert abs(worker.started_at - datetime.now(UTC)) < timedelta(minutes=1)
        with pytest.raises(Conflict) as caught, database.write() as unit:
            a_worker(unit)
        assert caught.value.constraint == "pk_job_workers"

    def test_beat_keeps_a_process_from_being_taken_for_dead(self, database: Database) -> None:
        with database.write() as unit:
            a_worker(unit)
            unit.connection.execute(update(JobWorker).values(heartbeat_at=db_now(-300)))
            unit.workers.beat("worker-1")
            unit.workers.beat("nobody")
            unit.workers.stop_silent(60)
            assert len(unit.workers.listed()) == 1

    def test_stop_takes_a_process_off_the_list(self, database: Database) -> None:
        with database.write() as unit:
            for worker_id in ("worker-1", "worker-2"):
                a_worker(unit, worker_id)
            unit.workers.stop(["worker-1", "nobody"])
            unit.workers.stop([])
            assert [worker.id for worker in unit.workers.listed()] == ["worker-2"]

    def test_listed_begins_with_the_oldest(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.workers.listed() == ()
            for worker_id in ("worker-1", "worker-2"):
                a_worker(unit, worker_id)
            younger = JobWorker.id == "worker-2"
            unit.connection.execute(update(JobWorker).where(younger).values(started_at=db_now(-60)))
            assert [worker.id for worker in unit.workers.listed()] == ["worker-2", "worker-1"]

    def test_stop_silent_spares_those_who_spoke(self, database: Database) -> None:
        with database.write() as unit:
            for worker_id in ("worker-1", "worker-2"):
                a_worker(unit, worker_id)
            silent = JobWorker.id == "worker-1"
            unit.connection.execute(update(JobWorker).where(silent).values(heartbeat_at=db_now(-90)))
            unit.workers.stop_silent(120)
            assert len(unit.workers.listed()) == 2
            unit.workers.stop_silent(60)
            assert [worker.id for worker in unit.workers.listed()] == ["worker-2"]

    def test_delete_stopped_before_keeps_their_jobs(self, database: Database) -> None:
        with database.write() as unit:
            job_id = unit.jobs.enqueue(a_scan(1)).job_id
            assert unit.claims.claim(a_worker(unit), ["scan_folder"]) is not None
            a_worker(unit, "worker-2")
            unit.workers.stop(["worker-1"])
            now = datetime.now(UTC)
            assert unit.workers.delete_stopped_before(now - timedelta(hours=1)) == 0
            assert unit.workers.delete_stopped_before(now + timedelta(hours=1)) == 1
            assert unit.jobs.get(job_id).worker_id is None
            assert [worker.id for worker in unit.workers.listed()] == ["worker-2"]


class TestScheduleRepository:
    def test_upsert_many_keeps_the_times_and_a_persons_pause(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            assert unit.schedules.upsert_many(()) == 0
            assert unit.schedules.upsert_many((_SCAN, _PRUNE)) == 2
            unit.schedules.set_next("scan", _DUE)
            unit.schedules.set_enabled("scan", enabled=False)
            clock.advance(60)
            assert unit.schedules.upsert_many((_SCAN, _PRUNE)) == 0
            assert unit.schedules.upsert_many((replace(_SCAN, interval_seconds=60), _PRUNE)) == 1
            scan = unit.schedules.get("scan")
            assert (scan.interval_seconds, scan.next_run_at, scan.enabled) == (60, _DUE, False)

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_upsert_many_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.schedules.upsert_many(
                (replace(_SCAN, name=text, title=text, payload={"key": [text, None]}),)
            )
            row = unit.schedules.get(text)
        assert (row.title, row.payload) == (text, {"key": [text, None]})

    def test_upsert_many_refuses_a_nul_in_the_payload(self, database: Database) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.schedules.upsert_many((replace(_SCAN, payload={"below": "a\0"}),))

    def test_listed_sorts_by_name(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.schedules.listed() == ()
            unit.schedules.upsert_many((_SCAN, _PRUNE))
            assert [row.name for row in unit.schedules.listed()] == ["prune", "scan"]

    def test_get_of_an_unknown_schedule_is_not_found(self, database: Database) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.schedules.get("none")

    def test_set_enabled_of_an_unknown_schedule_is_not_found(self, database: Database) -> None:
        with pytest.raises(NotFound), database.write() as unit:
            unit.schedules.set_enabled("none", enabled=True)

    def test_set_next_refuses_a_time_without_a_zone(self, database: Database) -> None:
        with database.write() as unit:
            unit.schedules.upsert_many((_SCAN,))
            unit.schedules.set_next("scan", _DUE)
            unit.schedules.set_next("scan", None)
            assert unit.schedules.get("scan").next_run_at is None
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.schedules.set_next("scan", datetime(2026, 2, 18, 2, 0))  # noqa: DTZ001 - that is the point

    def test_fire_is_true_for_one_of_all_who_saw_the_same_due_time(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            unit.schedules.upsert_many((_SCAN,))
            unit.schedules.set_next("scan", _DUE + timedelta(microseconds=1))
            seen = unit.schedules.get("scan")
            assert unit.schedules.fire(seen, _DUE + timedelta(hours=1)) is True
            assert unit.schedules.fire(seen, _DUE + timedelta(hours=1)) is False
            row = unit.schedules.get("scan")
            assert (row.next_run_at, row.last_run_at) == (_DUE + timedelta(hours=1), clock.now)

    def test_fire_never_starts_what_a_person_paused(self, database: Database) -> None:
        with database.write() as unit:
            unit.schedules.upsert_many((_SCAN,))
            unit.schedules.set_next("scan", _DUE)
            seen = unit.schedules.get("scan")
            unit.schedules.set_enabled("scan", enabled=False)
            assert unit.schedules.fire(seen, None) is False

    def test_note_job_remembers_the_last_one(self, database: Database) -> None:
        with database.write() as unit:
            unit.schedules.upsert_many((_SCAN,))
            job_id = unit.jobs.enqueue(a_scan(1)).job_id
            unit.schedules.note_job("scan", job_id)
            assert unit.schedules.get("scan").last_job_id == job_id
        with pytest.raises(MissingReference), database.write() as unit:
            unit.schedules.note_job("scan", "none")
