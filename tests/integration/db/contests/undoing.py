"""Contests over the audit: of all who take back one change at once, one does, and it is taken back once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sublarr.db.pages import PageRequest
from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.folders import FolderEdit
from sublarr.db.repositories.glossary import EVERYWHERE, NewTerm
from sublarr.db.repositories.hooks import HookEdit, NewHook
from sublarr.db.repositories.prompt_presets import PresetEdit
from sublarr.db.repositories.scoring import WeightEdit
from sublarr.db.repositories.webhooks import NewWebhook, WebhookEdit
from sublarr.db.unit import Unit
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile, ProfileEdit
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, ScoreType
from sublarr.vocabulary.subtitles import WantedStatus
from tests.contract.db.rows import a_film, a_series, a_wish
from tests.integration.db.contests.case import LATER, Case, count_rows

_FEW = tuple(range(3))
_MANY = tuple(range(30))
_NAMES = tuple(f"name {number}" for number in _FEW)
_WEIGHTS = tuple(sorted(DEFAULT_WEIGHTS[ScoreType.MOVIE]))[:3]


def _lines(unit: Unit) -> list[int]:
    return [line.id for line in unit.audit.page(AuditFilter(), PageRequest(limit=500)).items]


def _undoing(begin: Callable[[Unit], Any], change: Callable[[Unit, Any], object]) -> Case:
    """Everybody takes back, line by line, what `change` did with each of what `begin` made."""

    def prepare(unit: Unit) -> Sequence[int]:
        things = begin(unit)
        before = max(_lines(unit), default=0)
        for thing in things:
            change(unit, thing)
        return [line for line in _lines(unit) if line > before]

    return Case(
        prepare,
        lambda unit, line: unit.audit.undo(line),
        check=lambda unit, lines, _: (
            count_rows(unit, "audit_log", f"undoes_id IN ({', '.join(map(str, lines))})") == len(lines)
        ),
    )


def _hooks(unit: Unit) -> list[int]:
    return [unit.hooks.add(NewHook(name, "*", "notify.sh")).id for name in _NAMES]


def _webhooks(unit: Unit) -> list[int]:
    return [unit.webhooks.add(NewWebhook(name, "*", "http://chat.lan")).id for name in _NAMES]


def _presets(unit: Unit) -> list[int]:
    return [unit.prompt_presets.add(name, "x").id for name in _NAMES]


def _saved(unit: Unit) -> Sequence[str]:
    for name in _NAMES:
        unit.config.save(name, "x")
    return _NAMES


def _modified(unit: Unit) -> Sequence[str]:
    for name in _NAMES:
        unit.modifiers.save(name, 1)
    return _NAMES


def _blocked(unit: Unit) -> list[int]:
    unit.blocklist.add_many(NewBlock("jimaku", str(number)) for number in _MANY)
    return [1]


def _terms(unit: Unit) -> list[int]:
    for name in _NAMES:
        unit.glossary.add(EVERYWHERE, NewTerm(name, name))
    return [1]


def _wanted(unit: Unit) -> list[list[int]]:
    films = [a_film(unit, f"Film {number}") for number in _MANY]
    unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
    return [[row.id for film in films for row in unit.wanted.of_file(film.file_id)]]


def _profiles(unit: Unit) -> list[int]:
    a_film(unit)
    return [unit.profiles.add(NewProfile(name)).id for name in _NAMES]


def _change_profile(unit: Unit, profile_id: int) -> None:
    unit.profiles.update(profile_id, 1, ProfileEdit(target_languages=("fr",)))
    series = tuple(a_series(unit, f"Series {profile_id} {number}") for number in _FEW)
    unit.profiles.assign(AssignmentScope(MediaKind.SERIES, series), profile_id)


def _deleted_hooks(unit: Unit) -> list[int]:
    hook_ids = _hooks(unit)
    for hook_id in hook_ids:
        unit.hooks.delete(hook_id, 1)
    return _lines(unit)[: len(hook_ids)]


CASES: Mapping[str, Case] = {
    "audit.undo": _undoing(_deleted_hooks, lambda unit, line: unit.audit.undo(line)),
    "audit.delete_before": Case(
        lambda unit: (_hooks(unit), _lines(unit))[1], lambda unit, _: unit.audit.delete_before(LATER, 2)
    ),
    "config.undo": _undoing(_saved, lambda unit, name: unit.config.save(name, "y")),
    "folders.undo": _undoing(
        lambda unit: [unit.folders.add(f"/media/{number}").id for number in _FEW],
        lambda unit, id_: unit.folders.update(id_, 1, FolderEdit(label="x")),
    ),
    "blocklist.undo": _undoing(_blocked, lambda unit, _: unit.blocklist.clear()),
    "weights.undo": _undoing(
        lambda _: _WEIGHTS, lambda unit, name: unit.weights.save([WeightEdit(ScoreType.MOVIE, name, 1)])
    ),
    "modifiers.undo": _undoing(_modified, lambda unit, name: unit.modifiers.save(name, 5)),
    "glossary.undo": _undoing(_terms, lambda unit, _: unit.glossary.delete_scope(EVERYWHERE)),
    "prompt_presets.undo": _undoing(
        _presets, lambda unit, id_: unit.prompt_presets.update(id_, 1, PresetEdit(prompt_template="y"))
    ),
    "hooks.undo": _undoing(_hooks, lambda unit, id_: unit.hooks.update(id_, 1, HookEdit(name="x"))),
    "webhooks.undo": _undoing(
        _webhooks, lambda unit, id_: unit.webhooks.update(id_, 1, WebhookEdit(name="x"))
    ),
    "wanted.undo": _undoing(_wanted, lambda unit, ids: unit.wanted.move(ids, WantedStatus.IGNORED)),
    "profiles.undo": _undoing(_profiles, _change_profile),
}
