"""Subtitles: formats, types, where they are, and the states of a wanted one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class SubtitleFormat(StrEnum):
    """Text formats that are read and written, and what else is met in containers."""

    ASS = "ass"
    SSA = "ssa"
    SRT = "srt"
    VTT = "vtt"
    MOV_TEXT = "mov_text"
    PGS = "pgs"
    VOBSUB = "vobsub"
    DVB = "dvb"
    OTHER = "other"

    @property
    def is_text(self) -> bool:
        """Whether it holds text rather than pictures."""
        return self in _TEXT

    @property
    def sidecar_suffix(self) -> str:
        """The file suffix (no dot) a track of this format is extracted to; '' for pictures."""
        return _SUFFIXES.get(self, "")


_TEXT = frozenset(
    {
        SubtitleFormat.ASS,
        SubtitleFormat.SSA,
        SubtitleFormat.SRT,
        SubtitleFormat.VTT,
        SubtitleFormat.MOV_TEXT,
    }
)
_SUFFIXES = {
    SubtitleFormat.ASS: "ass",
    SubtitleFormat.SSA: "ssa",
    SubtitleFormat.SRT: "srt",
    SubtitleFormat.VTT: "vtt",
    SubtitleFormat.MOV_TEXT: "srt",
}
# FFmpeg's codec names (libavcodec/codec_desc.c).
_CODECS = {
    "ass": SubtitleFormat.ASS,
    "ssa": SubtitleFormat.SSA,
    "subrip": SubtitleFormat.SRT,
    "srt": SubtitleFormat.SRT,
    "text": SubtitleFormat.SRT,
    "webvtt": SubtitleFormat.VTT,
    "mov_text": SubtitleFormat.MOV_TEXT,
    "hdmv_pgs_subtitle": SubtitleFormat.PGS,
    "pgssub": SubtitleFormat.PGS,
    "dvd_subtitle": SubtitleFormat.VOBSUB,
    "dvdsub": SubtitleFormat.VOBSUB,
    "dvb_subtitle": SubtitleFormat.DVB,
    "dvbsub": SubtitleFormat.DVB,
}


def format_of_codec(codec: str) -> SubtitleFormat:
    """The format of an FFmpeg subtitle codec name; OTHER where it is unknown."""
    return _CODECS.get(codec, SubtitleFormat.OTHER)


class SubtitleType(StrEnum):
    """Everything spoken, or only what is foreign or written on signs."""

    FULL = "full"
    FORCED = "forced"


class SubtitleOrigin(StrEnum):
    """Where a subtitle is: a track inside the media file, or a file beside it."""

    EMBEDDED = "embedded"
    SIDECAR = "sidecar"


class ForcedPreference(StrEnum):
    """Whether a profile wants forced subtitles: never, as rows of their own, where one is detected."""

    DISABLED = "disabled"
    SEPARATE = "separate"
    AUTO = "auto"


class FormatPreference(StrEnum):
    """Which format satisfies a profile: any, or ASS before SRT."""

    ANY = "any"
    ASS_FIRST = "ass_first"


class HearingImpairedPreference(StrEnum):
    """How subtitles for the hard of hearing are regarded."""

    INCLUDE = "include"
    PREFER = "prefer"
    EXCLUDE = "exclude"
    ONLY = "only"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A subtitle file beside a media file; `language` is None where its name does not tell."""

    path: str
    language: str | None
    format: SubtitleFormat
    subtitle_type: SubtitleType
    is_hearing_impaired: bool
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class RawCue:
    """One packet of a text track: milliseconds from the start, and the text as the codec packs it.

    `settings` are WebVTT's cue settings (place and alignment), which a packet carries beside its text.
    """

    start_ms: int
    end_ms: int
    text: str
    settings: str = ""


@dataclass(frozen=True, slots=True)
class RawSubtitle:
    """A text track as demuxed; `header` is the codec's extradata as text (an ASS track's script header)."""

    format: SubtitleFormat
    header: str
    cues: tuple[RawCue, ...]


class WantedStatus(StrEnum):
    """The life of a wanted subtitle."""

    WANTED = "wanted"
    SEARCHING = "searching"
    FOUND = "found"
    EXTRACTED = "extracted"
    FAILED = "failed"
    IGNORED = "ignored"


WANTED_MOVES: Mapping[WantedStatus, frozenset[WantedStatus]] = {
    WantedStatus.WANTED: frozenset(
        {
            WantedStatus.SEARCHING,
            WantedStatus.FOUND,
            WantedStatus.EXTRACTED,
            WantedStatus.IGNORED,
            WantedStatus.FAILED,
        }
    ),
    WantedStatus.SEARCHING: frozenset({WantedStatus.WANTED, WantedStatus.FOUND, WantedStatus.FAILED}),
    WantedStatus.FOUND: frozenset({WantedStatus.WANTED}),
    WantedStatus.EXTRACTED: frozenset({WantedStatus.WANTED}),
    WantedStatus.FAILED: frozenset({WantedStatus.WANTED}),
    WantedStatus.IGNORED: frozenset({WantedStatus.WANTED}),
}


def wanted_states_before(target: WantedStatus) -> tuple[WantedStatus, ...]:
    """The states from which `target` may be entered."""
    return tuple(state for state, targets in WANTED_MOVES.items() if target in targets)
