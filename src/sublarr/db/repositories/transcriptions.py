"""Transcriptions: their phases and what came out. Each move is one guarded UPDATE."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, literal, select, update

from sublarr.db.models.translation import WhisperJob
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import IllegalMove, InvalidInput, NotFound
from sublarr.vocabulary.transcription import (
    TRANSCRIPTION_MOVES,
    Transcript,
    TranscriptionStatus,
    transcription_states_before,
)

_JOBS = WhisperJob.metadata.tables["whisper_jobs"]
_PHASES = frozenset(
    {TranscriptionStatus.EXTRACTING, TranscriptionStatus.TRANSCRIBING, TranscriptionStatus.SAVING}
)
_OVER = tuple(status for status, targets in TRANSCRIPTION_MOVES.items() if not targets)


@dataclass(frozen=True, slots=True)
class NewTranscription:
    """A transcription that is asked for; `job_id` is the ledger's job that will do it."""

    id: str
    file_path: str
    language: str = ""
    audio_track_index: int | None = None
    job_id: str | None = None


@dataclass(frozen=True, slots=True)
class TranscriptionRow:
    """A transcription; `progress` is between 0 and 1. Its text is read alone."""

    id: str
    job_id: str | None
    file_path: str
    language: str
    audio_track_index: int | None
    status: TranscriptionStatus
    progress: float
    backend_name: str
    detected_language: str
    language_probability: float
    segment_count: int
    duration_seconds: float
    processing_time_ms: float
    error: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class TranscriptionCounts:
    """How many there are; the mean is over the completed ones that were timed, 0 where there are none."""

    total: int
    by_status: Mapping[TranscriptionStatus, int]
    average_processing_ms: float


_COLUMNS = tuple(_JOBS.c[name] for name in TranscriptionRow.__dataclass_fields__)


