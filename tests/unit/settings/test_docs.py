"""The documentation of settings says what the program does."""

from pathlib import Path

import pytest

from sublarr.settings import SettingInfo, load_settings
from sublarr.settings.model import PREFIX
from sublarr.settings.retired import RETIRED

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"
SETTINGS = load_settings({"SUBLARR_CONFIG_DIR": "/config"})


def row_of(info: SettingInfo) -> str:
    """The table row a setting must have."""
    default = info.default if "`" in info.default or " " in info.default else f"`{info.default}`"
    notes = " *Secret.*" if info.is_secret else ""
    notes += " *Environment only.*" if info.is_boot_only else ""
    return f"| `{info.environment_name}` | {info.expected} | {default if info.default else ''} | {info.meaning}{notes} |"


def rows_on_the_page() -> list[str]:
    return [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith(f"| `{PREFIX}")]


@pytest.mark.parametrize("info", SETTINGS.describe(), ids=lambda info: info.name)
def test_every_setting_is_documented_with_its_meaning_default_and_values(info: SettingInfo) -> None:
    assert row_of(info) in rows_on_the_page()


def test_every_setting_without_effect_is_listed_with_the_reason() -> None:
    rows = rows_on_the_page()
    missing = [name for name, why in RETIRED.items() if f"| `{PREFIX}{name.upper()}` | {why} |" not in rows]
    assert missing == []


def test_the_page_promises_no_setting_that_does_not_exist() -> None:
    known = {info.environment_name for info in SETTINGS.describe()} | {
        PREFIX + name.upper() for name in RETIRED
    }
    documented = [row.split("`")[1] for row in rows_on_the_page()]
    assert set(documented) - known == set()
    assert len(documented) == len(set(documented))
