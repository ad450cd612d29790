"""Renames by a person or a media manager: what was decided about a file goes with it."""

import os

import pytest

from sublarr.db.pages import PageRequest
from sublarr.db.repositories.downloads import NewDownload
from sublarr.jobs import scan_folder as scanning
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from tests.integration.scanning.household import Household

OLD = "Show (2001)/Season 01/Show - S01E01 - One.mkv"
NEW = "Show (2001)/Season 01/Show - S01E01 - One [WEBDL-1080p].mkv"


def _move(household: Household, old: str, new: str) -> None:
    target = household.root / new
    target.parent.mkdir(parents=True, exist_ok=True)
    os.rename(household.root / old, target)


def test_a_renamed_file_keeps_its_id_and_its_ignored_mark(household: Household) -> None:
    household.put(OLD)
    household.put("Show (2001)/Season 01/Show - S01E02 - Two.mkv")
    household.found()
    household.ignore(OLD)
    before = household.file(OLD)
    _move(household, OLD, NEW)
    result = household.found()
    assert (result["moved"], result["new"], result["removed"]) == (1, 0, 0)
    assert household.file(NEW).id == before.id
    assert household.states()[NEW, "fr"] is WantedStatus.IGNORED
    assert household.found()["unchanged"] == 2


def test_a_renamed_series_folder_keeps_every_file_and_mark(household: Household) -> None:
    names = [f"Season 0{season}/Show - S0{season}E0{number}.mkv" for season in (1, 2) for number in (1, 2)]
    for name in names:
        household.put(f"Show/{name}")
    household.found()
    household.ignore(f"Show/{names[0]}")
    before = {row.id for row in household.files().values()}
    os.rename(household.root / "Show", household.root / "Show (2001)")
    result = household.found()
    assert (result["moved"], result["new"], result["removed"]) == (4, 0, 0)
    assert {row.id for row in household.files().values()} == before
    assert household.states()[f"Show (2001)/{names[0]}", "fr"] is WantedStatus.IGNORED
    assert household.titles(MediaKind.SERIES) == ["Show"], "the old folder's series is gone"


def test_what_a_scan_finds_and_what_was_renamed_is_found_by_its_name_and_by_no_former_one(
    household: Household,
) -> None:
    def found_by(words: str) -> list[str]:
        with household.house.database.read() as unit:
            assert unit.search.pending() == 0
            return [hit.title for hit in unit.search.find(words)]

    household.put(OLD)
    household.put("Stalker (1979)/Stalker (1979).mkv")
    household.found()
    assert found_by("stalker") == ["Stalker"]
    assert found_by("one.mkv") == found_by("s01e01") != []
    assert found_by("webdl-1080p") == []
    _move(household, OLD, NEW)
    household.found()
    assert found_by("webdl-1080p") == found_by("s01e01") != []
    assert found_by("one.mkv") == []


def test_a_rename_costs_no_line_of_the_history(household: Household) -> None:
    old, new = "Stalker/Stalker.mkv", "Stalker (1979)/Stalker (1979).mkv"
    household.put(old)
    household.found()
    media_id = household.wanted()[0].media_id
    download = NewDownload(
        provider_name="x",
        subtitle_id="1",
        language="fr",
        format="srt",
        file_path=household.file(old).path,
        sidecar_path="",
        subtitle_type=SubtitleType.FULL,
        sha256="",
        media_id=media_id,
        job_id="",
    )
    with household.house.database.write() as unit:
        unit.downloads.add_many([download])
    _move(household, old, new)
    assert household.found()["moved"] == 1
    assert household.titles(MediaKind.MOVIE) == ["Stalker"]
    with household.house.database.read() as unit:
        assert [row.provider_name for row in unit.downloads.page(PageRequest(limit=10)).items] == ["x"]


def test_a_file_that_is_renamed_while_its_folder_is_scanned_alone_is_the_same_file(
    household: Household,
) -> None:
    household.put(OLD)
    household.found()
    before = household.file(OLD)
    _move(household, OLD, NEW)
    assert household.found(below=str(household.root / "Show (2001)/Season 01"))["moved"] == 1
    assert household.file(NEW).id == before.id


def test_two_files_that_swap_names_are_two_files_still(household: Household) -> None:
    first, second = OLD, "Show (2001)/Season 01/Show - S01E02 - Two.mkv"
    household.put(first)
    household.put(second)
    household.found()
    _move(household, first, "spare.tmp")
    _move(household, second, first)
    _move(household, "spare.tmp", second)
    result = household.found()
    assert result["removed"] == 0
    assert set(household.files()) == {first, second}


def test_files_that_cannot_be_told_apart_are_not_taken_for_each_other(household: Household) -> None:
    for name in ("A (2001).mkv", "B (2002).mkv"):
        path = household.put(name, household.video)
        os.utime(path, ns=(1, 1))
    household.found()
    household.ignore("A (2001).mkv")
    _move(household, "A (2001).mkv", "C (2003).mkv")
    _move(household, "B (2002).mkv", "D (2004).mkv")
    result = household.found()
    assert (result["moved"], result["new"], result["removed"]) == (0, 2, 2)
    assert set(household.states().values()) == {WantedStatus.WANTED}


def test_a_scan_that_dies_among_renamed_files_is_made_good_by_the_next(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.put(OLD)
    household.found()
    moved = "Other Show (2010)/Season 03/Other Show - S03E07 - Seven.mkv"
    _move(household, OLD, moved)
    original = scanning.Cataloguer.store

    def die(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(scanning.Cataloguer, "store", die)
    assert household.scan().status is JobStatus.QUEUED
    monkeypatch.setattr(scanning.Cataloguer, "store", original)
    household.found()
    assert household.titles(MediaKind.SERIES) == ["Other Show"]
    row = household.wanted()[0]
    assert (row.series_title, row.season, row.episode) == ("Other Show", 3, 7)


def test_a_mark_on_a_language_that_is_out_of_the_profile_survives_the_rename_of_its_series(
    household: Household,
) -> None:
    name = "Season 01/Show - S01E01.mkv"
    household.put(f"Show/{name}")
    household.languages("fr", "es")
    household.found()
    ids = [row.id for row in household.wanted() if row.target_language == "es"]
    with household.house.database.write() as unit:
        unit.wanted.move(ids, WantedStatus.IGNORED)
    household.languages("fr")
    household.found()
    os.rename(household.root / "Show", household.root / "Show (2001)")
    household.found()
    assert household.states()[f"Show (2001)/{name}", "es"] is WantedStatus.IGNORED


def test_a_better_copy_of_a_film_inherits_what_a_person_ignored(household: Household) -> None:
    household.put("Film (2001)/Film (2001) 720p.mkv")
    household.languages("fr", "es")
    household.found()
    ids = [row.id for row in household.wanted() if row.target_language == "es"]
    with household.house.database.write() as unit:
        unit.wanted.move(ids, WantedStatus.IGNORED)
    (household.root / "Film (2001)/Film (2001) 720p.mkv").unlink()
    household.put("Film (2001)/Film (2001) 2160p Remux.mkv")
    household.found()
    name = "Film (2001)/Film (2001) 2160p Remux.mkv"
    assert household.states()[name, "es"] is WantedStatus.IGNORED
    assert household.states()[name, "fr"] is WantedStatus.WANTED
