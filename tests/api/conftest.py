"""A house on each kind of database, and clients of its application."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sublarr.bootstrap import House
from sublarr.web.app import create_app
from tests.api.houses import KEY, Contents, fill, opened


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    with opened(tmp_path / "config", SUBLARR_DATABASE_URL=database_url) as house:
        yield house


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def contents(house: House, tmp_path: Path) -> Contents:
    return fill(house, tmp_path / "media")


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[House]:
    """A house with a key, on SQLite."""
    with opened(tmp_path / "config", SUBLARR_API_KEY=KEY) as house:
        yield house


@pytest.fixture
def small(tmp_path: Path) -> Iterator[House]:
    """A house without a key, on SQLite: for what no database makes a difference to."""
    with opened(tmp_path / "config") as house:
        yield house
