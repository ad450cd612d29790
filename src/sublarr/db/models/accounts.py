"""Who may come in: accounts, their sessions, and API keys. Only hashes of secrets are stored."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import Base, Timestamped, valid_json
from sublarr.db.column_types import Identifier, JsonDocument, UTCDateTime


class Account(Timestamped, Base):
    """A person."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("username"),
        *valid_json("preferences"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    username: Mapped[str]
    password_hash: Mapped[str]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    preferences: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class AccountSession(Base):
    """A browser that is logged in; the id is a hash of the cookie's token."""

    __tablename__ = "account_sessions"
    __table_args__ = (
        Index("ix_account_sessions_account_id", "account_id"),
        Index("ix_account_sessions_expires_at", "expires_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")


class ApiKey(Base):
    """A key for programs; `prefix` is what a person recognises it by."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("key_hash"),
        Index("ix_api_keys_account_id", "account_id"),
        *valid_json("scopes"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
