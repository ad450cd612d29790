"""Which profile films and series were given, alike on both databases."""

import pytest
from sqlalchemy import update

from sublarr.db.database import Database
from sublarr.db.models.catalogue import Media
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.profile_assignments import AssignedProfile
from sublarr.db.repositories.profiles import ProfileRow
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import InvalidInput, NotFound, StaleRow
from sublarr.vocabulary.jobs import ReviewWanted
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignableKind, AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile
from tests.contract.db.rows import GREATEST, a_film, a_series, a_source, an_entry, an_episode
from tests.database_fixtures import Clock

_SERIES = MediaKind.SERIES
_MOVIE = MediaKind.MOVIE


def _profiles(unit: Unit, *names: str) -> list[ProfileRow]:
    return [unit.profiles.add(NewProfile(name)) for name in names]


def _series(*media_ids: int) -> AssignmentScope:
    return AssignmentScope(_SERIES, media_ids)


def _reviewed(unit: Unit) -> int:
    return len(unit.jobs.page(JobFilter(kind=ReviewWanted.kind), PageRequest(limit=200)).items)


def _names(unit: Unit, *media_ids: int) -> dict[int, str]:
    return {media_id: profile.name for media_id, profile in unit.profiles.assigned(media_ids).items()}


class TestProfileRepository:
    def test_assign_holds_for_the_series_and_asks_for_a_review(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            first, second, other = (a_series(unit, title) for title in ("A", "B", "C"))
            anime, films = _profiles(unit, "Anime", "Films")
            assert unit.profiles.assign(_series(first, second, first), anime.id) == 2
            assert _reviewed(unit) == 1
            assert unit.profiles.assign(_series(first, second), anime.id) == 0
            assert _reviewed(unit) == 1, "nothing changed"
            assert unit.profiles.assign(_series(second, other), films.id) == 2
            assert _names(unit, first, second, other) == {first: "Anime", second: "Films", other: "Films"}

    def test_assign_of_more_than_fit_one_statement(self, database: Database) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            writes = [MediaWrite(_SERIES, source_id, f"series:{n}", f"Series {n}") for n in range(1_200)]
            unit.media.upsert_many(writes)
            ids = tuple(unit.media.ids_by_key(source_id, [write.source_key for write in writes]).values())
            anime, films = _profiles(unit, "Anime", "Films")
            assert unit.profiles.assign(_series(*ids[:700]), anime.id) == 700
            assert unit.profiles.assign(_series(*ids), films.id) == 1_200
            assert set(_names(unit, *ids).values()) == {"Films"}
            assert unit.profiles.unassign(_series(*ids)) == 1_200

    def test_assign_refuses_a_film_among_series_and_changes_none(self, database: Database) -> None:
        with database.write() as unit:
            series_id, film = a_series(unit), a_film(unit)
            episode = an_episode(unit, series_id, 1, 1)
            (anime,) = _profiles(unit, "Anime")
        wrong: tuple[tuple[AssignableKind, int], ...] = (
            (_SERIES, film.media_id),
            (_SERIES, episode),
            (_MOVIE, series_id),
            (_MOVIE, episode),
        )
        for kind, media_id in wrong:
            right = series_id if kind is _SERIES else film.media_id
            with pytest.raises(InvalidInput) as caught, database.write() as unit:
                unit.profiles.assign(AssignmentScope(kind, (right, media_id)), anime.id)
            assert caught.value.problems[0].field == "media_ids"
        with database.read() as unit:
            assert _names(unit, series_id, film.media_id) == {}

    def test_assign_of_what_is_not_there_is_not_found(self, database: Database) -> None:
        with database.write() as unit:
            series_id = a_series(unit)
            anime, gone = _profiles(unit, "Anime", "Gone")
            unit.profiles.delete(gone.id, gone.version)
        for media_id, profile_id in ((series_id, gone.id), (series_id, GREATEST), (GREATEST, anime.id)):
            with pytest.raises(NotFound), database.write() as unit:
                unit.profiles.assign(_series(media_id), profile_id)

    def test_assign_by_versions_that_moved_on_is_stale_for_all(self, database: Database) -> None:
        with database.write() as unit:
            first, second = a_series(unit, "A"), a_series(unit, "B")
            anime, films = _profiles(unit, "Anime", "Films")
            unit.profiles.assign(AssignmentScope(_SERIES, (first,), {first: 0}), anime.id)
            unit.profiles.assign(AssignmentScope(_SERIES, (first,), {first: 1}), films.id)
        for versions in ({first: 1, second: 0}, {first: 0}, {second: 1}):
            with pytest.raises(StaleRow) as caught, database.write() as unit:
                unit.profiles.assign(AssignmentScope(_SERIES, (first, second), versions), anime.id)
            assert len(caught.value.problems) == 1
        with database.read() as unit:
            assert _names(unit, first, second) == {first: "Films"}

    def test_assign_never_gives_a_version_twice(self, database: Database) -> None:
        with database.write() as unit:
            series_id = a_series(unit)
            anime, films = _profiles(unit, "Anime", "Films")
            unit.profiles.assign(_series(series_id), anime.id)
            unit.profiles.unassign(_series(series_id))
            unit.profiles.assign(_series(series_id), films.id)
            given = unit.profiles.assignment_map(_SERIES)
            assert given == {series_id: AssignedProfile(films.id, "Films", 3)}

    def test_assign_outlives_an_entry_that_is_away(self, database: Database) -> None:
        with database.write() as unit:
            series_id = a_series(unit)
            source_id = a_source(unit)
            (anime,) = _profiles(unit, "Anime")
            unit.profiles.assign(_series(series_id), anime.id)
            unit.connection.execute(Media.__table__.delete())
            (row,) = unit.profiles.assignments(_SERIES, PageRequest()).items
            assert (row.media_id, row.title, row.source_key) == (None, None, "/media/Firefly")
            again = an_entry(unit, MediaWrite(_SERIES, source_id, "/media/Firefly", "Firefly"))
            assert _names(unit, again) == {again: "Anime"}

    def test_assign_tells_two_sonarrs_series_of_one_number_apart(self, database: Database) -> None:
        with database.write() as unit:
            first = an_entry(unit, MediaWrite(_SERIES, a_source(unit, "/one"), "series:12", "A"))
            second = an_entry(unit, MediaWrite(_SERIES, a_source(unit, "/two"), "series:12", "B"))
            unit.connection.execute(update(Media).values(external_id=12))
            anime, films = _profiles(unit, "Anime", "Films")
            unit.profiles.assign(_series(first), anime.id)
            unit.profiles.assign(_series(second), films.id)
            assert _names(unit, first, second) == {first: "Anime", second: "Films"}

    def test_unassign_has_them_follow_the_default_again(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            first, second = a_series(unit, "A"), a_series(unit, "B")
            (anime,) = _profiles(unit, "Anime")
            unit.profiles.assign(_series(first, second), anime.id)
            before = _reviewed(unit)
            assert unit.profiles.unassign(_series(first)) == 1
            assert unit.profiles.unassign(_series(first)) == 0
            assert _names(unit, first, second) == {second: "Anime"}
            assert _reviewed(unit) == before + 1
        with pytest.raises(StaleRow), database.write() as unit:
            unit.profiles.unassign(AssignmentScope(_SERIES, (second,), {second: 2}))
        with pytest.raises(NotFound), database.write() as unit:
            unit.profiles.unassign(_series(GREATEST))

    def test_restore_assignments_gives_back_what_was_taken(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            (anime,) = _profiles(unit, "Anime")
            scope = AssignmentScope(_MOVIE, (film.media_id,))
            unit.profiles.assign(scope, anime.id)
            unit.profiles.unassign(scope)
            assert unit.profiles.restore_assignments(scope) == 1
            assert unit.profiles.restore_assignments(scope) == 0
            assert _names(unit, film.media_id) == {film.media_id: "Anime"}

    def test_assignments_page_through_all_of_a_kind(self, database: Database) -> None:
        with database.write() as unit:
            ids = [a_series(unit, f"Series {number}") for number in range(5)]
            film = a_film(unit)
            anime, films, gone = _profiles(unit, "Anime", "Films", "Gone")
            for media_id in ids[:4]:
                unit.profiles.assign(_series(media_id), anime.id)
            unit.profiles.assign(_series(ids[4]), gone.id)
            unit.profiles.assign(AssignmentScope(_MOVIE, (film.media_id,)), films.id)
            unit.profiles.unassign(_series(ids[0]))
            unit.profiles.delete(gone.id, gone.version)
        with database.read() as unit:
            first = unit.profiles.assignments(_SERIES, PageRequest(limit=2))
            second = unit.profiles.assignments(_SERIES, PageRequest(limit=2, cursor=first.next))
            shown = [row.media_id for row in (*first.items, *second.items)]
            assert shown == [ids[3], ids[2], ids[1]]
            assert (first.total, second.next) == (3, None)
            assert {row.profile_name for row in first.items} == {"Anime"}
            (row,) = unit.profiles.assignments(_SERIES, PageRequest(), removed=True).items
            assert (row.media_id, row.deleted_at is None) == (ids[0], False)
            none = unit.profiles.assignments(_SERIES, PageRequest(), profile_id=films.id)
            assert none.items == ()
            (row,) = unit.profiles.assignments(_MOVIE, PageRequest(), profile_id=films.id).items
            assert (row.title, row.profile_id) == ("Stalker", films.id)

    def test_assignment_map_tells_what_has_a_profile_of_its_own(self, database: Database) -> None:
        with database.write() as unit:
            series_id, film = a_series(unit), a_film(unit)
            anime, films = _profiles(unit, "Anime", "Films")
            unit.profiles.assign(_series(series_id), anime.id)
            unit.profiles.assign(AssignmentScope(_MOVIE, (film.media_id,)), films.id)
            assert unit.profiles.assignment_map(_SERIES) == {series_id: AssignedProfile(anime.id, "Anime", 1)}
            assert unit.profiles.assignment_map(_MOVIE) == {
                film.media_id: AssignedProfile(films.id, "Films", 1)
            }
            unit.profiles.delete(anime.id, 1)
            assert unit.profiles.assignment_map(_SERIES) == {}

    def test_media_of_tells_what_a_profile_was_given_to_even_when_it_is_deleted(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            series_id, film = a_series(unit), a_film(unit)
            (anime,) = _profiles(unit, "Anime")
            unit.profiles.assign(_series(series_id), anime.id)
            unit.profiles.assign(AssignmentScope(_MOVIE, (film.media_id,)), anime.id)
            unit.profiles.delete(anime.id, 1)
            assert set(unit.profiles.media_of(anime.id)) == {series_id, film.media_id}
            assert unit.profiles.media_of(GREATEST) == ()

    def test_purge_assignments_forgets_what_was_taken_away_long_ago(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            first, second, film = a_series(unit, "A"), a_series(unit, "B"), a_film(unit)
            (anime,) = _profiles(unit, "Anime")
            movie = AssignmentScope(_MOVIE, (film.media_id,))
            unit.profiles.assign(_series(first, second), anime.id)
            unit.profiles.assign(movie, anime.id)
            unit.profiles.unassign(_series(first))
            unit.profiles.unassign(movie)
            assert unit.profiles.purge_assignments(clock.now, 10) == 0
            clock.advance(1)
            assert unit.profiles.purge_assignments(clock.now, 10) == 2
            assert unit.profiles.restore_assignments(_series(first)) == 0
            assert _names(unit, second) == {second: "Anime"}

    def test_assigned_tells_the_profiles_of_films_and_of_series(self, database: Database) -> None:
        with database.write() as unit:
            film, series_id = a_film(unit), a_series(unit)
            other = a_film(unit, "Solaris")
            anime, german = _profiles(unit, "Anime", "German")
            unit.profiles.assign(_series(series_id), anime.id)
            unit.profiles.assign(AssignmentScope(_MOVIE, (film.media_id,)), german.id)
            # Far more than one statement could name at once.
            asked = [film.media_id, series_id, other.media_id, *range(10_000, 50_000)]
            assert _names(unit, *asked) == {film.media_id: "German", series_id: "Anime"}

    def test_assigned_of_nothing_is_nothing(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.profiles.assigned([]) == {}
