"""What a PostgreSQL server refuses or gives up, provoked for real: what a person is told of it."""

# ruff: noqa: PT012 - it is a whole unit of work that fails

import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from sqlalchemy import text

from sublarr.db import schema
from sublarr.db.database import Database
from sublarr.db.postgresql import PoolOptions
from sublarr.vocabulary.errors import (
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseUnavailable,
    DiskFull,
    SublarrError,
)
from tests.database_fixtures import CountingObserver, OpenDatabase
from tests.servers.postgres import PostgresServer, start_postgres

_NEVER_MET = "no server of our own here"


def _two_values(database: Database) -> None:
    with database.write() as unit:
        unit.config.save("first", "0")
        unit.config.save("second", "0")


def test_two_that_wait_for_each_other_make_the_database_busy_for_one(postgres_database: Database) -> None:
    _two_values(postgres_database)
    both_hold_one = threading.Barrier(2)
    refused: list[SublarrError] = []

    def take(first: str, second: str) -> None:
        try:
            with postgres_database.write() as unit:
                unit.connection.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
                unit.config.save(first, first)
                both_hold_one.wait(20)
                unit.config.save(second, first)
        except SublarrError as error:
            refused.append(error)

    other = threading.Thread(target=take, args=("second", "first"))
    other.start()
    take("first", "second")
    other.join(60)
    assert [type(error) for error in refused] == [DatabaseBusy]
    with postgres_database.read() as unit:
        values = unit.config.all()
    assert values["first"] == values["second"] != "0", "the one did all of it, the other nothing"


def test_a_snapshot_that_was_overtaken_makes_the_database_busy(postgres_database: Database) -> None:
    _two_values(postgres_database)
    change = text("UPDATE config_entries SET value = '1' WHERE key = 'first'")
    with postgres_database.write_engine.connect() as slow:
        slow.execution_options(isolation_level="REPEATABLE READ")
        slow.execute(text("SELECT 1 FROM config_entries"))
        with postgres_database.write() as unit:
            unit.connection.execute(change)
        with pytest.raises(DatabaseBusy) as caught:
            slow.execute(change)
    assert caught.value.retry_after is not None


def test_a_transaction_that_sat_idle_for_too_long_is_ended_and_its_connection_replaced(
    postgres_database: Database,
) -> None:
    _two_values(postgres_database)
    with pytest.raises(DatabaseUnavailable), postgres_database.write() as unit:
        unit.config.save("first", "1")
        own = unit.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        unit.connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 20"))
        with psycopg.connect(postgres_database.options.url, autocommit=True) as other:
            while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", (own,)).fetchone():
                pass
        unit.config.save("first", "2")
    with postgres_database.write() as unit:
        assert unit.config.find("first") == "0"


def test_a_server_that_takes_no_more_connections_says_so(
    postgres_database: Database, open_database: OpenDatabase, observer: CountingObserver
) -> None:
    with postgres_database.write() as unit:
        unit.connection.exec_driver_sql("DROP ROLE IF EXISTS many")
        unit.connection.exec_driver_sql("CREATE ROLE many LOGIN CONNECTION LIMIT 1")
        unit.connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO many")
    place = urlsplit(postgres_database.options.url)
    url = urlunsplit(place._replace(netloc=f"many@{place.netloc.rpartition('@')[2]}"))
    crowded = open_database(url, PoolOptions(size=3), observer)
    with crowded.read(), pytest.raises(DatabaseUnavailable) as caught, crowded.read():
        pass
    assert "connections" in caught.value.message
    assert observer.errors[-1] == "database_unavailable"
    with crowded.read() as unit:
        assert unit.config.all() == {}
    crowded.close()
    with postgres_database.write() as unit:
        unit.connection.exec_driver_sql("DROP OWNED BY many")
        unit.connection.exec_driver_sql("DROP ROLE many")


def test_a_value_too_long_for_an_index_is_invalid_and_not_a_mishap(postgres_database: Database) -> None:
    name = os.urandom(20_000).hex()
    with pytest.raises(SublarrError) as caught, postgres_database.write() as unit:
        unit.config.save(name, "x")
    assert caught.value.code == "invalid_input"


@pytest.fixture(scope="module")
def own_server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    if postgres_server.process is None:
        pytest.skip(_NEVER_MET)
    server = start_postgres()
    assert server.process is not None
    yield server
    server.process.stop()


def test_a_damaged_page_is_told_apart_from_a_server_in_trouble(
    own_server: PostgresServer, open_database: OpenDatabase
) -> None:
    process = own_server.process
    assert process is not None
    database = open_database(own_server.url)
    schema.prepare(database)
    with database.write() as unit:
        unit.config.save("theme", "dark")
        unit.hooks.listed()
        where = unit.connection.execute(text("SELECT pg_relation_filepath('config_entries')")).scalar_one()
    with database.write_engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("CHECKPOINT"))
    process.stop(keep=True)
    page = process.folder / "data" / where
    page.write_bytes(os.urandom(8192))
    process.start()
    with pytest.raises(DatabaseCorrupt) as caught, database.read() as unit:
        unit.config.all()
    assert "backup" in caught.value.remedy
    with database.read() as unit:
        assert unit.hooks.listed() == (), "the other tables are well"


def _on_a_small_disk(folder: Path) -> Sequence[str]:
    """The server alone sees a disk of 4 MB at `small`. It refuses to be root, even of its own little world."""
    mount = f'mount -t tmpfs -o size=4m none "{folder}/small" && exec "$0" "$@"'
    apart = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount]
    return [*apart, "unshare", "--user", "--map-user=1000"]


def _may_have_a_world_of_its_own() -> bool:
    user = "nobody" if os.geteuid() == 0 else None
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "small").mkdir(0o755)
        command = [*_on_a_small_disk(Path(folder)), "true"]
        try:
            return subprocess.run(command, check=False, capture_output=True, user=user).returncode == 0
        except FileNotFoundError:
            return False


@pytest.fixture
def crowded_server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    if postgres_server.process is None or not _may_have_a_world_of_its_own():
        pytest.skip("no file system of one's own here")

    def around(folder: Path) -> Sequence[str]:
        small = folder / "small"
        small.mkdir()
        os.chown(small, (folder / "data").stat().st_uid, (folder / "data").stat().st_gid)
        return _on_a_small_disk(folder)

    server = start_postgres(around)
    assert server.process is not None
    yield server
    server.process.stop()


def test_a_full_disk_of_the_server_loses_nothing_that_was_stored(
    crowded_server: PostgresServer, open_database: OpenDatabase
) -> None:
    assert crowded_server.process is not None
    database = open_database(crowded_server.url)
    schema.prepare(database)
    place = crowded_server.process.folder / "small"
    with database.write_engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text(f"CREATE TABLESPACE small LOCATION '{place}'"))
        connection.execute(text("ALTER TABLE config_entries SET TABLESPACE small"))
    with database.write() as unit:
        unit.config.save("theme", "dark")
    calls: list[str] = []
    with pytest.raises(DiskFull) as caught, database.write() as unit:
        unit.after_commit(lambda: calls.append("call"))
        for number in range(2_000):
            unit.config.save(f"key {number}", os.urandom(3_000).hex())
    assert "disk" in caught.value.remedy
    assert calls == []
    with database.read() as unit:
        assert unit.config.all() == {"theme": "dark"}
