"""The test servers themselves: if these lie, every other test does."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from tests.servers.postgres import PostgresServer, start_postgres
from tests.servers.redis import RedisServer

pytestmark = pytest.mark.filterwarnings("error")


def test_a_fresh_database_is_empty_and_takes_utf8(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE film (title text)")
        connection.execute("INSERT INTO film VALUES ('千と千尋')")
        assert connection.execute("SELECT title FROM film").fetchone() == ("千と千尋",)


def test_the_next_test_does_not_see_the_tables_of_the_last(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT to_regclass('film')").fetchone() == (None,)


def test_a_template_is_filled_once_and_copied_often(postgres_server: PostgresServer) -> None:
    calls = []

    def prepare(url: str) -> None:
        calls.append(url)
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE film (title text)")

    for _ in range(2):
        template = postgres_server.template("film", prepare)
        url = postgres_server.create_database(template)
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT count(*) FROM film").fetchone() == (0,)
        postgres_server.drop_database(url)
    assert len(calls) == 1


def test_redis_is_empty_at_the_start_of_each_test(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("key", "value")


def test_redis_is_empty_again(redis_url: str, redis_server: RedisServer) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


def test_a_postgres_stopped_in_mid_work_keeps_what_was_committed(postgres_server: PostgresServer) -> None:
    if postgres_server.process is None:
        pytest.skip("not our server to stop")
    server = start_postgres()
    assert server.process is not None
    try:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE film AS SELECT 1 AS id")
        server.process.stop(keep=True)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url, connect_timeout=2)
        server.process.start()
        with psycopg.connect(server.url) as connection:
            assert connection.execute("SELECT id FROM film").fetchone() == (1,)
    finally:
        server.process.stop()
    assert not server.process.folder.exists()


KILLED_TEST_PROCESS = """
import os, signal, sys
from tests.servers.redis import start_redis
server = start_redis()
print(server.process.folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_test_process_leaves_no_server_behind(redis_server: RedisServer) -> None:
    if redis_server.process is None:
        pytest.skip("no program of our own to start")
    outcome = subprocess.run(
        [sys.executable, "-c", KILLED_TEST_PROCESS],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == -signal.SIGKILL, outcome.stderr
    folder = Path(outcome.stdout.strip())
    deadline = time.monotonic() + 15
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)  # Another process's end is not an event this one can wait for.
    assert not folder.exists()
