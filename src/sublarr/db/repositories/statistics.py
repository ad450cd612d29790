"""Counts over the whole database."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from sublarr.db.base import Base
from sublarr.db.models.catalogue import Media, MediaFile, Source, WantedItem
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How large the library is."""

    movies: int
    series: int
    episodes: int
    files: int


class StatisticsRepository(Repository):
    """Counts for pages and metrics."""

    aggregate = "statistics"

    def library(self) -> LibraryCounts:
        """Films, series, episodes and files of the sources that are there."""
        present = Source.deleted_at.is_(None)
        by_kind = (
            select(Media.kind, func.count())
            .join(Source, Source.id == Media.source_id)
            .where(present)
            .group_by(Media.kind)
        )
        kinds: dict[MediaKind, int] = dict(self._run("media_by_kind", by_kind).all())
        files = (
            select(func.count())
            .select_from(MediaFile)
            .join(Source, Source.id == MediaFile.source_id)
            .where(present)
        )
        return LibraryCounts(
            movies=kinds.get(MediaKind.MOVIE, 0),
            series=kinds.get(MediaKind.SERIES, 0),
            episodes=kinds.get(MediaKind.EPISODE, 0),
            files=self._run("files", files).scalar_one(),
        )

    def wanted(self) -> Mapping[tuple[WantedStatus, SubtitleType], int]:
        """Wanted rows by status and type."""
        statement = select(WantedItem.status, WantedItem.subtitle_type, func.count()).group_by(
            WantedItem.status, WantedItem.subtitle_type
        )
        return {(status, kind): count for status, kind, count in self._run("wanted", statement)}

    def table_rows(self) -> Mapping[str, int]:
        """The number of rows of every table, by name."""
        return {
            name: self._run("table_rows", select(func.count()).select_from(table)).scalar_one()
            for name, table in sorted(Base.metadata.tables.items())
        }
