"""What subtitle files are called."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.subtitles.naming import match_sidecars, parse_sidecar, sidecar_path
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.media import FoundFile
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleType

FULL, FORCED = SubtitleType.FULL, SubtitleType.FORCED
FORMATS = [SubtitleFormat.ASS, SubtitleFormat.SSA, SubtitleFormat.SRT, SubtitleFormat.VTT]


@pytest.mark.parametrize(
    ("name", "language", "subtitle_type", "is_hearing_impaired"),
    [
        ("Film.srt", None, FULL, False),
        ("Film.de.srt", "de", FULL, False),
        ("Film.ger.SRT", "de", FULL, False),
        ("Film.GERMAN.srt", "de", FULL, False),
        ("film.deu.srt", "de", FULL, False),
        ("Film.pt-BR.srt", "pt-BR", FULL, False),
        ("Film.pt_br.srt", "pt-BR", FULL, False),
        ("Film.pob.srt", "pt-BR", FULL, False),
        ("Film.zh-Hans.srt", "zh-Hans", FULL, False),
        ("Film.en.forced.srt", "en", FORCED, False),
        ("Film.forced.en.srt", "en", FORCED, False),
        ("Film.Forced.srt", None, FORCED, False),
        ("Film.en.sdh.srt", "en", FULL, True),
        ("Film.en.cc.srt", "en", FULL, True),
        ("Film.en.hi.srt", "en", FULL, True),
        ("Film.hi.en.forced.srt", "en", FORCED, True),
        ("Film.hi.srt", "hi", FULL, False),
        ("Film.hin.hi.srt", "hi", FULL, True),
        ("Film.hi.hi.srt", "hi", FULL, True),
        ("Film.hi.sdh.srt", "hi", FULL, True),
        ("Film.hi.forced.srt", "hi", FORCED, False),
        ("Film.sdh.srt", None, FULL, True),
        ("Film.default.en.srt", "en", FULL, False),
        ("Film.en.2.srt", "en", FULL, False),
        ("Film.Commentary.en.srt", "en", FULL, False),
        ("Film.en.Commentary.srt", "en", FULL, False),
        ("Film.The Commentary.srt", None, FULL, False),
        ("Film.The.Director.srt", None, FULL, False),
        ("Film.und.srt", None, FULL, False),
    ],
)
def test_a_sidecar_is_known_by_every_usual_name(name, language, subtitle_type, is_hearing_impaired):
    said = parse_sidecar(name, "Film")
    assert said == (language, subtitle_type, is_hearing_impaired, SubtitleFormat.SRT)
    assert parse_sidecar(f"/films/{name}", "Film") == said


@pytest.mark.parametrize(
    "name",
    ["Film.mkv", "Film.en.sub", "Film 2.en.srt", "Other.en.srt", "Film", "Film.", ".Film.en.srt", "Filmsrt"],
)
def test_other_files_are_no_sidecars(name):
    assert parse_sidecar(name, "Film") is None


def found(*names):
    return [FoundFile(f"/tv/{name}", 10, 20) for name in names]


def owners(videos, *names):
    matched = match_sidecars([f"/tv/{video}" for video in videos], found(*names))
    return {
        video.removeprefix("/tv/"): [sidecar.path.removeprefix("/tv/") for sidecar in sidecars]
        for video, sidecars in matched.items()
    }


def test_a_subtitle_goes_to_the_video_with_the_longest_name_before_it():
    videos = ["Show.mkv", "Show - S01E01.mkv", "Show - S01E01 - Part 2.mkv", "Show - S01E01.Extended.mkv"]
    assert owners(
        videos,
        "Show - S01E01.en.srt",
        "Show - S01E01 - Part 2.en.srt",
        "Show - S01E01.Extended.en.forced.ass",
        "Show - S01E01 - Part 3.en.srt",
        "Show.en.srt",
    ) == {
        "Show.mkv": ["Show.en.srt"],
        "Show - S01E01.mkv": ["Show - S01E01.en.srt"],
        "Show - S01E01 - Part 2.mkv": ["Show - S01E01 - Part 2.en.srt"],
        "Show - S01E01.Extended.mkv": ["Show - S01E01.Extended.en.forced.ass"],
    }


def test_case_decides_only_where_two_videos_differ_in_nothing_else():
    assert owners(["FILM.mkv", "film.mkv"], "Film.en.srt", "film.de.srt", "FILM.fr.srt") == {
        "FILM.mkv": ["Film.en.srt", "FILM.fr.srt"],
        "film.mkv": ["Film.en.srt", "film.de.srt"],
    }


def test_two_versions_of_one_name_share_their_subtitles():
    assert owners(["Film.mkv", "Film.mp4"], "Film.en.srt") == {
        "Film.mkv": ["Film.en.srt"],
        "Film.mp4": ["Film.en.srt"],
    }


def test_an_unfinished_write_is_never_taken_for_a_subtitle():
    assert owners([".sublarr-ab.mkv", "Film.mkv"], ".sublarr-ab.tmp", ".sublarr-ab.srt", ".Film.srt") == {
        ".sublarr-ab.mkv": [],
        "Film.mkv": [],
    }


def test_what_was_found_is_kept_with_its_size_and_time():
    (sidecar,) = match_sidecars(["/tv/Film.mkv"], found("Film.en.forced.sdh.ass"))["/tv/Film.mkv"]
    assert (sidecar.language, sidecar.format, sidecar.size, sidecar.mtime_ns) == (
        "en",
        SubtitleFormat.ASS,
        10,
        20,
    )
    assert (sidecar.subtitle_type, sidecar.is_hearing_impaired) == (FORCED, True)


def test_a_flat_folder_of_twenty_thousand_files_is_matched_at_once():
    videos = [f"/tv/Show.S01E{number}.1080p.WEB-DL.mkv" for number in range(10_000)]
    names = [f"Show.S01E{number}.1080p.WEB-DL.en.srt" for number in range(10_000)]
    began = time.perf_counter()
    matched = match_sidecars(videos, found(*names))
    assert time.perf_counter() - began < 5
    assert all(len(sidecars) == 1 for sidecars in matched.values())


@given(
    language=st.sampled_from(["de", "hi", "pt-BR", "zh-Hans", "en", "cy"]),
    subtitle_type=st.sampled_from(SubtitleType),
    is_hearing_impaired=st.booleans(),
    subtitle_format=st.sampled_from(FORMATS),
    stem=st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40),
)
def test_the_names_we_write_are_the_names_we_read(
    language, subtitle_type, is_hearing_impaired, subtitle_format, stem
):
    path = sidecar_path(f"/tv/{stem}.mkv", language, subtitle_type, is_hearing_impaired, subtitle_format)
    assert parse_sidecar(path, stem) == (language, subtitle_type, is_hearing_impaired, subtitle_format)


def test_a_timed_text_track_becomes_an_srt_and_a_picture_nothing():
    assert sidecar_path("a.b.mkv", "de", FULL, False, SubtitleFormat.MOV_TEXT) == "a.b.de.srt"
    with pytest.raises(InvalidInput, match="pictures"):
        sidecar_path("a.mkv", "de", FULL, False, SubtitleFormat.PGS)


@pytest.mark.parametrize(("letter", "count"), [("x", 248), ("é", 124), ("\uef80", 248)])
def test_a_name_too_long_for_the_disk_is_refused_rather_than_shortened(letter, count):
    assert sidecar_path(f"/tv/{letter * count}.mkv", "de", FULL, False, SubtitleFormat.SRT)
    with pytest.raises(InvalidInput, match="255 bytes"):
        sidecar_path(f"/tv/{letter * (count + 1)}.mkv", "de", FULL, False, SubtitleFormat.SRT)
