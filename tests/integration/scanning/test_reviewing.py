"""A profile that changes takes effect at once: from what is known of the files, without looking at a single one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import JobFilter, JobRow
from sublarr.vocabulary.jobs import JobStatus, ReviewWanted
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile, ProfileEdit
from sublarr.vocabulary.subtitles import WantedStatus
from tests.integration.scanning.household import Household

FILM = "Stalker (1979)/Stalker (1979).mkv"
EPISODE = "Firefly/Season 01/Firefly S01E01.mkv"


@pytest.fixture
def known(household: Household) -> Household:
    """A household whose film and episode want French."""
    household.put(FILM)
    household.put(EPISODE)
    household.found()
    assert set(household.states()) == {(FILM, "fr"), (EPISODE, "fr")}
    return household


@contextmanager
def _disk_away(household: Household) -> Iterator[None]:
    """Nothing can be looked at or opened in here."""
    away = household.root.with_name("away")
    os.rename(household.root, away)
    try:
        yield
    finally:
        os.rename(away, household.root)


def _media(household: Household, kind: MediaKind) -> int:
    with household.house.database.read() as unit:
        (item,) = unit.media.page(kind, "", PageRequest()).items
    return item.media.id


def _reviews(household: Household) -> list[JobRow]:
    with household.house.database.read() as unit:
        return list(unit.jobs.page(JobFilter(kind=ReviewWanted.kind), PageRequest()).items)


def _assign_spanish(household: Household, kind: MediaKind) -> int:
    scope = AssignmentScope(kind, (_media(household, kind),))  # type: ignore[arg-type]
    with household.house.database.write() as unit:
        profile = unit.profiles.add(NewProfile("Spanish", target_languages=("es",)))
        unit.profiles.assign(scope, profile.id)
    return profile.id


def test_other_languages_are_wanted_at_once_though_the_disk_is_away(known: Household) -> None:
    with _disk_away(known):
        known.languages("fr", "es", "de")
        known.work()
    assert set(known.states()) == {(FILM, "fr"), (FILM, "es"), (EPISODE, "fr"), (EPISODE, "es")}, (
        "German is in the files already"
    )
    (review,) = _reviews(known)
    assert review.status is JobStatus.COMPLETED
    assert review.result == {"files": 2, "wanted_added": 2, "wanted_satisfied": 0, "wanted_removed": 0}


def test_a_profile_of_its_own_changes_that_series_alone(known: Household) -> None:
    with _disk_away(known):
        profile_id = _assign_spanish(known, MediaKind.SERIES)
        known.work()
        assert set(known.states()) == {(FILM, "fr"), (EPISODE, "es")}
        with known.house.database.write() as unit:
            unit.profiles.update(profile_id, 1, ProfileEdit(target_languages=("it",)))
        known.work()
        assert set(known.states()) == {(FILM, "fr"), (EPISODE, "it")}
    assert {review.result["files"] for review in _reviews(known) if review.result} == {1}


def test_a_deleted_profile_leaves_its_film_to_the_default_until_it_is_restored(known: Household) -> None:
    profile_id = _assign_spanish(known, MediaKind.MOVIE)
    known.work()
    with known.house.database.write() as unit:
        unit.profiles.delete(profile_id, 1)
    known.work()
    assert set(known.states()) == {(FILM, "fr"), (EPISODE, "fr")}
    with known.house.database.write() as unit:
        unit.profiles.restore(profile_id)
    known.work()
    assert set(known.states()) == {(FILM, "es"), (EPISODE, "fr")}


def test_another_default_is_everybodys_who_has_none_of_their_own(known: Household) -> None:
    profile_id = _assign_spanish(known, MediaKind.MOVIE)
    with known.house.database.write() as unit:
        italian = unit.profiles.add(NewProfile("Italian", target_languages=("it",)))
        unit.profiles.make_default(italian.id, italian.version)
    known.work()
    assert set(known.states()) == {(FILM, "es"), (EPISODE, "it")}
    with known.house.database.write() as unit:
        unit.profiles.unassign(AssignmentScope(MediaKind.MOVIE, (_media(known, MediaKind.MOVIE),)))
        assert unit.profiles.media_of(profile_id) == ()
    known.work()
    assert set(known.states()) == {(FILM, "it"), (EPISODE, "it")}


def test_what_a_person_ignored_stays_ignored_through_every_review(known: Household) -> None:
    known.ignore(FILM)
    known.languages("es")
    known.work()
    assert known.states() == {
        (FILM, "fr"): WantedStatus.IGNORED,
        (FILM, "es"): WantedStatus.WANTED,
        (EPISODE, "es"): WantedStatus.WANTED,
    }


def test_many_changes_before_a_review_begins_ask_for_one(known: Household) -> None:
    for languages in ("es", "it", "nl"):
        known.languages(languages)
    assert len(_reviews(known)) == 1
    known.work()
    assert set(known.states()) == {(FILM, "nl"), (EPISODE, "nl")}
    assert len(_reviews(known)) == 1
