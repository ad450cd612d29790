"""What was done: downloads, upgrades, the blocklist, counts per day, the audit trail, quarantine."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import (
    Base,
    Deletable,
    PartialIndex,
    unique_while_present,
    valid_json,
    while_deleted,
)
from sublarr.db.column_types import Identifier, JsonDocument, PathText, UTCDateTime, enum_column
from sublarr.vocabulary.subtitles import SubtitleType


class SubtitleDownload(Base):
    """A subtitle that came beside a video: downloaded, extracted, translated or transcribed."""

    __tablename__ = "subtitle_downloads"
    __table_args__ = (
        Index("ix_subtitle_downloads_downloaded", "downloaded_at", "id"),
        Index("ix_subtitle_downloads_provider", "provider_name", "downloaded_at", "id"),
        Index("ix_subtitle_downloads_provider_language", "provider_name", "language", "downloaded_at", "id"),
        Index("ix_subtitle_downloads_language", "language", "downloaded_at", "id"),
        Index("ix_subtitle_downloads_file_path", "file_path", "downloaded_at", "id"),
        Index("ix_subtitle_downloads_media_id", "media_id"),
        Index("ix_subtitle_downloads_sha256", "sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    provider_name: Mapped[str]
    subtitle_id: Mapped[str]
    language: Mapped[str]
    format: Mapped[str] = mapped_column(default="")
    file_path: Mapped[str] = mapped_column(PathText)
    sidecar_path: Mapped[str] = mapped_column(PathText, default="")
    score: Mapped[int] = mapped_column(default=0)
    downloaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    subtitle_type: Mapped[SubtitleType] = mapped_column(
        enum_column(SubtitleType, "subtitle_type"), default=SubtitleType.FULL
    )
    source: Mapped[str] = mapped_column(default="")
    is_machine_made: Mapped[bool] = mapped_column(default=False)
    sha256: Mapped[str] = mapped_column(default="")
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))
    job_id: Mapped[str] = mapped_column(default="")


class Upgrade(Base):
    """A subtitle that was replaced by a better one."""

    __tablename__ = "upgrade_history"
    __table_args__ = (
        Index("ix_upgrade_history_upgraded", "upgraded_at", "id"),
        Index("ix_upgrade_history_file_path", "file_path", "upgraded_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    file_path: Mapped[str] = mapped_column(PathText)
    old_format: Mapped[str] = mapped_column(default="")
    old_score: Mapped[int | None]
    new_format: Mapped[str] = mapped_column(default="")
    new_score: Mapped[int | None]
    provider_name: Mapped[str] = mapped_column(default="")
    upgrade_reason: Mapped[str] = mapped_column(default="")
    upgraded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class BlacklistEntry(Deletable, Base):
    """A subtitle that must never be fetched again."""

    __tablename__ = "blacklist_entries"
    __table_args__ = (
        unique_while_present(
            "uq_blacklist_entries_provider_name_subtitle_id", "provider_name", "subtitle_id"
        ),
        PartialIndex("ix_blacklist_entries_added", "added_at", "id", where="deleted_at IS NULL"),
        PartialIndex("ix_blacklist_entries_removed", "added_at", "id", where="deleted_at IS NOT NULL"),
        while_deleted("blacklist_entries"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    provider_name: Mapped[str]
    subtitle_id: Mapped[str]
    language: Mapped[str] = mapped_column(default="")
    file_path: Mapped[str] = mapped_column(PathText, default="")
    title: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)


class DailyStat(Base):
    """Counts of one local day."""

    __tablename__ = "daily_stats"

    date: Mapped[date] = mapped_column(Date, primary_key=True)
    translated: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)


class DailyBreakdown(Base):
    """One day's successes by format, source, provider, language or backend."""

    __tablename__ = "daily_breakdowns"

    date: Mapped[date] = mapped_column(ForeignKey("daily_stats.date", ondelete="CASCADE"), primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class AuditEntry(Base):
    """Who changed what from what to what; written in the transaction of the change."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at", "id"),
        Index("ix_audit_log_entity", "entity", "entity_id", "id"),
        Index("ix_audit_log_kind", "entity", "id"),
        Index("ix_audit_log_actor", "actor", "id"),
        Index("ix_audit_log_kind_actor", "entity", "actor", "id"),
        *valid_json("before", "after"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    after: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    request_id: Mapped[str] = mapped_column(default="")
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("audit_log.id", ondelete="SET NULL"), index=True)


class QuarantinedRow(Base):
    """A row of an adopted database that could not be kept typed, whole, with the reason."""

    __tablename__ = "adoption_quarantine"
    __table_args__ = (
        Index("ix_adoption_quarantine_source_table", "source_table", "id"),
        *valid_json("row"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    source_table: Mapped[str]
    source_key: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    row: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    quarantined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    readmitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
