"""Whoever keeps the database from others is named: afterwards, and while it lasts."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Self

import pytest

from sublarr.db import schema
from sublarr.db.database import Database
from sublarr.db.holding import LONG_HOLDS_KEPT
from sublarr.logs.formats import JsonFormatter
from sublarr.vocabulary.errors import DatabaseBusy
from tests.database_fixtures import OpenDatabase
from tests.integration.db.sloth import Sloth


class Heard(logging.Handler):
    """Collects warnings, and lets a test wait for one."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.came = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.came.set()


@pytest.fixture
def heard() -> Iterator[Heard]:
    handler = Heard()
    logger = logging.getLogger("sublarr.db.holding")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


def until(holds: Callable[[], bool]) -> bool:
    """Whether it comes true in good time; the gate tells nobody of who queues, so it is asked."""
    pause = threading.Event()
    return any(holds() or pause.wait(0.01) for _ in range(3_000))


class Sitting(threading.Thread):
    """A thread that sits in a write unit until it is told to get up."""

    def __init__(self, database: Database) -> None:
        super().__init__(name="the-sitter")
        self.database = database
        self.sits = threading.Event()
        self.may_go = threading.Event()

    def run(self) -> None:
        self.hold_the_gate()

    def hold_the_gate(self) -> None:
        with self.database.write() as unit:
            Sloth(unit).ask("")
            self.sits.set()
            self.may_go.wait(30)

    def __enter__(self) -> Self:
        self.start()
        assert self.sits.wait(30)
        return self

    def __exit__(self, *_: object) -> None:
        self.may_go.set()
        self.join(30)
        assert not self.is_alive()


def test_a_write_that_stays_long_is_told_with_its_call_site_and_statements(
    database: Database, heard: Heard
) -> None:
    database.write_holds.long_seconds = 0.02
    with database.write() as unit:
        Sloth(unit).ask("")
        unit.config.save("theme", "dark")
        unit.config.save("theme", "light")
    (hold,) = database.write_holds.long()
    here = "test_a_write_that_stays_long_is_told_with_its_call_site_and_statements"
    assert hold.call_site.startswith("tests.integration.db.test_long_writes:")
    assert hold.call_site.endswith(f" {here}")
    assert hold.statements["sloth.ask"] == 1
    assert hold.statements["config.audit"] == 2
    assert hold.waited == (0 if database.dialect == "sqlite" else None)
    (record,) = heard.records
    told = json.loads(JsonFormatter().format(record))
    assert told["call_site"] == hold.call_site
    assert told["held_ms"] >= 20
    assert "config.audit ×2" in told["statements"]
    assert here in told["message"]


def test_a_write_that_fails_after_long_is_told_too(database: Database, heard: Heard) -> None:
    database.write_holds.long_seconds = 0.0
    with pytest.raises(ZeroDivisionError), database.write():
        1 / 0  # noqa: B018
    assert len(heard.records) == 1
    assert database.write_holds.now() == ()


def test_short_writes_are_told_to_nobody(database: Database, heard: Heard) -> None:
    database.write_holds.long_seconds = 30.0
    with database.write() as unit:
        unit.config.save("theme", "dark")
    assert (database.write_holds.long(), heard.records) == ((), [])


def test_making_the_schema_at_the_first_start_alarms_nobody(
    database_url: str, open_database: OpenDatabase, heard: Heard
) -> None:
    database = open_database(database_url)
    database.write_holds.long_seconds = 0.0
    schema.prepare(database)
    assert heard.records == []
    with database.write():
        pass
    assert len(heard.records) == 1


def test_only_the_latest_long_writes_are_kept(database: Database) -> None:
    database.write_holds.long_seconds = 0.0
    for _ in range(LONG_HOLDS_KEPT + 5):
        with database.write():
            pass
    assert len(database.write_holds.long()) == LONG_HOLDS_KEPT


def test_who_writes_at_this_moment_can_be_seen(database: Database) -> None:
    with Sitting(database):
        (hold,) = database.write_holds.now()
        assert hold.thread == "the-sitter"
        assert hold.call_site.endswith(" Sitting.hold_the_gate")
        assert hold.statements == {"sloth.ask": 1}
    assert database.write_holds.now() == ()


def test_whoever_waits_long_says_who_holds_the_gate_and_what_it_is_doing(
    sqlite_database: Database, heard: Heard
) -> None:
    assert sqlite_database.gate is not None
    sqlite_database.gate.tell_seconds = 0.02

    def write() -> None:
        with sqlite_database.write() as unit:
            unit.config.save("theme", "light")

    waiting = [threading.Thread(target=write) for _ in range(3)]
    with Sitting(sqlite_database):
        for thread in waiting:
            thread.start()
        assert heard.came.wait(30)
        assert until(lambda: sqlite_database.gate.waiting == 3)
        (hold,) = sqlite_database.write_holds.now()
        assert hold.waited == 3
    for thread in waiting:
        thread.join(30)
    told = [
        json.loads(JsonFormatter().format(record))
        for record in heard.records
        if getattr(record, "fields", {}).get("holder") == "the-sitter"
    ]
    # Three waited; one telling is enough.
    (one,) = told
    assert one["call_site"].endswith(" Sitting.hold_the_gate")
    assert "Event.wait" in one["stack"]
    assert "Sitting.hold_the_gate" in one["stack"]
    assert one["statements"] == "sloth.ask ×1"
    assert one["held_ms"] >= 20


def test_a_writer_that_gives_up_names_who_had_the_gate(
    prepared_sqlite_url: str, open_database: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sublarr.db.database._GATE_TIMEOUT_SECONDS", 0.05)
    database = open_database(prepared_sqlite_url)
    with Sitting(database), pytest.raises(DatabaseBusy) as caught, database.write():
        pass
    assert "the-sitter at tests.integration.db.test_long_writes:" in caught.value.message
    assert "Sitting.hold_the_gate" in caught.value.message
