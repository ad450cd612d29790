"""What the reading pool and its children say to each other: one JSON object a line, each way.

Requests go to the child in order and come back answered in that order, so an answer needs no number and the
first unanswered request is the one a dead child was busy with. The first line of a child says that it is ready.
JSON, not pickle, because a hostile media file may own the process that writes the answers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from sublarr.vocabulary.errors import Corrupt, InvalidInput, SublarrError, Unavailable
from sublarr.vocabulary.media import (
    FolderContent,
    MediaKind,
    NameFacts,
    Probe,
    ProbeOutcome,
    ProbeStatus,
    Track,
    TrackKind,
)
from sublarr.vocabulary.subtitles import RawCue, RawSubtitle, SubtitleFormat

READY = b'{"ready":true}'
MAX_REQUEST_BYTES = 1 << 20
MAX_ANSWER_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One media file to read: `path` below the watched folder `root` (path text), and what is wanted of it."""

    path: str
    root: str
    content: FolderContent
    wants_name: bool = True
    wants_probe: bool = True


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What one file told; `problem` says in words why `facts` are missing although they were wanted."""

    path: str
    facts: NameFacts | None = None
    outcome: ProbeOutcome | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SubtitleRequest:
    """Text tracks to take out of one media file, in one pass."""

    path: str
    track_indexes: tuple[int, ...]


Subtitles: TypeAlias = dict[int, RawSubtitle]
Request: TypeAlias = ReadRequest | SubtitleRequest
Answer: TypeAlias = ReadResult | Subtitles | SublarrError

_ERRORS = {error.code: error for error in (Corrupt, InvalidInput, Unavailable)}


def encode_request(request: Request) -> bytes:
    """The line, without its end, that asks a child for `request`."""
    if isinstance(request, SubtitleRequest):
        return _dump({"path": request.path, "tracks": request.track_indexes})
    return _dump(
        {
            "path": request.path,
            "root": request.root,
            "content": request.content,
            "name": request.wants_name,
            "probe": request.wants_probe,
        }
    )


def decode_request(line: bytes) -> Request:
    """The request that a line holds."""
    row = json.loads(line)
    if "tracks" in row:
        return SubtitleRequest(row["path"], tuple(row["tracks"]))
    content = FolderContent(row["content"])
    return ReadRequest(row["path"], row["root"], content, row["name"], row["probe"])


def encode_answer(answer: Answer) -> bytes:
    """The line, without its end, that carries `answer` to the pool."""
    if isinstance(answer, SublarrError):
        return _dump({"error": answer.code, "message": answer.message, "remedy": answer.remedy})
    if isinstance(answer, dict):
        return _dump({"subtitles": [[index, *_subtitle_row(raw)] for index, raw in answer.items()]})
    return _dump(
        {
            "path": answer.path,
            "facts": _facts_row(answer.facts),
            "outcome": _outcome_row(answer.outcome),
            "problem": answer.problem,
        }
    )


def decode_answer(line: bytes) -> Answer:
    """The answer that a line holds; raises Corrupt for what no child of ours would write."""
    try:
        row = json.loads(line)
        if "error" in row:
            return _ERRORS[row["error"]](str(row["message"]), remedy=str(row["remedy"]))
        if "subtitles" in row:
            return {int(index): _subtitle(rest) for index, *rest in row["subtitles"]}
        facts, outcome = _facts(row["facts"]), _outcome(row["outcome"])
        return ReadResult(str(row["path"]), facts, outcome, str(row["problem"]))
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt(f"a reading process wrote what cannot be understood: {error!r}") from error


def _dump(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _facts_row(facts: NameFacts | None) -> Mapping[str, object] | None:
    return None if facts is None else {field.name: getattr(facts, field.name) for field in fields(facts)}


def _facts(row: Mapping[str, Any] | None) -> NameFacts | None:
    if row is None:
        return None
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    return NameFacts(**{**values, "kind": MediaKind(row["kind"])})


def _outcome_row(outcome: ProbeOutcome | None) -> Sequence[object] | None:
    if outcome is None:
        return None
    probe = outcome.probe
    row = probe and (probe.container, probe.duration_seconds, [_track_row(track) for track in probe.tracks])
    return outcome.path, outcome.status, row, outcome.message


def _outcome(row: Sequence[Any] | None) -> ProbeOutcome | None:
    if row is None:
        return None
    path, status, found, message = row
    if found is None:
        return ProbeOutcome(path, ProbeStatus(status), None, message)
    container, duration_seconds, tracks = found
    probe = Probe(container, duration_seconds, tuple(_track(track) for track in tracks))
    return ProbeOutcome(path, ProbeStatus(status), probe, message)


def _track_row(track: Track) -> Sequence[object]:
    flags = (track.is_default, track.is_forced, track.is_hearing_impaired)
    return track.index, track.kind, track.codec, track.language, track.title, *flags


def _track(row: Sequence[Any]) -> Track:
    index, kind, *rest = row
    return Track(index, TrackKind(kind), *rest)


def _subtitle_row(raw: RawSubtitle) -> Sequence[object]:
    cues = [(cue.start_ms, cue.end_ms, cue.text, cue.settings) for cue in raw.cues]
    return raw.format, raw.header, cues


def _subtitle(row: Sequence[Any]) -> RawSubtitle:
    kind, header, cues = row
    return RawSubtitle(SubtitleFormat(kind), header, tuple(RawCue(*cue) for cue in cues))
