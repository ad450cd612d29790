"""Secrets that people hand in are never seen again."""

from collections.abc import Callable

import pytest

from sublarr.settings import SettingInfo, load_settings, mask_secrets, validate_saved
from sublarr.settings.model import SECTION_OF, may_hold_secret
from sublarr.vocabulary.errors import InvalidInput

SECRET = "hunter2-%40-x"
INSTANCES = f'[{{"name": "Main", "url": "http://u:{SECRET}-url@host", "api_key": "{SECRET}-json"}}]'
ENVIRONMENT = {
    "SUBLARR_CONFIG_DIR": "/config",
    "SUBLARR_API_KEY": SECRET,
    "SUBLARR_DATABASE_URL": f"postgresql://sublarr:{SECRET}@host/name",
    "SUBLARR_REDIS_URL": f"redis://:{SECRET}-redis@host/0",
    "SUBLARR_SONARR_INSTANCES_JSON": INSTANCES,
    "SUBLARR_NOTIFICATION_URLS_JSON": f"tgram://{SECRET}-bot/chat",
}
SETTINGS = load_settings(ENVIRONMENT)


def test_no_secret_is_in_repr_or_str_or_description() -> None:
    assert "hunter2" not in repr(SETTINGS)
    assert "hunter2" not in str(SETTINGS)
    assert "hunter2" not in repr(SETTINGS.describe())
    assert "hunter2" not in SETTINGS.cache.model_dump_json() + SETTINGS.sources.model_dump_json()


def test_a_url_is_shown_with_its_password_masked() -> None:
    shown = {info.name: info for info in SETTINGS.describe()}
    assert shown["database_url"].value == "postgresql://sublarr:***@host/name"
    assert shown["api_key"].value == "***"
    assert shown["jimaku_api_key"].value == ""
    assert shown["api_key"].is_secret
    assert not shown["database_url"].is_secret


def test_secrets_are_masked_in_any_text() -> None:
    text = f"key {SECRET}, decoded {SECRET.replace('%40', '@')}, {SECRET}-json, {SECRET}-url, {SECRET}-redis, tgram"
    assert mask_secrets(text, SETTINGS) == "key ***, decoded ***, ***, ***, ***, tgram"


def refusal(ask: Callable[[], object]) -> InvalidInput | None:
    try:
        ask()
    except InvalidInput as refused:
        return refused
    return None


@pytest.mark.parametrize("text", ["nope://hunter2:hunter2@h", "[hunter2", "http://u:hunter2@h:99999999/"])
@pytest.mark.parametrize("name", sorted(name for name in SECTION_OF if may_hold_secret(name)))
def test_a_refused_secret_is_not_repeated(name: str, text: str) -> None:
    variables = {"SUBLARR_CONFIG_DIR": "/config", f"SUBLARR_{name.upper()}": text}
    refusals = [refusal(lambda: load_settings(variables)), refusal(lambda: validate_saved(name, text))]
    for refused in filter(None, refusals):
        assert refused.problems
        assert "hunter2" not in repr(refused) + repr(refused.problems)
        assert refused.__cause__ is None
    if text == "[hunter2" and name.endswith(("_url", "_json", "_endpoint")):
        assert all(refusals)


def test_a_broken_url_in_a_list_of_instances_does_not_break_the_masking() -> None:
    broken = '[{"url": "http://[x:hunter2@", "api_key": 5, "token": "tok-12345"}]'
    settings = load_settings({"SUBLARR_CONFIG_DIR": "/config", "SUBLARR_MEDIA_SERVERS_JSON": broken})
    assert mask_secrets("tok-12345", settings) == "***"


def test_every_setting_says_what_it_is_for() -> None:
    for info in SETTINGS.describe():
        assert isinstance(info, SettingInfo)
        assert info.meaning.endswith(".")
        assert info.expected
        assert info.environment_name == f"SUBLARR_{info.name.upper()}"
