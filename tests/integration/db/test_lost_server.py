"""A PostgreSQL that is stopped, started again, or keeps somebody out."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import pytest
from sqlalchemy import text

from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from sublarr.vocabulary.errors import DatabaseUnavailable
from tests.database_fixtures import OpenDatabase
from tests.servers.postgres import PostgresServer, start_postgres


@pytest.fixture(scope="module")
def own_server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """A server that may be stopped without taking it from other tests."""
    if postgres_server.process is None:
        pytest.skip("not our server to stop")
    server = start_postgres()
    assert server.process is not None
    yield server
    server.process.stop()


@contextmanager
def _stopped(server: PostgresServer) -> Iterator[None]:
    assert server.process is not None
    server.process.stop(keep=True)
    try:
        yield
    finally:
        server.process.start()


def test_a_server_that_goes_in_mid_transaction_takes_nothing_that_was_committed(
    own_server: PostgresServer, open_database: OpenDatabase
) -> None:
    database = open_database(own_server.url)
    schema.prepare(database)
    rings: list[str] = []
    database.on_ring(lambda: rings.append("ring"))
    with database.write(durable=True) as unit:
        unit.config.save("theme", "dark")
    with pytest.raises(DatabaseUnavailable) as caught, database.write() as unit:  # noqa: PT012
        unit.config.save("theme", "light")
        unit.ring()
        with _stopped(own_server):
            unit.config.save("theme", "bright")
    assert caught.value.retry_after is not None
    assert rings == []
    with database.read() as unit:
        assert unit.config.find("theme") == "dark"
    with database.write() as unit:
        unit.config.save("theme", "light")
        unit.ring()
    assert rings == ["ring"]


def test_a_server_that_goes_before_the_commit_makes_the_unit_fail(
    own_server: PostgresServer, open_database: OpenDatabase
) -> None:
    database = open_database(own_server.url)
    schema.prepare(database)
    with pytest.raises(DatabaseUnavailable), database.write() as unit:  # noqa: PT012
        unit.config.save("language", "de")
        with _stopped(own_server):
            pass
    with database.read() as unit:
        assert unit.config.find("language") is None


def test_while_the_server_is_away_everybody_is_told_so(
    own_server: PostgresServer, open_database: OpenDatabase
) -> None:
    database = open_database(own_server.url)
    database.ping()
    with _stopped(own_server):
        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                database.ping()
        with pytest.raises(DatabaseUnavailable), database.read():
            pass
        with pytest.raises(DatabaseUnavailable), database.write():
            pass
    database.ping()


def test_a_wrong_password_is_not_repeated_to_anybody(
    own_server: PostgresServer, open_database: OpenDatabase
) -> None:
    assert own_server.process is not None
    rules = own_server.process.folder / "data" / "pg_hba.conf"
    rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    owner = open_database(own_server.url)
    with owner.write() as unit:
        unit.connection.execute(text("CREATE ROLE guarded LOGIN PASSWORD 'right'"))
        unit.connection.execute(text("SELECT pg_reload_conf()"))
    place = urlsplit(own_server.url)
    address = place.netloc.rpartition("@")[2]
    url = urlunsplit(place._replace(netloc=f"guarded:correct-horse@{address}"))
    with _until_reloaded(own_server):
        database = Database(DatabaseOptions(url=url))
        with pytest.raises(DatabaseUnavailable) as caught:
            database.ping()
    assert "guarded" in caught.value.message
    assert "correct-horse" not in "".join(traceback.format_exception(caught.value))


@contextmanager
def _until_reloaded(server: PostgresServer) -> Iterator[None]:
    """A restart reads the rules for certain; a reload at some moment."""
    with _stopped(server):
        pass
    yield
