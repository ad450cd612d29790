"""Wanted rows follow subtitle files, profiles and people, in every order these change."""

import os
from pathlib import Path

import pytest

from sublarr.db.pages import PageRequest
from sublarr.vocabulary.subtitles import WantedStatus
from tests.integration.scanning.household import Household

FILM = "Stalker (1979)/Stalker (1979).mkv"
FRENCH = "Stalker (1979)/Stalker (1979).fr.srt"


@pytest.fixture
def film(household: Household) -> Household:
    household.put(FILM)
    household.found()
    return household


def test_a_subtitle_that_a_person_adds_is_noticed_without_opening_the_video(film: Household) -> None:
    film.sidecar(FRENCH)
    result = film.found()
    assert (result["unchanged"], result["wanted_satisfied"]) == (1, 1)
    assert film.states() == {(FILM, "fr"): WantedStatus.FOUND}


def test_a_subtitle_that_vanishes_is_wanted_again(film: Household) -> None:
    path = film.sidecar(FRENCH)
    film.found()
    os.unlink(path)
    assert film.found()["wanted_added"] == 1
    assert film.states() == {(FILM, "fr"): WantedStatus.WANTED}


def test_a_subtitle_in_another_language_satisfies_nobody(film: Household) -> None:
    film.sidecar("Stalker (1979)/Stalker (1979).es.srt")
    assert film.found()["wanted_satisfied"] == 0


def test_a_language_that_is_no_longer_wanted_takes_its_rows_along_but_not_a_persons_mark(
    household: Household,
) -> None:
    household.put(FILM)
    household.put("Solaris (1972).mkv")
    household.languages("fr", "es")
    household.found()
    ids = [row.id for row in household.wanted() if row.target_language == "es" and "Solaris" in row.file_path]
    with household.house.database.write() as unit:
        unit.wanted.move(ids, WantedStatus.IGNORED)
    household.languages("fr")
    assert household.found()["wanted_removed"] == 1
    assert household.states() == {
        (FILM, "fr"): WantedStatus.WANTED,
        ("Solaris (1972).mkv", "fr"): WantedStatus.WANTED,
        ("Solaris (1972).mkv", "es"): WantedStatus.IGNORED,
    }
    household.languages("fr", "es")
    household.found()
    assert household.states()["Solaris (1972).mkv", "es"] is WantedStatus.IGNORED


def test_a_new_language_is_wanted_of_files_that_did_not_change(film: Household) -> None:
    film.languages("fr", "es")
    result = film.found()
    assert (result["unchanged"], result["wanted_added"]) == (1, 1)
    assert film.states()[FILM, "es"] is WantedStatus.WANTED
    assert film.found()["wanted_added"] == 0


def test_a_language_that_is_inside_the_file_is_not_wanted(film: Household) -> None:
    film.languages("de")
    film.found()
    assert film.states() == {}


def test_what_a_person_ignores_stays_ignored_whatever_is_scanned(film: Household) -> None:
    film.ignore(FILM)
    path = film.sidecar(FRENCH)
    film.found()
    os.unlink(path)
    film.found()
    film.put(FILM)
    film.found()
    assert film.states() == {(FILM, "fr"): WantedStatus.IGNORED}


def test_many_files_are_all_wanted_and_none_starves_the_others(household: Household) -> None:
    for number in range(120):
        household.put(f"F{number:03} (2001).mkv", b"no video")
    household.found()
    with household.house.database.read() as unit:
        summary = unit.wanted.summary()
        series = unit.media.page  # the catalogue holds them too
        films = series("movie", "", PageRequest(limit=200))  # type: ignore[arg-type]
    assert summary.by_status == {WantedStatus.WANTED: 120}
    assert len(films.items) == 120


def test_a_folder_scanned_alone_touches_nothing_beside_it(household: Household) -> None:
    household.put(FILM)
    household.put("Solaris (1972)/Solaris (1972).mkv")
    household.found()
    os.unlink(household.root / "Solaris (1972)/Solaris (1972).mkv")
    household.sidecar(FRENCH)
    result = household.found(below=str(household.root / "Stalker (1979)"))
    assert (result["removed"], result["wanted_satisfied"]) == (0, 1)
    assert len(household.files()) == 2


def test_the_scan_of_a_directory_that_is_gone_looks_into_the_one_above(household: Household) -> None:
    household.put(FILM)
    household.put("Solaris (1972)/Solaris (1972).mkv")
    household.found()
    os.unlink(household.root / FILM)
    (household.root / FILM).parent.rmdir()
    gone = Path(household.root / "Stalker (1979)" / "Extras")
    assert household.found(below=str(gone))["removed"] == 1
    assert set(household.files()) == {"Solaris (1972)/Solaris (1972).mkv"}
