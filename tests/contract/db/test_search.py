"""Finding entries by words, alike on both databases."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from sublarr.db import search_care
from sublarr.db.database import Database
from sublarr.db.folding import fold
from sublarr.db.models.catalogue import Media, MediaFile, MediaFileLink, SearchDocument
from sublarr.db.pages import Listing, PageRequest, SortKey
from sublarr.db.repositories import word_search
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.search import Compared, Renewed
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.db.repositories.word_search import Sought, split_words
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.media import MediaKind
from tests.contract.db.rows import HOSTILE_TEXTS, a_film, a_series, a_source, a_wish, an_entry, an_episode

_HOSTILE = (
    *HOSTILE_TEXTS,
    *('"', "'", '""" AND "', "*", "a*", "NEAR(a b)", "AND", "OR NOT", "-a", "titles:a", "^a", "%", "_", "\\"),
    *("a:*", "a & !b", "<->", "\0", "a\0b", "\ud800", "$1", "{}", "(", "'' || ''", "🎬", "İ", "ß", "ﬁ"),
    *("x" * 10_000, '"' * 10_000, "a " * 5_000, "🎬" * 5_000),
)


def _found(unit: Unit, words: str) -> set[str]:
    return {hit.title for hit in unit.search.find(words, limit=200)}


class TestSearchRepository:
    @pytest.mark.parametrize(
        "words",
        [
            "Spirited",
            "spirited AWAY",
            "away spirited",
            "pirit",
            "S",
            "aw",
            "千と千尋",
            "千尋",
            "尋",
            "神隠し",
            "神隠",
            "し",
        ],
    )
    def test_find_knows_titles_by_any_part_of_them(self, database: Database, words: str) -> None:
        with database.write() as unit:
            film = MediaWrite(MediaKind.MOVIE, a_source(unit), "1", "Spirited Away")
            an_entry(unit, replace(film, alternative_titles=("千と千尋の神隠し",)))
            an_entry(unit, MediaWrite(MediaKind.MOVIE, film.source_id, "2", "Inn 千人"))
        with database.read() as unit:
            assert _found(unit, words) == {"Spirited Away"}

    def test_find_knows_episodes_by_their_series_and_by_their_files(self, database: Database) -> None:
        with database.write() as unit:
            series_id = a_series(unit, "Firefly")
            episode_id = an_episode(unit, series_id, 1, 1)
            unit.connection.execute(update(Media).where(Media.id == episode_id).values(title="Serenity"))
            a_film(unit, "Stalker")
        with database.read() as unit:
            assert [hit.title for hit in unit.search.find("firefly")] == ["Firefly", "Serenity"]
            assert [hit.series_title for hit in unit.search.find("firefly serenity")] == ["Firefly"]
            assert _found(unit, "stalker.mkv") == {"Stalker"}
            assert unit.search.find("firefly stalker") == ()

    def test_find_puts_what_was_typed_before_what_merely_holds_it(self, database: Database) -> None:
        with database.write() as unit:
            for title in ("The Red Alien", "Aliens", "Alien", "Zone"):
                a_film(unit, title)
            file = update(MediaFile).where(MediaFile.path.like("%Zone%"))
            unit.connection.execute(file.values(scene_name="Zone.by.alien"))
        with database.read() as unit:
            hits = unit.search.find("alien")
            assert [hit.title for hit in hits] == ["Alien", "Aliens", "The Red Alien", "Zone"]
            assert [hit.rank for hit in hits] == [0, 1, 2, 4]
            assert [hit.title for hit in unit.search.find("alien", limit=2)] == ["Alien", "Aliens"]

    def test_find_keeps_to_the_kinds_and_the_limit(self, database: Database) -> None:
        with database.write() as unit:
            an_episode(unit, a_series(unit, "Alien Series"), 1, 1)
            a_film(unit, "Alien")
        with database.read() as unit:
            kinds = {kind: [hit.kind for hit in unit.search.find("alien", [kind])] for kind in MediaKind}
            assert kinds == {kind: [kind] for kind in MediaKind}
            assert unit.search.find("alien", limit=1)[0].title == "Alien"
            for limit in (0, 201):
                with pytest.raises(InvalidInput):
                    unit.search.find("alien", limit=limit)

    def test_find_leaves_out_what_a_removed_folder_held(self, database: Database) -> None:
        with database.write() as unit:
            folder = unit.folders.add("/media")
            a_film(unit, "Alien")
            unit.folders.delete(folder.id, folder.version)
        with database.read() as unit:
            assert unit.search.find("alien") == ()

    @pytest.mark.parametrize("words", _HOSTILE, ids=range(len(_HOSTILE)))
    def test_find_takes_whatever_is_typed(self, database: Database, words: str) -> None:
        with database.write() as unit:
            film = a_film(unit, "Alien")
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
        with database.read() as unit:
            unit.search.find(words)
            unit.media.page(MediaKind.MOVIE, words, PageRequest())
            unit.wanted.page(WantedFilter(words=words), PageRequest())

    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
        database=None,
    )
    @given(words=st.text(max_size=40) | st.text("\"'*:-()^\\%_&|!<>\0 aAé千🎬שİ", max_size=60))
    def test_find_raises_nothing_but_a_refusal_whatever_is_typed(
        self, database: Database, words: str
    ) -> None:
        with database.read() as unit:
            known = unit.search.seek("alien").found
        if not known:
            with database.write() as unit:
                a_film(unit, 'Alien "quoted" 千尋')
        with database.read() as unit:
            try:
                page = unit.search.page(words, (), PageRequest())
                assert page.total == len(page.items)
                unit.wanted.page(WantedFilter(words=words), PageRequest())
                unit.media.page(MediaKind.MOVIE, words, PageRequest())
            except InvalidInput:
                pytest.fail("a text that people type is never refused by the repository")

    @pytest.mark.parametrize("often", [0, 5_000], ids=["often", "seldom"])
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
        database=None,
    )
    @given(
        titles=st.lists(st.text("aAbé千尋の\"'%_*\\-: 🎬", min_size=1, max_size=8), max_size=6),
        words=st.text("aAbB千尋の\"'%_*\\-: 🎬", max_size=6),
    )
    def test_find_agrees_with_looking_at_every_title(
        self,
        database: Database,
        often: int,
        titles: list[str],
        words: str,
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(word_search, "_OFTEN", often)
            with database.write() as unit:
                unit.connection.execute(delete(Media))
                for number, title in enumerate(titles):
                    an_entry(unit, MediaWrite(MediaKind.MOVIE, a_source(unit), str(number), title))
            terms = split_words(words)
            expected = {title for title in titles if all(term in fold(title) for term in terms)}
            with database.read() as unit:
                assert _found(unit, words) == (expected if terms else set())
                page = unit.media.page(MediaKind.MOVIE, words, PageRequest())
                assert {item.media.title for item in page.items} == expected

    def test_matching_is_a_condition_on_any_entry_column(self, database: Database) -> None:
        with database.write() as unit:
            film, other = a_film(unit, "Alien"), a_film(unit, "Stalker")
        with database.read() as unit:
            for words, expected in (
                ("alien", {film.media_id}),
                (" ", {film.media_id, other.media_id}),
                ("x y", set()),
            ):
                condition = unit.search.matching(words, MediaFileLink.media_id)
                found = unit.connection.execute(select(MediaFileLink.media_id).where(condition))
                assert set(found.scalars()) == expected, words

    def test_compare_sees_nothing_wrong_whatever_was_written(self, database: Database) -> None:
        with database.write() as unit:
            film, series_id = a_film(unit, "Alien"), a_series(unit)
            an_episode(unit, series_id, 1, 1)
            gone = a_film(unit, "Gone")
        with database.write() as unit:
            run = unit.connection.execute
            run(update(Media).where(Media.id == series_id).values(title="Serenity", original_title="O"))
            run(
                update(Media).where(Media.id == film.media_id).values(alternative_titles=["Le huitième", "x"])
            )
            unit.files.move(film.file_id, "/media/elsewhere.mkv")
            unit.files.delete([gone.file_id])
        with database.read() as unit:
            assert unit.search.compare(0, 100) == Compared(gone.media_id)
            assert unit.search.compare(gone.media_id, 100) == Compared(None)
            assert _found(unit, "serenity") == {"Serenity", "Episode 1"}
            assert _found(unit, "huitième elsewhere") == {"Alien"}
            assert _found(unit, "firefly.") == _found(unit, "gone.mkv") == set()
        with database.write() as unit:
            unit.connection.execute(delete(Media))
        with database.read() as unit:
            assert unit.search.compare(0, 100) == Compared(None)
            assert unit.connection.execute(text("SELECT count(*) FROM search_documents")).scalar_one() == 0

    def test_what_another_program_wrote_is_found_after_the_next_write_of_ours(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            film = a_film(unit, "Alien")
        with database.write() as unit:
            unit.connection.exec_driver_sql("UPDATE media SET title = 'Stalker'")
        with database.read() as unit:
            assert unit.search.pending() == 1
            assert unit.search.compare(0, 1).differing == 1
        with database.write() as unit:
            unit.files.move(film.file_id, "/media/elsewhere.mkv")
        with database.read() as unit:
            assert unit.search.pending() == 0
            assert _found(unit, "stalker elsewhere") == {"Stalker"}

    def test_follow_makes_findable_what_this_unit_wrote(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit, "Alien")
            assert unit.search.pending() > 0
            unit.search.follow()
            assert unit.search.pending() == 0
            assert _found(unit, "alien") == {"Alien"}

    def test_a_change_of_nothing_that_is_searched_leaves_the_document_alone(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit, "Alien")
        with database.write() as unit:
            unit.connection.execute(update(MediaFile).values(size=5, path=MediaFile.path))
            unit.connection.execute(update(Media).values(year=1980, title=Media.title))
            assert unit.search.pending() == 0
        with database.write() as unit:
            unit.connection.execute(update(Media).values(title="Aliens"))
            assert unit.search.pending() == 1
        with database.read() as unit:
            assert [hit.media_id for hit in unit.search.find("aliens")] == [film.media_id]

    def test_renew_puts_right_what_compare_tells(self, database: Database) -> None:
        with database.write() as unit:
            films = [a_film(unit, title) for title in ("Alien", "Stalker", "Solaris")]
        with database.write() as unit:
            documents = SearchDocument.media_id
            unit.connection.execute(delete(SearchDocument).where(documents == films[0].media_id))
            unit.connection.execute(update(SearchDocument).values(titles="Nonsense"))
            ids = [film.media_id for film in films]
            assert unit.search.compare(0, 2) == Compared(ids[1], missing=1, differing=1)
            assert unit.search.renew(0, 2) == Renewed(ids[1], 2)
            assert unit.search.compare(0, 2) == Compared(ids[1])
            assert unit.search.compare(0, 3) == Compared(ids[2], differing=1)
            assert unit.search.renew(ids[1], 2) == Renewed(ids[2], 1)
            assert unit.search.renew(ids[2], 2) is None
        with database.read() as unit:
            assert _found(unit, "alien") == {"Alien"}
            assert _found(unit, "nonsense") == set()

    def test_clear_leaves_nothing_to_be_found_and_renew_brings_it_back(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit, "Alien")
        with database.write() as unit:
            unit.search.clear()
            assert _found(unit, "alien") == set()
            assert unit.search.is_index_sound()
            unit.search.renew(0, 10)
            assert unit.search.is_index_sound()
        with database.read() as unit:
            assert _found(unit, "alien") == {"Alien"}

    def test_is_index_sound_tells_a_damaged_index(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit, "Alien")
        with database.write() as unit:
            assert unit.search.is_index_sound()
            if database.dialect == "sqlite":
                unit.connection.execute(text("INSERT INTO search_index (search_index) VALUES ('delete-all')"))
                assert not unit.search.is_index_sound()

    def test_seek_finds_all_or_the_first_of_too_many(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with database.write() as unit:
            film = a_film(unit, "Alien")
            a_film(unit, "Alien 3")
        with database.read() as unit:
            assert unit.search.seek("") == Sought((), (), is_often=False)
            assert unit.search.seek("3 ALIEN").terms == ("3", "alien")
            assert len(unit.search.seek("alien").found) == 2
            monkeypatch.setattr(word_search, "_OFTEN", 0)
            often = unit.search.seek("alien")
            assert (often.is_often, len(often.found)) == (True, 1)
            monkeypatch.setattr(word_search, "_OFTEN", 2)
            assert film.media_id in unit.search.seek("alien").found

    def test_condition_is_good_for_several_statements(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit, "Alien")
            a_film(unit, "Stalker")
        with database.read() as unit:
            sought = unit.search.seek("ALIEN")
            for column in (Media.id, MediaFileLink.media_id):
                statement = select(column).where(unit.search.condition(sought, column))
                assert unit.connection.execute(statement).scalars().all() == [film.media_id]

    def test_narrow_leaves_a_list_as_it_is_where_nothing_was_typed(self, database: Database) -> None:
        listing = Listing("films", select(Media.id), (SortKey(Media.id),))
        with database.write() as unit:
            a_film(unit, "Alien")
        with database.read() as unit:
            assert unit.search.narrow(listing, unit.search.seek(" "), Media.id) is listing
            narrowed = unit.search.narrow(listing, unit.search.seek("stalker"), Media.id)
            assert unit.connection.execute(narrowed.arranged(None, 5)).all() == []

    def test_pending_counts_what_nothing_of_ours_has_looked_at(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit, "Alien")
        with database.write() as unit:
            assert unit.search.pending() == 0
            unit.connection.exec_driver_sql("UPDATE media SET title = 'Stalker'")
            assert unit.search.pending() == 1

    @pytest.mark.parametrize("terms", [["100%", "_real_.mkv"], ["% _"]])
    def test_holding_looks_at_folded_text_byte_for_byte(self, database: Database, terms: list[str]) -> None:
        with database.write() as unit:
            film = a_film(unit, "100% _Real_")
            a_film(unit, "100 Unreal")
        with database.read() as unit:
            statement = select(SearchDocument.media_id).where(unit.search.holding(terms))
            assert unit.connection.execute(statement).scalars().all() == [film.media_id]

    def test_within_takes_no_character_for_a_pattern(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit, "100% _Real_")
            a_film(unit, "100 Unreal")
        with database.read() as unit:
            condition = unit.search.within(SearchDocument.titles, "% _")
            statement = select(SearchDocument.media_id).where(condition)
            assert unit.connection.execute(statement).scalars().all() == [film.media_id]

    @pytest.mark.parametrize("often", [0, 5_000], ids=["often", "seldom"])
    def test_page_forward_and_back_shows_every_entry_once_in_one_order(
        self, database: Database, often: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(word_search, "_OFTEN", often)
        titles = ["Alien", "Alien", "Alien 3", "Aliens", "The Alien", "Xalien", "Zone", "Unrelated"]
        with database.write() as unit:
            for number, title in enumerate(titles):
                write = MediaWrite(MediaKind.MOVIE, a_source(unit), str(number), title)
                folder = "/media/alien" if title == "Zone" else ""
                an_entry(unit, replace(write, folder_path=folder))
            an_episode(unit, a_series(unit, "Alien"), 1, 1)
        seen: list[int] = []
        with database.read() as unit:
            request = PageRequest(limit=2)
            while True:
                page = unit.search.page("alien", (), request)
                assert (page.total, page.total_capped) == (9, False)
                seen += [hit.media_id for hit in page.items]
                if page.next is None:
                    break
                request = PageRequest(limit=2, cursor=page.next)
            back = list(page.items)
            while page.prev is not None:
                page = unit.search.page("alien", (), PageRequest(limit=2, cursor=page.prev))
                back = [*page.items, *back]
            whole = unit.search.page("alien", (), PageRequest())
            assert [hit.media_id for hit in back] == seen == [hit.media_id for hit in whole.items]
            assert len(seen) == len(set(seen)) == 9
            ranks = [hit.rank for hit in whole.items]
            assert ranks == sorted(ranks)
            assert ranks[:3] == [0, 0, 0]

    def test_page_of_other_words_by_its_cursor_is_refused(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit, "Alien")
            a_film(unit, "Aliens")
        with database.read() as unit:
            page = unit.search.page("alien", (), PageRequest(limit=1))
            assert page.next
            with pytest.raises(InvalidInput):
                unit.search.page("aliens", (), PageRequest(limit=1, cursor=page.next))

    def test_page_has_the_best_first_films_and_series_before_episodes(self, database: Database) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            for title in ("Xalienx", "My Alien Friend", "Alien Nation", "Alien"):
                an_entry(unit, MediaWrite(MediaKind.MOVIE, source_id, title, title))
            other = MediaWrite(MediaKind.MOVIE, source_id, "o", "Octavo", alternative_titles=("Alien",))
            an_entry(unit, other)
            an_entry(unit, MediaWrite(MediaKind.MOVIE, source_id, "z", "Zone", folder_path="/media/alien"))
            series_id = a_series(unit, "Alien")
            episode = MediaWrite(MediaKind.EPISODE, source_id, "e", "Alien", series_id=series_id, season=1)
            an_entry(unit, replace(episode, episode=1))
            an_entry(unit, replace(episode, source_key="f", title="Pilot", episode=2))
        with database.read() as unit:
            hits = [(hit.rank, hit.kind.value, hit.title) for hit in unit.search.find("Alién")]
        assert sorted(hits[:2]) == [(0, "movie", "Alien"), (0, "series", "Alien")]
        assert hits[2:] == [
            (0, "episode", "Alien"),
            (1, "movie", "Alien Nation"),
            (1, "movie", "Octavo"),
            (2, "movie", "My Alien Friend"),
            (3, "movie", "Xalienx"),
            (3, "episode", "Pilot"),
            (4, "movie", "Zone"),
        ]

    def test_page_of_very_frequent_words_is_counted_up_to_a_limit(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(word_search, "_OFTEN", 2)
        with database.write() as unit:
            for title in ("Alien", "Aliens", "Alien 3", "Alien 4"):
                film = a_film(unit, title)
                unit.wanted.reconcile([film.file_id], [a_wish(film)])
        for name in ("search", "word_search"):
            monkeypatch.setattr(f"sublarr.db.repositories.{name}.SEARCH_CAP", 3)
        with database.read() as unit:
            for page in (
                unit.search.page("alien", (), PageRequest(limit=1)),
                unit.media.page(MediaKind.MOVIE, "alien", PageRequest(limit=1)),
                unit.wanted.page(WantedFilter(words="alien"), PageRequest(limit=1)),
            ):
                assert (page.total, page.total_capped, len(page.items)) == (3, True, 1)
                assert page.next


class TestFolding:
    @pytest.mark.parametrize(
        ("title", "typed"),
        [
            ("Le Fabuleux Destin d'Amélie Poulain", ["amelie", "AMÉLIE", "amélie", "Ame\u0301lie"]),
            ("Straße der Träume", ["strasse", "STRASSE", "straße", "träume", "traume", "TRÄUME"]),
            ("Işık İstanbul", ["isik", "ISIK", "ışık", "istanbul", "İSTANBUL", "ISTANBUL"]),
            ("Łódź Bjørn Ærø", ["lodz", "bjorn", "BJØRN", "aero"]),
            ("Ёлки", ["елки", "ЁЛКИ", "ёлки"]),
            ("Ὀδυσσεύς", ["οδυσσευς", "ΟΔΥΣΣΕΥΣ"]),
            ("ＡＫＩＲＡ ｱｷﾗ", ["akira", "アキラ"]),
            ("\u304b\u3099んばれ", ["がんばれ", "がん"]),
            ("한국 영화", ["한국", "영화", "\u1112\u1161\u11ab국"]),
            ("千と千尋の神隠し", ["千尋", "神隠", "千と"]),
            ("שָׁלוֹם", ["שלום", "שָׁלוֹם"]),
            ("مُحَمَّد", ["محمد"]),
            ("Don\u2019t", ["don't"]),
        ],
    )
    def test_titles_are_found_without_the_accents_they_have(
        self, database: Database, title: str, typed: list[str]
    ) -> None:
        with database.write() as unit:
            film = MediaWrite(MediaKind.MOVIE, a_source(unit), "1", "Film", alternative_titles=(title,))
            an_entry(unit, film)
            an_entry(unit, replace(film, source_key="2", title=f"{title} II", alternative_titles=()))
            an_entry(unit, replace(film, source_key="3", title="Another", alternative_titles=("かん 하",)))
        with database.read() as unit:
            for words in typed:
                assert _found(unit, words) == {"Film", f"{title} II"}, words


class TestCare:
    def test_a_sound_search_has_no_problem(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit, "Alien")
        assert search_care.check_search(database) == ()
        assert search_care.rebuild_search(database) == 1

    def test_whatever_is_wrong_is_told_and_put_right_stretch_by_stretch(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search_care, "_STRETCH", 2)
        with database.write() as unit:
            films = [a_film(unit, title) for title in ("Alien", "Stalker", "Solaris")]
        with database.write() as unit:
            unit.connection.exec_driver_sql("UPDATE media SET title = 'Zone' WHERE title = 'Solaris'")
        with database.write() as unit:
            first = SearchDocument.media_id == films[0].media_id
            unit.connection.execute(delete(SearchDocument).where(first))
            if database.dialect == "sqlite":
                unit.connection.execute(text("INSERT INTO search_index (search_index) VALUES ('delete-all')"))
        told = {problem.message: problem.entries for problem in search_care.check_search(database)}
        assert told.pop("the index disagrees with the documents", 0) == 0
        assert told == {
            "entries cannot be found": 1,
            "entries are found by other words than their own": 1,
            "changes are not looked at yet": 1,
        }
        progress: list[int] = []
        assert search_care.rebuild_search(database, progress.append) == 3
        assert progress == [2, 3]
        assert search_care.check_search(database) == ()
        with database.read() as unit:
            assert _found(unit, "zone") == {"Zone"}
            assert _found(unit, "alien") == {"Alien"}
            assert _found(unit, "solaris") == {"Zone"}, "its file has that name"
