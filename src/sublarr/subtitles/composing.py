"""Subtitle files made of a container's packets, and the proof that what was made can be read.

A packet lacks what the file had around it: an ASS line its times and its place among the others, an SRT cue its
number. Nothing is converted from one format into another. A cue with impossible times is repaired, never a reason
to lose the rest.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from sublarr.vocabulary.errors import Corrupt, InvalidInput
from sublarr.vocabulary.subtitles import RawCue, RawSubtitle, SubtitleFormat

# How long a cue is shown that ends before it begins.
_REPAIRED_MS = 2_000

_ASS_FIELDS = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"
_SSA_FIELDS = _ASS_FIELDS.replace("Layer", "Marked")
_ASS_HEAD = "[Script Info]\nScriptType: v4.00+\n"
_ASS_STYLES = """[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,20,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,2,1,2,10,10,10,1
"""
_SECTION = re.compile(r"^\[[^\]\n]+\]", re.MULTILINE)
_LINE_BREAKS = re.compile(r"\r\n?|\n")
_BLANK_LINES = re.compile(r"\n\s*\n")


class _ScriptLine(NamedTuple):
    """One ASS line as Matroska packs it, with the times of its packet."""

    read_order: int
    layer: str
    start_ms: int
    end_ms: int
    rest: str


def compose(raw: RawSubtitle) -> str:
    """The text of the file that `raw` was muxed from; raises Corrupt if it has no usable cue."""
    cues = tuple(_repaired(raw.cues))
    match raw.format:
        case SubtitleFormat.ASS | SubtitleFormat.SSA:
            text = _compose_script(raw.header, cues, is_ssa=raw.format is SubtitleFormat.SSA)
        case SubtitleFormat.SRT | SubtitleFormat.MOV_TEXT:
            text = _compose_srt(cues)
        case SubtitleFormat.VTT:
            text = _compose_vtt(raw.header, cues)
        case _:
            raise InvalidInput(f"{raw.format} subtitles are pictures and cannot be written as text")
    return text


def validate(text: str, subtitle_format: SubtitleFormat) -> int:
    """How many cues with text there are in a subtitle file; raises Corrupt for none, or where it cannot be read."""
    # Costs 40 ms at start, and only jobs that write subtitles need it.
    import pysubs2  # noqa: PLC0415

    try:
        loaded = pysubs2.SSAFile.from_string(text, format_=subtitle_format.sidecar_suffix)
    except (pysubs2.exceptions.Pysubs2Error, ValueError, LookupError) as error:
        raise Corrupt(f"not a readable {subtitle_format} subtitle: {error}") from error
    count = sum(1 for event in loaded if not event.is_comment and event.text.strip())
    if not count:
        raise Corrupt(f"the {subtitle_format} subtitle holds no line")
    return count


def _repaired(cues: Iterable[RawCue]) -> Iterator[RawCue]:
    for cue in cues:
        start_ms = max(0, cue.start_ms)
        end_ms = cue.end_ms
        if end_ms <= start_ms:
            if cue.start_ms < 0:
                continue  # over before the film begins
            end_ms = start_ms + _REPAIRED_MS
        if (start_ms, end_ms) != (cue.start_ms, cue.end_ms):
            cue = RawCue(start_ms, end_ms, cue.text, cue.settings)  # noqa: PLW2901 - the repaired one
        yield cue


def _compose_srt(cues: Sequence[RawCue]) -> str:
    blocks: list[str] = []
    for cue in cues:
        text = _paragraph(cue.text)
        if text:
            times = f"{_srt_time(cue.start_ms)} --> {_srt_time(cue.end_ms)}"
            blocks.append(f"{len(blocks) + 1}\n{times}\n{text}\n")
    return "\n".join(_some(blocks))


def _compose_vtt(header: str, cues: Sequence[RawCue]) -> str:
    preamble = _paragraphs(header)
    if not preamble.startswith("WEBVTT"):
        preamble = f"WEBVTT\n\n{preamble}"
    blocks: list[str] = []
    for cue in cues:
        # An arrow would begin a cue of its own.
        text = _paragraph(cue.text).replace("-->", "--&gt;")
        if text:
            times = f"{_vtt_time(cue.start_ms)} --> {_vtt_time(cue.end_ms)}"
            settings = " ".join(cue.settings.split())
            blocks.append(f"{times} {settings}".rstrip() + f"\n{text}\n")
    return "\n".join([f"{preamble.strip()}\n", *_some(blocks)])


def _compose_script(header: str, cues: Sequence[RawCue], *, is_ssa: bool) -> str:
    lines = sorted(_script_lines(cues), key=lambda line: line.read_order)
    written = [_dialogue(line, is_ssa=is_ssa) for line in lines]
    before, events, after = _split_header(_paragraphs(header), is_ssa=is_ssa)
    return "\n".join([before, events, *_some(written), *after]) + "\n"


def _script_lines(cues: Iterable[RawCue]) -> Iterator[_ScriptLine]:
    """The packets' fields (Matroska's codec specification: ReadOrder, Layer, then as in the script)."""
    for position, cue in enumerate(cues):
        fields = " ".join(_LINE_BREAKS.split(cue.text.strip())).split(",", 2)
        if len(fields) == 3 and fields[0].strip().isdecimal() and fields[2].count(",") >= 6:
            yield _ScriptLine(int(fields[0]), fields[1].strip(), cue.start_ms, cue.end_ms, fields[2])
        elif cue.text.strip():
            # Not as the specification has it: some muxers pack the bare text.
            text = "\\N".join(_LINE_BREAKS.split(cue.text.strip()))
            yield _ScriptLine(position, "0", cue.start_ms, cue.end_ms, f"Default,,0,0,0,,{text}")


def _dialogue(line: _ScriptLine, *, is_ssa: bool) -> str:
    layer = line.layer
    if is_ssa and not layer.startswith("Marked="):
        layer = f"Marked={layer or 0}"
    return f"Dialogue: {layer or 0},{_ass_time(line.start_ms)},{_ass_time(line.end_ms)},{line.rest}"


def _split_header(header: str, *, is_ssa: bool) -> tuple[str, str, Sequence[str]]:
    """The script before its lines (completed where it is not whole), the head of the events, and what follows."""
    sections = _sections(header)
    names = [name.lower() for name, _ in sections]
    parts = [body.strip() + "\n" for name, body in sections if name.lower() != "[events]"]
    middle = names.index("[events]") if "[events]" in names else len(parts)
    if not any("styles" in name for name in names[:middle]) and not is_ssa:
        parts.insert(middle, _ASS_STYLES)
        middle += 1
    if "[script info]" not in names:
        parts.insert(0, _ASS_HEAD)
        middle += 1
    fields = _SSA_FIELDS if is_ssa else _ASS_FIELDS
    events = [f"[Events]\nFormat: {fields}"]
    for name, body in sections:
        if name.lower() == "[events]":
            events += _comments(body, fields)
    after = ["", "\n".join(parts[middle:]).rstrip("\n")] if parts[middle:] else []
    return "\n".join(parts[:middle]), "\n".join(events), after


def _sections(header: str) -> list[tuple[str, str]]:
    """The header's sections: name in brackets, and text with that name."""
    starts = [match.start() for match in _SECTION.finditer(header)]
    texts = [header[start:end] for start, end in pairwise([*starts, len(header)])]
    return [(text.partition("\n")[0].strip(), text) for text in texts]


def _comments(events: str, fields: str) -> list[str]:
    """The editors' comment lines, which stay in the header; they can be kept only in the usual order of fields."""
    lines = events.splitlines()
    formats = [line.partition(":")[2] for line in lines if line.lower().startswith("format:")]
    if formats and "".join(formats[0].split()).lower() != fields.replace(" ", "").lower():
        return []
    return [line for line in lines if line.startswith("Comment:") and line.count(",") >= 9]


def _some(blocks: list[str]) -> list[str]:
    if not blocks:
        raise Corrupt("the track holds no line", remedy="There is nothing to extract from it.")
    return blocks


def _paragraphs(text: str) -> str:
    return "\n".join(_LINE_BREAKS.split(text.replace("\0", "").removeprefix("\ufeff"))).strip()


def _paragraph(text: str) -> str:
    """The text without blank lines, which would end the cue."""
    return _BLANK_LINES.sub("\n", _paragraphs(text))


def _srt_time(milliseconds: int) -> str:
    return _vtt_time(milliseconds).replace(".", ",")


def _vtt_time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"


def _ass_time(milliseconds: int) -> str:
    centiseconds = (milliseconds + 5) // 10
    seconds, rest = divmod(centiseconds, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{rest:02}"
