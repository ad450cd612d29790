"""Events on their way out, and those who asked to be told: script hooks and webhooks."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import Base, Deletable, PartialIndex, Versioned, valid_json, while_deleted
from sublarr.db.column_types import Identifier, JsonDocument, UTCDateTime

_IS_PENDING = "dispatched_at IS NULL"


class OutboxEvent(Base):
    """Something that happened, written in the transaction that caused it."""

    __tablename__ = "event_outbox"
    __table_args__ = (
        PartialIndex("ix_event_outbox_pending", "id", where=_IS_PENDING),
        Index("ix_event_outbox_created_at", "created_at"),
        *valid_json("payload"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JsonDocument)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    dispatched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    job_id: Mapped[str] = mapped_column(default="")
    request_id: Mapped[str] = mapped_column(default="")


class HookConfig(Versioned, Deletable, Base):
    """A script of the hooks folder that runs when an event happens."""

    __tablename__ = "hook_configs"
    __table_args__ = (
        Index("ix_hook_configs_event_name", "event_name"),
        while_deleted("hook_configs"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str]
    event_name: Mapped[str]
    hook_type: Mapped[str] = mapped_column(default="script")
    enabled: Mapped[bool] = mapped_column(default=True)
    script_path: Mapped[str] = mapped_column(default="")
    timeout_seconds: Mapped[int] = mapped_column(default=30)
    last_triggered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_status: Mapped[str] = mapped_column(default="")
    trigger_count: Mapped[int] = mapped_column(default=0)


class WebhookConfig(Versioned, Deletable, Base):
    """An address that is told when an event happens."""

    __tablename__ = "webhook_configs"
    __table_args__ = (
        Index("ix_webhook_configs_event_name", "event_name"),
        while_deleted("webhook_configs"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str]
    event_name: Mapped[str]
    url: Mapped[str]
    secret: Mapped[str] = mapped_column(default="")
    enabled: Mapped[bool] = mapped_column(default=True)
    retry_count: Mapped[int] = mapped_column(default=3)
    timeout_seconds: Mapped[int] = mapped_column(default=10)
    last_triggered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_status_code: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(default="")
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    trigger_count: Mapped[int] = mapped_column(default=0)


class HookLogEntry(Base):
    """One delivery: which hook or webhook, and how it went."""

    __tablename__ = "hook_log"
    __table_args__ = (
        Index("ix_hook_log_triggered", "triggered_at", "id"),
        Index("ix_hook_log_hook_id", "hook_id", "triggered_at", "id"),
        Index("ix_hook_log_webhook_id", "webhook_id", "triggered_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    hook_id: Mapped[int | None] = mapped_column(ForeignKey("hook_configs.id", ondelete="CASCADE"))
    webhook_id: Mapped[int | None] = mapped_column(ForeignKey("webhook_configs.id", ondelete="CASCADE"))
    event_name: Mapped[str]
    hook_type: Mapped[str]
    success: Mapped[bool]
    exit_code: Mapped[int | None]
    status_code: Mapped[int | None]
    stdout: Mapped[str] = mapped_column(default="")
    stderr: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    duration_ms: Mapped[float] = mapped_column(default=0.0)
    triggered_at: Mapped[datetime] = mapped_column(UTCDateTime)
