"""The catalogue of films, series and episodes, alike on both databases."""

from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.media import MediaCounts, MediaWrite
from sublarr.vocabulary.errors import InvalidInput, MissingReference, NotFound
from sublarr.vocabulary.media import MediaKind
from tests.contract.db.rows import (
    GREATEST,
    HOSTILE_TEXTS,
    a_file,
    a_film,
    a_series,
    a_source,
    a_wish,
    an_entry,
    an_episode,
)
from tests.database_fixtures import Clock


class TestMediaRepository:
    def test_upsert_many_tells_how_many_really_changed(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            writes = [
                MediaWrite(MediaKind.MOVIE, source_id, f"/media/{number}", f"Film {number}", 2000)
                for number in range(1_200)
            ]
            assert unit.media.upsert_many(writes) == 1_200
        clock.advance(60)
        writes[7] = replace(writes[7], alternative_titles=("Der Film",))
        with database.write() as unit:
            assert unit.media.upsert_many(writes) == 1
            ids = unit.media.ids_by_key(source_id, ["/media/6", "/media/7"])
            untouched, changed = unit.media.get(ids["/media/6"]), unit.media.get(ids["/media/7"])
        assert (changed.updated_at, untouched.updated_at) == (clock.now, untouched.created_at)
        assert changed.created_at == untouched.created_at

    def test_upsert_many_notices_that_a_value_became_unknown(self, database: Database) -> None:
        with database.write() as unit:
            write = MediaWrite(MediaKind.MOVIE, a_source(unit), "/media/a", "A", 1999)
            media_id = an_entry(unit, write)
            assert unit.media.upsert_many([replace(write, year=None)]) == 1
            assert unit.media.get(media_id).year is None
            assert unit.media.upsert_many([write]) == 1
            assert unit.media.get(media_id).year == 1999

    def test_upsert_many_of_nothing_changes_nothing(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.media.upsert_many([]) == 0

    def test_upsert_many_takes_the_last_of_two_writes_of_one_entry(self, database: Database) -> None:
        with database.write() as unit:
            write = MediaWrite(MediaKind.MOVIE, a_source(unit), "/media/a", "First")
            unit.media.upsert_many([write, replace(write, title="Second")])
            media_id = unit.media.ids_by_key(write.source_id, ["/media/a"])["/media/a"]
            assert unit.media.get(media_id).title == "Second"

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_upsert_many_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            write = MediaWrite(
                MediaKind.MOVIE,
                a_source(unit),
                f"/{text}",
                text,
                folder_path=text,
                alternative_titles=(text,),
            )
            media_id = an_entry(unit, write)
        with database.read() as unit:
            row = unit.media.get(media_id)
        assert (row.title, row.folder_path) == (text, text)

    @pytest.mark.parametrize("field", ["source_key", "title", "folder_path", "alternative_titles"])
    @pytest.mark.parametrize("text", ["nul \0", "lone \ud800"])
    def test_upsert_many_refuses_what_one_of_the_databases_cannot_hold(
        self, database: Database, field: str, text: str
    ) -> None:
        value: dict[str, object] = {field: (text,) if field == "alternative_titles" else text}
        with database.write() as unit:
            write = MediaWrite(MediaKind.MOVIE, a_source(unit), "/media/a", "A")
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.media.upsert_many([replace(write, **value)])  # type: ignore[arg-type]

    def test_upsert_many_keeps_a_backslash_that_only_looks_like_a_nul(self, database: Database) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            write = MediaWrite(MediaKind.MOVIE, source_id, "/a", "A", alternative_titles=("\\u0000",))
            assert unit.media.upsert_many([write]) == 1
            assert unit.media.upsert_many([write]) == 0

    def test_upsert_many_needs_the_source_and_the_series(self, database: Database) -> None:
        with pytest.raises(MissingReference), database.write() as unit:
            unit.media.upsert_many([MediaWrite(MediaKind.MOVIE, 99, "/media/a", "A")])
        with pytest.raises(MissingReference), database.write() as unit:
            an_episode(unit, 99, 1, 1)
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.media.upsert_many([MediaWrite(MediaKind.EPISODE, a_source(unit), "/media/a", "A")])

    def test_upsert_many_may_leave_stored_entries_as_they_are(self, database: Database) -> None:
        with database.write() as unit:
            write = MediaWrite(MediaKind.MOVIE, a_source(unit), "/media/a", "First")
            media_id = an_entry(unit, write)
            new = replace(write, source_key="/media/b")
            assert unit.media.upsert_many([replace(write, title="Second"), new], keep_stored=True) == 1
            assert unit.media.get(media_id).title == "First"

    def test_ids_by_key_answers_only_for_its_own_source(self, database: Database) -> None:
        with database.write() as unit:
            first, second = a_source(unit, "/a"), a_source(unit, "/b")
            unit.media.upsert_many([MediaWrite(MediaKind.MOVIE, first, f"k{n}", "A") for n in range(1_100)])
            keys = [f"k{number}" for number in range(1_200)]
            assert len(unit.media.ids_by_key(first, keys)) == 1_100
            assert unit.media.ids_by_key(second, keys) == {}
            assert unit.media.ids_by_key(first, []) == {}

    @pytest.mark.parametrize("media_id", [0, -1, 99, GREATEST])
    def test_get_of_an_unknown_entry_is_not_found(self, database: Database, media_id: int) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.media.get(media_id)

    def test_page_sorts_without_articles_and_tells_the_counts(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit, "The Abyss")
            a_film(unit, "Brazil")
            a_series(unit, "Alf")
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
        with database.read() as unit:
            page = unit.media.page(MediaKind.MOVIE, "", PageRequest())
        assert [item.media.title for item in page.items] == ["The Abyss", "Brazil"]
        assert [item.counts for item in page.items] == [MediaCounts(0, 1, 1), MediaCounts(0, 1, 0)]
        assert page.total == 2

    @pytest.mark.parametrize("words", ["100%", "a_b", "back\\slash", "O'Brien", "千尋", "🎬", '"x"'])
    def test_page_takes_search_words_literally(self, database: Database, words: str) -> None:
        with database.write() as unit:
            for title in (f"An {words} film", "1000", "aXb", "backslash", "OBrien", "x"):
                a_film(unit, title)
        with database.read() as unit:
            page = unit.media.page(MediaKind.MOVIE, words, PageRequest())
            assert [item.media.title for item in page.items] == [f"An {words} film"]
            assert unit.media.page(MediaKind.MOVIE, "no such film", PageRequest()).items == ()

    def test_counts_answers_for_each_that_was_asked_for(self, database: Database) -> None:
        with database.write() as unit:
            series_id, empty = a_series(unit), a_series(unit, "Empty")
            episodes = [an_episode(unit, series_id, 1, number) for number in (1, 2)]
            file_id = a_file(unit, a_source(unit), "/media/double.mkv")
            unit.media.link([(episode, file_id) for episode in episodes], [file_id])
            # Far more than one statement could name at once.
            counts = unit.media.counts([series_id, empty, *range(10_000, 50_000)])
            assert counts[series_id] == MediaCounts(episodes=2, files=1, wanted=0)
            assert counts[empty] == counts[40_000] == MediaCounts()
            assert unit.media.counts([]) == {}

    def test_episodes_come_in_order_with_unnumbered_ones_first(self, database: Database) -> None:
        with database.write() as unit:
            series_id = a_series(unit)
            for season, episode in ((2, 1), (1, 10), (1, 2), (None, None), (0, 1)):
                an_episode(unit, series_id, season, episode)
        with database.read() as unit:
            page = unit.media.episodes(series_id, PageRequest())
            assert [(row.season, row.episode) for row in page.items] == [
                (None, None),
                (0, 1),
                (1, 2),
                (1, 10),
                (2, 1),
            ]
            assert unit.media.episodes(GREATEST, PageRequest()).items == ()

    def test_link_has_exactly_the_pairs_be_the_files_links(self, database: Database) -> None:
        with database.write() as unit:
            one, two = a_film(unit, "One"), a_film(unit, "Two")
            unit.media.link([(two.media_id, one.file_id)], [one.file_id])
            assert one.media_id not in unit.files.of_media([one.media_id])
            assert len(unit.files.of_media([two.media_id])[two.media_id]) == 2
            unit.media.link([(two.media_id, one.file_id)], [one.file_id])
            assert len(unit.files.of_media([two.media_id])[two.media_id]) == 2
            unit.media.link([], [one.file_id, two.file_id])
            assert unit.files.of_media([one.media_id, two.media_id]) == {}
            unit.media.link([], [])

    def test_link_needs_both_ends(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
        with pytest.raises(MissingReference), database.write() as unit:
            unit.media.link([(99, film.file_id)], [film.file_id])
        with database.read() as unit:
            assert film.media_id in unit.files.of_media([film.media_id])

    def test_delete_without_files_takes_empty_series_along_and_nobody_elses(self, database: Database) -> None:
        with database.write() as unit:
            kept = a_film(unit)
            series_id = a_series(unit)
            an_episode(unit, series_id, 1, 1)
            other = an_entry(unit, MediaWrite(MediaKind.MOVIE, a_source(unit, "/other"), "x", "X"))
            assert unit.media.delete_without_files(kept.source_id) == 2
            assert unit.media.delete_without_files(kept.source_id) == 0
            assert unit.media.get(kept.media_id).title == "Stalker"
            assert unit.media.get(other).title == "X"
            with pytest.raises(NotFound):
                unit.media.get(series_id)
