"""Language profiles and what they are assigned to, alike on both databases."""

import pytest
from sqlalchemy import insert

from sublarr.db.database import Database
from sublarr.db.models.profiles import LanguageProfile, MovieLanguageProfile, SeriesLanguageProfile
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, NotFound
from tests.contract.db.rows import a_film, a_series


def _a_profile(unit: Unit, name: str) -> int:
    values = {"name": name, "created_at": unit.clock(), "updated_at": unit.clock()}
    statement = insert(LanguageProfile).values(**values).returning(LanguageProfile.id)
    return int(unit.connection.execute(statement).scalar_one())


def _assign(unit: Unit, table: type[SeriesLanguageProfile | MovieLanguageProfile], key: str, to: int) -> None:
    now = unit.clock()
    source_id = unit.folders.listed()[0].source_id
    unit.connection.execute(
        insert(table).values(
            source_id=source_id, source_key=key, profile_id=to, created_at=now, updated_at=now
        )
    )


class TestProfileRepository:
    def test_listed_begins_with_the_default(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.profiles.listed() == ()
            _a_profile(unit, "Anime")
            unit.profiles.add_default("en", ["de"])
            assert [profile.name for profile in unit.profiles.listed()] == ["Default", "Anime"]

    def test_find_default_is_none_in_a_new_database(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.profiles.find_default() is None

    def test_get_default_of_a_new_database_is_not_found(self, database: Database) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.profiles.get_default()

    def test_get_or_add_default_makes_the_profile_once(self, database: Database) -> None:
        with database.write() as unit:
            made = unit.profiles.get_or_add_default("en", ["de", "zh-Hant"])
            assert unit.profiles.get_or_add_default("ja", ["fr"]) == made == unit.profiles.get_default()
        assert (made.name, made.source_language, made.target_languages) == (
            "Default",
            "en",
            ["de", "zh-Hant"],
        )

    def test_add_default_tells_the_profile_as_it_was_stored(self, database: Database) -> None:
        with database.write() as unit:
            added = unit.profiles.add_default("en", ["de", "pt-BR", "zh-Hant"])
        with database.read() as unit:
            assert unit.profiles.get_default() == added
        assert (added.source_language, added.target_languages) == ("en", ["de", "pt-BR", "zh-Hant"])
        assert (added.is_default, added.version) == (True, 1)

    def test_add_default_never_makes_a_second_one(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
        with pytest.raises(Conflict) as caught, database.write() as unit:
            unit.profiles.add_default("en", ["fr"])
        assert caught.value.constraint.startswith("uq_language_profiles_")
        with database.read() as unit:
            assert unit.profiles.get_default().target_languages == ["de"]

    def test_set_default_languages_moves_the_version_on(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
            unit.profiles.set_default_languages("ja", ["en", "de"])
        with database.read() as unit:
            profile = unit.profiles.get_default()
        assert (profile.source_language, profile.target_languages) == ("ja", ["en", "de"])
        assert profile.version == 2

    def test_set_default_languages_may_want_none(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
            unit.profiles.set_default_languages("en", [])
        with database.read() as unit:
            assert unit.profiles.get_default().target_languages == []

    def test_set_default_languages_needs_a_default(self, database: Database) -> None:
        with pytest.raises(NotFound), database.write() as unit:
            unit.profiles.set_default_languages("en", ["de"])

    def test_assigned_tells_the_profiles_of_films_and_of_series(self, database: Database) -> None:
        with database.write() as unit:
            film, series_id = a_film(unit), a_series(unit)
            other = a_film(unit, "Solaris")
            anime, german = _a_profile(unit, "Anime"), _a_profile(unit, "German")
            _assign(unit, SeriesLanguageProfile, "/media/Firefly", anime)
            _assign(unit, MovieLanguageProfile, "/media/Stalker", german)
            # Far more than one statement could name at once.
            asked = [film.media_id, series_id, other.media_id, *range(10_000, 50_000)]
            found = unit.profiles.assigned(asked)
            assert {media_id: profile.name for media_id, profile in found.items()} == {
                film.media_id: "German",
                series_id: "Anime",
            }

    def test_assigned_of_nothing_is_nothing(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.profiles.assigned([]) == {}
