"""What is set in the app: values, secrets, and how subtitles are scored."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import Base, Deletable, Versioned, unique_while_present, while_deleted
from sublarr.db.column_types import Identifier, UTCDateTime


class ConfigEntry(Versioned, Deletable, Base):
    """A value saved in the app; plug-in settings live under dotted keys."""

    __tablename__ = "config_entries"
    __table_args__ = (while_deleted("config_entries", "key"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Secret(Base):
    """A random value the house made for itself, such as the key that signs cursors."""

    __tablename__ = "secrets"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ScoringWeight(Versioned, Deletable, Base):
    """A person's own number of points for one kind of match."""

    __tablename__ = "scoring_weights"
    __table_args__ = (
        unique_while_present("uq_scoring_weights_score_type_weight_key", "score_type", "weight_key"),
        while_deleted("scoring_weights"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    score_type: Mapped[str]
    weight_key: Mapped[str]
    weight_value: Mapped[int]


class ProviderScoreModifier(Versioned, Deletable, Base):
    """Points added to everything a provider offers."""

    __tablename__ = "provider_score_modifiers"
    __table_args__ = (Index("ix_provider_score_modifiers_deleted_at", "deleted_at"),)

    provider_name: Mapped[str] = mapped_column(primary_key=True)
    modifier: Mapped[int] = mapped_column(default=0)
