"""The house that the pages' tests look at, empty and furnished, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sublarr.bootstrap import House
from sublarr.web.app import create_app
from tests.ui.household import Household, furnish, open_empty


@pytest.fixture
def house(tmp_path: Path, prepared_url: str) -> Iterator[House]:
    opened = open_empty(tmp_path / "config", prepared_url)
    yield opened
    opened.close()


@pytest.fixture
def client(house: House) -> FlaskClient:
    return create_app(house).test_client()


@pytest.fixture
def household(house: House, tmp_path: Path) -> Household:
    return furnish(house, tmp_path / "media", title="Harbour <b>Radio</b>")
