"""Contests over language profiles, and over what they are assigned to."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sublarr.db.unit import Unit
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile, ProfileEdit
from tests.contract.db.rows import a_film, a_series
from tests.integration.db.contests.case import LATER, Case, Winners, one_row_each

_NAMES = tuple(f"name {number}" for number in range(3))
_MANY = tuple(range(30))
_LANGUAGES = ("ar", "cs", "da", "de", "el", "es", "fi", "fr", "it", "ja", "ko", "nl", "pl", "pt", "sv", "zh")


def _profiles(unit: Unit) -> list[int]:
    # With a file there are rows to be looked at anew, which every change asks for.
    a_film(unit)
    unit.profiles.add_default("en", ["de"])
    return [unit.profiles.add(NewProfile(name)).id for name in _NAMES]


def _deleted(unit: Unit) -> list[int]:
    profile_ids = _profiles(unit)
    for profile_id in profile_ids:
        unit.profiles.delete(profile_id, 1)
    return profile_ids


def _default(unit: Unit) -> list[int]:
    a_film(unit)
    return [unit.profiles.add_default("en", ["de"]).id]


def _change_languages(unit: Unit, _: object) -> None:
    # In an order that nobody had before: an edit that changes nothing is no change.
    unit.profiles.set_default_languages("en", random.sample(_LANGUAGES, len(_LANGUAGES)))


def _series(unit: Unit) -> list[list[int]]:
    """Each series, with the profile that it is to have."""
    profile_id = _profiles(unit)[0]
    return [[a_series(unit, f"Series {number}"), profile_id] for number in _MANY]


def _assigned(unit: Unit) -> list[list[int]]:
    things = _series(unit)
    _assign(unit, things)
    return things


def _unassigned(unit: Unit) -> list[list[int]]:
    things = _assigned(unit)
    unit.profiles.unassign(_scope(things))
    return things


def _scope(things: Sequence[Sequence[int]]) -> AssignmentScope:
    return AssignmentScope(MediaKind.SERIES, tuple(media_id for media_id, _ in things))


def _assign(unit: Unit, things: Sequence[Sequence[int]]) -> int:
    return unit.profiles.assign(_scope(things), things[0][1])


def _all_have_profiles(unit: Unit, things: Sequence[Any], _: int) -> bool:
    assigned = unit.profiles.assignment_map(MediaKind.SERIES)
    return {media_id: given.profile_id for media_id, given in assigned.items()} == dict(things)


def _whole(
    prepare: Callable[[Unit], Sequence[Any]],
    do: Callable[[Unit, Any], Any],
    check: Callable[[Unit, Sequence[Any], int], bool],
) -> Case:
    return Case(prepare, do, whole=True, check=check)


CASES: Mapping[str, Case] = {
    "profiles.add": Case(lambda _: _NAMES, lambda unit, name: unit.profiles.add(NewProfile(name))),
    "profiles.add_default": Case(lambda _: [1], lambda unit, _: unit.profiles.add_default("en", ["de"])),
    "profiles.get_or_add_default": Case(
        lambda _: [1],
        lambda unit, _: unit.profiles.get_or_add_default("en", ["de"]),
        Winners.ALL,
        check=one_row_each("language_profiles"),
    ),
    "profiles.update": Case(
        _profiles, lambda unit, id_: unit.profiles.update(id_, 1, ProfileEdit(target_languages=("fr",)))
    ),
    "profiles.set_default_languages": Case(
        _default,
        _change_languages,
        Winners.ALL,
        rounds=3,
        check=lambda unit, _, hands: unit.profiles.get_default().version == 1 + 3 * hands,
    ),
    "profiles.make_default": Case(
        _profiles,
        lambda unit, id_: unit.profiles.make_default(id_, 1),
        check=lambda unit, *_: sum(row.is_default for row in unit.profiles.listed()) == 1,
    ),
    "profiles.delete": Case(_profiles, lambda unit, id_: unit.profiles.delete(id_, 1)),
    "profiles.restore": Case(_deleted, lambda unit, id_: unit.profiles.restore(id_)),
    "profiles.purge": Case(_deleted, lambda unit, _: unit.profiles.purge(LATER, 2)),
    "profiles.assign": _whole(_series, _assign, _all_have_profiles),
    "profiles.unassign": _whole(
        _assigned,
        lambda unit, things: unit.profiles.unassign(_scope(things)),
        lambda unit, *_: not unit.profiles.assignment_map(MediaKind.SERIES),
    ),
    "profiles.restore_assignments": _whole(
        _unassigned,
        lambda unit, things: unit.profiles.restore_assignments(_scope(things)),
        _all_have_profiles,
    ),
    "profiles.purge_assignments": Case(
        _unassigned, lambda unit, _: unit.profiles.purge_assignments(LATER, 4)
    ),
}
