"""What people may write into the things they edit, whichever door they come by."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields, replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.vocabulary import rules
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.media import FolderContent, MediaKind, SourceKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.blocklist import NewBlock
from sublarr.vocabulary.rules.folders import FolderEdit, NewFolder
from sublarr.vocabulary.rules.glossary import GlossaryScope, NewTerm, TermEdit
from sublarr.vocabulary.rules.hooks import HookEdit, NewHook
from sublarr.vocabulary.rules.kinds import UNCHANGED
from sublarr.vocabulary.rules.modifiers import ModifierEdit
from sublarr.vocabulary.rules.profiles import NewProfile, ProfileEdit
from sublarr.vocabulary.rules.prompt_presets import NewPreset, PresetEdit
from sublarr.vocabulary.rules.rule import problems_of, repair
from sublarr.vocabulary.rules.settings import SavedValue
from sublarr.vocabulary.rules.sources import NewSource, PathPair, SourceEdit
from sublarr.vocabulary.rules.webhooks import NewWebhook, WebhookEdit
from sublarr.vocabulary.rules.weights import WeightEdit

# Something of each kind that is acceptable.
GOOD: tuple[tuple[type[Any], Mapping[str, Any]], ...] = (
    (NewProfile, {"name": "Anime"}),
    (ProfileEdit, {}),
    (AssignmentScope, {"kind": "series", "media_ids": [1, 2]}),
    (SavedValue, {"key": "theme", "value": ""}),
    (NewSource, {"kind": "sonarr", "name": "Main", "url": "http://host:8989", "api_key": "k"}),
    (SourceEdit, {}),
    (PathPair, {"remote": "/tv", "local": "/media/tv"}),
    (NewFolder, {"path": "/media"}),
    (FolderEdit, {}),
    (NewHook, {"name": "Notify", "event_name": "job_failed", "script_path": "notify.sh"}),
    (HookEdit, {}),
    (NewWebhook, {"name": "Chat", "event_name": "*", "url": "http://chat.lan/hook"}),
    (WebhookEdit, {}),
    (NewPreset, {"name": "Anime", "prompt_template": "Translate {lines}"}),
    (PresetEdit, {}),
    (GlossaryScope, {"source_id": 1, "series_id": 2}),
    (NewTerm, {"source_term": "Sword", "target_term": "Schwert"}),
    (TermEdit, {}),
    (WeightEdit, {"score_type": "episode", "weight_key": "hash", "weight_value": 1}),
    (ModifierEdit, {"provider_name": "jimaku", "modifier": -5}),
    (NewBlock, {"provider_name": "jimaku", "subtitle_id": "4711"}),
)
BY_RULE = dict(GOOD)
# Fields that hold text, each with a rule.
TEXTS = [
    (rule, known.name)
    for rule, _ in GOOD
    for known in fields(rule)
    if known.name not in ("kind", "media_type", "score_type", "hook_type")
    and problems_of(rule, {**BY_RULE[rule], known.name: 1.5})
    and not problems_of(rule, {**BY_RULE[rule], known.name: "a/b"})
]


def _problems(rule: type[Any], **values: Any) -> dict[str, str]:
    return {problem.field: problem.message for problem in problems_of(rule, {**BY_RULE[rule], **values})}


def test_every_rule_is_looked_at_here() -> None:
    modules = [import_module(f"{rules.__name__}.{module.name}") for module in iter_modules(rules.__path__)]
    declared = {
        member
        for module in modules
        for member in vars(module).values()
        if isinstance(member, type)
        and member.__module__ == module.__name__
        and module.__name__.rpartition(".")[2] not in ("rule", "kinds")
    }
    assert declared == set(BY_RULE)


@pytest.mark.parametrize(("rule", "values"), GOOD, ids=lambda part: getattr(part, "__name__", ""))
class TestEveryRule:
    def test_what_is_acceptable_is_kept_and_never_changes(
        self, rule: type[Any], values: Mapping[str, Any]
    ) -> None:
        made = rule(**values)
        assert replace(made) == made
        assert problems_of(rule, values) == ()
        with pytest.raises(FrozenInstanceError):
            setattr(made, fields(rule)[0].name, None)

    def test_a_field_that_is_none_is_refused(self, rule: type[Any], values: Mapping[str, Any]) -> None:
        for name in ("id", "version_", "deleted_at", "__class__", "is_admin", ""):
            problems = problems_of(rule, {**values, name: 1})
            assert [problem.field for problem in problems] == [name]

    def test_everything_wrong_is_told_at_once(self, rule: type[Any], values: Mapping[str, Any]) -> None:
        wrong: dict[str, Any] = {known.name: object() for known in fields(rule)}
        told = {problem.field for problem in problems_of(rule, wrong)}
        assert {place.partition(".")[0] for place in told} == set(wrong)


@pytest.mark.parametrize(("rule", "name"), TEXTS)
@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_no_rule_lets_through_what_no_database_can_hold(rule: type[Any], name: str, text: str) -> None:
    assert list(_problems(rule, **{name: text})) == [name]


def test_texts_were_found() -> None:
    assert len(TEXTS) > 20


@pytest.mark.parametrize(("rule", "name"), TEXTS)
def test_no_text_is_without_an_end(rule: type[Any], name: str) -> None:
    (message,) = _problems(rule, **{name: "x" * 3_000_000}).values()
    assert "longer" in message or "language" in message


@given(st.text(min_size=1, max_size=100))
def test_a_name_is_trimmed_and_otherwise_kept_in_any_script(name: str) -> None:
    problems = problems_of(NewPreset, {"name": name, "prompt_template": "x"})
    if not problems:
        kept = NewPreset(name, "x").name
        assert kept
        assert kept in name
        assert NewPreset(kept, "x").name == kept
    else:
        assert not name.strip() or any(c < " " or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in name)


@pytest.mark.parametrize("path", ["/", "/media/tv", "/a b/ü/字幕", "/a/..b/.hidden"])
def test_a_watched_folder_is_an_absolute_path(path: str) -> None:
    assert NewFolder(path).path == path
    assert NewFolder("/x", media_type="tv").media_type is FolderContent.TV  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["", "media", "./a", "~/a", "/a/../b", "/a/.", "/a//b", "/a/", "//a"])
def test_any_other_path_is_no_watched_folder(path: str) -> None:
    assert "path" in _problems(NewFolder, path=path)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../x", "a/../../x", "a/./b", "a//b", "C:/x", "C:\\x", "a\\b", "~/x", "", "a\nb"]
)
def test_a_script_lies_in_the_hooks_folder(path: str) -> None:
    assert "script_path" in _problems(NewHook, script_path=path)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "javascript:alert(1)",
        "http://",
        "http://host:0/",
        "http://host:99999/",
        "http://[::1",
        "http://a b/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://metadata.google.internal./",
        "http://host/\nX-Injected: 1",
        "",
    ],
)
def test_no_webhook_calls_what_must_not_be_called(url: str) -> None:
    assert "url" in _problems(NewWebhook, url=url)


@pytest.mark.parametrize("url", ["http://192.168.1.5:8080/x", "HTTPS://User:pa%20ss@häuschen.lan/?a=b#c"])
def test_a_webhook_may_call_the_household(url: str) -> None:
    assert NewWebhook("a", "*", url).url == url


def test_no_secret_is_shown_or_told() -> None:
    webhook = NewWebhook("a", "*", "http://user:hunter2@host/", secret="s3cret")
    source = NewSource(SourceKind.RADARR, "a", "http://user:hunter2@host/", "s3cret")
    with pytest.raises(InvalidInput) as caught:
        NewWebhook("a", "*", "ftp://user:hunter2@host/", secret="s3cret\0")
    for shown in (repr(webhook), repr(source), str(caught.value), repr(caught.value.problems)):
        assert "hunter2" not in shown
        assert "s3cret" not in shown


@pytest.mark.parametrize("event", ["hook_executed", "no_such_event", "JOB_FAILED", ""])
def test_a_hook_listens_to_events_that_there_are_and_not_to_itself(event: str) -> None:
    assert "event_name" in _problems(NewHook, event_name=event)


@pytest.mark.parametrize(
    ("rule", "field", "lowest", "highest"),
    [
        (NewHook, "timeout_seconds", 1, 3600),
        (NewWebhook, "timeout_seconds", 1, 3600),
        (NewWebhook, "retry_count", 0, 20),
        (WeightEdit, "weight_value", -10_000, 10_000),
        (ModifierEdit, "modifier", -10_000, 10_000),
        (NewProfile, "translate_after_days", 0, 3650),
        (NewTerm, "confidence", 0, 1),
        (AssignmentScope, "media_ids.0", 1, 2**63 - 1),
    ],
)
def test_numbers_have_limits(rule: type[Any], field: str, lowest: int, highest: int) -> None:
    name, _, member = field.partition(".")

    def told(number: int) -> dict[str, str]:
        return _problems(rule, **{name: [number] if member else number})

    assert (told(lowest), told(highest)) == ({}, {})
    for number in (lowest - 1, highest + 1):
        assert field in told(number)


def test_languages_are_read_in_any_usual_form_and_kept_once() -> None:
    profile = NewProfile("a", source_language="Japanese", target_languages=("German", "ger", "pt_BR", "de"))
    assert (profile.source_language, profile.target_languages) == ("ja", ("de", "pt-BR"))
    assert _problems(NewProfile, target_languages=["de", "Qxzwish"]).keys() == {"target_languages.1"}
    assert _problems(NewProfile, target_languages=["de"] * 51) == {"target_languages": "holds more than 50"}


def test_a_subtitle_that_is_good_enough_is_never_too_bad() -> None:
    assert "cutoff_score" in _problems(NewProfile, minimum_score=10, cutoff_score=9)
    assert _problems(NewProfile, minimum_score=10, cutoff_score=10) == {}


def test_an_edit_tells_nothing_from_unchanged() -> None:
    assert ProfileEdit().cutoff_score is UNCHANGED
    assert ProfileEdit(cutoff_score=None).cutoff_score is None


def test_only_series_and_films_are_assigned() -> None:
    assert AssignmentScope(MediaKind.MOVIE, (3, 3, 1)).media_ids == (3, 1)
    assert "'movie'" in _problems(AssignmentScope, kind="episode")["kind"]
    assert "versions" in _problems(AssignmentScope, versions={7: 1})


def test_a_typing_error_in_a_prompt_is_found_and_json_is_left_alone() -> None:
    assert "{lines}" in _problems(NewPreset, prompt_template="{langauge}")["prompt_template"]
    template = 'Answer as {"lines": [1]}, in {target_language}, {} and { this }'
    assert NewPreset("a", template).prompt_template == template


def test_a_film_has_no_season_to_be_scored_by() -> None:
    assert "weight_key" in _problems(WeightEdit, score_type="movie", weight_key="season")


def test_a_server_needs_an_address_and_a_key() -> None:
    assert _problems(NewSource, url="", api_key="").keys() == {"url", "api_key"}
    assert _problems(SourceEdit, url="").keys() == {"url"}
    pair = {"remote": "/tv", "local": ""}
    assert _problems(NewSource, path_mapping=[pair]).keys() == {"path_mapping.0.local"}


def test_what_an_old_database_holds_is_repaired_as_far_as_it_can_be() -> None:
    stored = {
        "name": "Deutsch",
        "target_languages": ["de", "klingonisch?", "pt-BR", "??"],
        "forced_preference": "sometimes",
        "sonarr_tag": "x",
    }
    repaired = repair(NewProfile, stored)
    assert repaired.value == NewProfile("Deutsch", target_languages=("de", "pt-BR"))
    assert [problem.field for problem in repaired.problems] == [
        "target_languages.1",
        "target_languages.3",
        "forced_preference",
        "sonarr_tag",
    ]
    assert repair(NewProfile, {"name": "a"}).problems == ()


def test_what_cannot_be_repaired_is_told_whole() -> None:
    repaired = repair(NewHook, {"name": "a", "event_name": "*", "script_path": "../x", "timeout_seconds": 0})
    assert repaired.value is None
    assert [problem.field for problem in repaired.problems] == ["script_path", "timeout_seconds"]
    assert repair(NewHook, {}).value is None
