"""Subtitles that are pictures, as discs have them: presentation graphics (PGS), the `.sup` form.

They exist so that a track without text can be met; all of them show the same band of blocks, which nobody is
expected to read. ffmpeg copies them, or turns them into VobSub.
"""

import struct
from collections.abc import Iterable

# Segment types, as in FFmpeg's libavcodec/pgssubdec.c.
_PALETTE, _OBJECT, _COMPOSITION, _WINDOW, _END = 0x14, 0x15, 0x16, 0x17, 0x80
_EPOCH_START, _GOES_ON = 0x80, 0x00
_SCREEN = (160, 90)
_PLACE = (24, 66)
_DARK, _LIGHT = 1, 2
_PALETTE_ENTRIES = bytes((_DARK, 16, 128, 128, 255, _LIGHT, 235, 128, 128, 255))
_EDGE = "." * 112
_WORDS = "...####.######.###..#####.##.####...###.##.####.#######.#.####.####.###...##.######.####.##.#####.####.###.##..."
_BAND = (*[_EDGE] * 4, *[_WORDS] * 6, *[_EDGE] * 4)


def draw_captions(spans_ms: Iterable[tuple[int, int]]) -> bytes:
    """A `.sup` file with one picture for each span of milliseconds."""
    return b"".join(_show(start, number) + _hide(end, number) for number, (start, end) in enumerate(spans_ms))


def _show(at_ms: int, number: int) -> bytes:
    width, height = len(_EDGE), len(_BAND)
    lines = b"".join(_encode_line(line) for line in _BAND)
    picture = (
        struct.pack(">HBB", 0, 0, 0xC0) + (len(lines) + 4).to_bytes(3) + struct.pack(">HH", width, height)
    )
    return b"".join(
        (
            _composition(at_ms, 2 * number, _EPOCH_START, struct.pack(">HBBHH", 0, 0, 0, *_PLACE)),
            _segment(at_ms, _WINDOW, struct.pack(">BBHHHH", 1, 0, *_PLACE, width, height)),
            _segment(at_ms, _PALETTE, b"\0\0" + _PALETTE_ENTRIES),
            _segment(at_ms, _OBJECT, picture + lines),
            _segment(at_ms, _END, b""),
        )
    )


def _hide(at_ms: int, number: int) -> bytes:
    return _composition(at_ms, 2 * number + 1, _GOES_ON, b"") + _segment(at_ms, _END, b"")


def _encode_line(line: str) -> bytes:
    return bytes(_DARK if dot == "." else _LIGHT for dot in line) + b"\0\0"


def _composition(at_ms: int, number: int, state: int, placing: bytes) -> bytes:
    header = struct.pack(">HHBHBBBB", *_SCREEN, 0x10, number, state, 0, 0, 1 if placing else 0)
    return _segment(at_ms, _COMPOSITION, header + placing)


def _segment(at_ms: int, kind: int, payload: bytes) -> bytes:
    ticks_of_90_khz = at_ms * 90
    return struct.pack(">2sIIBH", b"PG", ticks_of_90_khz, 0, kind, len(payload)) + payload