class TranscriptionRepository(Repository):
    """The `whisper_jobs` table."""

    aggregate = "transcriptions"

    def add(self, new: NewTranscription) -> TranscriptionRow:
        """Ask for a transcription; raises `Conflict` where there is one of that id."""
        values = asdict(new) | {"status": TranscriptionStatus.QUEUED.value, "created_at": self._now}
        row = self._run("add", insert(_JOBS).values(**values).returning(*_COLUMNS)).one()
        return _row(row)

    def find(self, transcription_id: str) -> TranscriptionRow | None:
        """A transcription, or None."""
        statement = select(*_COLUMNS).where(_JOBS.c.id == transcription_id)
        row = self._run("find", statement).one_or_none()
        return None if row is None else _row(row)

    def get(self, transcription_id: str) -> TranscriptionRow:
        """A transcription; raises `NotFound`."""
        found = self.find(transcription_id)
        if found is None:
            raise NotFound(f"there is no transcription {transcription_id}")
        return found

    def srt(self, transcription_id: str) -> str:
        """The text that came out, '' while there is none."""
        statement = select(_JOBS.c.srt_content).where(_JOBS.c.id == transcription_id)
        text: str | None = self._run("srt", statement).scalar_one_or_none()
        return text or ""

    def page(self, request: PageRequest, status: TranscriptionStatus | None = None) -> Page[TranscriptionRow]:
        """Transcriptions, newest first."""
        statement = select(*_COLUMNS)
        if status is not None:
            statement = statement.where(_JOBS.c.status == status.value)
        keys = (SortKey(_JOBS.c.created_at, True), SortKey(_JOBS.c.id, True))
        return self._page(Listing("transcriptions", statement, keys, (status,)), request, _row)

    def set_phase(self, transcription_id: str, phase: TranscriptionStatus) -> None:
        """Go on to `phase`, with its progress at 0; raises `IllegalMove`."""
        if phase not in _PHASES:
            raise InvalidInput(f"{phase} is no phase of work")
        started_at = func.coalesce(_JOBS.c.started_at, literal(self._now, _JOBS.c.started_at.type))
        self._move(transcription_id, phase, progress=0.0, phase=phase.value, started_at=started_at)

    def set_progress(self, transcription_id: str, fraction: float) -> None:
        """Say how far the phase has come; ignored once the transcription is no longer worked on."""
        if not 0.0 <= fraction <= 1.0:
            raise InvalidInput("progress is between 0 and 1")
        working = [phase.value for phase in sorted(_PHASES)]
        statement = (
            update(_JOBS)
            .where(_JOBS.c.id == transcription_id, _JOBS.c.status.in_(working))
            .values(progress=fraction)
        )
        self._run("set_progress", statement)

    def complete(self, transcription_id: str, transcript: Transcript) -> None:
        """Keep what came out; raises `IllegalMove` unless it was being saved."""
        self._move(
            transcription_id,
            TranscriptionStatus.COMPLETED,
            srt_content=transcript.srt,
            segment_count=transcript.segment_count,
            duration_seconds=transcript.duration_seconds,
            processing_time_ms=transcript.processing_time_ms,
            backend_name=transcript.backend_name,
            detected_language=transcript.detected_language,
            language_probability=transcript.language_probability,
            progress=1.0,
            error="",
            completed_at=self._now,
        )

    def fail(self, transcription_id: str, error: str) -> None:
        """End it with the reason."""
        self._move(
            transcription_id,
            TranscriptionStatus.FAILED,
            error=error.replace("\0", ""),
            completed_at=self._now,
        )

    def cancel(self, transcription_id: str) -> None:
        """End it at a person's word."""
        self._move(transcription_id, TranscriptionStatus.CANCELLED, completed_at=self._now)

    def requeue(self, transcription_id: str) -> None:
        """Have it begin anew: the server was busy, the process stopped, or a person tries once more."""
        self._move(
            transcription_id,
            TranscriptionStatus.QUEUED,
            progress=0.0,
            phase="",
            error="",
            started_at=None,
            completed_at=None,
        )

    def delete(self, transcription_id: str) -> bool:
        """Forget a transcription; whether there was one."""
        statement = delete(_JOBS).where(_JOBS.c.id == transcription_id)
        return self._run("delete", statement).rowcount == 1

    def delete_finished_before(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` that were asked for before `moment` and are over, the oldest first."""
        over = [status.value for status in _OVER]
        old = (
            select(_JOBS.c.id)
            .where(_JOBS.c.created_at < moment, _JOBS.c.status.in_(over))
            .order_by(_JOBS.c.created_at)
            .limit(limit)
        )
        statement = delete(_JOBS).where(_JOBS.c.id.in_(old.scalar_subquery()))
        return self._run("delete_finished", statement).rowcount

    def counts(self) -> TranscriptionCounts:
        """How many there are in each state, and how long they take."""
        is_timed = and_(_JOBS.c.status == TranscriptionStatus.COMPLETED.value, _JOBS.c.processing_time_ms > 0)
        statement = select(
            _JOBS.c.status, func.count(), func.avg(case((is_timed, _JOBS.c.processing_time_ms)))
        ).group_by(_JOBS.c.status)
        rows = self._run("counts", statement).all()
        means = [mean for _, _, mean in rows if mean is not None]
        return TranscriptionCounts(
            total=sum(count for _, count, _ in rows),
            by_status={TranscriptionStatus(status): count for status, count, _ in rows},
            average_processing_ms=round(float(means[0]), 1) if means else 0.0,
        )

    def _move(self, transcription_id: str, target: TranscriptionStatus, **values: Any) -> None:
        before = [status.value for status in transcription_states_before(target)]
        statement = (
            update(_JOBS)
            .where(_JOBS.c.id == transcription_id, _JOBS.c.status.in_(before))
            .values(status=target.value, **values)
        )
        if self._run(f"move_{target}", statement).rowcount == 1:
            return
        current = self.get(transcription_id)
        raise IllegalMove(
            f"the transcription of {current.file_path} is {current.status}, so it cannot become {target}"
        )


def _row(row: Any) -> TranscriptionRow:
    values = dict(zip(TranscriptionRow.__dataclass_fields__, row, strict=False))
    return TranscriptionRow(**values | {"status": TranscriptionStatus(values["status"])})
