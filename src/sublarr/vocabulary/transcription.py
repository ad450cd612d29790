"""Transcriptions: the phases they go through, and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class TranscriptionStatus(StrEnum):
    """The life of a transcription."""

    QUEUED = "queued"
    EXTRACTING = "extracting"
    TRANSCRIBING = "transcribing"
    SAVING = "saving"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STOPS = frozenset({TranscriptionStatus.QUEUED, TranscriptionStatus.FAILED, TranscriptionStatus.CANCELLED})

# Back to the queue goes what was handed back by a stopping process or a busy server, and a person's retry.
TRANSCRIPTION_MOVES: Mapping[TranscriptionStatus, frozenset[TranscriptionStatus]] = {
    TranscriptionStatus.QUEUED: frozenset(
        {
            TranscriptionStatus.EXTRACTING,
            TranscriptionStatus.TRANSCRIBING,
            TranscriptionStatus.FAILED,
            TranscriptionStatus.CANCELLED,
        }
    ),
    TranscriptionStatus.EXTRACTING: _STOPS | {TranscriptionStatus.TRANSCRIBING},
    TranscriptionStatus.TRANSCRIBING: _STOPS | {TranscriptionStatus.SAVING},
    TranscriptionStatus.SAVING: _STOPS | {TranscriptionStatus.COMPLETED},
    TranscriptionStatus.FAILED: frozenset({TranscriptionStatus.QUEUED, TranscriptionStatus.CANCELLED}),
    TranscriptionStatus.COMPLETED: frozenset(),
    TranscriptionStatus.CANCELLED: frozenset(),
}


def transcription_states_before(target: TranscriptionStatus) -> tuple[TranscriptionStatus, ...]:
    """The states from which `target` may be entered."""
    return tuple(state for state, targets in TRANSCRIPTION_MOVES.items() if target in targets)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a transcription gave; `srt` is the whole file, `language_probability` is between 0 and 1."""

    srt: str
    segment_count: int
    duration_seconds: float
    processing_time_ms: float
    backend_name: str = ""
    detected_language: str = ""
    language_probability: float = 0.0
