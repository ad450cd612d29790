"""Counts over the whole database."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from sublarr.db.base import Base
from sublarr.db.models.counters import RowCount
from sublarr.db.repositories import counted
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
        by_kind = counted.counts("media", RowCount.kind)
        kinds: dict[str, int] = dict(self._run("media_by_kind", by_kind).all())
        files = counted.total("files")
        return LibraryCounts(
            movies=kinds.get(MediaKind.MOVIE, 0),
            series=kinds.get(MediaKind.SERIES, 0),
            episodes=kinds.get(MediaKind.EPISODE, 0),
            files=self._run("files", files).scalar_one(),
        )

    def wanted(self) -> Mapping[tuple[WantedStatus, SubtitleType], int]:
        """Wanted rows by status and type, of the sources that are there."""
        statement = counted.counts("wanted", RowCount.status, RowCount.subtitle_type)
        return {
            (WantedStatus(status), SubtitleType(subtitle_type)): count
            for status, subtitle_type, count in self._run("wanted", statement)
        }

    def table_rows(self) -> Mapping[str, int]:
        """The number of rows of every table, by name."""
        return {
            name: self._run("table_rows", select(func.count()).select_from(table)).scalar_one()
            for name, table in sorted(Base.metadata.tables.items())
        }
