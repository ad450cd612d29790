"""Contests over what people edit, take away and bring back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.glossary import EVERYWHERE, NewTerm, TermEdit
from sublarr.db.repositories.hooks import HookEdit, NewHook
from sublarr.db.repositories.prompt_presets import PresetEdit
from sublarr.db.repositories.scoring import UNSET, WeightEdit
from sublarr.db.repositories.webhooks import NewWebhook, WebhookEdit
from sublarr.db.unit import Unit
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, ScoreType
from tests.integration.db.contests.case import (
    LATER,
    Case,
    Winners,
    count_rows,
    one_row_each,
    row_of_every_hand,
)

_FEW = tuple(range(3))
_MANY = tuple(range(30))
_NAMES = tuple(f"name {number}" for number in _FEW)
_WEIGHTS = tuple(sorted(DEFAULT_WEIGHTS[ScoreType.MOVIE]))
Prepare = Callable[[Unit], Sequence[Any]]


def _then(prepare: Prepare, remove: Callable[[Unit, Any], Any]) -> Prepare:
    """The same things, taken away."""

    def prepare_and_remove(unit: Unit) -> Sequence[Any]:
        things = prepare(unit)
        for thing in things:
            remove(unit, thing)
        return things

    return prepare_and_remove


def _saved(unit: Unit) -> Sequence[str]:
    for name in _NAMES:
        unit.config.save(name, "x")
    return _NAMES


def _blocks(numbers: Sequence[int]) -> list[NewBlock]:
    return [NewBlock("jimaku", str(number)) for number in numbers]


def _blocked(unit: Unit) -> list[int]:
    return [unit.blocklist.add(block).entry_id for block in _blocks(_FEW)]


def _weighed(unit: Unit) -> list[int]:
    unit.weights.save([WeightEdit(ScoreType.MOVIE, name, 1) for name in _WEIGHTS])
    return [row.id for row in unit.weights.listed()]


def _save_weights(unit: Unit, names: Sequence[str]) -> None:
    # Another value each time, so that there is something to be written, and to wait for.
    points = sum(row.weight_value for row in unit.weights.listed()) % 100 + 1
    unit.weights.save([WeightEdit(ScoreType.MOVIE, name, points) for name in names])


def _modified(unit: Unit) -> Sequence[str]:
    for name in _NAMES:
        unit.modifiers.save(name, 1)
    return _NAMES


def _plugin_settings(unit: Unit) -> Sequence[str]:
    for name in _NAMES:
        unit.plugins.save(name, {"key": "x"})
    return _NAMES


def _terms(unit: Unit) -> list[int]:
    return [unit.glossary.add(EVERYWHERE, NewTerm(name, name)).id for name in _NAMES]


def _presets(unit: Unit) -> list[int]:
    unit.prompt_presets.add("the one that stays", "x")
    return [unit.prompt_presets.add(name, "x").id for name in _NAMES]


def _hooks(unit: Unit) -> list[int]:
    return [unit.hooks.add(NewHook(name, "*", "notify.sh")).id for name in _NAMES]


def _webhooks(unit: Unit) -> list[int]:
    return [unit.webhooks.add(NewWebhook(name, "*", "http://chat.lan")).id for name in _NAMES]


CASES: Mapping[str, Case] = {
    "config.save": Case(lambda _: _NAMES, lambda unit, name: unit.config.save(name, "x", version=0)),
    "config.delete": Case(_saved, lambda unit, name: unit.config.delete(name)),
    "config.restore": Case(
        _then(_saved, lambda unit, name: unit.config.delete(name)),
        lambda unit, name: unit.config.restore(name),
    ),
    "config.purge": Case(
        _then(_saved, lambda unit, name: unit.config.delete(name)),
        lambda unit, _: unit.config.purge(LATER, 2),
    ),
    "secrets.get_or_make": Case(
        lambda _: _NAMES,
        lambda unit, name: unit.secrets.get_or_make(name),
        Winners.ALL,
        check=one_row_each("secrets", "name LIKE 'name %'"),
    ),
    "plugins.save": Case(
        lambda _: _MANY,
        lambda unit, numbers: unit.plugins.save("p", {str(number): "x" for number in numbers}),
        Winners.ALL,
        whole=True,
        check=one_row_each("config_entries", "version = 1"),
    ),
    "plugins.delete": Case(_plugin_settings, lambda unit, name: unit.plugins.delete(name)),
    "blocklist.add": Case(
        lambda _: _FEW, lambda unit, number: unit.blocklist.add(_blocks([number])[0]).is_new
    ),
    "blocklist.add_many": Case(
        lambda _: _MANY, lambda unit, numbers: unit.blocklist.add_many(_blocks(numbers)), whole=True, rounds=3
    ),
    "blocklist.delete": Case(_blocked, lambda unit, id_: unit.blocklist.delete(id_)),
    "blocklist.clear": Case(_blocked, lambda unit, _: unit.blocklist.clear()),
    "blocklist.restore": Case(
        _then(_blocked, lambda unit, id_: unit.blocklist.delete(id_)),
        lambda unit, id_: unit.blocklist.restore(id_),
    ),
    "blocklist.purge": Case(
        _then(_blocked, lambda unit, id_: unit.blocklist.delete(id_)),
        lambda unit, _: unit.blocklist.purge(LATER, 2),
    ),
    "weights.save": Case(
        lambda _: _WEIGHTS,
        _save_weights,
        Winners.ALL,
        whole=True,
        rounds=3,
        check=one_row_each("scoring_weights"),
    ),
    "weights.reset": Case(_weighed, lambda unit, _: unit.weights.reset()),
    "weights.restore": Case(
        lambda unit: (_weighed(unit), unit.weights.reset())[0], lambda unit, id_: unit.weights.restore(id_)
    ),
    "weights.purge": Case(
        lambda unit: (_weighed(unit), unit.weights.reset())[0], lambda unit, _: unit.weights.purge(LATER, 2)
    ),
    "modifiers.save": Case(lambda _: _NAMES, lambda unit, name: unit.modifiers.save(name, 5, UNSET)),
    "modifiers.delete": Case(_modified, lambda unit, name: unit.modifiers.delete(name)),
    "modifiers.restore": Case(
        _then(_modified, lambda unit, name: unit.modifiers.delete(name)),
        lambda unit, name: unit.modifiers.restore(name),
    ),
    "modifiers.purge": Case(
        _then(_modified, lambda unit, name: unit.modifiers.delete(name)),
        lambda unit, _: unit.modifiers.purge(LATER, 2),
    ),
    "glossary.add": Case(
        lambda _: _NAMES,
        lambda unit, name: unit.glossary.add(EVERYWHERE, NewTerm(name, name)),
        Winners.ALL,
        check=row_of_every_hand("glossary_entries"),
    ),
    "glossary.update": Case(_terms, lambda unit, id_: unit.glossary.update(id_, 1, TermEdit(notes="x"))),
    "glossary.delete": Case(_terms, lambda unit, id_: unit.glossary.delete(id_, 1)),
    "glossary.delete_scope": Case(_terms, lambda unit, _: unit.glossary.delete_scope(EVERYWHERE)),
    "glossary.restore": Case(
        _then(_terms, lambda unit, id_: unit.glossary.delete(id_, 1)),
        lambda unit, id_: unit.glossary.restore(id_),
    ),
    "glossary.purge_deleted_before": Case(
        _then(_terms, lambda unit, id_: unit.glossary.delete(id_, 1)),
        lambda unit, _: unit.glossary.purge_deleted_before(LATER, 2),
    ),
    "prompt_presets.add": Case(lambda _: _NAMES, lambda unit, name: unit.prompt_presets.add(name, "x")),
    "prompt_presets.update": Case(
        _presets,
        lambda unit, id_: unit.prompt_presets.update(id_, 1, PresetEdit(prompt_template="y")),
    ),
    "prompt_presets.delete": Case(_presets, lambda unit, id_: unit.prompt_presets.delete(id_, 1)),
    "prompt_presets.restore": Case(
        _then(_presets, lambda unit, id_: unit.prompt_presets.delete(id_, 1)),
        lambda unit, id_: unit.prompt_presets.restore(id_),
    ),
    "prompt_presets.purge_deleted_before": Case(
        _then(_presets, lambda unit, id_: unit.prompt_presets.delete(id_, 1)),
        lambda unit, _: unit.prompt_presets.purge_deleted_before(LATER, 2),
    ),
    "hooks.add": Case(
        lambda _: _NAMES,
        lambda unit, name: unit.hooks.add(NewHook(name, "*", "notify.sh")),
        Winners.ALL,
        check=row_of_every_hand("hook_configs"),
    ),
    "hooks.update": Case(_hooks, lambda unit, id_: unit.hooks.update(id_, 1, HookEdit(name="x"))),
    "hooks.delete": Case(_hooks, lambda unit, id_: unit.hooks.delete(id_, 1)),
    "hooks.restore": Case(
        _then(_hooks, lambda unit, id_: unit.hooks.delete(id_, 1)), lambda unit, id_: unit.hooks.restore(id_)
    ),
    "hooks.purge": Case(
        _then(_hooks, lambda unit, id_: unit.hooks.delete(id_, 1)), lambda unit, _: unit.hooks.purge(LATER, 2)
    ),
    "hooks.record_trigger": Case(
        _hooks,
        lambda unit, id_: unit.hooks.record_trigger(id_, success=True),
        Winners.ALL,
        rounds=3,
        check=lambda unit, things, hands: (
            count_rows(unit, "hook_configs", f"trigger_count = {3 * hands} AND version = 1") == len(things)
        ),
    ),
    "webhooks.add": Case(
        lambda _: _NAMES,
        lambda unit, name: unit.webhooks.add(NewWebhook(name, "*", "http://chat.lan")),
        Winners.ALL,
        check=row_of_every_hand("webhook_configs"),
    ),
    "webhooks.update": Case(_webhooks, lambda unit, id_: unit.webhooks.update(id_, 1, WebhookEdit(name="x"))),
    "webhooks.delete": Case(_webhooks, lambda unit, id_: unit.webhooks.delete(id_, 1)),
    "webhooks.restore": Case(
        _then(_webhooks, lambda unit, id_: unit.webhooks.delete(id_, 1)),
        lambda unit, id_: unit.webhooks.restore(id_),
    ),
    "webhooks.purge": Case(
        _then(_webhooks, lambda unit, id_: unit.webhooks.delete(id_, 1)),
        lambda unit, _: unit.webhooks.purge(LATER, 2),
    ),
    "webhooks.record_trigger": Case(
        _webhooks,
        lambda unit, id_: unit.webhooks.record_trigger(id_, success=False, error="down"),
        Winners.ALL,
        rounds=3,
        check=lambda unit, things, hands: (
            count_rows(
                unit,
                "webhook_configs",
                f"trigger_count = {3 * hands} AND consecutive_failures = {3 * hands} AND version = 1",
            )
            == len(things)
        ),
    ),
}
