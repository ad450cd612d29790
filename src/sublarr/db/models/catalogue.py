"""What the household has: sources, films, series, episodes, their files, and the subtitles of those."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import (
    Base,
    Deletable,
    PartialIndex,
    Timestamped,
    Versioned,
    unique_while_present,
    valid_json,
    while_deleted,
)
from sublarr.db.column_types import Identifier, JsonDocument, OrderedText, PathText, UTCDateTime, enum_column
from sublarr.vocabulary.media import FolderContent, MediaKind, ProbeStatus, SourceKind
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType, WantedStatus


class Source(Versioned, Deletable, Base):
    """Where films and episodes are learnt of: a watched folder, a Sonarr, a Radarr."""

    __tablename__ = "sources"
    __table_args__ = (
        unique_while_present("uq_sources_kind_name", "kind", "name"),
        while_deleted("sources"),
        *valid_json("settings"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[SourceKind] = mapped_column(enum_column(SourceKind, "kind"))
    name: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    api_key: Mapped[str] = mapped_column(default="")
    enabled: Mapped[bool] = mapped_column(default=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JsonDocument, default=dict)
    last_seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_problem: Mapped[str] = mapped_column(default="")


class WatchedFolder(Versioned, Deletable, Base):
    """A folder that is scanned and watched; the detail of a source of kind folder."""

    __tablename__ = "watched_folders"
    __table_args__ = (
        unique_while_present("uq_watched_folders_path", "path"),
        unique_while_present("uq_watched_folders_source_id", "source_id"),
        while_deleted("watched_folders"),
        *valid_json("mount_points"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(PathText)
    label: Mapped[str] = mapped_column(default="")
    media_type: Mapped[FolderContent] = mapped_column(
        enum_column(FolderContent, "media_type"), default=FolderContent.AUTO
    )
    enabled: Mapped[bool] = mapped_column(default=True)
    mount_points: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    # By which rules its wanted rows were last made: others mean that every file must be looked at again.
    wanted_rules: Mapped[str] = mapped_column(default="")
    last_scan_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_problem: Mapped[str] = mapped_column(default="")


class Media(Timestamped, Base):
    """An entry of the catalogue, mirrored from its source; one table for films, series and episodes.

    `source_key` is the source's own name for it: `series:12` of a Sonarr, a folder's path for a folder.
    """

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("source_id", "source_key"),
        CheckConstraint("(kind = 'episode') = (series_id IS NOT NULL)", name="episode_has_series"),
        Index("ix_media_list", "kind", "sort_title", "id"),
        # An episode without a number comes first on both databases; the list asks for these very words.
        Index(
            "ix_media_episodes",
            "series_id",
            text("coalesce(season, -1)"),
            text("coalesce(episode, -1)"),
            "id",
        ),
        Index("ix_media_external", "source_id", "kind", "external_id"),
        Index("ix_media_tvdb_id", "tvdb_id"),
        Index("ix_media_tmdb_id", "tmdb_id"),
        *valid_json("alternative_titles", "tags"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    kind: Mapped[MediaKind] = mapped_column(enum_column(MediaKind, "kind"))
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    source_key: Mapped[str] = mapped_column(PathText)
    external_id: Mapped[int | None] = mapped_column(Identifier)
    title: Mapped[str]
    sort_title: Mapped[str]
    original_title: Mapped[str] = mapped_column(default="")
    alternative_titles: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    year: Mapped[int | None]
    folder_path: Mapped[str] = mapped_column(PathText, default="")
    is_anime: Mapped[bool] = mapped_column(default=False)
    is_monitored: Mapped[bool] = mapped_column(default=True)
    original_language: Mapped[str] = mapped_column(default="")
    tags: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    poster_url: Mapped[str] = mapped_column(default="")
    tvdb_id: Mapped[int | None] = mapped_column(Identifier)
    tmdb_id: Mapped[int | None] = mapped_column(Identifier)
    imdb_id: Mapped[str] = mapped_column(default="")
    anidb_id: Mapped[int | None] = mapped_column(Identifier)
    anilist_id: Mapped[int | None] = mapped_column(Identifier)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))
    season: Mapped[int | None]
    episode: Mapped[int | None]
    absolute_number: Mapped[int | None]

    __mapper_args__ = {"polymorphic_on": "kind"}


class Movie(Media):
    """A film."""

    __mapper_args__ = {"polymorphic_identity": MediaKind.MOVIE}


class Series(Media):
    """A series; its episodes point at it."""

    __mapper_args__ = {"polymorphic_identity": MediaKind.SERIES}


class Episode(Media):
    """One episode of a series."""

    __mapper_args__ = {"polymorphic_identity": MediaKind.EPISODE}


class MediaFile(Timestamped, Base):
    """A video file as it was last seen; what is inside it is in `media_subtitles` and `ffprobe_cache`."""

    __tablename__ = "media_files"
    __table_args__ = (
        UniqueConstraint("path"),
        Index("ix_media_files_source", "source_id", "path"),
        *valid_json("audio_languages"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(PathText)
    size: Mapped[int] = mapped_column(Identifier)
    mtime_ns: Mapped[int] = mapped_column(Identifier)
    probe_status: Mapped[ProbeStatus | None] = mapped_column(enum_column(ProbeStatus, "probe_status"))
    probe_message: Mapped[str] = mapped_column(default="")
    container: Mapped[str] = mapped_column(default="")
    duration_seconds: Mapped[float | None]
    audio_languages: Mapped[list[str]] = mapped_column(JsonDocument, default=list)
    release_group: Mapped[str] = mapped_column(default="")
    release_source: Mapped[str] = mapped_column(default="")
    resolution: Mapped[str] = mapped_column(default="")
    scene_name: Mapped[str] = mapped_column(default="")


class MediaFileLink(Base):
    """Which entries a file holds: two for a double episode; a film may have two files."""

    __tablename__ = "media_file_links"
    __table_args__ = (
        Index("ix_media_file_links_file_id", "file_id"),
        Index("ix_media_file_links_owner", "owner_id", "file_id"),
    )

    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"), primary_key=True)
    # The series of an episode, a film itself: whose files these are. Kept by a trigger (`sublarr.db.counters`).
    owner_id: Mapped[int | None] = mapped_column(Identifier)


class MediaSubtitle(Base):
    """A subtitle that a file has: a track inside it (`#3`) or a file beside it (its path)."""

    __tablename__ = "media_subtitles"
    __table_args__ = (
        UniqueConstraint("file_id", "origin_key"),
        Index("ix_media_subtitles_language", "language", "file_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    origin: Mapped[SubtitleOrigin] = mapped_column(enum_column(SubtitleOrigin, "origin"))
    origin_key: Mapped[str] = mapped_column(PathText)
    track_index: Mapped[int | None]
    language: Mapped[str | None]
    subtitle_type: Mapped[SubtitleType] = mapped_column(enum_column(SubtitleType, "subtitle_type"))
    format: Mapped[SubtitleFormat] = mapped_column(enum_column(SubtitleFormat, "format"))
    is_hearing_impaired: Mapped[bool] = mapped_column(default=False)
    is_default: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(default="")
    size: Mapped[int | None] = mapped_column(Identifier)
    mtime_ns: Mapped[int | None] = mapped_column(Identifier)


class WantedItem(Base):
    """A subtitle that a file should have and has not, or had to be got."""

    __tablename__ = "wanted_items"
    __table_args__ = (
        UniqueConstraint("file_id", "target_language", "subtitle_type"),
        Index("ix_wanted_items_added", "added_at", "id"),
        Index("ix_wanted_items_status", "status", "added_at", "id"),
        Index("ix_wanted_items_status_type", "status", "item_type", "added_at", "id"),
        Index("ix_wanted_items_status_language", "status", "item_type", "target_language", "added_at", "id"),
        Index("ix_wanted_items_series", "series_id", "status", "added_at", "id"),
        Index("ix_wanted_items_media", "media_id"),
        Index("ix_wanted_items_due", "status", "search_count", "last_search_at", "id"),
        PartialIndex("ix_wanted_items_upgrades", "status", "added_at", "id", where="upgrade_candidate"),
        PartialIndex("ix_wanted_items_forced", "status", "added_at", "id", where="subtitle_type = 'forced'"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("media_files.id", ondelete="CASCADE"))
    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"))
    item_type: Mapped[MediaKind] = mapped_column(enum_column(MediaKind, "item_type"))
    target_language: Mapped[str]
    subtitle_type: Mapped[SubtitleType] = mapped_column(
        enum_column(SubtitleType, "subtitle_type"), default=SubtitleType.FULL
    )
    status: Mapped[WantedStatus] = mapped_column(
        enum_column(WantedStatus, "status"), default=WantedStatus.WANTED
    )
    existing_sub: Mapped[str] = mapped_column(default="")
    upgrade_candidate: Mapped[bool] = mapped_column(default=False)
    current_score: Mapped[int] = mapped_column(default=0)
    search_count: Mapped[int] = mapped_column(default=0)
    last_search_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    retry_after: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    # Its file's source. Kept by a trigger (`sublarr.db.counters`).
    source_id: Mapped[int | None] = mapped_column(Identifier)


class ProbeRecord(Base):
    """What a container's header said, good for as long as the file's time and size are the same."""

    __tablename__ = "ffprobe_cache"
    __table_args__ = (Index("ix_ffprobe_cache_cached_at", "cached_at"), *valid_json("probe_data"))

    file_path: Mapped[str] = mapped_column(PathText, primary_key=True)
    mtime_ns: Mapped[int] = mapped_column(Identifier)
    size: Mapped[int] = mapped_column(Identifier)
    status: Mapped[ProbeStatus] = mapped_column(enum_column(ProbeStatus, "status"))
    probe_data: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)
    message: Mapped[str] = mapped_column(default="")
    cached_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SearchDocument(Base):
    """The words by which an entry is found, folded: its titles and the names of its files, a line each.

    `title_key` is the words of its own title alone; `kind_order` puts films and series before episodes.
    """

    __tablename__ = "search_documents"
    __table_args__ = (Index("ix_search_documents_title", "kind_order", "title_key", "media_id"),)

    media_id: Mapped[int] = mapped_column(ForeignKey("media.id", ondelete="CASCADE"), primary_key=True)
    kind_order: Mapped[int] = mapped_column(SmallInteger)
    title_key: Mapped[str] = mapped_column(OrderedText)
    titles: Mapped[str] = mapped_column(Text)
    files: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SearchPending(Base):
    """An entry whose words may have changed; its document is made anew before the next unit commits."""

    __tablename__ = "search_pending"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    # Not a foreign key: the entry may be gone by then.
    media_id: Mapped[int] = mapped_column(Identifier)


class StandaloneSeries(Timestamped, Base):
    """What was learnt of a series that a watched folder holds, kept by its folder."""

    __tablename__ = "standalone_series"
    __table_args__ = (
        UniqueConstraint("folder_path"),
        Index("ix_standalone_series_title", "title", "id"),
        Index("ix_standalone_series_media_id", "media_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))
    title: Mapped[str]
    year: Mapped[int | None]
    folder_path: Mapped[str] = mapped_column(PathText)
    tmdb_id: Mapped[int | None] = mapped_column(Identifier)
    tvdb_id: Mapped[int | None] = mapped_column(Identifier)
    anilist_id: Mapped[int | None] = mapped_column(Identifier)
    imdb_id: Mapped[str] = mapped_column(default="")
    poster_url: Mapped[str] = mapped_column(default="")
    is_anime: Mapped[bool] = mapped_column(default=False)
    episode_count: Mapped[int] = mapped_column(default=0)
    season_count: Mapped[int] = mapped_column(default=0)
    metadata_source: Mapped[str] = mapped_column(default="")


class StandaloneMovie(Timestamped, Base):
    """What was learnt of a film that a watched folder holds, kept by its file."""

    __tablename__ = "standalone_movies"
    __table_args__ = (
        UniqueConstraint("file_path"),
        Index("ix_standalone_movies_title", "title", "id"),
        Index("ix_standalone_movies_media_id", "media_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    media_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"))
    title: Mapped[str]
    year: Mapped[int | None]
    file_path: Mapped[str] = mapped_column(PathText)
    tmdb_id: Mapped[int | None] = mapped_column(Identifier)
    imdb_id: Mapped[str] = mapped_column(default="")
    poster_url: Mapped[str] = mapped_column(default="")
    metadata_source: Mapped[str] = mapped_column(default="")


class MetadataRecord(Base):
    """An answer of a metadata service, good until it expires."""

    __tablename__ = "metadata_cache"
    __table_args__ = (Index("ix_metadata_cache_expires_at", "expires_at"), *valid_json("response"))

    cache_key: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    response: Mapped[Any] = mapped_column(JsonDocument)
    cached_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AnidbMapping(Base):
    """Which AniDB entry a TVDB series is."""

    __tablename__ = "anidb_mappings"
    __table_args__ = (
        Index("ix_anidb_mappings_anidb_id", "anidb_id"),
        Index("ix_anidb_mappings_last_used", "last_used"),
    )

    tvdb_id: Mapped[int] = mapped_column(Identifier, primary_key=True, autoincrement=False)
    anidb_id: Mapped[int] = mapped_column(Identifier)
    series_title: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_used: Mapped[datetime] = mapped_column(UTCDateTime)
