"""The glossary, alike on both databases."""

from datetime import timedelta

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.glossary import (
    EVERYWHERE,
    PROMPT_TERMS,
    GlossaryScope,
    NewTerm,
    TermEdit,
    TermRow,
)
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import InvalidInput, MissingReference, NotFound, StaleRow
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS, a_source
from tests.database_fixtures import Clock


def _term(unit: Unit, source: str = "Sword", target: str = "Schwert", series: int | None = 7) -> TermRow:
    scope = EVERYWHERE if series is None else GlossaryScope(a_source(unit), series)
    return unit.glossary.add(scope, NewTerm(source, target))


def _scope(row: TermRow) -> GlossaryScope:
    return GlossaryScope(row.source_id, row.series_id)


def _sources(unit: Unit, scope: GlossaryScope, words: str = "") -> list[str]:
    return [row.source_term for row in unit.glossary.page(scope, PageRequest(), words).items]


class TestGlossaryRepository:
    def test_add_strips_the_texts_and_tells_the_term_as_it_was_stored(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            scope = GlossaryScope(a_source(unit), GREATEST)
            added = unit.glossary.add(scope, NewTerm(" Sword ", "\tSchwert\n", " n ", "thing", 0.5))
        with database.read() as unit:
            assert unit.glossary.get(added.id) == added
        assert (added.source_term, added.target_term, added.notes) == ("Sword", "Schwert", "n")
        assert (added.series_id, added.term_type, added.confidence) == (GREATEST, "thing", 0.5)
        assert (added.approved, added.version, added.created_at) == (True, 1, clock.now)

    @pytest.mark.parametrize("text", [text for text in HOSTILE_TEXTS if text.strip()])
    def test_add_takes_any_text(self, database: Database, text: str) -> None:
        with database.write() as unit:
            row = _term(unit, text, text)
            assert (row.source_term, row.target_term) == (text.strip(), text.strip())

    @pytest.mark.parametrize(("source", "target"), [(" ", "x"), ("x", "\n")])
    def test_add_refuses_a_blank_term(self, database: Database, source: str, target: str) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            _term(unit, source, target)

    def test_add_refuses_a_source_that_is_not_there(self, database: Database) -> None:
        with pytest.raises(MissingReference), database.write() as unit:
            unit.glossary.add(GlossaryScope(4711, 1), NewTerm("a", "b"))

    def test_find_and_get_leave_out_what_is_missing_or_deleted(self, database: Database) -> None:
        with database.write() as unit:
            row = _term(unit)
            assert unit.glossary.find(row.id) == row
            unit.glossary.delete(row.id, 1)
            assert unit.glossary.find(row.id) is None
            assert unit.glossary.find(4711) is None

    def test_get_says_what_is_missing(self, database: Database) -> None:
        with database.read() as unit, pytest.raises(NotFound):
            unit.glossary.get(4711)

    def test_page_sorts_by_term_and_never_mixes_series_of_two_sources(self, database: Database) -> None:
        with database.write() as unit:
            rows = [_term(unit, source) for source in ("c", "a", "b", "a")]
            other = GlossaryScope(a_source(unit, "/other"), 7)
            unit.glossary.add(other, NewTerm("theirs", "x"))
            _term(unit, "global", series=None)
            scope = _scope(rows[0])
            assert _sources(unit, scope) == ["a", "a", "b", "c"]
            assert _sources(unit, other) == ["theirs"]
            assert _sources(unit, EVERYWHERE) == ["global"]
            first = unit.glossary.page(scope, PageRequest(2))
            second = unit.glossary.page(scope, PageRequest(2, first.next))
        assert [row.id for row in (*first.items, *second.items)] == [
            rows[1].id,
            rows[3].id,
            rows[2].id,
            rows[0].id,
        ]
        assert (first.total, second.next) == (4, None)

    def test_page_finds_words_in_both_languages_and_takes_them_literally(self, database: Database) -> None:
        with database.write() as unit:
            scope = _scope(_term(unit, "100% sure", "ganz sicher"))
            _term(unit, "1000 ships", "a_b")
            _term(unit, "back\\slash", "axb")
            assert _sources(unit, scope, "SICHER") == ["100% sure"]
            assert _sources(unit, scope, "100%") == ["100% sure"]
            assert _sources(unit, scope, "a_b") == ["1000 ships"]
            assert _sources(unit, scope, "\\") == ["back\\slash"]
            assert _sources(unit, scope, "nothing") == []

    def test_newest_gives_the_approved_terms_that_were_touched_last(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            rows = []
            for number in range(PROMPT_TERMS + 2):
                rows.append(_term(unit, f"term {number}"))
                clock.advance(1)
            unit.glossary.update(rows[0].id, 1, TermEdit(notes="touched"))
            unit.glossary.update(rows[5].id, 1, TermEdit(approved=False))
            newest = unit.glossary.newest(_scope(rows[0]))
            assert len(newest) == PROMPT_TERMS
            assert [row.id for row in newest[:3]] == [rows[0].id, rows[-1].id, rows[-2].id]
            assert rows[5].id not in {row.id for row in newest}
            assert len(unit.glossary.newest(_scope(rows[0]), 2)) == 2

    def test_effective_prefers_the_series_own_word(self, database: Database) -> None:
        with database.write() as unit:
            scope = _scope(_term(unit, "Sword", "Klinge"))
            _term(unit, "Sword", "Schwert", series=None)
            _term(unit, "Ship", "Schiff", series=None)
            hidden = _term(unit, "Ghost", "Geist")
            unit.glossary.update(hidden.id, 1, TermEdit(approved=False))
            gone = _term(unit, "Gone", "Weg")
            unit.glossary.delete(gone.id, 1)
            assert unit.glossary.effective(scope) == {"Sword": "Klinge", "Ship": "Schiff"}
            assert unit.glossary.effective(EVERYWHERE) == {"Sword": "Schwert", "Ship": "Schiff"}

    def test_update_changes_what_is_named_and_nothing_else(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            row = _term(unit)
            clock.advance(1)
            changed = unit.glossary.update(row.id, 1, TermEdit(target_term=" Klinge ", term_type="thing"))
        assert (changed.source_term, changed.target_term, changed.term_type) == ("Sword", "Klinge", "thing")
        assert (changed.version, changed.updated_at, changed.created_at) == (2, clock.now, row.created_at)

    def test_update_that_names_nothing_changes_nothing(self, database: Database) -> None:
        with database.write() as unit:
            row = _term(unit)
            assert unit.glossary.update(row.id, 1, TermEdit()) == row

    @pytest.mark.parametrize("edit", [TermEdit(), TermEdit(notes="x")])
    def test_update_refuses_who_was_too_late(self, database: Database, edit: TermEdit) -> None:
        with database.write() as unit:
            row = _term(unit)
            unit.glossary.update(row.id, 1, TermEdit(notes="first"))
            with pytest.raises(StaleRow):
                unit.glossary.update(row.id, 1, edit)
            with pytest.raises(NotFound):
                unit.glossary.update(4711, 1, edit)
            assert unit.glossary.get(row.id).notes == "first"

    def test_update_refuses_to_blank_a_term(self, database: Database) -> None:
        with database.write() as unit:
            row = _term(unit)
            with pytest.raises(InvalidInput):
                unit.glossary.update(row.id, 1, TermEdit(source_term="  "))

    def test_delete_hides_the_term_and_refuses_who_was_too_late(self, database: Database) -> None:
        with database.write() as unit:
            row = _term(unit)
            with pytest.raises(StaleRow):
                unit.glossary.delete(row.id, 2)
            unit.glossary.delete(row.id, 1)
            assert _sources(unit, _scope(row)) == []
            with pytest.raises(NotFound):
                unit.glossary.delete(row.id, 2)

    def test_delete_scope_takes_out_one_series_only(self, database: Database) -> None:
        with database.write() as unit:
            scope = _scope(_term(unit, "a"))
            _term(unit, "b")
            _term(unit, "other", series=8)
            _term(unit, "global", series=None)
            assert unit.glossary.delete_scope(scope) == 2
            assert unit.glossary.delete_scope(scope) == 0
            assert _sources(unit, scope) == []
            assert _sources(unit, GlossaryScope(scope.source_id, 8)) == ["other"]
            assert _sources(unit, EVERYWHERE) == ["global"]

    def test_deleted_shows_what_can_be_restored(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            rows = [_term(unit, source) for source in "abc"]
            for row in rows[:2]:
                unit.glossary.delete(row.id, 1)
                clock.advance(1)
            assert [row.source_term for row in unit.glossary.deleted()] == ["b", "a"]
            assert [row.source_term for row in unit.glossary.deleted(1)] == ["b"]

    def test_restore_brings_a_term_back_as_it_was(self, database: Database) -> None:
        with database.write() as unit:
            row = _term(unit)
            with pytest.raises(NotFound):
                unit.glossary.restore(row.id)
            unit.glossary.delete(row.id, 1)
            again = unit.glossary.restore(row.id)
            assert (again.id, again.source_term, again.version) == (row.id, "Sword", 3)
            assert unit.glossary.deleted() == ()

    def test_purge_deleted_before_keeps_what_is_present_or_was_deleted_lately(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            rows = [_term(unit, source) for source in "abcd"]
            for row in rows[:2]:
                unit.glossary.delete(row.id, 1)
            moment = clock.advance(10)
            unit.glossary.delete(rows[2].id, 1)
            assert unit.glossary.purge_deleted_before(moment, 1) == 1
            assert unit.glossary.purge_deleted_before(moment, 10) == 1
            assert unit.glossary.purge_deleted_before(moment, 10) == 0
            assert [row.source_term for row in unit.glossary.deleted()] == ["c"]
            assert unit.glossary.find(rows[3].id) == rows[3]
            assert unit.glossary.purge_deleted_before(moment + timedelta(seconds=1), 10) == 1
