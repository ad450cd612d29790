"""What the machine tells of its household: its language, and where programs keep their data."""

from collections.abc import Mapping
from pathlib import Path

from sublarr.vocabulary.language import parse_language

_DEFAULT_LANGUAGE = "en"

# Subtitles differ by country in these alone; elsewhere the country would only hide what is there.
_KEPT_COUNTRIES: Mapping[str, str] = {
    "pt_BR": "pt-BR",
    "zh_CN": "zh-Hans",
    "zh_SG": "zh-Hans",
    "zh_TW": "zh-Hant",
    "zh_HK": "zh-Hant",
    "zh_MO": "zh-Hant",
}


def household_language(environment: Mapping[str, str]) -> str:
    """The language of the locale in force (POSIX: LC_ALL, LC_MESSAGES, LANG), else English."""
    locale = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), ""
    )
    name = locale.partition(".")[0].partition("@")[0]
    if name in ("", "C", "POSIX"):
        return _DEFAULT_LANGUAGE
    if name in _KEPT_COUNTRIES:
        return _KEPT_COUNTRIES[name]
    return parse_language(name.partition("_")[0]) or _DEFAULT_LANGUAGE


def platform_config_dir() -> Path:
    """The folder this platform gives a program's data, where nothing else is said."""
    # Only needed where SUBLARR_CONFIG_DIR is not set, which containers do.
    import platformdirs  # noqa: PLC0415 (reason above)

    return platformdirs.user_data_path("sublarr", appauthor=False)
