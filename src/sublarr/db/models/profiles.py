"""Which languages a household wants: profiles, and what they are assigned to."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import (
    Base,
    Deletable,
    PartialIndex,
    Versioned,
    unique_while_present,
    valid_json,
    while_deleted,
)
from sublarr.db.column_types import Identifier, JsonDocument, PathText, enum_column
from sublarr.vocabulary.subtitles import ForcedPreference, FormatPreference, HearingImpairedPreference

_DEFAULT_PRESENT = "is_default AND deleted_at IS NULL"


class LanguageProfile(Versioned, Deletable, Base):
    """Target languages in order, and how their subtitles are got."""

    __tablename__ = "language_profiles"
    __table_args__ = (
        unique_while_present("uq_language_profiles_name", "name"),
        while_deleted("language_profiles"),
        PartialIndex(
            "uq_language_profiles_is_default",
            "is_default",
            unique=True,
            where=_DEFAULT_PRESENT,
        ),
        *valid_json("target_languages", "target_language_names", "fallback_chain", "tags"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    name: Mapped[str]
    source_language: Mapped[str] = mapped_column(default="en")
    source_language_name: Mapped[str] = mapped_column(default="English")
    target_languages: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    target_language_names: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    is_default: Mapped[bool] = mapped_column(default=False)
    translation_backend: Mapped[str] = mapped_column(default="ollama")
    fallback_chain: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    forced_preference: Mapped[ForcedPreference] = mapped_column(
        enum_column(ForcedPreference, "forced_preference"), default=ForcedPreference.DISABLED
    )
    preferred_format: Mapped[FormatPreference] = mapped_column(
        enum_column(FormatPreference, "preferred_format"), default=FormatPreference.ANY
    )
    hearing_impaired_preference: Mapped[HearingImpairedPreference] = mapped_column(
        enum_column(HearingImpairedPreference, "hearing_impaired_preference"),
        default=HearingImpairedPreference.INCLUDE,
    )
    cutoff_score: Mapped[int | None]
    minimum_score: Mapped[int] = mapped_column(default=0)
    translate_after_days: Mapped[int | None]
    tags: Mapped[list[str]] = mapped_column(JsonDocument, default=list)


class _Assignment(Versioned, Deletable):
    """What both kinds of assignment share; `source_key` is the entry's own name at that source."""

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    source_key: Mapped[str] = mapped_column(PathText)
    profile_id: Mapped[int] = mapped_column(ForeignKey("language_profiles.id", ondelete="CASCADE"))


class SeriesLanguageProfile(_Assignment, Base):
    """The profile of a series."""

    __tablename__ = "series_language_profiles"
    __table_args__ = (
        unique_while_present("uq_series_language_profiles_source_id_source_key", "source_id", "source_key"),
        Index("ix_series_language_profiles_profile_id", "profile_id", "id"),
        # Of those that were taken away, too.
        Index("ix_series_language_profiles_entry", "source_id", "source_key"),
        while_deleted("series_language_profiles"),
        {"sqlite_autoincrement": True},
    )

    sonarr_series_id: Mapped[int | None] = mapped_column(Identifier)


class MovieLanguageProfile(_Assignment, Base):
    """The profile of a film."""

    __tablename__ = "movie_language_profiles"
    __table_args__ = (
        unique_while_present("uq_movie_language_profiles_source_id_source_key", "source_id", "source_key"),
        Index("ix_movie_language_profiles_profile_id", "profile_id", "id"),
        # Of those that were taken away, too.
        Index("ix_movie_language_profiles_entry", "source_id", "source_key"),
        while_deleted("movie_language_profiles"),
        {"sqlite_autoincrement": True},
    )

    radarr_movie_id: Mapped[int | None] = mapped_column(Identifier)
