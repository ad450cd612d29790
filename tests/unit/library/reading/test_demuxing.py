"""Text tracks taken out of containers."""

import pytest

from sublarr.library.reading.demuxing import read_subtitles
from sublarr.vocabulary.errors import Corrupt, InvalidInput, Unavailable
from sublarr.vocabulary.subtitles import RawCue, SubtitleFormat


def test_all_tracks_come_in_one_pass_with_their_text_and_times(media):
    found = read_subtitles(media.path("film.mkv"), [2, 3, 4])
    assert found[2].format is SubtitleFormat.SRT
    assert found[2].cues == (
        RawCue(1000, 2500, "Hello <i>there</i>"),
        RawCue(3000, 4000, "Grüße\nzwei"),
    )
    assert found[3].format is SubtitleFormat.ASS
    assert "Style: Sign,Arial" in found[3].header
    assert found[3].cues == (
        RawCue(1000, 2000, "1,2,Sign,Kay,0,0,0,,Sooner"),
        RawCue(3000, 4000, "0,0,Sign,,0,0,0,,{\\pos(10,20)}Later, in the file first"),
    )
    assert found[4].cues == (RawCue(1000, 2000, "Up <b>here</b>", "line:10%"),)


def test_a_timed_text_track_loses_its_binary_wrapping(media):
    found = read_subtitles(media.path("film.mp4"), [2])[2]
    assert found.format is SubtitleFormat.MOV_TEXT
    assert found.header == ""
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in found.cues] == [
        (1000, 2500, "Hello there"),
        (3000, 4000, "Grüße\nzwei"),
    ]


def test_webm_captions_are_read(media):
    assert read_subtitles(media.path("film.webm"), [2])[2].format is SubtitleFormat.VTT


def test_the_older_script_generation_is_told_apart(media):
    (media.folder / "old.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nOld\n")
    path = media.make("old.mkv", "-i", "old.srt", "-c:s", "ass")
    # FFmpeg writes no SSA; the style section's name (two bytes longer in ASS) is what tells them apart.
    data = (media.folder / "old.mkv").read_bytes()
    assert b"[V4+ Styles]" in data
    (media.folder / "old.mkv").write_bytes(data.replace(b"[V4+ Styles]", b"[V4 Styles] "))
    assert read_subtitles(path, [0])[0].format is SubtitleFormat.SSA


@pytest.mark.parametrize(
    ("name", "index", "error", "words"),
    [
        ("film.mkv", 0, InvalidInput, "no subtitle track but video"),
        ("film.mkv", 99, InvalidInput, "no track 99"),
        ("film.mkv", -1, InvalidInput, "no track -1"),
        ("pictures.mkv", 2, InvalidInput, "not text"),
        ("gone.mkv", 2, Unavailable, "No such file"),
        ("lines.srt", 0, Corrupt, "no known film container"),
    ],
)
def test_what_cannot_be_extracted_says_why(media, name, index, error, words):
    with pytest.raises(error, match=words):
        read_subtitles(media.path(name), [index])


def test_a_file_that_ends_early_gives_what_it_has(media, tmp_path):
    path = tmp_path / "short.mkv"
    with open(media.path("film.mkv"), "rb") as source:
        data = source.read()
    path.write_bytes(data[: data.index("Grüße".encode())])
    assert [cue.text for cue in read_subtitles(str(path), [2])[2].cues] == ["Hello <i>there</i>"]


def test_a_track_without_a_line_is_said_to_be_empty(media, tmp_path):
    path = tmp_path / "short.mkv"
    with open(media.path("film.mkv"), "rb") as source:
        data = source.read()
    path.write_bytes(data[: data.index(b"Hello <i>there</i>")])
    with pytest.raises(Corrupt, match="holds no text"):
        read_subtitles(str(path), [2])


def test_a_broadcast_recording_is_timed_from_its_first_picture(media):
    path = media.make("late.mkv", "-i", "film.mkv", "-map", "0", "-c", "copy", "-output_ts_offset", "3600",
                      "-avoid_negative_ts", "disabled")  # fmt: skip
    assert [cue.start_ms for cue in read_subtitles(path, [2])[2].cues] == [1000, 3000]
