"""Driver errors, provoked for real: what a person is told, and that it is the same on both databases."""

# ruff: noqa: PT012 - it is a whole unit of work that fails

import sqlite3
import traceback
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import DBAPIError

from sublarr.db.database import Database, DatabaseOptions
from sublarr.db.models.accounts import Account
from sublarr.db.models.catalogue import MediaFileLink, Source
from sublarr.db.models.configuration import ConfigEntry
from sublarr.db.models.profiles import LanguageProfile
from sublarr.db.postgresql import PoolOptions
from sublarr.vocabulary.errors import (
    Conflict,
    DatabaseBusy,
    DatabaseUnavailable,
    InvalidInput,
    MissingReference,
    QueryTimeout,
)
from sublarr.vocabulary.media import SourceKind
from tests.contract.db.rows import a_scan
from tests.database_fixtures import Clock, CountingObserver, OpenDatabase


def _insert(database: Database, table: Any, times: int = 1, **values: object) -> None:
    with database.write() as unit:
        for _ in range(times):
            unit.connection.execute(insert(table).values(**values))


def _dated(clock: Clock, **values: object) -> dict[str, Any]:
    return {"created_at": clock.now, "updated_at": clock.now, **values}


@pytest.mark.parametrize(
    ("table", "values", "constraint"),
    [
        (Account, {"username": "ann", "password_hash": "x"}, "uq_accounts_username"),
        (Source, {"kind": SourceKind.SONARR, "name": "Sonarr"}, "uq_sources_kind_name"),
        (ConfigEntry, {"key": "theme", "value": "dark"}, "pk_config_entries"),
        (LanguageProfile, {"name": "German"}, "uq_language_profiles_name"),
    ],
)
def test_what_is_there_already_is_a_conflict_with_the_rules_name(
    database: Database, clock: Clock, table: Any, values: dict[str, object], constraint: str
) -> None:
    with pytest.raises(Conflict) as caught:
        _insert(database, table, 2, **_dated(clock, **values))
    assert caught.value.constraint == constraint


def test_a_second_default_is_a_conflict_with_the_rules_name(database: Database, clock: Clock) -> None:
    _insert(database, LanguageProfile, **_dated(clock, name="A", is_default=True))
    with pytest.raises(Conflict) as caught:
        _insert(database, LanguageProfile, **_dated(clock, name="B", is_default=True))
    assert caught.value.constraint == "uq_language_profiles_is_default"


def test_a_rule_for_rows_that_are_present_leaves_removed_ones_alone(database: Database, clock: Clock) -> None:
    values = _dated(clock, kind=SourceKind.RADARR, name="Radarr")
    _insert(database, Source, 2, **values, deleted_at=clock.now)
    _insert(database, Source, **values)
    with pytest.raises(Conflict):
        _insert(database, Source, **values)


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(MissingReference):
        _insert(database, MediaFileLink, media_id=98, file_id=99)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE sources SET kind = 'plex'", "ck_sources_kind"),
        (
            "UPDATE job_events SET event = 'slept'",
            "ck_job_events_event",
        ),
        ("UPDATE jobs SET status = 'COMPLETED'", "ck_jobs_status"),
    ],
)
def test_a_value_against_a_rule_is_invalid_by_the_rules_name(
    database: Database, clock: Clock, statement: str, rule: str
) -> None:
    with database.write() as unit:
        unit.folders.add("/media")
        unit.jobs.enqueue(a_scan(1))
    with pytest.raises(InvalidInput) as caught, database.write() as unit:
        unit.connection.exec_driver_sql(statement)
    assert [problem.field for problem in caught.value.problems] == [rule]


def test_sqlite_refuses_what_is_no_json(sqlite_database: Database) -> None:
    with sqlite_database.write() as unit:
        unit.folders.add("/media")
    with pytest.raises(InvalidInput) as caught, sqlite_database.write() as unit:
        unit.connection.exec_driver_sql("UPDATE watched_folders SET mount_points = '[broken'")
    assert caught.value.problems[0].field == "ck_watched_folders_mount_points_is_json"


def test_postgresql_refuses_what_is_no_json(postgres_database: Database) -> None:
    with pytest.raises(InvalidInput), postgres_database.write() as unit:
        unit.connection.exec_driver_sql("SELECT CAST('[broken' AS JSONB)")


def test_a_missing_value_is_invalid_by_its_columns_name(database: Database, clock: Clock) -> None:
    with pytest.raises(InvalidInput) as caught:
        _insert(database, Account, **_dated(clock, username="ann", password_hash=None))
    assert [problem.field for problem in caught.value.problems] == ["password_hash"]


