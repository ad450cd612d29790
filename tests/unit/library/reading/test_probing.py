"""Containers' headers, read in this process where that shows more, and by children in `test_pool`."""

import os
import socket
import stat

import pytest

from sublarr.library.reading.probing import probe
from sublarr.vocabulary.media import ProbeStatus, Track, TrackKind
from sublarr.vocabulary.paths import to_text


@pytest.mark.parametrize(
    ("name", "container", "codecs"),
    [
        ("film.mkv", "matroska", ["mpeg4", "ac3", "subrip", "ass", "webvtt"]),
        ("film.webm", "matroska", ["vp8", "vorbis", "webvtt"]),
        ("film.mp4", "mp4", ["mpeg4", "ac3", "mov_text"]),
        ("film.m4v", "mp4", ["mpeg4", "aac"]),
        ("film.avi", "avi", ["mpeg4", "ac3"]),
        ("film.wmv", "asf", ["wmv2", "wmav2"]),
        ("film.flv", "flv", ["flv1", "aac"]),
        ("film.ts", "mpegts", ["mpeg2video", "ac3"]),
        ("pictures.mkv", "matroska", ["mpeg4", "ac3", "hdmv_pgs_subtitle"]),
        ("pictures.ts", "mpegts", ["ac3", "hdmv_pgs_subtitle"]),
    ],
)
def test_every_track_of_every_container_is_found(media, name, container, codecs):
    outcome = probe(media.path(name))
    assert outcome.status is ProbeStatus.OK, outcome.message
    assert outcome.probe.container == container
    assert sorted(track.codec for track in outcome.probe.tracks) == sorted(codecs)
    assert outcome.probe.duration_seconds == pytest.approx(4, abs=0.3)


def test_a_track_shows_its_language_title_and_flags(media):
    tracks = probe(media.path("film.mkv")).probe.tracks
    assert tracks[2] == Track(2, TrackKind.SUBTITLE, "subrip", "de")
    assert tracks[3] == Track(
        3, TrackKind.SUBTITLE, "ass", "en", "Signs & Songs", is_default=True, is_forced=True
    )
    assert tracks[4].is_hearing_impaired
    assert [track.kind for track in tracks[:2]] == [TrackKind.VIDEO, TrackKind.AUDIO]
    assert tracks[1].language is None


def test_a_cover_or_a_font_is_no_video_track(media, tmp_path):
    media.make("cover.png", "-f", "lavfi", "-i", "color=d=1:s=8x8:r=1", "-frames:v", "1")
    font = ("-attach", "lines.srt", "-metadata:s:t", "mimetype=font/ttf")
    path = media.make("dressed.mkv", "-i", "film.mkv", "-map", "0:v", "-c", "copy", "-attach", "cover.png",
                      "-metadata:s:t:0", "mimetype=image/png", *font[:2], "-metadata:s:t:1", "mimetype=font/ttf")  # fmt: skip
    kinds = [track.kind for track in probe(path).probe.tracks]
    assert kinds == [TrackKind.VIDEO, TrackKind.OTHER, TrackKind.OTHER]


def test_a_recording_that_was_cut_off_has_no_invented_duration(media):
    outcome = probe(media.path("cut-off.mkv"))
    assert outcome.status is ProbeStatus.OK
    assert outcome.probe.duration_seconds is None


def test_a_large_film_is_read_at_its_beginning_only(media):
    # A picture subtitle whose size is not in the header is what makes libavformat read on.
    path = media.make("large.mkv", "-f", "lavfi", "-i", "testsrc2=d=4:s=1280x720:r=25", "-i", "signs.sup", "-map", "0",
                      "-map", "1", "-c:v", "mpeg4", "-q:v", "1", "-c:s", "copy")  # fmt: skip
    assert os.stat(path).st_size > 3_000_000
    before = _bytes_read()
    assert probe(path).status is ProbeStatus.OK
    assert _bytes_read() - before < 200_000


def _bytes_read() -> int:
    with open("/proc/self/io", encoding="ascii") as counters:
        return int(counters.readline().split()[1])


def test_a_name_with_undecodable_bytes_and_odd_characters_is_read(media, tmp_path):
    native = os.fsdecode(os.fsencode(tmp_path) + b"/100%: caf\xe9 #1?.mkv")
    with open(media.path("film.mkv"), "rb") as source, open(native, "wb") as target:
        target.write(source.read())
    assert probe(to_text(native)).status is ProbeStatus.OK


def test_an_empty_file_says_so(tmp_path):
    path = tmp_path / "empty.mkv"
    path.touch()
    outcome = probe(str(path))
    assert (outcome.status, outcome.message) == (ProbeStatus.BROKEN, "the file is empty")


@pytest.mark.parametrize("kept_bytes", [1, 13, 200, 4_000])
@pytest.mark.parametrize("name", ["film.mkv", "film.mp4", "film.avi", "film.ts", "film.wmv"])
def test_a_download_that_broke_off_never_raises(media, tmp_path, name, kept_bytes):
    path = tmp_path / name
    with open(media.path(name), "rb") as source:
        path.write_bytes(source.read(kept_bytes))
    outcome = probe(str(path))
    assert outcome.status in {ProbeStatus.BROKEN, ProbeStatus.OK}
    if outcome.status is ProbeStatus.BROKEN:
        assert outcome.message.startswith("not a media file or damaged: ")


@pytest.mark.parametrize(
    "text",
    [
        "nothing of the kind " * 100,
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n",
        "ffconcat version 1.0\nfile /etc/hostname\n",
        "1\n00:00:01,000 --> 00:00:02,000\nA subtitle, not a film\n",
    ],
)
def test_a_playlist_that_calls_itself_a_film_is_not_followed(tmp_path, text):
    path = tmp_path / "film.mkv"
    path.write_text(text)
    assert probe(str(path)).status is ProbeStatus.BROKEN


def test_a_missing_or_forbidden_file_is_unreadable(tmp_path):
    outcome = probe(str(tmp_path / "gone.mkv"))
    assert outcome.status is ProbeStatus.UNREADABLE
    assert "No such file" in outcome.message
    locked = tmp_path / "locked.mkv"
    locked.write_bytes(b"x")
    locked.chmod(0)
    if not os.access(locked, os.R_OK):
        assert probe(str(locked)).status is ProbeStatus.UNREADABLE


def test_a_pipe_or_a_socket_among_the_films_does_not_hang_the_scan(tmp_path):
    os.mkfifo(tmp_path / "pipe.mkv")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.mkv"))
    for name in ("pipe.mkv", "socket.mkv"):
        assert not stat.S_ISREG(os.stat(tmp_path / name).st_mode)
        outcome = probe(str(tmp_path / name))
        assert (outcome.status, outcome.message) == (ProbeStatus.UNREADABLE, "not a regular file")
    assert probe(str(tmp_path)).status is ProbeStatus.UNREADABLE
