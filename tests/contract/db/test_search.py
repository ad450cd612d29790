"""Finding entries by words, alike on both databases."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, text, update

from sublarr.db.database import Database
from sublarr.db.models.catalogue import Media, MediaFile, MediaFileLink, SearchDocument
from sublarr.db.pages import PageRequest
from sublarr.db.repositories import search
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.search import split_words
from sublarr.db.repositories.wanted import WantedFilter
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
            patch.setattr(search, "_OFTEN", often)
            with database.write() as unit:
                unit.connection.execute(delete(Media))
                for number, title in enumerate(titles):
                    an_entry(unit, MediaWrite(MediaKind.MOVIE, a_source(unit), str(number), title))
            terms = [term.lower() for term in split_words(words)]
            expected = {title for title in titles if all(term in title.lower() for term in terms)}
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

    def test_check_sees_nothing_wrong_whatever_was_written(self, database: Database) -> None:
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
            assert unit.search.check() == ()
        with database.write() as unit:
            assert unit.search.check() == ()
            assert _found(unit, "serenity") == {"Serenity", "Episode 1"}
            assert _found(unit, "huitième elsewhere") == {"Alien"}
            assert _found(unit, "firefly.") == _found(unit, "gone.mkv") == set()
            run = unit.connection.execute
            run(delete(Media))
            assert unit.search.check() == ()
            assert unit.connection.execute(text("SELECT count(*) FROM search_documents")).scalar_one() == 0

    def test_rebuild_puts_right_what_check_tells(self, database: Database) -> None:
        with database.write() as unit:
            films = [a_film(unit, title) for title in ("Alien", "Stalker")]
        with database.write() as unit:
            documents = SearchDocument.media_id
            unit.connection.execute(delete(SearchDocument).where(documents == films[0].media_id))
            unit.connection.execute(update(SearchDocument).values(titles="Nonsense"))
            if database.dialect == "sqlite":
                unit.connection.execute(text("INSERT INTO search_index (search_index) VALUES ('delete-all')"))
            told = {problem.message: problem.entries for problem in unit.search.check()}
            assert told.pop("entries cannot be found") == 1
            assert told.pop("entries are found by other words than their own") == 1
            assert len(told) == (database.dialect == "sqlite")
            assert unit.search.rebuild() == 2
            assert unit.search.check() == ()
        with database.read() as unit:
            assert _found(unit, "alien") == {"Alien"}
            assert _found(unit, "nonsense") == set()
