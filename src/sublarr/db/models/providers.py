"""What is known of each subtitle provider: how it does, and what it lately answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import Base, valid_json
from sublarr.db.column_types import Identifier, JsonDocument, UTCDateTime


class ProviderStat(Base):
    """Counters of one provider; searches and downloads are counted apart."""

    __tablename__ = "provider_stats"
    __table_args__ = (Index("ix_provider_stats_disabled_until", "disabled_until"),)

    provider_name: Mapped[str] = mapped_column(primary_key=True)
    total_searches: Mapped[int] = mapped_column(default=0)
    failed_searches: Mapped[int] = mapped_column(default=0)
    successful_downloads: Mapped[int] = mapped_column(default=0)
    failed_downloads: Mapped[int] = mapped_column(default=0)
    scored_downloads: Mapped[int] = mapped_column(default=0)
    avg_score: Mapped[float] = mapped_column(default=0.0)
    timed_responses: Mapped[int] = mapped_column(default=0)
    avg_response_time_ms: Mapped[float] = mapped_column(default=0.0)
    last_response_time_ms: Mapped[float] = mapped_column(default=0.0)
    last_success_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_failure_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    consecutive_failures: Mapped[int] = mapped_column(default=0)
    auto_disabled: Mapped[bool] = mapped_column(default=False)
    disabled_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ProviderResult(Base):
    """A provider's answer to a query, good until it expires."""

    __tablename__ = "provider_cache"
    __table_args__ = (
        UniqueConstraint("provider_name", "query_hash"),
        Index("ix_provider_cache_expires_at", "expires_at"),
        *valid_json("results"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    provider_name: Mapped[str]
    query_hash: Mapped[str]
    results: Mapped[Any] = mapped_column(JsonDocument)
    cached_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
