"""The blocklist, alike on both databases."""

from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.vocabulary.errors import Conflict, InvalidInput, NotFound
from tests.contract.db.rows import HOSTILE_TEXTS
from tests.database_fixtures import Clock, CountingObserver

_BLOCK = NewBlock("opensubtitles", "4711", "de", "/media/a.mkv", "Stalker", "out of sync")
_KEY = (_BLOCK.provider_name, _BLOCK.subtitle_id)


class TestBlocklistRepository:
    def test_add_refuses_the_subtitle_from_now_on(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            added = unit.blocklist.add(_BLOCK)
        with database.read() as unit:
            row = unit.blocklist.get(added.entry_id)
        assert added.is_new
        assert (row.provider_name, row.subtitle_id, row.language) == ("opensubtitles", "4711", "de")
        assert (row.file_path, row.title, row.reason) == ("/media/a.mkv", "Stalker", "out of sync")
        assert (row.added_at, row.deleted_at) == (clock.now, None)

    def test_add_twice_answers_the_entry_that_is_there_not_some_other(self, database: Database) -> None:
        with database.write() as unit:
            first = unit.blocklist.add(_BLOCK)
            unit.blocklist.add(replace(_BLOCK, subtitle_id="other"))
            again = unit.blocklist.add(replace(_BLOCK, reason="another"))
            assert (again.entry_id, again.is_new) == (first.entry_id, False)
            assert unit.blocklist.get(first.entry_id).reason == "out of sync"

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_add_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            added = unit.blocklist.add(NewBlock("jimaku", text or "1", "", text, text, text))
        with database.read() as unit:
            row = unit.blocklist.get(added.entry_id)
            assert unit.blocklist.is_blocked("jimaku", text or "1")
        assert (row.subtitle_id, row.file_path) == (text or "1", text)
        assert (row.title, row.reason) == (text.strip(), text.strip())

    @pytest.mark.parametrize("field", ["provider_name", "subtitle_id", "file_path", "title", "reason"])
    def test_add_refuses_nul_and_lone_surrogates(self, database: Database, field: str) -> None:
        for text in ("\0", "\udc80"):
            with pytest.raises(InvalidInput), database.write() as unit:
                unit.blocklist.add(replace(_BLOCK, **{field: text}))

    def test_add_many_counts_those_that_are_new(self, database: Database) -> None:
        blocks = [replace(_BLOCK, subtitle_id=str(number)) for number in range(1_100)]
        with database.write() as unit:
            assert unit.blocklist.add_many([]) == 0
            assert unit.blocklist.add_many(blocks[:100]) == 100
            assert unit.blocklist.add_many([*blocks, blocks[0]]) == 1_000
            assert unit.blocklist.count() == 1_100

    def test_find_answers_none_for_what_is_not_on_the_list(self, database: Database) -> None:
        with database.write() as unit:
            entry_id = unit.blocklist.add(_BLOCK).entry_id
            assert unit.blocklist.find(entry_id + 1) is None
            unit.blocklist.delete(entry_id)
            assert unit.blocklist.find(entry_id) is None

    def test_get_raises_where_there_is_none(self, database: Database) -> None:
        with database.read() as unit, pytest.raises(NotFound):
            unit.blocklist.get(1)

    def test_page_shows_the_newest_first_and_apart_what_was_taken_off(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            ids = []
            for number in range(5):
                ids.append(unit.blocklist.add(replace(_BLOCK, subtitle_id=str(number))).entry_id)
                clock.advance(1)
            unit.blocklist.delete(ids[2])
        with database.read() as unit:
            first = unit.blocklist.page(PageRequest(2))
            second = unit.blocklist.page(PageRequest(2, first.next))
            removed = unit.blocklist.page(PageRequest(), removed=True)
            assert [row.id for row in (*first.items, *second.items)] == [ids[4], ids[3], ids[1], ids[0]]
            assert (first.total, second.next) == (4, None)
            assert [(row.id, row.deleted_at) for row in removed.items] == [(ids[2], clock.now)]
            with pytest.raises(InvalidInput):
                unit.blocklist.page(PageRequest(2, first.next), removed=True)

    def test_count_leaves_out_what_was_taken_off(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.blocklist.count() == 0
            unit.blocklist.delete(unit.blocklist.add(_BLOCK).entry_id)
            unit.blocklist.add(replace(_BLOCK, subtitle_id="other"))
            assert unit.blocklist.count() == 1

    def test_is_blocked_needs_both_the_provider_and_the_id(self, database: Database) -> None:
        with database.write() as unit:
            unit.blocklist.add(_BLOCK)
            assert unit.blocklist.is_blocked(*_KEY)
            assert not unit.blocklist.is_blocked("podnapisi", "4711")
            assert not unit.blocklist.is_blocked("opensubtitles", "47")

    def test_blocked_of_asks_for_many_at_once(self, database: Database, observer: CountingObserver) -> None:
        asked = [(provider, str(number)) for provider in ("a", "b", "c") for number in range(400)]
        blocked = [("a", "0"), ("b", "399"), ("c", "7"), ("d", "1")]
        with database.write() as unit:
            unit.blocklist.add_many(NewBlock(*key) for key in blocked)
            unit.blocklist.delete(unit.blocklist.add(NewBlock("a", "1")).entry_id)
        observer.statements.clear()
        with database.read() as unit:
            assert unit.blocklist.blocked_of(asked) == set(blocked[:3])
            assert observer.statements == ["blocklist.blocked_of"] * 3
            assert unit.blocklist.blocked_of([]) == frozenset()

    def test_delete_takes_an_entry_off_so_that_it_may_come_again(self, database: Database) -> None:
        with database.write() as unit:
            entry_id = unit.blocklist.add(_BLOCK).entry_id
            unit.blocklist.delete(entry_id)
            assert not unit.blocklist.is_blocked(*_KEY)
            with pytest.raises(NotFound):
                unit.blocklist.delete(entry_id)
            again = unit.blocklist.add(_BLOCK)
            assert again.is_new
            assert again.entry_id != entry_id

    def test_clear_takes_every_entry_off_and_each_can_be_restored(self, database: Database) -> None:
        with database.write() as unit:
            ids = [unit.blocklist.add(replace(_BLOCK, subtitle_id=str(n))).entry_id for n in range(3)]
            unit.blocklist.delete(ids[0])
            assert unit.blocklist.clear() == 2
            assert unit.blocklist.clear() == 0
            unit.blocklist.restore(ids[2])
            assert unit.blocklist.count() == 1

    def test_restore_refuses_the_subtitle_again(self, database: Database) -> None:
        with database.write() as unit:
            entry_id = unit.blocklist.add(_BLOCK).entry_id
            with pytest.raises(NotFound):
                unit.blocklist.restore(entry_id)
            unit.blocklist.delete(entry_id)
            unit.blocklist.restore(entry_id)
            assert unit.blocklist.get(entry_id).deleted_at is None

    def test_restore_never_lists_a_subtitle_twice(self, database: Database) -> None:
        with database.write() as unit:
            entry_id = unit.blocklist.add(_BLOCK).entry_id
            unit.blocklist.delete(entry_id)
            unit.blocklist.add(_BLOCK)
        with pytest.raises(Conflict) as refused, database.write() as unit:
            unit.blocklist.restore(entry_id)
        assert refused.value.constraint == "uq_blacklist_entries_provider_name_subtitle_id"

    def test_purge_forgets_what_was_taken_off_long_ago_only(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            ids = [unit.blocklist.add(replace(_BLOCK, subtitle_id=str(n))).entry_id for n in range(5)]
            for entry_id in ids[:3]:
                unit.blocklist.delete(entry_id)
            limit = clock.advance(60)
            unit.blocklist.delete(ids[3])
            assert [unit.blocklist.purge(limit, 2) for _ in range(3)] == [2, 1, 0]
            assert [row.id for row in unit.blocklist.page(PageRequest(), removed=True).items] == [ids[3]]
            assert unit.blocklist.count() == 1
