"""What people take away, bring back and let be purged: nothing that is there clashes, nothing is lost before its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from sublarr.db.base import Base, Deletable
from sublarr.db.database import Database
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.glossary import EVERYWHERE, NewTerm
from sublarr.db.repositories.hooks import NewHook
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.scoring import UNSET, WeightEdit
from sublarr.db.repositories.webhooks import NewWebhook
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, NotFound
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignableKind, AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile
from sublarr.vocabulary.scoring import ScoreType
from tests.contract.db.rows import a_source, an_entry
from tests.database_fixtures import Clock
from tests.integration.db.stateful.patience import looking

pytestmark = pytest.mark.slow
_NAMES = ("hash", "series", "season")


@dataclass(frozen=True)
class Removable:
    """Rows that are soft-deleted: how they are added by name, and taken away and back by key.

    `is_unique`: no two that are present may have one name. `revives`: adding one that was taken away brings its
    row back, since its name is its key.
    """

    table: str
    name_column: str
    add: Callable[[Unit, str], object]
    remove: Callable[[Unit, Any], object]
    restore: Callable[[Unit, Any], object]
    purge: Callable[[Unit, datetime, int], int]
    key_column: str = "id"
    is_unique: bool = True

    @property
    def revives(self) -> bool:
        return self.key_column == self.name_column


def _version(unit: Unit, table: str, row_id: int) -> int:
    columns = Base.metadata.tables[table].c
    found = unit.connection.execute(select(columns.version).where(columns.id == row_id)).scalar_one_or_none()
    return int(found or 0)


def _remove_weight(unit: Unit, row_id: int) -> None:
    names = {row.id: row.weight_key for row in unit.weights.listed()}
    if row_id not in names:
        raise NotFound("it is gone already")
    unit.weights.reset(ScoreType.EPISODE, names[row_id])


def _block(unit: Unit, name: str) -> None:
    if not unit.blocklist.add(NewBlock("jimaku", name)).is_new:
        raise Conflict("it is blocked already")


def _delete_config(unit: Unit, key: str) -> None:
    if not unit.config.delete(key):
        raise NotFound("there is none")


def _assignments(kind: AssignableKind) -> Removable:
    """What series or films were given, by the name under which their source knows them."""

    def scope(unit: Unit, name: str) -> AssignmentScope:
        source_id = a_source(unit, f"/{kind.value}")
        return AssignmentScope(kind, (an_entry(unit, MediaWrite(kind, source_id, name, name)),))

    def assign(unit: Unit, name: str) -> None:
        profile_id = unit.profiles.get_or_add_default("en", ["de"]).id
        if not unit.profiles.assign(scope(unit, name), profile_id):
            raise Conflict("it has that profile already")

    def unassign(unit: Unit, name: str) -> None:
        if not unit.profiles.unassign(scope(unit, name)):
            raise NotFound("it has no profile of its own")

    def restore(unit: Unit, name: str) -> None:
        if not unit.profiles.restore_assignments(scope(unit, name)):
            raise NotFound("nothing was taken from it")

    return Removable(
        f"{kind.value}_language_profiles",
        "source_key",
        assign,
        unassign,
        restore,
        lambda unit, moment, limit: unit.profiles.purge_assignments(moment, limit),
        "source_key",
    )


REMOVABLES: Mapping[str, Removable] = {
    "config": Removable(
        "config_entries",
        "key",
        lambda unit, name: unit.config.save(name, "x", version=0),
        _delete_config,
        lambda unit, key: unit.config.restore(key),
        lambda unit, moment, limit: unit.config.purge(moment, limit),
        "key",
    ),
    "modifiers": Removable(
        "provider_score_modifiers",
        "provider_name",
        lambda unit, name: unit.modifiers.save(name, 5, UNSET),
        lambda unit, key: unit.modifiers.delete(key),
        lambda unit, key: unit.modifiers.restore(key),
        lambda unit, moment, limit: unit.modifiers.purge(moment, limit),
        "provider_name",
    ),
    "weights": Removable(
        "scoring_weights",
        "weight_key",
        lambda unit, name: unit.weights.save([WeightEdit(ScoreType.EPISODE, name, 5, UNSET)]),
        _remove_weight,
        lambda unit, id_: unit.weights.restore(id_),
        lambda unit, moment, limit: unit.weights.purge(moment, limit),
    ),
    "blocklist": Removable(
        "blacklist_entries",
        "subtitle_id",
        _block,
        lambda unit, id_: unit.blocklist.delete(id_),
        lambda unit, id_: unit.blocklist.restore(id_),
        lambda unit, moment, limit: unit.blocklist.purge(moment, limit),
    ),
    "glossary": Removable(
        "glossary_entries",
        "source_term",
        lambda unit, name: unit.glossary.add(EVERYWHERE, NewTerm(name, name)),
        lambda unit, id_: unit.glossary.delete(id_, _version(unit, "glossary_entries", id_)),
        lambda unit, id_: unit.glossary.restore(id_),
        lambda unit, moment, limit: unit.glossary.purge_deleted_before(moment, limit),
        is_unique=False,
    ),
    "prompt presets": Removable(
        "prompt_presets",
        "name",
        lambda unit, name: unit.prompt_presets.add(name, "x"),
        lambda unit, id_: unit.prompt_presets.delete(id_, _version(unit, "prompt_presets", id_)),
        lambda unit, id_: unit.prompt_presets.restore(id_),
        lambda unit, moment, limit: unit.prompt_presets.purge_deleted_before(moment, limit),
    ),
    "profiles": Removable(
        "language_profiles",
        "name",
        lambda unit, name: unit.profiles.add(NewProfile(name)),
        lambda unit, id_: unit.profiles.delete(id_, _version(unit, "language_profiles", id_)),
        lambda unit, id_: unit.profiles.restore(id_),
        lambda unit, moment, limit: unit.profiles.purge(moment, limit),
    ),
    "profiles of series": _assignments(MediaKind.SERIES),
    "profiles of films": _assignments(MediaKind.MOVIE),
    "hooks": Removable(
        "hook_configs",
        "name",
        lambda unit, name: unit.hooks.add(NewHook(name, "*", "notify.sh")),
        lambda unit, id_: unit.hooks.delete(id_, _version(unit, "hook_configs", id_)),
        lambda unit, id_: unit.hooks.restore(id_),
        lambda unit, moment, limit: unit.hooks.purge(moment, limit),
        is_unique=False,
    ),
    "webhooks": Removable(
        "webhook_configs",
        "name",
        lambda unit, name: unit.webhooks.add(NewWebhook(name, "*", "http://chat.lan")),
        lambda unit, id_: unit.webhooks.delete(id_, _version(unit, "webhook_configs", id_)),
        lambda unit, id_: unit.webhooks.restore(id_),
        lambda unit, moment, limit: unit.webhooks.purge(moment, limit),
        is_unique=False,
    ),
}
# Soft-deleted, and not taken away and back by a key of their own; the reason is said.
ELSEWHERE = {
    "sources": "come and go with their folders",
    "watched_folders": "come back by being added again: tests/contract/db/test_folders.py",
}
_PLACE = st.integers(0, 20)


@dataclass
class Known:
    """A row, and when it was taken away."""

    name: str
    deleted_at: datetime | None = None


class Removing(RuleBasedStateMachine):
    """Somebody adds, takes away, brings back and purges."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__()
        self.database = database
        self.clock = clock
        self.removable = REMOVABLES["hooks"]
        self.known: dict[Any, Known] = {}

    @initialize(name=st.sampled_from(sorted(REMOVABLES)))
    def begin(self, name: str) -> None:
        self.removable = REMOVABLES[name]
        with self.database.write() as unit:
            for removable in REMOVABLES.values():
                unit.connection.execute(delete(Base.metadata.tables[removable.table]))
            if name == "prompt presets":
                unit.prompt_presets.add("the last one stays", "x")
        self.known = {key: Known(name) for key, name in self._stored()}

    def _stored(self, *conditions: Any) -> list[tuple[Any, str]]:
        columns = Base.metadata.tables[self.removable.table].c
        wanted = (columns[self.removable.key_column], columns[self.removable.name_column])
        with self.database.read() as unit:
            return [tuple(row) for row in unit.connection.execute(select(*wanted).where(*conditions))]

    def _is_taken(self, name: str) -> bool:
        present = [row for row in self.known.values() if row.deleted_at is None and row.name == name]
        return self.removable.is_unique and bool(present)

    def _try(self, call: Callable[[Unit], object], refusal: type[Exception] | None) -> None:
        self.clock.advance(1)
        if refusal is not None:
            with pytest.raises(refusal), self.database.write() as unit:
                call(unit)
            return
        with self.database.write() as unit:
            call(unit)

    @rule(name=st.sampled_from(_NAMES))
    def add(self, name: str) -> None:
        is_taken = self._is_taken(name)
        self._try(lambda unit: self.removable.add(unit, name), Conflict if is_taken else None)
        if is_taken:
            return
        if self.removable.revives and name in self.known:
            self.known[name].deleted_at = None
            return
        ((key, _),) = [row for row in self._stored() if row[0] not in self.known]
        self.known[key] = Known(name)

    @precondition(lambda self: self.known)
    @rule(place=_PLACE)
    def remove(self, place: int) -> None:
        key = sorted(self.known)[place % len(self.known)]
        row = self.known[key]
        if row.name == "the last one stays":
            return
        self._try(lambda unit: self.removable.remove(unit, key), NotFound if row.deleted_at else None)
        row.deleted_at = row.deleted_at or self.clock.now

    @precondition(lambda self: self.known)
    @rule(place=_PLACE)
    def bring_back(self, place: int) -> None:
        key = sorted(self.known)[place % len(self.known)]
        row = self.known[key]
        refusal: type[Exception] | None = None
        if row.deleted_at is None:
            refusal = NotFound
        elif self._is_taken(row.name):
            refusal = Conflict
        self._try(lambda unit: self.removable.restore(unit, key), refusal)
        if refusal is None:
            row.deleted_at = None

    @rule(seconds=st.integers(0, 8), limit=st.integers(1, 3))
    def purge(self, seconds: int, limit: int) -> None:
        moment = self.clock.now - timedelta(seconds=seconds)
        old = {key for key, row in self.known.items() if row.deleted_at and row.deleted_at < moment}
        with self.database.write() as unit:
            count = self.removable.purge(unit, moment, limit)
        gone = self.known.keys() - {key for key, _ in self._stored()}
        assert count == len(gone) == min(limit, len(old))
        assert gone <= old
        for key in gone:
            del self.known[key]

    @invariant()
    def what_is_there_is_there_and_what_was_taken_away_is_kept(self) -> None:
        columns = Base.metadata.tables[self.removable.table].c
        for is_present in (True, False):
            condition = columns.deleted_at.is_(None) if is_present else columns.deleted_at.is_not(None)
            expected = {
                (k, row.name) for k, row in self.known.items() if (row.deleted_at is None) is is_present
            }
            assert set(self._stored(condition)) == expected


def test_what_was_taken_away_can_be_brought_back_until_it_is_purged(database: Database, clock: Clock) -> None:
    run_state_machine_as_test(lambda: Removing(database, clock), settings=looking(40, 12))


def test_no_table_with_soft_deletion_is_left_out() -> None:
    soft = {
        mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, Deletable)
    }
    assert soft == {removable.table for removable in REMOVABLES.values()} | ELSEWHERE.keys()
