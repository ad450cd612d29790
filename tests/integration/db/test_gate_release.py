"""The write gate of a real database: however a writer ends, the next one gets in."""

# ruff: noqa: PT012 - it is a whole unit of work that fails

import gc
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from sublarr.db.database import Database
from sublarr.db.gate import WriteGate
from sublarr.db.sqlite import GatedConnection
from sublarr.vocabulary.errors import DatabaseBusy, DatabaseReadOnly, MissingReference
from tests.database_fixtures import CountingObserver


@pytest.fixture
def gate(sqlite_database: Database) -> Iterator[WriteGate]:
    """The database's gate, which must be free at the end, and really let a writer in."""
    assert sqlite_database.gate is not None
    yield sqlite_database.gate
    assert not sqlite_database.gate.is_held
    with sqlite_database.write() as unit:
        assert sqlite_database.gate.is_held
        unit.config.save("theme", "dark")
    with sqlite_database.read() as unit:
        assert unit.config.find("theme") == "dark"


def _impatient(database: Database) -> None:
    """New write connections wait for other processes for a moment only."""

    @event.listens_for(database.write_engine, "connect")
    def shorten(driver: sqlite3.Connection, _: object) -> None:
        driver.execute("PRAGMA busy_timeout=50")


def _driver(database: Database, path: Path) -> GatedConnection:
    """A writing connection outside of any pool."""
    connection: GatedConnection = sqlite3.connect(path, factory=GatedConnection, isolation_level=None)
    connection.gate = database.gate
    return connection


def test_after_an_exception(sqlite_database: Database, gate: WriteGate) -> None:
    with pytest.raises(ZeroDivisionError), sqlite_database.write() as unit:
        unit.config.save("theme", "light")
        raise ZeroDivisionError


def test_after_a_statement_that_failed(sqlite_database: Database, gate: WriteGate) -> None:
    with pytest.raises(MissingReference), sqlite_database.write() as unit:
        unit.media.link([(99, 99)], [99])


def test_after_a_connection_was_given_up(sqlite_database: Database, gate: WriteGate) -> None:
    with pytest.raises(ZeroDivisionError), sqlite_database.write() as unit:
        unit.config.save("theme", "light")
        unit.connection.invalidate()
        assert not gate.is_held
        raise ZeroDivisionError


def test_after_a_connection_was_dropped(sqlite_database: Database, gate: WriteGate) -> None:
    connection = sqlite_database.write_engine.connect()
    connection.begin()
    assert gate.is_held
    del connection
    gc.collect()


@pytest.mark.filterwarnings("ignore:unclosed database:ResourceWarning")
def test_after_a_driver_connection_was_collected_as_garbage(
    sqlite_database: Database, gate: WriteGate
) -> None:
    assert sqlite_database.path is not None
    driver = _driver(sqlite_database, sqlite_database.path)
    driver.begin_write(urgent=False, durable=False)
    driver.myself = driver  # type: ignore[attr-defined]
    assert gate.is_held
    del driver
    gc.collect()


def test_after_a_driver_connection_was_closed_in_mid_transaction(
    sqlite_database: Database, gate: WriteGate
) -> None:
    assert sqlite_database.path is not None
    driver = _driver(sqlite_database, sqlite_database.path)
    driver.begin_write(urgent=True, durable=True)
    driver.close()
    driver.close()


def test_after_a_commit_that_failed(sqlite_database: Database, gate: WriteGate) -> None:
    with pytest.raises(MissingReference), sqlite_database.write() as unit:
        unit.connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        unit.connection.exec_driver_sql("INSERT INTO media_file_links (media_id, file_id) VALUES (99, 99)")
    with sqlite_database.read() as unit:
        assert unit.statistics.table_rows()["media_file_links"] == 0


def test_after_a_begin_that_failed(
    sqlite_database: Database, gate: WriteGate, observer: CountingObserver
) -> None:
    assert sqlite_database.path is not None
    _impatient(sqlite_database)
    other = sqlite3.connect(sqlite_database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(DatabaseBusy), sqlite_database.write():
            pytest.fail("two writers at once")
        assert not gate.is_held
    other.close()
    assert observer.errors == ["database_busy", "database_busy"]


def test_after_a_begin_that_was_refused(sqlite_database: Database, gate: WriteGate) -> None:
    with sqlite_database.write() as unit:
        driver = unit.connection.connection.driver_connection
        assert driver is not None
    driver.execute("PRAGMA query_only=ON")
    with pytest.raises(DatabaseReadOnly), sqlite_database.write() as unit:
        unit.config.save("theme", "light")
    driver.execute("PRAGMA query_only=OFF")


def test_after_waiting_in_vain(
    sqlite_database: Database, gate: WriteGate, observer: CountingObserver
) -> None:
    gate._timeout_seconds = 0.05
    failures: list[BaseException] = []

    def write() -> None:
        try:
            with sqlite_database.write():
                pytest.fail("two writers at once")
        except DatabaseBusy as failure:
            failures.append(failure)

    with sqlite_database.write():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join(10)
        assert gate.is_held
    assert len(failures) == 1
    assert observer.errors == ["database_busy"]


def test_a_writer_of_its_own_process_waits_in_order_and_is_told_for_how_long(
    sqlite_database: Database, gate: WriteGate, observer: CountingObserver
) -> None:
    inside, may_end = threading.Event(), threading.Event()

    def write_long() -> None:
        with sqlite_database.write():
            inside.set()
            may_end.wait(10)

    thread = threading.Thread(target=write_long)
    thread.start()
    assert inside.wait(10)
    release = threading.Timer(0.05, may_end.set)
    release.start()
    with sqlite_database.write(urgent=True) as unit:
        unit.config.save("theme", "light")
    thread.join()
    release.join()
    shortest, longest = sorted(observer.waits)
    assert shortest == 0.0
    assert longest > 0.01
