from collections.abc import Iterator
from pathlib import Path

import pytest

from sublarr.bootstrap import House, open_house
from sublarr.demo.many import make_many
from tests.integration.scanning.household import Household


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A Matroska file with an English SRT and a German ASS track."""
    folder = tmp_path_factory.mktemp("video") / "many"
    make_many(folder, 1, layout="scene")
    return next(folder.glob("*.mkv")).read_bytes()


@pytest.fixture
def house(prepared_url: str, tmp_path: Path) -> Iterator[House]:
    environment = {
        "SUBLARR_CONFIG_DIR": str(tmp_path / "config"),
        "SUBLARR_DATABASE_URL": prepared_url,
        "SUBLARR_SOURCE_LANGUAGE": "en",
        "SUBLARR_TARGET_LANGUAGE": "fr",
    }
    house = open_house(environment)
    yield house
    house.close()


@pytest.fixture
def household(house: House, tmp_path: Path, small_video: bytes) -> Household:
    return Household(house, tmp_path / "media", small_video)
