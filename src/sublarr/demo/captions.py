"""Writes a scene down as subtitles: SRT, ASS with styles and signs, WebVTT, or pictures.

Timing and placing happen here; the words come from `dialogue`, the pictures from `pictures`.
"""

from collections.abc import Iterable
from enum import StrEnum

import pysubs2

from sublarr.demo.dialogue import Script
from sublarr.demo.pictures import draw_captions
from sublarr.vocabulary.subtitles import SubtitleFormat

SCENE_SECONDS = 24
_FIRST_LINE_MS = 1000
_LINE_EVERY_MS = 2800
_LINE_SHOWN_MS = 2200
_SIGN_STARTS_MS = (3000, 14000)


class Coverage(StrEnum):
    """How much of a scene a subtitle shows."""

    FULL = "full"
    FORCED = "forced"
    HEARING_IMPAIRED = "hearing_impaired"


def write_captions(script: Script, form: SubtitleFormat, coverage: Coverage, *, first_line: int) -> bytes:
    """The scene as a subtitle file of that form, its lines turned so that it begins with `first_line`.

    VobSub comes as PGS too, and MOV_TEXT as SRT: what ffmpeg makes them from.
    """
    if not form.is_text:
        return draw_captions(_line_spans(len(script.lines)))
    document = pysubs2.SSAFile()
    document.info |= {"PlayResX": "384", "PlayResY": "216"}
    document.styles["Sign"] = pysubs2.SSAStyle(
        fontsize=14,
        bold=True,
        alignment=pysubs2.Alignment.TOP_CENTER,
        primarycolor=pysubs2.Color(255, 220, 90),
    )
    document.styles["Whisper"] = pysubs2.SSAStyle(fontsize=18, italic=True)
    if coverage is not Coverage.FORCED:
        document.extend(_spoken(script, first_line, with_noises=coverage is Coverage.HEARING_IMPAIRED))
    if coverage is Coverage.FORCED or form is SubtitleFormat.ASS:
        document.extend(_signs(script))
    document.sort()
    return document.to_string(form.sidecar_suffix, header_notice="A sample of Sublarr").encode()


def _line_spans(count: int) -> list[tuple[int, int]]:
    starts = (_FIRST_LINE_MS + _LINE_EVERY_MS * number for number in range(count))
    return [(start, start + _LINE_SHOWN_MS) for start in starts]


def _spoken(script: Script, first_line: int, *, with_noises: bool) -> Iterable[pysubs2.SSAEvent]:
    turn = first_line % len(script.lines)
    lines = script.lines[turn:] + script.lines[:turn]
    for number, ((start, end), line) in enumerate(zip(_line_spans(len(lines)), lines, strict=True)):
        text = line.replace("\n", r"\N")
        if with_noises and number < len(script.noises):
            text = rf"{script.noises[number]}\N{text}"
        style = "Whisper" if number == 4 else "Default"
        yield pysubs2.SSAEvent(start, end, text, style=style)


def _signs(script: Script) -> Iterable[pysubs2.SSAEvent]:
    for start, text in zip(_SIGN_STARTS_MS, script.signs, strict=True):
        placed = rf"{{\pos(192,30)\fad(200,200)}}{text}"
        yield pysubs2.SSAEvent(start, start + _LINE_SHOWN_MS, placed, style="Sign")
