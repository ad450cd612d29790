"""Language profiles, alike on both databases."""

from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, InvalidInput, NotFound, StaleRow
from sublarr.vocabulary.jobs import ReviewWanted
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile, ProfileEdit
from sublarr.vocabulary.subtitles import ForcedPreference, FormatPreference, HearingImpairedPreference
from tests.contract.db.rows import GREATEST, LINES, a_film, a_series
from tests.database_fixtures import Clock

_WHOLE = NewProfile(
    name="Anime",
    source_language="ja",
    target_languages=("de", "pt-BR", "zh-Hant"),
    translation_backend="deepl",
    fallback_chain=("deepl", "ollama"),
    forced_preference=ForcedPreference.SEPARATE,
    preferred_format=FormatPreference.ASS_FIRST,
    hearing_impaired_preference=HearingImpairedPreference.EXCLUDE,
    minimum_score=100,
    cutoff_score=300,
    translate_after_days=7,
    tags=("anime", "字幕"),
)


def reviews(unit: Unit) -> list[str]:
    """What is waiting to be worked out anew."""
    page = unit.jobs.page(JobFilter(kind=ReviewWanted.kind), PageRequest(limit=50))
    return [job.id for job in page.items]


class TestProfileRepository:
    def test_add_tells_the_profile_as_it_was_stored(self, database: Database) -> None:
        with database.write() as unit:
            added = unit.profiles.add(_WHOLE)
        with database.read() as unit:
            assert unit.profiles.get(added.id) == added
        assert (added.name, added.source_language) == ("Anime", "ja")
        assert added.target_languages == ["de", "pt-BR", "zh-Hant"]
        assert (added.translation_backend, added.fallback_chain) == ("deepl", ["deepl", "ollama"])
        assert (added.forced_preference, added.preferred_format) == ("separate", "ass_first")
        assert added.hearing_impaired_preference is HearingImpairedPreference.EXCLUDE
        assert (added.minimum_score, added.cutoff_score, added.translate_after_days) == (100, 300, 7)
        assert (added.tags, added.is_default, added.version) == (["anime", "字幕"], False, 1)

    def test_add_without_a_chain_falls_back_on_the_backend_alone(self, database: Database) -> None:
        with database.write() as unit:
            added = unit.profiles.add(NewProfile("Plain"))
        assert (added.translation_backend, added.fallback_chain) == ("ollama", ["ollama"])
        assert (added.cutoff_score, added.translate_after_days, added.target_languages) == (None, None, [])

    @pytest.mark.parametrize("text", LINES)
    def test_add_takes_any_name(self, database: Database, text: str) -> None:
        with database.write() as unit:
            assert unit.profiles.add(NewProfile(text)).name == text.strip()

    def test_add_keeps_the_longest_of_everything(self, database: Database) -> None:
        widest = NewProfile("字" * 100, tags=tuple(f"{n:0100}" for n in range(50)), minimum_score=-10_000)
        with database.write() as unit:
            added = unit.profiles.add(widest)
        assert (added.name, tuple(added.tags)) == (widest.name, widest.tags)

    @pytest.mark.parametrize("name", ["anime", "ANIME ", "Anime"])
    def test_add_refuses_a_name_that_differs_only_in_case(self, database: Database, name: str) -> None:
        with database.write() as unit:
            unit.profiles.add(_WHOLE)
        with pytest.raises(Conflict) as caught, database.write() as unit:
            unit.profiles.add(NewProfile(name))
        assert caught.value.constraint == "uq_language_profiles_name"

    def test_add_knows_the_same_name_in_other_scripts(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add(NewProfile("Straße é"))
        with pytest.raises(Conflict), database.write() as unit:
            unit.profiles.add(NewProfile("STRASSE E\u0301"))

    def test_listed_begins_with_the_default(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.profiles.listed() == ()
            unit.profiles.add(_WHOLE)
            unit.profiles.add_default("en", ["de"])
            gone = unit.profiles.add(NewProfile("Gone"))
            unit.profiles.delete(gone.id, gone.version)
            assert [profile.name for profile in unit.profiles.listed()] == ["Default", "Anime"]

    def test_find_answers_none_for_a_profile_that_is_not_there(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            assert unit.profiles.find(profile.id, lock=True) == profile
            unit.profiles.delete(profile.id, profile.version)
            assert unit.profiles.find(profile.id) is None

    @pytest.mark.parametrize("profile_id", [0, 99, GREATEST])
    def test_get_of_an_unknown_profile_is_not_found(self, database: Database, profile_id: int) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.profiles.get(profile_id)

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
            first = unit.profiles.add_default("en", ["de"])
            unit.profiles.update(first.id, first.version, ProfileEdit(name="Ours"))
        with pytest.raises(Conflict) as caught, database.write() as unit:
            unit.profiles.add_default("en", ["fr"])
        assert caught.value.constraint.startswith("uq_language_profiles_")
        with database.read() as unit:
            assert unit.profiles.get_default().target_languages == ["de"]

    def test_update_changes_only_what_was_named(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            edit = ProfileEdit(name=" Films ", target_languages=("fr",), cutoff_score=None)
            changed = unit.profiles.update(profile.id, profile.version, edit)
        expected = replace(profile, name="Films", target_languages=["fr"], cutoff_score=None, version=2)
        assert changed == expected

    def test_update_of_nothing_changes_nothing(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            assert unit.profiles.update(profile.id, profile.version, ProfileEdit()) == profile

    def test_update_may_change_the_case_of_its_own_name_only(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            other = unit.profiles.add(NewProfile("Films"))
            unit.profiles.update(profile.id, 1, ProfileEdit(name="ANIME"))
        with pytest.raises(Conflict), database.write() as unit:
            unit.profiles.update(other.id, 1, ProfileEdit(name="anime"))

    def test_update_of_somebody_elses_newer_version_tells_what_would_be_lost(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            unit.profiles.update(profile.id, 1, ProfileEdit(target_languages=("it",)))
        with pytest.raises(StaleRow) as caught, database.write() as unit:
            unit.profiles.update(profile.id, 1, ProfileEdit(target_languages=("fr",), source_language="ja"))
        assert [problem.field for problem in caught.value.problems] == ["target_languages"]
        assert "['it']" in caught.value.message
        with database.read() as unit:
            assert unit.profiles.get(profile.id).target_languages == ["it"]

    def test_update_refuses_scores_that_contradict_what_is_stored(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
        with pytest.raises(InvalidInput) as caught, database.write() as unit:
            unit.profiles.update(profile.id, 1, ProfileEdit(minimum_score=301))
        assert caught.value.problems[0].field == "cutoff_score"

    def test_update_of_an_unknown_or_deleted_profile_is_not_found(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            unit.profiles.delete(profile.id, profile.version)
        for profile_id, version in ((profile.id, 2), (99, 1)):
            with pytest.raises(NotFound), database.write() as unit:
                unit.profiles.update(profile_id, version, ProfileEdit(name="x"))

    @pytest.mark.parametrize(
        ("edit", "is_reviewed"),
        [
            (ProfileEdit(target_languages=("fr",)), True),
            (ProfileEdit(forced_preference=ForcedPreference.DISABLED), True),
            (ProfileEdit(preferred_format=FormatPreference.ANY), True),
            (ProfileEdit(target_languages=_WHOLE.target_languages), False),
            (ProfileEdit(name="Other", minimum_score=5, tags=()), False),
        ],
    )
    def test_update_has_wishes_reviewed_only_where_they_change(
        self, database: Database, edit: ProfileEdit, is_reviewed: bool
    ) -> None:
        with database.write() as unit:
            a_film(unit)
            profile = unit.profiles.add(_WHOLE)
            assert reviews(unit) == [], "a new profile holds for nothing yet"
            unit.profiles.update(profile.id, 1, edit)
            assert bool(reviews(unit)) is is_reviewed

    def test_update_of_a_household_without_files_asks_for_nothing(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            unit.profiles.update(profile.id, 1, ProfileEdit(target_languages=()))
            assert reviews(unit) == []

    def test_update_that_is_rolled_back_asks_for_nothing(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            profile = unit.profiles.add(_WHOLE)

        def change_and_fail(unit: Unit) -> None:
            unit.profiles.update(profile.id, 1, ProfileEdit(target_languages=()))
            unit.profiles.get(GREATEST)

        with pytest.raises(NotFound), database.write() as unit:
            change_and_fail(unit)
        with database.read() as unit:
            assert reviews(unit) == []

    def test_set_default_languages_moves_the_version_on(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            unit.profiles.add_default("en", ["de"])
            unit.profiles.set_default_languages("ja", ["en", "de"])
            assert len(reviews(unit)) == 1
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

    def test_set_default_languages_of_an_older_version_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
            assert unit.profiles.set_default_languages("en", ["fr"], 1).version == 2
        with pytest.raises(StaleRow), database.write() as unit:
            unit.profiles.set_default_languages("en", ["it"], 1)

    @pytest.mark.parametrize("tag", ["", "xx1", "und", "a\0", "\ud800", "'; DROP TABLE media; --"])
    def test_set_default_languages_refuses_what_is_no_language(self, database: Database, tag: str) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.profiles.set_default_languages("en", ["de", tag])

    def test_set_default_languages_needs_a_default(self, database: Database) -> None:
        with pytest.raises(NotFound), database.write() as unit:
            unit.profiles.set_default_languages("en", ["de"])

    def test_make_default_moves_it_and_has_everything_reviewed(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            old = unit.profiles.add_default("en", ["de"])
            new = unit.profiles.add(_WHOLE)
            made = unit.profiles.make_default(new.id, new.version)
            assert made == replace(new, is_default=True, version=2)
            assert unit.profiles.get(old.id) == replace(old, is_default=False, version=2)
            assert unit.profiles.get_default() == made
            assert len(reviews(unit)) == 1
            assert unit.profiles.make_default(new.id, 2) == made, "it is already"

    def test_make_default_by_an_older_version_leaves_the_default_where_it_is(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            old = unit.profiles.add_default("en", ["de"])
            new = unit.profiles.add(_WHOLE)
            unit.profiles.update(new.id, 1, ProfileEdit(name="x"))
        for profile_id, version, error in ((new.id, 1, StaleRow), (99, 1, NotFound)):
            with pytest.raises(error), database.write() as unit:
                unit.profiles.make_default(profile_id, version)
        with database.read() as unit:
            assert unit.profiles.get_default() == old

    def test_delete_has_what_followed_it_follow_the_default(self, database: Database) -> None:
        with database.write() as unit:
            default = unit.profiles.add_default("en", ["de"])
            profile = unit.profiles.add(_WHOLE)
            series_id = a_series(unit)
            a_film(unit)
            unit.profiles.assign(AssignmentScope(MediaKind.SERIES, (series_id,)), profile.id)
            before = reviews(unit)
            unit.profiles.delete(profile.id, profile.version)
            assert unit.profiles.assigned([series_id]) == {}
            assert unit.profiles.listed() == (default,)
            assert len(reviews(unit)) == len(before) + 1

    def test_delete_refuses_the_default_and_older_versions(self, database: Database) -> None:
        with database.write() as unit:
            default = unit.profiles.add_default("en", ["de"])
            profile = unit.profiles.add(_WHOLE)
            unit.profiles.update(profile.id, 1, ProfileEdit(name="x"))
        for profile_id, error in ((default.id, Conflict), (profile.id, StaleRow), (99, NotFound)):
            with pytest.raises(error) as caught, database.write() as unit:
                unit.profiles.delete(profile_id, 1)
            if profile_id == default.id:
                assert "default" in caught.value.message
        with database.read() as unit:
            assert len(unit.profiles.listed()) == 2

    def test_deleted_tells_what_can_be_restored_the_latest_first(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            for name in ("a", "b", "c"):
                profile = unit.profiles.add(NewProfile(name))
                clock.advance(1)
                unit.profiles.delete(profile.id, 1)
            assert [profile.name for profile in unit.profiles.deleted(2)] == ["c", "b"]

    def test_restore_brings_a_profile_back_with_all_it_was_assigned_to(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
            profile = unit.profiles.add(_WHOLE)
            film = a_film(unit)
            unit.profiles.assign(AssignmentScope(MediaKind.MOVIE, (film.media_id,)), profile.id)
            unit.profiles.delete(profile.id, 1)
            restored = unit.profiles.restore(profile.id)
            assert restored == replace(profile, version=3)
            assert unit.profiles.assigned([film.media_id]) == {film.media_id: restored}

    def test_restore_refuses_a_name_that_was_taken_since(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(_WHOLE)
            unit.profiles.delete(profile.id, 1)
            unit.profiles.add(NewProfile("anime"))
        with pytest.raises(Conflict), database.write() as unit:
            unit.profiles.restore(profile.id)
        with pytest.raises(NotFound), database.write() as unit:
            unit.profiles.restore(99)

    def test_purge_removes_old_deleted_profiles_with_their_assignments(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            series_id = a_series(unit)
            profiles = [unit.profiles.add(NewProfile(name)) for name in ("a", "b", "c", "kept")]
            unit.profiles.assign(AssignmentScope(MediaKind.SERIES, (series_id,)), profiles[0].id)
            for profile in profiles[:3]:
                unit.profiles.delete(profile.id, 1)
            assert unit.profiles.purge(clock.now, 10) == 0
            clock.advance(1)
            assert unit.profiles.purge(clock.now, 2) == 2
            assert unit.profiles.purge(clock.now, 2) == 1
            assert unit.profiles.purge(clock.now, 2) == 0
            assert unit.profiles.listed() == (profiles[3],)
            assert unit.profiles.media_of(profiles[0].id) == ()
