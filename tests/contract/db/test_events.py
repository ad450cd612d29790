"""The outbox of events, alike on both databases."""

import pytest

from sublarr.db.database import Database
from sublarr.vocabulary.errors import InvalidInput, NotFound
from sublarr.vocabulary.events import EventName
from tests.contract.db.rows import HOSTILE_TEXTS
from tests.database_fixtures import Clock


class TestEventRepository:
    def test_add_keeps_the_event_with_its_origin(self, database: Database, clock: Clock) -> None:
        payload = {"path": "/media/a.mkv", "score": 1.5, "languages": ["de", None], "more": {"n": 2**53}}
        with database.write() as unit:
            event_id = unit.events.add(EventName.JOB_FAILED, payload, job_id="01J", request_id="r1")
        with database.read() as unit:
            (event,) = unit.events.pending()
        assert (event.id, event.name, event.payload) == (event_id, EventName.JOB_FAILED, payload)
        assert (event.created_at, event.job_id, event.request_id) == (clock.now, "01J", "r1")

    def test_add_says_nothing_where_its_cause_was_rolled_back(self, database: Database) -> None:
        def fail() -> None:
            with database.write() as unit:
                unit.events.add(EventName.BACKUP_COMPLETE, {})
                raise NotFound("no backup after all")

        with pytest.raises(NotFound):
            fail()
        with database.read() as unit:
            assert unit.events.pending() == ()

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_add_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.events.add(EventName.JOB_FAILED, {text: text})
            assert unit.events.pending()[0].payload == {text: text}

    @pytest.mark.parametrize("value", ["a\0b", "\ud800", float("nan")])
    def test_add_refuses_what_json_cannot_hold_everywhere(self, database: Database, value: object) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.events.add(EventName.JOB_FAILED, {"value": value})

    @pytest.mark.parametrize("lock", [False, True])
    def test_pending_tells_in_the_order_of_ids(self, database: Database, lock: bool) -> None:
        with database.write() as unit:
            ids = [unit.events.add(EventName.JOB_FAILED, {}) for _ in range(5)]
            assert ids == sorted(ids)
            unit.events.mark_dispatched([ids[1]])
            assert [event.id for event in unit.events.pending(lock=lock)] == [ids[0], *ids[2:]]
            assert [event.id for event in unit.events.pending(2, lock=lock)] == [ids[0], ids[2]]

    def test_pending_with_a_lock_passes_over_what_another_dispatcher_holds(
        self, postgres_database: Database
    ) -> None:
        with postgres_database.write() as unit:
            ids = [unit.events.add(EventName.JOB_FAILED, {}) for _ in range(3)]
        with postgres_database.write_engine.connect() as other:
            other.exec_driver_sql(f"SELECT 1 FROM event_outbox WHERE id = {ids[0]} FOR UPDATE")
            with postgres_database.write() as unit:
                assert [event.id for event in unit.events.pending(lock=True)] == ids[1:]

    def test_mark_dispatched_hands_each_event_to_one_caller(self, database: Database) -> None:
        with database.write() as unit:
            ids = [unit.events.add(EventName.JOB_FAILED, {}) for _ in range(3)]
            assert unit.events.mark_dispatched([]) == frozenset()
            assert unit.events.mark_dispatched([ids[0], 99]) == {ids[0]}
            assert unit.events.mark_dispatched(ids) == set(ids[1:])
            assert unit.events.mark_dispatched(ids) == frozenset()
            assert unit.events.pending() == ()

    def test_mark_dispatched_takes_thousands(self, database: Database) -> None:
        with database.write() as unit:
            ids = [unit.events.add(EventName.JOB_FAILED, {}) for _ in range(1_100)]
            assert unit.events.mark_dispatched(ids) == set(ids)

    def test_delete_dispatched_before_never_loses_what_is_pending(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            ids = [unit.events.add(EventName.JOB_FAILED, {}) for _ in range(5)]
            clock.advance(60)
            unit.events.mark_dispatched(ids[1:])
            assert unit.events.delete_dispatched_before(clock.now, 10) == 0
            clock.advance(60)
            deleted = [unit.events.delete_dispatched_before(clock.now, 3) for _ in range(3)]
            assert deleted == [3, 1, 0]
            assert [event.id for event in unit.events.pending()] == [ids[0]]
