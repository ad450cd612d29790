import errno
import sys
from collections import Counter
from pathlib import Path

import av
import pysubs2
import pytest

from sublarr.demo.captions import Coverage, write_captions
from sublarr.demo.catalogue import VIDEOS
from sublarr.demo.dialogue import SCRIPTS
from sublarr.demo.folder import MARKER_NAME, placed
from sublarr.demo.library import make_library
from sublarr.vocabulary.errors import DiskFull, InvalidInput, Unavailable
from sublarr.vocabulary.subtitles import SubtitleFormat, format_of_codec

MEDIA_SUFFIXES = {".mkv", ".mp4", ".webm", ".avi"}


def _ignore(done, total, name):
    pass


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    directory = tmp_path_factory.mktemp("demo") / "library"
    make_library(directory, on_progress=_ignore)
    return directory


@pytest.fixture(scope="module")
def tracks(library):
    """Every subtitle track there is: container suffix, format, language, flags."""
    found = []
    for video in VIDEOS:
        if video.kept_bytes is None:
            with av.open(str(library / video.path)) as container:
                found += [
                    (
                        Path(video.path).suffix,
                        format_of_codec(stream.codec_context.name),
                        stream.metadata["language"],
                        av.stream.Disposition(stream.disposition),
                    )
                    for stream in container.streams.subtitles
                ]
    return found


def _files(directory):
    return {path.relative_to(directory): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_a_sample_library_stays_small_enough_for_any_disk(library):
    assert sum(map(len, _files(library).values())) < 25_000_000


def test_every_text_format_has_an_english_track_to_try_things_on(tracks):
    english = {form for _, form, language, _ in tracks if language == "eng"}
    assert english >= {
        SubtitleFormat.SRT,
        SubtitleFormat.SSA,
        SubtitleFormat.VTT,
        SubtitleFormat.MOV_TEXT,
        SubtitleFormat.PGS,
        SubtitleFormat.VOBSUB,
    }
    assert {suffix for suffix, form, _, _ in tracks if form is SubtitleFormat.VTT} == {".mkv", ".webm"}


def test_the_common_languages_come_up_more_than_once(tracks):
    count = Counter(language for _, _, language, _ in tracks)
    assert all(count[language] >= 3 for language in ("eng", "ger", "fre", "spa", "jpn", "por"))


def test_flags_that_decide_between_tracks_survive_muxing(tracks):
    flags = av.stream.Disposition(0)
    for _, _, _, disposition in tracks:
        flags |= disposition
    wanted = av.stream.Disposition
    assert flags & wanted.forced
    assert flags & wanted.hearing_impaired
    assert flags & wanted.default


def test_no_file_claims_to_last_longer_than_its_clip(library):
    for video in VIDEOS:
        if video.kept_bytes is None:
            with av.open(str(library / video.path)) as container:
                assert container.duration < 30 * av.time_base, video.path


def test_broken_downloads_are_broken(library):
    broken = [video.path for video in VIDEOS if video.kept_bytes is not None]
    assert len(broken) >= 3
    assert 0 in {(library / path).stat().st_size for path in broken}
    for path in broken:
        with pytest.raises(av.FFmpegError), av.open(str(library / path)):
            pytest.fail(f"{path} opened")


def test_a_film_and_an_episode_are_without_any_subtitle(library):
    silent = {video.path.split("/")[0] for video in VIDEOS if not video.tracks and not video.sidecars}
    assert silent >= {"TV", "Films", "Anime"}


def test_sidecars_can_be_read_and_lie_beside_their_video(library):
    sidecars = [path for path in library.rglob("*") if path.suffix in {".srt", ".ass"}]
    assert len(sidecars) >= 10
    for path in sidecars:
        assert pysubs2.load(str(path)).events
        assert any(
            path.name.startswith(video.stem)
            for video in path.parent.iterdir()
            if video.suffix in MEDIA_SUFFIXES
        )


def test_a_second_run_keeps_every_file_and_needs_no_ffmpeg(library, monkeypatch):
    before = _files(library)
    monkeypatch.setattr("sublarr.demo.library.find_ffmpeg", lambda: pytest.fail("ffmpeg was looked for"))
    report = make_library(library, on_progress=_ignore)
    assert (report.made, report.kept) == (0, len(before) - 1)
    assert report.total_bytes == sum(map(len, before.values()))
    assert _files(library) == before


def test_a_run_stopped_half_way_is_completed_by_the_next(library, tmp_path):
    directory = tmp_path / "library"

    class Stopped(Exception):
        pass

    def stop_at_five(done, total, name):
        if done == 5:
            raise Stopped

    with pytest.raises(Stopped):
        make_library(directory, on_progress=stop_at_five)
    # What a kill leaves in the middle of a file:
    (directory / "TV" / ".half an episode.mkv.demo-part").write_bytes(b"half")
    told = []
    report = make_library(directory, on_progress=lambda done, total, name: told.append((done, total)))
    assert report.kept == 5
    assert told == [(done, report.made + 5) for done in range(6, report.made + 6)]
    assert _files(directory) == _files(library)


def test_a_folder_with_somebody_elses_files_is_left_alone(tmp_path):
    (tmp_path / "holiday.mkv").write_bytes(b"mine")
    with pytest.raises(InvalidInput) as refusal:
        make_library(tmp_path, on_progress=_ignore)
    assert refusal.value.remedy
    assert _files(tmp_path) == {Path("holiday.mkv"): b"mine"}


def test_a_file_in_place_of_the_folder_is_a_clear_error(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(InvalidInput, match="taken"):
        make_library(tmp_path / "taken", on_progress=_ignore)


def test_an_empty_folder_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr("sublarr.demo.library.VIDEOS", ())
    make_library(tmp_path, on_progress=_ignore)
    assert (tmp_path / MARKER_NAME).exists()


def test_without_any_ffmpeg_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable) as refusal:
        make_library(tmp_path / "library", on_progress=_ignore)
    assert "demo" in refusal.value.remedy


def test_an_ffmpeg_that_fails_is_quoted_and_leaves_no_half_file(tmp_path, monkeypatch):
    broken = tmp_path / "bin" / "ffmpeg"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'Unknown encoder mpeg4' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(broken.parent), prepend=":")
    with pytest.raises(Unavailable, match="Unknown encoder mpeg4"):
        make_library(tmp_path / "library", on_progress=_ignore)
    assert set(_files(tmp_path / "library")) == {Path(MARKER_NAME)}


def test_a_full_disk_is_called_that_and_leaves_no_half_file(tmp_path):
    def fill(temporary):
        temporary.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull), placed(tmp_path / "film.mkv") as temporary:
        fill(temporary)
    assert _files(tmp_path) == {}


@pytest.mark.parametrize("coverage", Coverage)
def test_lines_match_across_languages_so_that_translations_can_be_compared(coverage):
    shapes = {
        tuple((event.start, event.end) for event in pysubs2.SSAFile.from_string(text.decode()))
        for text in (
            write_captions(script, SubtitleFormat.SRT, coverage, first_line=3) for script in SCRIPTS.values()
        )
    }
    assert len(shapes) == 1
