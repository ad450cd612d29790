"""Extraction writes what is inside a video beside it: whole, once, and never over anything of a person's."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pysubs2
import pytest
from sqlalchemy import text

from sublarr.bootstrap import House
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.downloads import DownloadRow
from sublarr.db.repositories.jobs import JobFilter, JobRow
from sublarr.demo.ffmpeg import find_ffmpeg
from sublarr.jobs.asking import extract_files, extract_wanted
from sublarr.jobs.extract_subtitles import SubtitleExtraction
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus
from sublarr.vocabulary.subtitles import WantedStatus
from tests.integration.scanning.household import SRT, Household
from tests.integration.scanning.rights import CannotGiveUpRights, bound

FILM = "Stalker (1979)/Stalker (1979).mkv"
ENGLISH, GERMAN = FILM.replace(".mkv", ".en.srt"), FILM.replace(".mkv", ".de.ass")


def _extract(household: Household, name: str = FILM, languages: tuple[str, ...] = ("en", "de")) -> JobRow:
    database = household.house.database
    assert extract_files(database, [household.file(name).id], languages=languages) == 1
    household.work()
    return _job(household)


def _job(household: Household) -> JobRow:
    with household.house.database.read() as unit:
        return unit.jobs.page(JobFilter(kind=ExtractSubtitles.kind), PageRequest(limit=10)).items[0]


def _again(household: Household) -> JobRow:
    """As if the pause before the next try were over."""
    with household.house.database.write() as unit:
        unit.connection.execute(text("UPDATE jobs SET run_at = created_at"))
    household.work()
    return _job(household)


def _history(household: Household) -> tuple[DownloadRow, ...]:
    with household.house.database.read() as unit:
        return unit.downloads.page(PageRequest(limit=50)).items


def _beside(household: Household) -> set[str]:
    """What lies beside the film, hidden files included."""
    return {path.name for path in (household.root / FILM).parent.iterdir()} - {Path(FILM).name}


@pytest.fixture
def film(household: Household) -> Household:
    household.put(FILM)
    household.found()
    return household


def test_what_is_inside_is_written_recorded_and_known(film: Household) -> None:
    job = _extract(film)
    assert job.status is JobStatus.COMPLETED, job.error
    assert _beside(film) == {Path(ENGLISH).name, Path(GERMAN).name}
    for name in (ENGLISH, GERMAN):
        assert len(pysubs2.load(str(film.root / name))) > 3
    history = _history(film)
    assert {(row.language, row.format, row.provider_name) for row in history} == {
        ("en", "srt", "embedded"),
        ("de", "ass", "embedded"),
    }
    assert {row.job_id for row in history} == {job.id}
    assert film.found()["unchanged"] == 1
    assert extract_files(film.house.database, [film.file(FILM).id], languages=("en", "de")) == 0


def test_a_scan_that_extracts_does_so_in_the_profiles_languages(household: Household) -> None:
    household.put(FILM)
    result = household.found(extract=True)
    assert result["extractions"] == 1
    assert _beside(household) == {Path(ENGLISH).name}, "English is what a translation begins from"


@pytest.mark.parametrize(
    ("container", "codec", "suffix"),
    [("mkv", "srt", "srt"), ("mkv", "ass", "ass"), ("mkv", "webvtt", "vtt"), ("mp4", "mov_text", "srt")],
)
def test_each_text_format_comes_out_whole(
    household: Household, tmp_path: Path, container: str, codec: str, suffix: str
) -> None:
    lines = tmp_path / "lines.srt"
    lines.write_text(
        SRT.replace("Bonjour", "Grüße <i>aus</i> 東京") + "\n2\n00:00:03,000 --> 00:00:04,000\nzwei\n"
    )
    made = tmp_path / f"made.{container}"
    find_ffmpeg().run(
        *("-f", "lavfi", "-i", "color=size=64x36:rate=2:duration=5", "-i", str(lines)),
        *(
            "-map",
            "0",
            "-map",
            "1",
            "-c:v",
            "mpeg4",
            "-c:s",
            codec,
            "-metadata:s:s:0",
            "language=ger",
            str(made),
        ),
    )
    name = f"Film (2001)/Film (2001).{container}"
    household.put(name, made.read_bytes())
    household.found()
    assert _extract(household, name, ("de",)).status is JobStatus.COMPLETED
    written = household.root / f"Film (2001)/Film (2001).de.{suffix}"
    assert [event.plaintext for event in pysubs2.load(str(written))] == ["Grüße aus 東京", "zwei"]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_persons_own_subtitle_is_never_touched(film: Household, is_known: bool) -> None:
    path = Path(film.sidecar(ENGLISH, "mine, not even a subtitle"))
    if is_known:
        film.found()
    assert _extract(film).status is JobStatus.COMPLETED
    assert path.read_text() == "mine, not even a subtitle"
    assert [row.language for row in _history(film)] == ["de"]


def test_a_persons_own_subtitle_is_not_touched_by_a_second_try_either(
    film: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(SubtitleExtraction, "_record", die)
    assert _extract(film).status is JobStatus.QUEUED
    monkeypatch.undo()
    (film.root / ENGLISH).write_text("a person was here")
    job = _again(film)
    assert job.status is JobStatus.COMPLETED
    assert job.result is not None
    assert len(job.result["passed_over"]) == 1
    assert (film.root / ENGLISH).read_text() == "a person was here"
    assert [row.language for row in _history(film)] == ["de"]


def test_a_run_that_died_before_it_could_record_is_recorded_once_by_the_next(
    film: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr(SubtitleExtraction, "_record", die)
    assert _extract(film).status is JobStatus.QUEUED
    assert _history(film) == ()
    monkeypatch.undo()
    # A scan that comes in between knows the files already.
    film.found()
    assert _again(film).status is JobStatus.COMPLETED
    assert sorted(row.sidecar_path for row in _history(film)) == sorted(
        str(film.root / name) for name in (ENGLISH, GERMAN)
    )


@pytest.fixture
def small_disk(house: House, tmp_path: Path, small_video: bytes) -> Iterator[Household]:
    """A household on a disk of its own with little room."""
    place = tmp_path / "media"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"NOT TESTED: a disk cannot be mounted here: {done.stderr.decode().strip()}")
    yield Household(house, place, small_video)
    subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(place: Path) -> None:
    free = os.statvfs(place)
    (place / "filler").write_bytes(b"\0" * free.f_bsize * free.f_bavail)


def test_a_full_disk_is_named_leaves_no_half_file_and_is_made_good_later(small_disk: Household) -> None:
    small_disk.put(FILM)
    small_disk.found()
    _fill(small_disk.root)
    job = _extract(small_disk)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 1)
    assert "no room left" in job.error
    assert _beside(small_disk) == set()
    (small_disk.root / "filler").unlink()
    assert _again(small_disk).status is JobStatus.COMPLETED
    assert len(_history(small_disk)) == 2


def test_a_read_only_disk_is_named_and_not_tried_again(small_disk: Household) -> None:
    small_disk.put(FILM)
    small_disk.found()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk.root)], check=True)
    job = _extract(small_disk)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert "read-only" in job.error


def test_a_folder_that_may_not_be_written_is_named(film: Household, tmp_path: Path) -> None:
    place = (film.root / FILM).parent
    place.chmod(0o555)
    try:
        with bound(tmp_path):
            job = _extract(film)
    except CannotGiveUpRights as error:
        pytest.skip(f"NOT TESTED: root cannot be bound by the rights of files here: {error}")
    finally:
        place.chmod(0o755)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert "may not write" in job.error
    assert _beside(film) == set()


def test_a_file_that_is_away_is_tried_again_later(film: Household) -> None:
    os.rename(film.root / FILM, film.root / "away")
    job = _extract(film)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 1)
    assert "Stalker (1979).mkv" in job.error
    os.rename(film.root / "away", film.root / FILM)
    assert _again(film).status is JobStatus.COMPLETED


def test_a_file_that_was_forgotten_meanwhile_ends_the_job_at_once(film: Household) -> None:
    database = film.house.database
    extract_files(database, [film.file(FILM).id], languages=("en",))
    with database.write() as unit:
        unit.files.delete([film.file(FILM).id])
    film.work()
    job = _job(film)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert "not in the library any more" in job.error


def test_a_file_that_was_replaced_since_the_scan_does_not_get_one_language_under_the_name_of_another(
    film: Household, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.mkv"
    find_ffmpeg().run(
        *(
            "-i",
            str(film.root / FILM),
            "-map",
            "0:v",
            "-map",
            "0:s:1",
            "-map",
            "0:s:0",
            "-c",
            "copy",
            str(turned),
        ),
    )
    os.replace(turned, film.root / FILM)
    assert _extract(film).status is JobStatus.COMPLETED
    english = (film.root / ENGLISH).read_text()
    german = (film.root / GERMAN).read_text()
    assert "Dialogue:" in german
    assert "-->" in english


def test_a_file_that_became_rubbish_since_the_scan_fails_with_its_name(film: Household) -> None:
    film.put(FILM, os.urandom(5000))
    job = _extract(film)
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert "Stalker (1979).mkv" in job.error


def test_extraction_can_be_asked_for_by_what_is_wanted(film: Household) -> None:
    ids = [row.id for row in film.wanted(WantedStatus.WANTED)]
    assert extract_wanted(film.house.database, ids) == 1
    film.work()
    assert _beside(film) == {Path(ENGLISH).name}
