"""What was learnt of watched folders' series and films, and of AniDB, alike on both databases."""

from dataclasses import asdict, replace

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.anidb import AnidbCounts, AnidbWrite
from sublarr.db.repositories.metadata import MetadataWrite
from sublarr.db.repositories.standalone import MovieWrite, SeriesWrite
from sublarr.vocabulary.errors import InvalidInput, MissingReference, NotFound
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS, a_film, a_series
from tests.database_fixtures import Clock

_SERIES = SeriesWrite(
    title="Firefly",
    folder_path="/media/Firefly",
    year=2002,
    tmdb_id=1437,
    tvdb_id=78874,
    anilist_id=GREATEST,
    imdb_id="tt0303461",
    poster_url="http://img/1",
    is_anime=True,
    episode_count=14,
    season_count=1,
    metadata_source="tmdb",
)
_MOVIE = MovieWrite(
    title="Stalker",
    file_path="/media/Stalker.mkv",
    year=1979,
    tmdb_id=1398,
    imdb_id="tt0079944",
    poster_url="http://img/2",
    metadata_source="tmdb",
)


class TestStandaloneSeriesRepository:
    def test_find_by_folder_takes_exactly_this_folder(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.standalone_series.upsert_many([_SERIES])
            assert unit.standalone_series.find_by_folder("/media/Fire%") is None
            assert unit.standalone_series.find_by_folder("/media/firefly") is None
            row = unit.standalone_series.find_by_folder("/media/Firefly")
        assert row is not None
        stored = asdict(row)
        assert {name: stored.pop(name) for name in asdict(_SERIES)} == asdict(_SERIES)
        assert stored == {"id": row.id, "media_id": None, "created_at": clock.now, "updated_at": clock.now}

    def test_upsert_many_writes_all_that_is_told_and_keeps_the_id(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            assert unit.standalone_series.upsert_many([]) == 0
            assert unit.standalone_series.upsert_many([_SERIES]) == 1
            first = unit.standalone_series.find_by_folder(_SERIES.folder_path)
            assert first is not None
            unit.standalone_series.link(first.id, a_series(unit))
            linked = unit.standalone_series.get(first.id)
            clock.advance(5)
            assert unit.standalone_series.upsert_many([_SERIES]) == 0
            assert unit.standalone_series.get(first.id) == linked
            bare = SeriesWrite(title="firefly", folder_path=_SERIES.folder_path)
            assert unit.standalone_series.upsert_many([bare]) == 1
            row = unit.standalone_series.get(first.id)
        assert (row.title, row.year, row.tmdb_id, row.imdb_id, row.is_anime) == (
            "firefly",
            None,
            None,
            "",
            False,
        )
        assert (row.media_id, row.created_at, row.updated_at) == (
            linked.media_id,
            first.created_at,
            clock.now,
        )

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_upsert_many_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.standalone_series.upsert_many([SeriesWrite(title=text, folder_path=f"/{text}")])
            row = unit.standalone_series.find_by_folder(f"/{text}")
        assert row is not None
        assert row.title == text

    def test_find_answers_none_for_an_unknown_series(self, database: Database) -> None:
        with database.write() as unit:
            unit.standalone_series.upsert_many([_SERIES])
            row = unit.standalone_series.find_by_folder(_SERIES.folder_path)
            assert row is not None
            assert unit.standalone_series.find(row.id) == row
            assert unit.standalone_series.find(row.id + 1) is None

    def test_get_of_an_unknown_series_is_not_found(self, database: Database) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.standalone_series.get(99)

    def test_page_goes_by_title_forward_and_back(self, database: Database) -> None:
        with database.write() as unit:
            titles = ["d", "a", "c", "b", "a"]
            writes = [SeriesWrite(title=title, folder_path=f"/{n}") for n, title in enumerate(titles)]
            unit.standalone_series.upsert_many(writes)
            first = unit.standalone_series.page(PageRequest(2))
            assert ([row.title for row in first.items], first.total) == (["a", "a"], 5)
            second = unit.standalone_series.page(PageRequest(2, first.next))
            assert [row.title for row in second.items] == ["b", "c"]
            back = unit.standalone_series.page(PageRequest(2, second.prev))
            assert back.items == first.items

    def test_link_needs_the_series_and_the_entry(self, database: Database) -> None:
        with database.write() as unit:
            unit.standalone_series.upsert_many([_SERIES])
            row = unit.standalone_series.find_by_folder(_SERIES.folder_path)
            assert row is not None
            media_id = a_series(unit)
            unit.standalone_series.link(row.id, media_id)
            assert unit.standalone_series.get(row.id).media_id == media_id
            unit.standalone_series.link(row.id, None)
            assert unit.standalone_series.get(row.id).media_id is None
        with pytest.raises(NotFound), database.write() as unit:
            unit.standalone_series.link(99, None)
        with pytest.raises(MissingReference), database.write() as unit:
            unit.standalone_series.link(row.id, 99)

    def test_delete_says_whether_there_was_anything(self, database: Database) -> None:
        with database.write() as unit:
            unit.standalone_series.upsert_many([_SERIES])
            row = unit.standalone_series.find_by_folder(_SERIES.folder_path)
            assert row is not None
            assert unit.standalone_series.delete(row.id) is True
            assert unit.standalone_series.delete(row.id) is False


class TestStandaloneMovieRepository:
    def test_find_by_path_takes_exactly_this_file(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.standalone_movies.upsert_many([_MOVIE])
            assert unit.standalone_movies.find_by_path("/media/Stalker_mkv") is None
            row = unit.standalone_movies.find_by_path(_MOVIE.file_path)
        assert row is not None
        stored = asdict(row)
        assert {name: stored.pop(name) for name in asdict(_MOVIE)} == asdict(_MOVIE)
        assert stored == {"id": row.id, "media_id": None, "created_at": clock.now, "updated_at": clock.now}

    def test_upsert_many_tells_how_many_changed(self, database: Database) -> None:
        writes = [replace(_MOVIE, file_path=f"/{number}") for number in range(1_100)]
        with database.write() as unit:
            assert unit.standalone_movies.upsert_many(writes) == 1_100
            assert unit.standalone_movies.upsert_many([replace(writes[0], year=None), *writes[1:]]) == 1

    def test_find_answers_none_for_an_unknown_film(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.standalone_movies.find(99) is None

    def test_get_of_an_unknown_film_is_not_found(self, database: Database) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.standalone_movies.get(99)

    def test_page_goes_by_title(self, database: Database) -> None:
        with database.write() as unit:
            unit.standalone_movies.upsert_many(
                [replace(_MOVIE, title=title, file_path=title) for title in ("b", "a", "c")]
            )
            page = unit.standalone_movies.page(PageRequest())
        assert [row.title for row in page.items] == ["a", "b", "c"]

    def test_link_lets_go_when_the_entry_goes(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.standalone_movies.upsert_many([_MOVIE])
            row = unit.standalone_movies.find_by_path(_MOVIE.file_path)
            assert row is not None
            unit.standalone_movies.link(row.id, film.media_id)
            assert unit.standalone_movies.get(row.id).media_id == film.media_id
            unit.files.delete([film.file_id])
            unit.media.delete_without_files(film.source_id)
            assert unit.standalone_movies.get(row.id) == row

    def test_delete_says_whether_there_was_anything(self, database: Database) -> None:
        with database.write() as unit:
            unit.standalone_movies.upsert_many([_MOVIE])
            row = unit.standalone_movies.find_by_path(_MOVIE.file_path)
            assert row is not None
            assert unit.standalone_movies.delete(row.id) is True
            assert unit.standalone_movies.delete(row.id) is False


class TestMetadataRepository:
    @pytest.mark.parametrize("response", [{"a": [1, None, "ü"]}, [], {}, "text", 0, False, 1.5])
    def test_find_answers_any_json_until_it_expires(
        self, database: Database, clock: Clock, response: object
    ) -> None:
        with database.write() as unit:
            unit.metadata.upsert_many([MetadataWrite("tmdb:1", "tmdb", response, ttl_days=0.5)])
            row = unit.metadata.find("tmdb:1")
            assert unit.metadata.find("tmdb:_") is None
        assert row is not None
        assert (row.cache_key, row.provider, row.response) == ("tmdb:1", "tmdb", response)
        assert (row.cached_at, (row.expires_at - clock.now).total_seconds()) == (clock.now, 43_200)
        clock.advance(43_200)
        with database.read() as unit:
            assert unit.metadata.find("tmdb:1") is None

    def test_upsert_many_replaces_and_prolongs(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            assert unit.metadata.upsert_many([MetadataWrite("k", "tmdb", {"n": 1})]) == 1
            clock.advance(60)
            assert unit.metadata.upsert_many([MetadataWrite("k", "anilist", {"n": 1})]) == 1
            row = unit.metadata.find("k")
        assert row is not None
        assert (row.provider, row.cached_at) == ("anilist", clock.now)

    @pytest.mark.parametrize("response", [None, "a\0b", float("nan")])
    def test_upsert_many_refuses_what_cannot_be_kept(self, database: Database, response: object) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.metadata.upsert_many([MetadataWrite("k", "tmdb", response)])

    def test_delete_expired_goes_chunk_by_chunk(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.metadata.upsert_many([MetadataWrite(f"k{n}", "tmdb", n, ttl_days=1) for n in range(5)])
            unit.metadata.upsert_many([MetadataWrite("kept", "tmdb", 1, ttl_days=2)])
            assert unit.metadata.delete_expired(10) == 0
            clock.advance(86_400)
            assert [unit.metadata.delete_expired(3) for _ in range(3)] == [3, 2, 0]
            assert unit.metadata.find("kept") is not None


class TestAnidbRepository:
    def test_use_counts_from_the_last_use(self, database: Database, clock: Clock) -> None:
        day = 86_400
        with database.write() as unit:
            assert unit.anidb.use(1, 30) is None
            unit.anidb.upsert_many([AnidbWrite(1, 23)])
            for _ in range(2):
                clock.advance(30 * day)
                assert unit.anidb.use(1, 30) == 23
            row = unit.anidb.find(1)
            assert row is not None
            assert row.last_used == clock.now
            clock.advance(30 * day + 1)
            assert unit.anidb.use(1, 30) is None
            assert unit.anidb.find(1) == row

    def test_find_looks_without_using(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.anidb.upsert_many([AnidbWrite(GREATEST, 1, "Monster")])
        used_at = clock.now
        clock.advance(60)
        with database.read() as unit:
            row = unit.anidb.find(GREATEST)
            assert unit.anidb.find(2) is None
        assert row is not None
        assert (row.anidb_id, row.series_title, row.created_at, row.last_used) == (
            1,
            "Monster",
            used_at,
            used_at,
        )

    def test_upsert_many_keeps_when_a_mapping_was_first_learnt(
        self, database: Database, clock: Clock
    ) -> None:
        first = clock.now
        with database.write() as unit:
            assert unit.anidb.upsert_many([AnidbWrite(2, 20), AnidbWrite(1, 10, "a")]) == 2
            clock.advance(60)
            unit.anidb.upsert_many([AnidbWrite(1, 11, "b")])
            row = unit.anidb.find(1)
        assert row is not None
        assert (row.anidb_id, row.series_title, row.created_at, row.last_used) == (11, "b", first, clock.now)

    def test_delete_unused_since_goes_chunk_by_chunk(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.anidb.upsert_many([AnidbWrite(number, number) for number in range(6)])
            assert unit.anidb.delete_unused_since(clock.now, 10) == 0
            clock.advance(60)
            unit.anidb.use(3, 1)
            assert [unit.anidb.delete_unused_since(clock.now, 3) for _ in range(3)] == [3, 2, 0]
            assert unit.anidb.find(3) is not None

    def test_counts_tell_how_many_and_from_when(self, database: Database, clock: Clock) -> None:
        first = clock.now
        with database.write() as unit:
            assert unit.anidb.counts() == AnidbCounts(0, None, None)
            unit.anidb.upsert_many([AnidbWrite(1, 1)])
            clock.advance(60)
            unit.anidb.upsert_many([AnidbWrite(2, 2)])
            assert unit.anidb.counts() == AnidbCounts(2, first, clock.now)
