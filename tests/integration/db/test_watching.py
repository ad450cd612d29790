"""What health and metrics ask of the database: its size, and whether it still takes writes."""

import sqlite3
import time

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from sublarr.vocabulary.errors import DatabaseBusy


def test_the_size_grows_with_what_is_stored(database: Database) -> None:
    before = database.size()
    with database.write() as unit:
        for number in range(100):
            unit.config.save(f"key {number}", str(number) * 5_000)
    after = database.size()
    assert after.database_bytes + after.wal_bytes > before.database_bytes + before.wal_bytes
    assert (after.free_bytes is not None) is (database.dialect == "sqlite")


def test_a_database_that_takes_writes_says_so_and_is_left_as_it_was(database: Database) -> None:
    database.try_write(1.0)
    with database.write() as unit:
        assert unit.config.all() == {}


def test_a_database_that_another_process_holds_is_reported_in_good_time(sqlite_database: Database) -> None:
    assert sqlite_database.path is not None
    other = sqlite3.connect(sqlite_database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started = time.monotonic()
    with pytest.raises(DatabaseBusy):
        sqlite_database.try_write(0.05)
    assert time.monotonic() - started < 5
    other.close()


def test_the_pool_tells_how_many_connections_are_out(database: Database) -> None:
    assert database.pool_state().checked_out == 0
    with database.read() as unit:
        unit.connection.execute(text("SELECT 1"))
        assert database.pool_state().checked_out == 1
    assert database.pool_state().checked_out == 0
    assert database.pool_state().size > 0
