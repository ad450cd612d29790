"""What a scan finds, what it leaves alone, and what it does with files that are not as they should be."""

import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pytest

from sublarr.db.pages import PageRequest
from sublarr.jobs import scan_folder as scanning
from sublarr.library.reading import pool as reading
from sublarr.queue.context import JobContext
from sublarr.vocabulary.jobs import JobStatus, ScanFolder
from sublarr.vocabulary.media import MediaKind, ProbeStatus
from sublarr.vocabulary.subtitles import WantedStatus
from sublarr.wanted.rules import WantedRules
from tests.integration.scanning.household import Household

EPISODE = "Show (2001)/Season 01/Show - S01E01 - One.mkv"
FILM = "Films/Stalker (1979)/Stalker (1979).mkv"


def test_a_first_scan_learns_films_series_and_what_is_wanted(household: Household) -> None:
    household.put(EPISODE)
    household.put(FILM)
    result = household.found()
    assert (result["found"], result["new"], result["wanted_added"]) == (2, 2, 2)
    assert household.titles(MediaKind.MOVIE) == ["Stalker"]
    assert household.titles(MediaKind.SERIES) == ["Show"]
    assert household.states() == {(EPISODE, "fr"): WantedStatus.WANTED, (FILM, "fr"): WantedStatus.WANTED}
    assert household.file(FILM).probe_status is ProbeStatus.OK
    assert household.file(FILM).container == "matroska"


