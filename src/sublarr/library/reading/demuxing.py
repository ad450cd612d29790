"""Text tracks as they lie in a container: each packet one cue, with its times and the codec's own packing.

Imported by the children alone. All wanted tracks are taken in one pass, because a pass reads the whole file of
many containers. Making a subtitle file of the cues is the subtitles domain's.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Stream

from sublarr.library.reading.containers import open_media
from sublarr.library.reading.messages import Subtitles
from sublarr.library.reading.probing import codec_of
from sublarr.vocabulary.errors import Corrupt, InvalidInput
from sublarr.vocabulary.subtitles import RawCue, RawSubtitle, SubtitleFormat, format_of_codec

# How long a cue is shown whose end nobody wrote and which no other follows.
LONGEST_GUESSED_MS = 5_000


def read_subtitles(path: str, track_indexes: Sequence[int]) -> Subtitles:
    """The text tracks at `track_indexes`; raises InvalidInput for a track that is none, and as `open_media` does."""
    with open_media(path, is_header_enough=False) as container:
        wanted = {index: _text_stream(container, index) for index in track_indexes}
        for stream in container.streams:
            if stream.index not in wanted:
                stream.discard = Discard.all
        cues: dict[int, list[RawCue]] = {index: [] for index in wanted}
        start = _start_seconds(container)
        for packet in container.demux(tuple(wanted.values())):
            cue = _read_cue(packet, start)
            if cue is not None:
                cues[packet.stream_index].append(cue)
        return {index: _assemble(stream, cues[index]) for index, stream in wanted.items()}


def _text_stream(container: InputContainer, index: int) -> Stream:
    if not 0 <= index < len(container.streams):
        raise InvalidInput(f"the file has no track {index}", remedy="Scan it again: it has changed since.")
    stream = container.streams[index]
    if stream.type != "subtitle":
        raise InvalidInput(f"track {index} is no subtitle track but {stream.type}")
    if not format_of_codec(codec_of(stream)).is_text:
        raise InvalidInput(
            f"track {index} holds {codec_of(stream)} subtitles, which are not text",
            remedy="Subtitles made of pictures cannot be extracted as text.",
        )
    return stream


def _start_seconds(container: InputContainer) -> Fraction:
    """When picture or sound begins: players count from there, and a broadcast recording begins at any time."""
    starts = [
        stream.start_time * stream.time_base
        for stream in container.streams
        if stream.type in {"video", "audio"}
        and stream.start_time is not None
        and stream.time_base is not None
    ]
    return max(Fraction(0), min(starts, default=Fraction(0)))


def _read_cue(packet: "Packet[Stream]", start_seconds: Fraction) -> RawCue | None:
    if packet.pts is None or not packet.size:
        return None
    codec = codec_of(packet.stream)
    raw = bytes(packet)
    text = _mov_text(raw) if codec == "mov_text" else _decode(raw)
    if not text.strip():
        return None
    start_ms = round((packet.pts * packet.time_base - start_seconds) * 1000)
    duration_ms = round((packet.duration or 0) * packet.time_base * 1000)
    settings = ""
    if packet.has_sidedata("webvtt_settings"):
        settings = _decode(bytes(packet.get_sidedata("webvtt_settings")))
    return RawCue(start_ms, start_ms + max(0, duration_ms), text, settings)


def _mov_text(sample: bytes) -> str:
    """The text of a timed text sample: a 16-bit length, the text, boxes of style (3GPP TS 26.245, 5.17)."""
    length = int.from_bytes(sample[:2], "big")
    text = sample[2 : 2 + length]
    if text.startswith((b"\xfe\xff", b"\xff\xfe")):
        return text.decode("utf-16", "replace")
    return _decode(text)


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Containers promise UTF-8; what breaks the promise was nearly always muxed on a Western Windows.
        text = raw.decode("cp1252", "replace")
    return text.replace("\0", "")


def _assemble(stream: Stream, cues: Iterable[RawCue]) -> RawSubtitle:
    header = _decode(stream.codec_context.extradata or b"")
    subtitle_format = format_of_codec(codec_of(stream))
    if subtitle_format is SubtitleFormat.ASS and "[v4 styles]" in header.lower():
        # libavformat names both generations of the script alike.
        subtitle_format = SubtitleFormat.SSA
    if subtitle_format is SubtitleFormat.MOV_TEXT:
        header = ""  # a binary style record
    ordered = sorted(cues, key=lambda cue: cue.start_ms)
    if not ordered:
        raise Corrupt(f"track {stream.index} holds no text", remedy="There is nothing to extract from it.")
    return RawSubtitle(subtitle_format, header, tuple(_with_ends(ordered)))


def _with_ends(ordered: Sequence[RawCue]) -> Iterable[RawCue]:
    next_start_ms: int | None = None
    finished: list[RawCue] = []
    for position in range(len(ordered) - 1, -1, -1):
        cue = ordered[position]
        if position + 1 < len(ordered) and ordered[position + 1].start_ms > cue.start_ms:
            next_start_ms = ordered[position + 1].start_ms
        if cue.end_ms <= cue.start_ms:
            latest_ms = cue.start_ms + LONGEST_GUESSED_MS
            end_ms = latest_ms if next_start_ms is None else min(next_start_ms, latest_ms)
            cue = RawCue(cue.start_ms, end_ms, cue.text, cue.settings)
        finished.append(cue)
    return reversed(finished)
