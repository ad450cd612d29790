"""Databases with the schema in place; a pytest plugin of tests/conftest.py.

A test that asks for `database` runs once on SQLite and once on PostgreSQL, each time on a copy of an empty one
that was prepared once per test process. `clock` is the time that Python writes into rows; leases and due times
follow the database's own.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from sublarr.db.observer import DatabaseObserver
from sublarr.db.postgresql import PoolOptions

if TYPE_CHECKING:
    from tests.servers.postgres import PostgresServer
    from tests.servers.standby import Replicated

OpenDatabase = Callable[..., Database]


class Clock:
    """A time that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


class CountingObserver:
    """Remembers what the data layer told it."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.slow: list[str] = []
        self.transactions: list[str] = []
        self.waits: list[float] = []
        self.errors: list[str] = []

    def statement(self, name: str, seconds: float) -> None:
        self.statements.append(name)

    def slow_statement(self, name: str) -> None:
        self.slow.append(name)

    def transaction(self, mode: str, seconds: float) -> None:
        self.transactions.append(mode)

    def write_wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def error(self, code: str) -> None:
        self.errors.append(code)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def observer() -> CountingObserver:
    return CountingObserver()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "sublarr.db"
    prepare(f"sqlite:///{path}")
    return path


def prepare(url: str) -> None:
    """Make the schema, and leave nothing open."""
    database = Database(DatabaseOptions(url=url))
    schema.prepare(database)
    database.close()


@pytest.fixture
def prepared_sqlite_url(sqlite_url: str, sqlite_template: Path) -> str:
    shutil.copyfile(sqlite_template, sqlite_url.removeprefix("sqlite:///"))
    return sqlite_url


@pytest.fixture(scope="session")
def emptied_postgres_url(postgres_server: "PostgresServer") -> Iterator[str]:
    url = postgres_server.create_database()
    prepare(url)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def prepared_postgres_url(emptied_postgres_url: str) -> Iterator[str]:
    """One database for every test of this process, emptied after each: a copy for each costs ten times as much."""
    import psycopg

    yield emptied_postgres_url
    with psycopg.connect(emptied_postgres_url) as connection:
        connection.execute(_EMPTY_POSTGRES)


@pytest.fixture(scope="session")
def replicated_url(replicated: "Replicated") -> str:
    url = replicated.primary.create_database()
    prepare(url)
    return url


@pytest.fixture
def replicated_urls(replicated: "Replicated", replicated_url: str) -> Iterator[tuple[str, str]]:
    """A prepared database on a primary, and the same on its standby, which is caught up."""
    import psycopg

    replicated.catch_up()
    yield replicated_url, replicated.standby.url_of(replicated_url)
    replicated.standby.resume()
    with psycopg.connect(replicated_url) as connection:
        connection.execute(_EMPTY_POSTGRES)


# Whoever a test has left behind goes first. Every foreign key cascades or lets go, so that any order will
# do, but that triggers write to two tables about what is deleted from others.
_EMPTY_POSTGRES = """
DO $$
DECLARE
    name text;
    is_used boolean;
    counter text;
BEGIN
    PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_version'
    ORDER BY tablename IN ('row_counts', 'search_pending'), tablename LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO is_used;
        CONTINUE WHEN NOT is_used;
        IF name = 'secrets' THEN
            DELETE FROM secrets WHERE secrets.name <> 'cursors';
            CONTINUE;
        END IF;
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    -- Those of empty tables too: an insertion that was taken back has used a number up.
    FOR counter IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(counter::regclass, 1, false);
    END LOOP;
END $$
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared_url(request: pytest.FixtureRequest) -> str:
    fixtures = {"sqlite": "prepared_sqlite_url", "postgresql": "prepared_postgres_url"}
    url = request.getfixturevalue(fixtures[request.param])
    assert isinstance(url, str)
    return url


@pytest.fixture
def open_database(clock: Clock) -> Iterator[OpenDatabase]:
    """Opens databases by URL, and closes them after the test."""
    opened: list[Database] = []

    def open_one(
        url: str, pool: PoolOptions | None = None, observer: DatabaseObserver | None = None
    ) -> Database:
        options = DatabaseOptions(url=url, pool=pool or PoolOptions())
        database = Database(options, clock=clock, observer=observer)
        opened.append(database)
        return database

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def database(prepared_url: str, open_database: OpenDatabase, observer: CountingObserver) -> Database:
    return open_database(prepared_url, observer=observer)


@pytest.fixture
def sqlite_database(
    prepared_sqlite_url: str, open_database: OpenDatabase, observer: CountingObserver
) -> Database:
    return open_database(prepared_sqlite_url, observer=observer)


@pytest.fixture
def postgres_database(
    prepared_postgres_url: str, open_database: OpenDatabase, observer: CountingObserver
) -> Database:
    return open_database(prepared_postgres_url, observer=observer)