def test_a_second_scan_of_an_unchanged_library_wakes_no_disk_and_writes_nothing(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        household.put(f"Show/Season 01/Show - S01E0{number}.mkv")
    household.put(FILM)
    household.sidecar("Films/Stalker (1979)/Stalker (1979).fr.srt")
    # An unreadable name and a broken file are known too.
    household.put("Films/Broken (1999)/Broken (1999).mkv", b"not a video")
    household.put("Films/Empty (2003)/Empty (2003).mkv", b"")
    household.found()
    before = household.contents()

    def no_child(*arguments: Any, **options: Any) -> None:
        raise AssertionError("a reading process was started")

    monkeypatch.setattr(reading, "ReadingProcess", no_child)
    result = household.found()
    assert (result["unchanged"], result["new"], result["changed"], result["removed"]) == (8, 0, 0, 0)
    assert household.contents() == before


def test_a_replaced_file_is_read_again_and_keeps_its_row(household: Household) -> None:
    household.put(FILM)
    household.found()
    before = household.file(FILM)
    household.put(FILM, b"a download that was cut off")
    result = household.found()
    after = household.file(FILM)
    assert (result["changed"], result["unreadable"]) == (1, 1)
    assert (after.id, after.probe_status) == (before.id, ProbeStatus.BROKEN)
    household.put(FILM)
    household.found()
    assert household.file(FILM).probe_status is ProbeStatus.OK


def test_a_file_that_is_really_gone_is_forgotten_with_its_film(household: Household) -> None:
    household.put(EPISODE)
    household.put(FILM)
    household.found()
    shutil.rmtree(household.root / "Films")
    assert household.found()["removed"] == 1
    assert set(household.files()) == {EPISODE}
    assert household.titles(MediaKind.MOVIE) == []
    assert set(household.states()) == {(EPISODE, "fr")}


def test_a_file_of_two_episodes_is_both(household: Household) -> None:
    household.put("Show/Season 01/Show - S01E01-E02 - Both.mkv")
    household.found()
    database = household.house.database
    with database.read() as unit:
        series = unit.media.page(MediaKind.SERIES, "", PageRequest(limit=10)).items[0].media
        episodes = unit.media.episodes(series.id, PageRequest(limit=10)).items
        files = unit.files.of_media([episode.id for episode in episodes])
    assert [(episode.season, episode.episode) for episode in episodes] == [(1, 1), (1, 2)]
    assert {row.id for rows in files.values() for row in rows} == {
        row.id for row in household.files().values()
    }
    assert len(household.wanted()) == 1, "one file needs one subtitle"


def test_two_versions_of_a_film_are_one_film_with_two_files(household: Household) -> None:
    household.put("Stalker (1979)/Stalker (1979) - 1080p.mkv")
    household.put("Stalker (1979)/Stalker (1979) - 2160p.mkv")
    household.found()
    assert household.titles(MediaKind.MOVIE) == ["Stalker"]
    assert len(household.files()) == len(household.wanted()) == 2


HOSTILE_NAMES = [
    b"line\nbreak (2001).mkv",
    b"caf\xe9 (2002).mkv",
    b"\xff\xfe\x80 (2003).mkv",
    b"x" * 246 + b".mkv",
    "日本語 (2004).mkv".encode(),
    b"'; DROP TABLE media; -- (2005).mkv",
    b"%s %(name)s {} \\ (2006).mkv",
    b".mkv.mkv",
    b"a\x01\x1b[31m (2007).mkv",
    b"-rf (2008).mkv",
]


def test_files_of_every_name_are_found_kept_and_unchanged_the_next_time(household: Household) -> None:
    paths = [household.put(name) for name in HOSTILE_NAMES if not name.startswith(b".")]
    result = household.found()
    assert (result["new"], result["unreadable"]) == (len(paths), 0)
    assert {os.path.join(household.root, name) for name in household.files()} == set(paths)
    assert household.found()["unchanged"] == len(paths)
    assert len(household.wanted()) == len(paths)


def test_a_folder_of_an_undecodable_name_can_be_scanned_alone(household: Household) -> None:
    household.put(b"caf\xe9/Film (2001).mkv")
    household.put(FILM)
    household.found()
    known = next(row.path for row in household.files().values() if "Film" in row.path and "caf" in row.path)
    os.unlink(household.root / os.fsdecode(b"caf\xe9") / "Film (2001).mkv")
    assert household.found(below=known.rpartition("/")[0])["removed"] == 1
    assert set(household.files()) == {FILM}


def test_one_bad_file_does_not_keep_the_others_from_being_read(household: Household) -> None:
    household.put("Zero (2001).mkv", b"")
    household.put("Noise (2002).mkv", os.urandom(4096))
    household.put("Cut (2003).mkv", household.video[: len(household.video) // 3])
    household.put("Good (2004).mkv")
    os.mkfifo(household.root / "Pipe (2005).mkv")
    result = household.found()
    assert household.file("Good (2004).mkv").probe_status is ProbeStatus.OK
    assert household.file("Zero (2001).mkv").probe_status is ProbeStatus.BROKEN
    assert household.file("Noise (2002).mkv").probe_status is ProbeStatus.BROKEN
    assert result["found"] == 4, "a pipe is no video, and opening it would wait for ever"
    assert household.titles(MediaKind.MOVIE) == ["Cut", "Good", "Noise", "Zero"]


def test_links_that_lead_in_circles_end(household: Household) -> None:
    household.put(FILM)
    os.symlink(household.root, household.root / "Films" / "again")
    os.symlink("self", household.root / "self")
    os.symlink(household.root / "Films", household.root / "alias")
    assert household.found()["found"] == 1
    assert household.found()["unchanged"] == 1


def test_an_empty_folder_is_scanned_without_complaint(household: Household) -> None:
    assert household.found()["found"] == 0
    assert household.folder_problem() == ""


def test_a_cancelled_scan_leaves_what_it_stored_and_the_next_one_finishes(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "_CHUNK", 5)
    for number in range(20):
        household.put(f"Film {number:02} ({1980 + number})/Film {number:02} ({1980 + number}).mkv")
    original = scanning._Run._store
    stored = []

    def store_and_cancel(run: Any, *arguments: Any) -> None:
        original(run, *arguments)
        stored.append(1)
        if len(stored) == 2:
            run._context._next_write = 0.0
            with household.house.database.write() as unit:
                unit.jobs.cancel(run._context.claim.job_id)

    monkeypatch.setattr(scanning._Run, "_store", store_and_cancel)
    job = household.scan()
    assert (job.status, job.attempts) == (JobStatus.CANCELLED, 0)
    assert len(household.files()) == 10
    monkeypatch.undo()
    assert household.found()["new"] == 10
    assert len(household.files()) == len(household.wanted()) == 20


def test_a_subtitle_that_is_recorded_while_a_scan_looks_is_not_taken_for_gone(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    household.put(FILM)
    household.found()
    original = JobContext.progress

    def extracted_meanwhile(context: JobContext, *arguments: Any, **options: Any) -> None:
        monkeypatch.setattr(JobContext, "progress", original)
        household.sidecar("Films/Stalker (1979)/Stalker (1979).fr.srt")
        # Another process scans that folder alone just then, as an extraction would record its own file.
        scan = scanning._Run(
            scanning.ScanOptions(1, 30.0, skip_extras=True, auto_extract=False, rules=rules),
            _Silent(context),
            household.folder,
            str(household.root / "Films/Stalker (1979)"),
            extract=False,
        )
        scan.run()
        return original(context, *arguments, **options)

    rules = WantedRules()

    # Only once the film's directory has been looked into.
    def at_the_end(context: JobContext, *arguments: Any, **options: Any) -> None:
        if "Stalker" in str(arguments):
            extracted_meanwhile(context, *arguments, **options)

    monkeypatch.setattr(JobContext, "progress", at_the_end)
    household.found()
    assert household.states() == {(FILM, "fr"): WantedStatus.FOUND}


class _Silent:
    """A context for a scan within a scan: it writes, and its end is its own."""

    def __init__(self, context: JobContext) -> None:
        self.database = context.database
        self.claim = context.claim
        self.should_stop = context.should_stop
        self.check = context.check

    def progress(self, *arguments: Any, **options: Any) -> None:
        return None

    def finish(self, result: Any) -> Any:
        return self.database.write()


def test_a_scan_of_a_folder_that_was_removed_says_so(household: Household) -> None:
    with household.house.database.write() as unit:
        unit.folders.delete(household.folder.id, household.folder.version)
    with household.house.database.write() as unit:
        asked = unit.jobs.enqueue(ScanFolder(folder_id=household.folder.id))
    household.work()
    job = household.job(asked.job_id)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert "no watched folder" in job.error


def test_no_reading_process_outlives_a_scan(household: Household, tmp_path: Path) -> None:
    household.put(FILM)
    household.found()
    children = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children")
    if not children.exists():
        pytest.skip("NOT TESTED: this system does not list a thread's children")
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children.read_text().split()]
    assert not any(b"reading.child" in command for command in commands)
