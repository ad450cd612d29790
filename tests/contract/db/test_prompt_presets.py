"""Prompt presets, alike on both databases."""

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.prompt_presets import PresetEdit
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, InvalidInput, NotFound, StaleRow
from tests.contract.db.rows import HOSTILE_TEXTS, LINES
from tests.database_fixtures import Clock


def _defaults(unit: Unit) -> list[str]:
    return [row.name for row in unit.prompt_presets.listed() if row.is_default]


class TestPromptPresetRepository:
    def test_add_strips_and_tells_the_preset_as_it_was_stored(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            added = unit.prompt_presets.add(" Anime ", " Translate {lines} ")
        with database.read() as unit:
            assert unit.prompt_presets.get(added.id) == added
        assert (added.name, added.prompt_template) == ("Anime", "Translate {lines}")
        assert (added.is_default, added.version, added.created_at) == (False, 1, clock.now)

    @pytest.mark.parametrize("text", LINES)
    def test_add_takes_any_name(self, database: Database, text: str) -> None:
        with database.write() as unit:
            assert unit.prompt_presets.add(text, "x").name == text.strip()

    @pytest.mark.parametrize(
        "text", [text for text in HOSTILE_TEXTS if text.strip() and "(name)" not in text]
    )
    def test_add_takes_any_prompt(self, database: Database, text: str) -> None:
        with database.write() as unit:
            assert unit.prompt_presets.add("a", text).prompt_template == text.strip()

    @pytest.mark.parametrize(("name", "prompt"), [(" ", "x"), ("x", " ")])
    def test_add_refuses_a_blank(self, database: Database, name: str, prompt: str) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.prompt_presets.add(name, prompt)

    def test_add_refuses_a_name_that_is_taken_and_keeps_the_default(self, database: Database) -> None:
        with database.write() as unit:
            unit.prompt_presets.add("a", "x", is_default=True)
        with pytest.raises(Conflict) as caught, database.write() as unit:
            unit.prompt_presets.add("a", "y", is_default=True)
        assert caught.value.constraint == "uq_prompt_presets_name"
        with database.read() as unit:
            assert _defaults(unit) == ["a"]

    def test_add_as_default_takes_the_place_of_the_old_default(self, database: Database) -> None:
        with database.write() as unit:
            old = unit.prompt_presets.add("a", "x", is_default=True)
            new = unit.prompt_presets.add("b", "x", is_default=True)
            assert unit.prompt_presets.find_default() == new
            assert unit.prompt_presets.get(old.id).version == 2
            assert _defaults(unit) == ["b"]

    def test_listed_begins_with_the_default(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.prompt_presets.listed() == ()
            for name in ("c", "a", "b"):
                unit.prompt_presets.add(name, "x", is_default=name == "b")
            assert [row.name for row in unit.prompt_presets.listed()] == ["b", "a", "c"]

    def test_find_answers_none_for_what_is_missing(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.prompt_presets.add("a", "x")
            assert unit.prompt_presets.find(row.id) == row
            assert unit.prompt_presets.find(4711) is None

    def test_get_says_what_is_missing(self, database: Database) -> None:
        with database.read() as unit, pytest.raises(NotFound):
            unit.prompt_presets.get(4711)

    def test_find_default_answers_none_where_nobody_chose(self, database: Database) -> None:
        with database.write() as unit:
            unit.prompt_presets.add("a", "x")
            assert unit.prompt_presets.find_default() is None

    def test_update_changes_what_is_named_and_nothing_else(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.prompt_presets.add("a", "x", is_default=True)
            changed = unit.prompt_presets.update(row.id, 1, PresetEdit(prompt_template=" y "))
            assert (changed.name, changed.prompt_template, changed.is_default) == ("a", "y", True)
            assert changed.version == 2
            assert unit.prompt_presets.update(row.id, 2, PresetEdit()) == changed

    def test_update_moves_the_default_or_takes_it_away(self, database: Database) -> None:
        with database.write() as unit:
            unit.prompt_presets.add("a", "x", is_default=True)
            row = unit.prompt_presets.add("b", "x")
            changed = unit.prompt_presets.update(row.id, 1, PresetEdit(is_default=True))
            assert (changed.is_default, changed.version, _defaults(unit)) == (True, 2, ["b"])
            again = unit.prompt_presets.update(row.id, 2, PresetEdit(is_default=True))
            assert (again.version, _defaults(unit)) == (2, ["b"])
            unit.prompt_presets.update(row.id, 2, PresetEdit(is_default=False))
            assert _defaults(unit) == []

    @pytest.mark.parametrize("edit", [PresetEdit(), PresetEdit(is_default=True), PresetEdit(name="c")])
    def test_update_refuses_who_was_too_late_and_the_default_stays(
        self, database: Database, edit: PresetEdit
    ) -> None:
        with database.write() as unit:
            unit.prompt_presets.add("a", "x", is_default=True)
            row = unit.prompt_presets.add("b", "x")
            unit.prompt_presets.update(row.id, 1, PresetEdit(prompt_template="y"))
            with pytest.raises(StaleRow):
                unit.prompt_presets.update(row.id, 1, edit)
            with pytest.raises(NotFound):
                unit.prompt_presets.update(4711, 1, edit)
        with database.read() as unit:
            assert _defaults(unit) == ["a"]

    @pytest.mark.parametrize("values", [{"name": " "}, {"prompt_template": ""}])
    def test_update_refuses_a_blank(self, database: Database, values: dict[str, str]) -> None:
        with database.write() as unit:
            row = unit.prompt_presets.add("a", "x")
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.prompt_presets.update(row.id, 1, PresetEdit(**values))

    def test_delete_never_takes_the_last_one(self, database: Database) -> None:
        with database.write() as unit:
            first = unit.prompt_presets.add("a", "x", is_default=True)
            second = unit.prompt_presets.add("b", "x")
            unit.prompt_presets.delete(first.id, 1)
            assert unit.prompt_presets.find_default() is None
            with pytest.raises(Conflict):
                unit.prompt_presets.delete(second.id, 1)
            assert [row.name for row in unit.prompt_presets.listed()] == ["b"]

    def test_delete_refuses_who_was_too_late(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.prompt_presets.add("a", "x")
            unit.prompt_presets.add("b", "x")
            with pytest.raises(StaleRow):
                unit.prompt_presets.delete(row.id, 2)
            with pytest.raises(NotFound):
                unit.prompt_presets.delete(4711, 1)

    def test_deleted_shows_what_can_be_restored(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            rows = [unit.prompt_presets.add(name, "x") for name in "abc"]
            for row in rows[:2]:
                unit.prompt_presets.delete(row.id, 1)
                clock.advance(1)
            assert [row.name for row in unit.prompt_presets.deleted()] == ["b", "a"]
            assert [row.name for row in unit.prompt_presets.deleted(1)] == ["b"]

    def test_restore_never_makes_two_defaults_or_two_of_one_name(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.prompt_presets.add("a", "x", is_default=True)
            unit.prompt_presets.add("b", "x")
            unit.prompt_presets.delete(row.id, 1)
            unit.prompt_presets.add("c", "x", is_default=True)
            assert not unit.prompt_presets.restore(row.id).is_default
            assert _defaults(unit) == ["c"]
            with pytest.raises(NotFound):
                unit.prompt_presets.restore(row.id)
            unit.prompt_presets.delete(row.id, 3)
            unit.prompt_presets.add("a", "another")
        with pytest.raises(Conflict), database.write() as unit:
            unit.prompt_presets.restore(row.id)

    def test_purge_deleted_before_removes_for_good(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            rows = [unit.prompt_presets.add(name, "x") for name in "abc"]
            unit.prompt_presets.delete(rows[0].id, 1)
            moment = clock.advance(10)
            unit.prompt_presets.delete(rows[1].id, 1)
            assert unit.prompt_presets.purge_deleted_before(moment, 10) == 1
            assert [row.name for row in unit.prompt_presets.deleted()] == ["b"]
