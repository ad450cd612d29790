"""The fixtures that hand out servers, databases and URLs; a pytest plugin of tests/conftest.py.

A test that asks for `database_url` runs once on SQLite and once on PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.servers.process import ServerMissing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.servers.postgres import PostgresServer
    from tests.servers.redis import RedisServer
    from tests.servers.standby import Replicated

Server = TypeVar("Server")


def _or_skip(running: AbstractContextManager[Server]) -> Iterator[Server]:
    try:
        server = running.__enter__()
    except ServerMissing as missing:
        pytest.skip(f"NOT TESTED: {missing}")
    try:
        yield server
    finally:
        running.__exit__(None, None, None)


@pytest.fixture(scope="session")
def postgres_server() -> "Iterator[PostgresServer]":
    from tests.servers.postgres import running_postgres

    yield from _or_skip(running_postgres())


@pytest.fixture(scope="session")
def replicated() -> "Iterator[Replicated]":
    """A primary and its standby, ours alone: tests stop and pause the standby."""
    from tests.servers.standby import running_pair

    yield from _or_skip(running_pair())


@pytest.fixture(scope="session")
def redis_server() -> "Iterator[RedisServer]":
    from tests.servers.redis import running_redis

    yield from _or_skip(running_redis())


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    from tests.servers.browser import running_browser

    yield from _or_skip(running_browser())


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'sublarr.db'}"


@pytest.fixture
def postgres_url(postgres_server: "PostgresServer") -> Iterator[str]:
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def redis_url(redis_server: "RedisServer") -> str:
    redis_server.flush()
    return redis_server.url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    url = request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param])
    assert isinstance(url, str)
    return url
