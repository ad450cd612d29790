from collections.abc import Iterator
from pathlib import Path

import pytest

from sublarr.bootstrap import House, open_house
from sublarr.bootstrap.workers import schedules, wanted_rules
from sublarr.vocabulary.errors import InvalidInput


@pytest.fixture
def environment(prepared_sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    return {"SUBLARR_CONFIG_DIR": str(tmp_path), "SUBLARR_DATABASE_URL": prepared_sqlite_url}


@pytest.fixture
def house(environment: dict[str, str]) -> Iterator[House]:
    house = open_house(environment)
    yield house
    house.close()


def test_a_new_house_has_a_profile_in_its_own_languages(environment: dict[str, str]) -> None:
    house = open_house(environment | {"SUBLARR_SOURCE_LANGUAGE": "ja", "SUBLARR_TARGET_LANGUAGE": "de"})
    with house.database.read() as unit:
        profile = unit.profiles.get_default()
    house.close()
    assert (profile.source_language, profile.target_languages) == ("ja", ["de"])


def test_a_second_start_leaves_the_profile_as_the_household_has_it(environment: dict[str, str]) -> None:
    open_house(environment).close()
    house = open_house(environment | {"SUBLARR_TARGET_LANGUAGE": "de"})
    with house.database.read() as unit:
        assert len(unit.profiles.listed()) == 1
    house.close()


def test_a_saved_value_holds_at_once_and_after_a_restart(house: House, environment: dict[str, str]) -> None:
    assert (
        house.save_setting("standalone_scan_interval_hours", "12").library.standalone_scan_interval_hours
        == 12
    )
    assert house.settings.library.standalone_scan_interval_hours == 12
    again = open_house(environment)
    assert again.settings.library.standalone_scan_interval_hours == 12
    again.close()
    assert house.reset_setting("standalone_scan_interval_hours")
    assert not house.reset_setting("standalone_scan_interval_hours")
    assert house.settings.library.standalone_scan_interval_hours == 6


def test_what_another_process_saved_is_seen_at_the_next_look(
    house: House, environment: dict[str, str]
) -> None:
    other = open_house(environment)
    other.save_setting("upgrade_enabled", "false")
    other.close()
    assert wanted_rules(house.configuration.refresh(house.database)).upgrades_enabled is False


@pytest.mark.parametrize(
    ("name", "value"),
    [("standalone_scan_interval_hours", "-1"), ("target_language", "???"), ("no_such_setting", "1")],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_stored(house: House, name: str, value: str) -> None:
    with pytest.raises(InvalidInput):
        house.save_setting(name, value)
    with house.database.read() as unit:
        assert unit.config.all() == {}


def test_another_target_language_is_the_default_profiles_too(house: House) -> None:
    house.save_setting("target_language", "fr")
    with house.database.read() as unit:
        assert unit.profiles.get_default().target_languages == ["fr"]


def test_zero_hours_between_scans_means_never(house: House) -> None:
    house.save_setting("standalone_scan_interval_hours", "0")
    scan = next(spec for spec in schedules(house.settings) if spec.name == "scan_library")
    assert scan.interval_seconds is None
