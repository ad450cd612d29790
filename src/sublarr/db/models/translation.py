"""Translating and transcribing: settings used, terms, prompts, memory, backends' counters."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import Base, Deletable, PartialIndex, Versioned, unique_while_present, while_deleted
from sublarr.db.column_types import Identifier, PathText, UTCDateTime

_DEFAULT_PRESENT = "is_default AND deleted_at IS NULL"


class TranslationConfig(Base):
    """The settings a translation was made with, named by their hash."""

    __tablename__ = "translation_config_history"
    __table_args__ = (
        UniqueConstraint("config_hash"),
        Index("ix_translation_config_history_last_used_at", "last_used_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    config_hash: Mapped[str]
    ollama_model: Mapped[str] = mapped_column(default="")
    prompt_template: Mapped[str] = mapped_column(default="")
    target_language: Mapped[str] = mapped_column(default="")
    first_used_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime)


class GlossaryEntry(Versioned, Deletable, Base):
    """A term and its translation: everywhere, or in one series.

    `series_id` is the number the series has at its source, as the predecessor stored it; `source_id` tells
    whose number it is. Both are NULL for a term that holds everywhere.
    """

    __tablename__ = "glossary_entries"
    __table_args__ = (
        Index("ix_glossary_entries_series", "source_id", "series_id", "source_term", "id"),
        Index("ix_glossary_entries_source_term", "source_term"),
        while_deleted("glossary_entries"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    series_id: Mapped[int | None] = mapped_column(Identifier)
    source_term: Mapped[str]
    target_term: Mapped[str]
    notes: Mapped[str] = mapped_column(default="")
    term_type: Mapped[str] = mapped_column(default="")
    confidence: Mapped[float | None]
    approved: Mapped[bool] = mapped_column(default=True)


class PromptPreset(Versioned, Deletable, Base):
    """A prompt a person wrote; one may be the default."""

    __tablename__ = "prompt_presets"
    __table_args__ = (
        unique_while_present("uq_prompt_presets_name", "name"),
        while_deleted("prompt_presets"),
        PartialIndex(
            "uq_prompt_presets_is_default",
            "is_default",
            unique=True,
            where=_DEFAULT_PRESENT,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str]
    prompt_template: Mapped[str]
    is_default: Mapped[bool] = mapped_column(default=False)


class TranslationMemory(Base):
    """A line that was translated before, by its normalised text, pair and glossary version."""

    __tablename__ = "translation_memory"
    __table_args__ = (
        UniqueConstraint("source_lang", "target_lang", "text_hash", "glossary_version"),
        Index("ix_translation_memory_last_used_at", "last_used_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    source_lang: Mapped[str]
    target_lang: Mapped[str]
    text_hash: Mapped[str]
    glossary_version: Mapped[str] = mapped_column(default="")
    source_text_normalized: Mapped[str]
    translated_text: Mapped[str]
    use_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UTCDateTime)


class TranslationBackendStat(Base):
    """Counters of one translation backend."""

    __tablename__ = "translation_backend_stats"

    backend_name: Mapped[str] = mapped_column(primary_key=True)
    total_requests: Mapped[int] = mapped_column(default=0)
    successful_translations: Mapped[int] = mapped_column(default=0)
    failed_translations: Mapped[int] = mapped_column(default=0)
    total_characters: Mapped[int] = mapped_column(Identifier, default=0)
    avg_response_time_ms: Mapped[float] = mapped_column(default=0.0)
    last_response_time_ms: Mapped[float] = mapped_column(default=0.0)
    last_success_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_failure_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_error: Mapped[str] = mapped_column(default="")
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class WhisperJob(Base):
    """A transcription: its phases, and what came out; the ledger's job that does it is `job_id`."""

    __tablename__ = "whisper_jobs"
    __table_args__ = (
        Index("ix_whisper_jobs_created", "created_at", "id"),
        Index("ix_whisper_jobs_status", "status", "created_at", "id"),
        Index("ix_whisper_jobs_job_id", "job_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    file_path: Mapped[str] = mapped_column(PathText)
    language: Mapped[str] = mapped_column(default="")
    audio_track_index: Mapped[int | None]
    status: Mapped[str] = mapped_column(default="queued")
    progress: Mapped[float] = mapped_column(default=0.0)
    phase: Mapped[str] = mapped_column(default="")
    backend_name: Mapped[str] = mapped_column(default="")
    detected_language: Mapped[str] = mapped_column(default="")
    language_probability: Mapped[float] = mapped_column(default=0.0)
    srt_content: Mapped[str] = mapped_column(default="")
    segment_count: Mapped[int] = mapped_column(default=0)
    duration_seconds: Mapped[float] = mapped_column(default=0.0)
    processing_time_ms: Mapped[float] = mapped_column(default=0.0)
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