def test_an_enum_is_stored_by_its_value(database: Database) -> None:
    with database.write() as unit:
        unit.folders.add("/media")
        assert unit.connection.execute(text("SELECT kind FROM sources")).scalar_one() == "folder"
        unit.jobs.enqueue(a_scan(1))
        assert unit.connection.execute(text("SELECT event FROM job_events")).scalar_one() == "queued"


def test_a_mistake_of_the_program_is_left_alone(database: Database, observer: CountingObserver) -> None:
    for statement in ("SELECT no_such_column FROM jobs", "SELECT * FROM no_such_table", "SELEKT 1"):
        with pytest.raises(DBAPIError), database.read() as unit:
            unit.connection.exec_driver_sql(statement)
    assert observer.errors == []


def test_another_process_that_keeps_writing_makes_the_database_busy(sqlite_database: Database) -> None:
    @event.listens_for(sqlite_database.write_engine, "connect")
    def shorten(driver: sqlite3.Connection, _: object) -> None:
        driver.execute("PRAGMA busy_timeout=50")

    assert sqlite_database.path is not None
    other = sqlite3.connect(sqlite_database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseBusy) as caught, sqlite_database.write():
        pass
    assert caught.value.retry_after == 1.0
    with sqlite_database.read() as unit:
        assert unit.config.all() == {}, "reading goes on"
    other.close()


def test_a_row_that_stays_locked_makes_the_database_busy(postgres_database: Database) -> None:
    with postgres_database.write() as unit:
        unit.config.save("theme", "dark")
    other = postgres_database.write_engine.connect()
    other.execute(text("SELECT * FROM config_entries FOR UPDATE"))
    with pytest.raises(DatabaseBusy), postgres_database.write() as unit:
        unit.connection.execute(text("SET LOCAL lock_timeout = 50"))
        unit.config.find("theme", lock=True)
    other.close()


def test_a_statement_that_takes_too_long_is_given_up(database: Database) -> None:
    with pytest.raises(QueryTimeout), database.read() as unit:
        if database.dialect == "postgresql":
            unit.connection.execute(text("SET LOCAL statement_timeout = 50"))
            unit.connection.execute(text("SELECT pg_sleep(30)"))
        else:
            driver = unit.connection.connection.driver_connection
            assert driver is not None
            driver.set_progress_handler(lambda: 1, 1)
            try:
                unit.statistics.table_rows()
            finally:
                driver.set_progress_handler(None, 1)
    with database.read() as unit:
        assert unit.config.all() == {}


def test_a_pool_that_ran_dry_says_so(
    prepared_postgres_url: str, open_database: OpenDatabase, observer: CountingObserver
) -> None:
    pool = PoolOptions(size=1, max_overflow=0, timeout_seconds=0.05)
    database = open_database(prepared_postgres_url, pool, observer)
    with database.read():
        with pytest.raises(DatabaseBusy), database.read():
            pass
        with pytest.raises(DatabaseBusy), database.write():
            pass
    assert observer.errors == ["database_busy", "database_busy"]
    with database.write() as unit:
        unit.config.save("theme", "dark")


def test_a_connection_that_the_server_ended_is_replaced(
    postgres_database: Database, observer: CountingObserver
) -> None:
    with pytest.raises(DatabaseUnavailable), postgres_database.write() as unit:
        unit.config.save("theme", "dark")
        own = unit.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with postgres_database.write_engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": own})
        unit.config.save("theme", "light")
    assert "database_unavailable" in observer.errors
    with postgres_database.write() as unit:
        assert unit.config.find("theme") is None
        unit.config.save("theme", "light")


def test_a_server_that_is_not_there_is_named_without_the_password(observer: CountingObserver) -> None:
    url = "postgresql://ann:correct-horse@127.0.0.1:1/sublarr"
    database = Database(DatabaseOptions(url=url), observer=observer)
    with pytest.raises(DatabaseUnavailable) as caught:
        database.ping()
    _expect_no_secret(caught.value, "correct-horse")
    assert "127.0.0.1" in caught.value.message
    assert observer.errors == ["database_unavailable"]


@pytest.mark.parametrize(
    "url",
    [
        "mysql://ann:correct-horse@db/sublarr",
        "postgresql://ann:correct-horse@db:port/sublarr",
        "ann correct-horse",
        "sqlite://",
        "postgresql:/correct-horse",
    ],
)
def test_an_address_that_is_none_is_refused_without_the_password(url: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        Database(DatabaseOptions(url=url))
    _expect_no_secret(caught.value, "correct-horse")


def _expect_no_secret(error: BaseException, secret: str) -> None:
    """Neither in the error's own words nor in what it came from."""
    assert secret not in "".join(traceback.format_exception(error))
    assert secret not in repr(error)
