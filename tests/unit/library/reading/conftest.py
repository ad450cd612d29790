"""Small media files of every container, made once with a real ffmpeg."""

import struct
import subprocess
import sys
from pathlib import Path

import imageio_ffmpeg
import pytest

SRT = (
    "1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nGrüße\nzwei\n"
)
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, \
MarginR, MarginV, Encoding
Style: Sign,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:03.00,0:00:04.00,Sign,,0,0,0,,{\\pos(10,20)}Later, in the file first
Dialogue: 2,0:00:01.00,0:00:02.00,Sign,Kay,0,0,0,,Sooner
"""
VTT = "WEBVTT\n\nfirst\n00:01.000 --> 00:02.000 line:10%\nUp <b>here</b>\n"


class MediaFolder:
    """Where the files are, and the ffmpeg that makes more of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "lines.srt").write_text(SRT, encoding="utf-8")
        (folder / "lines.ass").write_text(ASS, encoding="utf-8")
        (folder / "lines.vtt").write_text(VTT, encoding="utf-8")

    def make(self, name: str, *arguments: str) -> str:
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments, name]
        subprocess.run(command, cwd=self.folder, check=True)
        return self.path(name)

    def path(self, name: str) -> str:
        return str(self.folder / name)


PICTURE = ("-f", "lavfi", "-i", "color=d=4:s=64x36:r=5")
SOUND = ("-f", "lavfi", "-i", "sine=d=4")


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    made = MediaFolder(tmp_path_factory.mktemp("media"))
    texts = ("-i", "lines.srt", "-i", "lines.ass", "-i", "lines.vtt")
    options = ["-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4"]
    options += ["-c:v", "mpeg4", "-c:a", "ac3", "-c:s", "copy"]
    options += ["-metadata:s:s:0", "language=ger", "-metadata:s:s:1", "language=eng"]
    options += ["-metadata:s:s:1", "title=Signs & Songs", "-disposition:s:1", "default+forced"]
    options += ["-disposition:s:2", "hearing_impaired"]
    made.make("film.mkv", *PICTURE, *SOUND, *texts, *options)
    source = ("-i", "film.mkv", "-map", "0:v", "-map", "0:a")
    made.make(
        "film.mp4",
        *source,
        "-map",
        "0:s:0",
        "-c",
        "copy",
        "-c:s",
        "mov_text",
        "-metadata:s:s:0",
        "language=ger",
    )
    made.make("film.m4v", *source, "-c:v", "copy", "-c:a", "aac", "-f", "mp4")
    made.make("film.avi", *source, "-c", "copy")
    made.make("film.wmv", *source, "-c:v", "wmv2", "-c:a", "wmav2")
    made.make("film.flv", *source, "-c:v", "flv1", "-c:a", "aac")
    made.make("film.webm", *source, "-map", "0:s:0", "-c:v", "vp8", "-c:a", "vorbis", "-ac", "2", "-strict", "-2",
              "-c:s", "webvtt", "-metadata:s:s:0", "language=ger")  # fmt: skip
    made.make("film.ts", *source, "-c:v", "mpeg2video", "-r", "25", "-c:a", "ac3")
    (made.folder / "signs.sup").write_bytes(picture_subtitles(shown_at_seconds=3))
    made.make("pictures.mkv", *PICTURE, *SOUND, "-i", "signs.sup", "-map", "0", "-map", "1", "-map", "2",
              "-c:v", "mpeg4", "-c:a", "ac3", "-c:s", "copy", "-metadata:s:s:0", "language=fre")  # fmt: skip
    made.make(
        "pictures.ts",
        "-i",
        "pictures.mkv",
        "-map",
        "0:a",
        "-map",
        "0:s",
        "-c",
        "copy",
        "-mpegts_m2ts_mode",
        "1",
    )
    made.make("cut-off.mkv", "-i", "pictures.mkv", "-map", "0", "-c", "copy", "-live", "1", "-f", "matroska")
    return made


def picture_subtitles(shown_at_seconds: int) -> bytes:
    """A PGS stream with one small picture (segments after US patent 2009/0185789 as libavcodec reads them)."""

    def segment(pts: int, kind: int, body: bytes) -> bytes:
        return b"PG" + struct.pack(">IIBH", pts, 0, kind, len(body)) + body

    def display(pts: int, *, is_shown: bool) -> bytes:
        composition = struct.pack(">HHBHBBBB", 64, 36, 0x10, 1, 0x80, 0, 0, is_shown)
        window = b"\x01" + struct.pack(">BHHHH", 0, 2, 2, 8, 2)
        if not is_shown:
            parts = [segment(pts, 0x16, composition), segment(pts, 0x17, window)]
            return b"".join([*parts, segment(pts, 0x80, b"")])
        composition += struct.pack(">HBBHH", 0, 0, 0, 2, 2)
        lines = (b"\x01" * 8 + b"\0\0") * 2
        picture = (
            struct.pack(">HBB", 0, 0, 0xC0) + (len(lines) + 4).to_bytes(3, "big") + struct.pack(">HH", 8, 2)
        )
        parts = [segment(pts, 0x16, composition), segment(pts, 0x17, window)]
        parts += [
            segment(pts, 0x14, b"\0\0" + bytes([1, 200, 128, 128, 255])),
            segment(pts, 0x15, picture + lines),
        ]
        return b"".join([*parts, segment(pts, 0x80, b"")])

    start = 90_000 * shown_at_seconds
    return display(start, is_shown=True) + display(start + 45_000, is_shown=False)


_MISBEHAVING = """
import os, signal, sys
from sublarr.library.reading import child

def answer(request):
    name = os.path.basename(request.path)
    probes = getattr(request, "wants_probe", True)
    if name.startswith("hang") and probes:
        signal.pause()
    if name.startswith("crash") and probes:
        os.kill(os.getpid(), signal.SIGSEGV)
    if name.startswith("once") and not os.path.exists(request.path + ".met"):
        open(request.path + ".met", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("wrong"):
        return {}
    return child.answer(request)

child.main(answer)
"""


@pytest.fixture
def misbehaving(tmp_path):
    """The command of a child that hangs, crashes or lies on files of such names."""
    script = tmp_path / "misbehaving.py"
    script.write_text(_MISBEHAVING)
    return [sys.executable, "-P", str(script)]
