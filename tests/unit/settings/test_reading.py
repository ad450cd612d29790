"""What a household sets takes effect, and what is wrong is told before anything starts."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.settings import Origin, Settings, load_settings, validate_saved
from sublarr.settings.kinds import LogLevel, PathMapping
from sublarr.settings.model import SECTION_OF, is_boot_only
from sublarr.vocabulary.errors import InvalidInput, NotFound

BASE = {"SUBLARR_CONFIG_DIR": "/config"}


def load(variables: Mapping[str, str] | None = None, **saved: str) -> Settings:
    return load_settings({**BASE, **(variables or {})}, saved)


def problems(variables: Mapping[str, str], **saved: str) -> dict[str, str]:
    with pytest.raises(InvalidInput) as caught:
        load(variables, **saved)
    told = caught.value.problems
    assert len({problem.field for problem in told}) == len(told)
    return {problem.field: problem.message for problem in told}


def test_nothing_has_to_be_set() -> None:
    settings = load_settings({})
    assert settings.server.port == 5765
    assert settings.database.database_url.get_secret_value() == ""
    assert settings.translation.target_language == "en"
    assert settings.paths.config_dir.name == "sublarr"
    assert {settings.origin_of(name) for name in SECTION_OF} == {Origin.DEFAULT}


def test_own_files_follow_the_config_folder() -> None:
    paths = load().paths
    assert paths.db_path == Path("/config/sublarr.db")
    assert paths.log_file == Path("/config/logs/sublarr.log")
    assert paths.backup_dir == Path("/config/backups")
    assert paths.plugins_dir == Path("/config/plugins")
    assert load({"SUBLARR_DB_PATH": "/elsewhere/x.db"}).paths.db_path == Path("/elsewhere/x.db")
    assert load({"SUBLARR_LOG_FILE": "none"}).paths.log_file is None


def test_saved_beats_environment_beats_env_file_beats_default(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text(
        "SUBLARR_BATCH_SIZE=20\nSUBLARR_MAX_RETRIES=7\nexport SUBLARR_BACKOFF_BASE='9'\n", "utf-8"
    )
    environment = {**BASE, "SUBLARR_BATCH_SIZE": "30", "SUBLARR_MAX_RETRIES": "8"}
    settings = load_settings(environment, {"batch_size": "40"}, env_file)
    chosen = settings.translation
    assert (chosen.batch_size, chosen.max_retries, chosen.backoff_base, chosen.request_timeout) == (
        40,
        8,
        9,
        90,
    )
    names = ("batch_size", "max_retries", "backoff_base", "request_timeout")
    assert [settings.origin_of(name) for name in names] == ["saved", "environment", "env_file", "default"]


def test_a_missing_env_file_is_no_fault(tmp_path: Path) -> None:
    assert load_settings(BASE, {}, tmp_path / ".env").server.port == 5765


def test_an_unreadable_env_file_is_told_rather_than_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"SUBLARR_PORT=\xff\xfe")
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_settings(BASE, {}, tmp_path / ".env")


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret pass \n", "utf-8")
    settings = load({"SUBLARR_API_KEY_FILE": str(secret)})
    assert settings.server.api_key.get_secret_value() == "s3cret pass "
    assert settings.origin_of("api_key") is Origin.FILE
    secret.write_text("postgresql://u:pw@host/db\n", "utf-8")
    settings = load({"SUBLARR_DATABASE_URL_FILE": str(secret)})
    assert settings.database.database_url.get_secret_value() == "postgresql://u:pw@host/db"


def test_a_secret_file_that_is_missing_or_doubled_is_told(tmp_path: Path) -> None:
    told = problems({"SUBLARR_API_KEY_FILE": str(tmp_path / "absent"), "SUBLARR_PORT": "0"})
    assert "absent" in told["api_key"]
    assert set(told) == {"api_key", "port"}
    (tmp_path / "key").write_text("key", "utf-8")
    told = problems({"SUBLARR_API_KEY_FILE": str(tmp_path / "key"), "SUBLARR_API_KEY": "other"})
    assert "exclude each other" in told["api_key"]


def test_only_secrets_are_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("80", "utf-8")
    settings = load({"SUBLARR_PORT_FILE": str(tmp_path / "port")})
    assert settings.server.port == 5765
    assert settings.unknown == ("SUBLARR_PORT_FILE",)


def test_names_are_read_in_any_case_and_upper_case_wins() -> None:
    assert load({"sublarr_port": "81"}).server.port == 81
    assert load({"SUBLARR_PORT": "82", "sublarr_port": "81"}).server.port == 82
    assert load({"sublarr_port": "81", "SUBLARR_PORT": "82"}).server.port == 82


def test_blank_variables_count_as_unset() -> None:
    settings = load({"SUBLARR_PORT": " ", "SUBLARR_TARGET_LANGUAGE": "", "SUBLARR_LOG_FILE": ""})
    assert settings.server.port == 5765
    assert settings.paths.log_file is not None
    assert settings.origin_of("port") is Origin.DEFAULT


def test_a_saved_blank_clears_a_text_but_never_stops_the_start() -> None:
    settings = load({"SUBLARR_SUBDL_API_KEY": "key"}, subdl_api_key="", batch_size="", upgrade_enabled="")
    assert settings.providers.subdl_api_key.get_secret_value() == ""
    assert settings.translation.batch_size == 15
    assert settings.wanted.upgrade_enabled is True


def test_every_problem_is_told_at_once_and_in_words() -> None:
    told = problems(
        {
            "SUBLARR_PORT": "99999",
            "SUBLARR_UPGRADE_ENABLED": "perhaps",
            "SUBLARR_TARGET_LANGUAGE": "xyzzy-nowhere",
            "SUBLARR_TEMPERATURE": "nan",
        },
        batch_size="few",
    )
    assert told["port"] == "SUBLARR_PORT is '99999'; expected a whole number from 1 to 65535."
    assert told["upgrade_enabled"] == "SUBLARR_UPGRADE_ENABLED is 'perhaps'; expected true or false."
    assert told["batch_size"] == "the saved value is 'few'; expected a whole number, 1 or more."
    assert set(told) == {"port", "upgrade_enabled", "target_language", "temperature", "batch_size"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "0"),
        ("PORT", "80.5"),
        ("DB_POOL_SIZE", "0"),
        ("DB_POOL_MAX_OVERFLOW", "-1"),
        ("WANTED_SCAN_INTERVAL_HOURS", "-1"),
        ("BACKUP_TIME", "24:00"),
        ("BACKUP_TIME", "2"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("CACHE_PROVIDER", "disk"),
        ("HI_PREFERENCE", "sometimes"),
        ("FORCED_PREFERENCE", "sometimes"),
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "sqlite://relative"),
        ("DATABASE_URL", "postgresql://host:port/name"),
        ("DATABASE_REPLICA_URL", "postgresql://replica/name"),
        ("REDIS_URL", "http://host"),
        ("REDIS_URL", "redis://"),
        ("SONARR_URL", "host:8989"),
        ("SONARR_URL", "http://"),
        ("SONARR_INSTANCES_JSON", "{}"),
        ("SONARR_INSTANCES_JSON", '["name"]'),
        ("SONARR_INSTANCES_JSON", '[{"name": "Main"'),
        ("AUTO_PROCESS_COMMON_FIXES_CONFIG_JSON", "[]"),
        ("NOTIFICATION_URLS_JSON", "[1]"),
        ("NOTIFICATION_URLS_JSON", "not a url"),
        ("PATH_MAPPING", "/tv"),
        ("PATH_MAPPING", "=/tv"),
        ("TRUSTED_PROXIES", "10.0.0.0/40"),
        ("BASE_PATH", "sublarr"),
        ("BASE_PATH", "/a b"),
        ("HOST", "http://host"),
        ("MEDIA_PATH", "/media\0"),
        ("MEDIA_PATH", "~no-such-person/media"),
        ("AUTO_CLEANUP_KEEP_LANGUAGES", "de,xyzzy-nowhere"),
        ("AUTO_PROCESS_SYNC_THRESHOLD", "101"),
    ],
)
def test_a_value_that_cannot_work_is_refused(name: str, text: str) -> None:
    assert list(problems({f"SUBLARR_{name}": text})) == [name.lower()]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("LOG_LEVEL", "debug", LogLevel.DEBUG),
        ("UPGRADE_ENABLED", "off", False),
        ("UPGRADE_ENABLED", " yes ", True),
        ("WEBHOOK_AUTO_TRANSLATE", "false", False),
        ("BACKUP_TIME", "4:30", time(4, 30)),
        ("SOURCE_LANGUAGE", "ger", "de"),
        ("TARGET_LANGUAGE", "pt_br", "pt-BR"),
        ("AUTO_CLEANUP_KEEP_LANGUAGES", "german, en,de", ("de", "en")),
        ("PROVIDER_PRIORITIES", " a, b,,a", ("a", "b")),
        ("BASE_PATH", "/sublarr/", "/sublarr"),
        ("HOST", "[::1]", "::1"),
        ("TRUSTED_PROXIES", "127.0.0.1, 172.16.0.1/12", ("127.0.0.1/32", "172.16.0.0/12")),
        ("HI_INTERJECTIONS_LIST", "Ah\n\n Oh \n", ("Ah", "Oh")),
        (
            "PATH_MAPPING",
            "/data/media=Z:\\Media; /anime=Z:\\Anime;",
            (PathMapping("/data/media", "Z:\\Media"), PathMapping("/anime", "Z:\\Anime")),
        ),
    ],
)
def test_what_people_write_is_understood(name: str, text: str, value: object) -> None:
    assert load({f"SUBLARR_{name}": text}).value_of(name.lower()) == value


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:p@host/db",
        "postgresql+psycopg2://u:p@host:5432/db",
        "postgresql+psycopg://host/db",
        "postgres://host/db",
        "postgresql:///db?host=/run/postgresql",
        "postgresql://u:p%40w@[::1]:5432/db",
        "sqlite:////config/sublarr.db",
    ],
)
def test_every_usual_database_url_is_accepted(url: str) -> None:
    assert load({"SUBLARR_DATABASE_URL": url}).database.database_url.get_secret_value() == url


def test_notification_urls_may_be_json_or_lines() -> None:
    for text in ('["ntfy://a", "json://b"]', "ntfy://a\njson://b"):
        urls = load({"SUBLARR_NOTIFICATION_URLS_JSON": text}).events.notification_urls_json
        assert [url.get_secret_value() for url in urls] == ["ntfy://a", "json://b"]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "de_DE.UTF-8"}, "de"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR"}, "fr"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_FR", "LC_ALL": "pt_BR.UTF-8"}, "pt-BR"),
        ({"LC_ALL": "", "LANG": "zh_TW.UTF-8"}, "zh-Hant"),
        ({"LANG": "sr_RS@latin"}, "sr"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "POSIX"}, "en"),
        ({"LANG": "??"}, "en"),
        ({}, "en"),
    ],
)
def test_subtitles_are_wanted_in_the_household_s_language(environment: dict[str, str], language: str) -> None:
    assert load(environment).translation.target_language == language


def test_prompts_name_languages_in_english_unless_told_otherwise() -> None:
    translation = load(
        {"SUBLARR_TARGET_LANGUAGE": "ger", "SUBLARR_SOURCE_LANGUAGE_NAME": "Queen's English"}
    ).translation
    assert (translation.source_name(), translation.target_name()) == ("Queen's English", "German")


def test_a_mistyped_variable_is_told_and_stops_nothing() -> None:
    settings = load(
        {
            "SUBLARR_PROT": "1",
            "OTHER": "2",
            "SUBLARR_TEST_REDIS_URL": "x",
            "SUBLARR_EVENT": "x",
            "SUBLARR_LOG_FILE": "none",
        }
    )
    assert settings.unknown == ("SUBLARR_PROT",)


def test_what_has_no_effect_is_said_with_the_reason() -> None:
    settings = load({"SUBLARR_CORS_ORIGINS": "*"}, port="80", nonsense="1", cors_origins="*")
    assert set(settings.ignored) == {"SUBLARR_CORS_ORIGINS", "cors_origins", "port", "nonsense"}
    assert settings.server.port == 5765
    assert all(settings.ignored.values())


def test_saved_values_of_back_ends_and_plug_ins_are_left_to_them() -> None:
    assert load_settings(BASE, {"backend.ollama.url": "x"}).ignored == {}


def test_what_only_follows_from_another_problem_is_not_told() -> None:
    assert list(problems({"SUBLARR_CONFIG_DIR": "/config\0"})) == ["config_dir"]


def test_saving_refuses_unknown_boot_only_retired_and_bad_values() -> None:
    for name, text in [
        ("nonsense", "1"),
        ("port", "80"),
        ("cors_origins", "*"),
        ("batch_size", "0"),
        ("batch_size", ""),
        ("target_language", "xyzzy-nowhere"),
    ]:
        with pytest.raises(InvalidInput) as caught:
            validate_saved(name, text)
        assert [problem.field for problem in caught.value.problems] == [name]
    validate_saved("batch_size", " 3 ")
    validate_saved("target_language", "German")
    validate_saved("sonarr_api_key", "")


@given(st.sampled_from([name for name in SECTION_OF if not is_boot_only(name)]), st.text(max_size=30))
def test_what_may_be_saved_never_keeps_the_program_from_starting(name: str, text: str) -> None:
    try:
        validate_saved(name, text)
    except InvalidInput:
        return
    assert load_settings(BASE, {name: text}).origin_of(name) in (Origin.SAVED, Origin.DEFAULT)


def test_asking_for_a_setting_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(NotFound):
        load().origin_of("nonsense")
    with pytest.raises(NotFound):
        load().value_of("nonsense")
