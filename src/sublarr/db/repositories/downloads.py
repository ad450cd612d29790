"""The history of subtitles that came beside videos."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import case, delete, func, select

from sublarr.db.models.activity import SubtitleDownload
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.db.streams import Stream
from sublarr.vocabulary.subtitles import SubtitleType


@dataclass(frozen=True, slots=True)
class NewDownload:
    """A subtitle that was just written; `provider_name` is `embedded` for an extracted track."""

    provider_name: str
    subtitle_id: str
    language: str
    format: str
    file_path: str
    sidecar_path: str
    subtitle_type: SubtitleType
    sha256: str
    media_id: int | None
    job_id: str
    score: int = 0


@dataclass(frozen=True, slots=True)
class DownloadRow:
    """A line of the history."""

    id: int
    provider_name: str
    subtitle_id: str
    language: str
    format: str
    file_path: str
    sidecar_path: str
    subtitle_type: SubtitleType
    score: int
    downloaded_at: datetime
    job_id: str


@dataclass(frozen=True, slots=True)
class DownloadStats:
    """Counts over the whole history, the greatest first; what says nothing of its own is under `unknown`."""

    total: int
    by_provider: Mapping[str, int]
    by_format: Mapping[str, int]
    by_language: Mapping[str, int]
    last_24_hours: int
    last_7_days: int


@dataclass(frozen=True, slots=True)
class ProviderDownloads:
    """What came of one provider."""

    total: int
    by_format: Mapping[str, int]


UNKNOWN = "unknown"
_COLUMNS = (
    SubtitleDownload.id,
    SubtitleDownload.provider_name,
    SubtitleDownload.subtitle_id,
    SubtitleDownload.language,
    SubtitleDownload.format,
    SubtitleDownload.file_path,
    SubtitleDownload.sidecar_path,
    SubtitleDownload.subtitle_type,
    SubtitleDownload.score,
    SubtitleDownload.downloaded_at,
    SubtitleDownload.job_id,
)


class DownloadRepository(Repository):
    """The `subtitle_downloads` table."""

    aggregate = "downloads"

    def add_many(self, downloads: Sequence[NewDownload]) -> None:
        """Record subtitles that came."""
        now = self._now
        rows = [
            {
                "provider_name": download.provider_name,
                "subtitle_id": download.subtitle_id,
                "language": download.language,
                "format": download.format,
                "file_path": download.file_path,
                "sidecar_path": download.sidecar_path,
                "subtitle_type": download.subtitle_type,
                "sha256": download.sha256,
                "media_id": download.media_id,
                "job_id": download.job_id,
                "score": download.score,
                "downloaded_at": now,
            }
            for download in downloads
        ]
        self._insert_many("add_many", SubtitleDownload.metadata.tables["subtitle_downloads"], rows)

    def page(self, request: PageRequest, provider: str = "", language: str = "") -> Page[DownloadRow]:
        """The history, newest first."""
        return self._page(_listing(provider, language), request, _row)

    def stream(self, provider: str = "", language: str = "") -> Stream[DownloadRow]:
        """The whole history, newest first, in flat memory."""
        return self._stream(_listing(provider, language), _row)

    def stats(self) -> DownloadStats:
        """Counts by provider, format and language, and of the last day and week."""
        dimensions = (
            SubtitleDownload.provider_name,
            SubtitleDownload.format,
            SubtitleDownload.language,
        )
        now = self._now
        recent = (
            func.count(case((SubtitleDownload.downloaded_at >= now - timedelta(days=days), 1)))
            for days in (1, 7)
        )
        statement = select(*dimensions, func.count(), *recent).group_by(*dimensions)
        counters: tuple[Counter[str], ...] = (Counter(), Counter(), Counter())
        last_day = last_week = 0
        for *names, count, day, week in self._run("stats", statement):
            for counter, name in zip(counters, names, strict=True):
                counter[name or UNKNOWN] += count
            last_day += day
            last_week += week
        by_provider, by_format, by_language = (dict(counter.most_common()) for counter in counters)
        return DownloadStats(counters[0].total(), by_provider, by_format, by_language, last_day, last_week)

    def by_provider(self) -> Mapping[str, ProviderDownloads]:
        """What came of each provider, by name."""
        columns = (SubtitleDownload.provider_name, SubtitleDownload.format)
        statement = select(*columns, func.count()).group_by(*columns).order_by(*columns)
        counters: dict[str, Counter[str]] = {}
        for provider, subtitle_format, count in self._run("by_provider", statement):
            counters.setdefault(provider or UNKNOWN, Counter())[subtitle_format or UNKNOWN] += count
        return {
            provider: ProviderDownloads(counter.total(), dict(counter.most_common()))
            for provider, counter in counters.items()
        }

    def delete_before(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` lines older than `moment`, the oldest first."""
        old = (
            select(SubtitleDownload.id)
            .where(SubtitleDownload.downloaded_at < moment)
            .order_by(SubtitleDownload.downloaded_at)
            .limit(limit)
        )
        statement = delete(SubtitleDownload).where(SubtitleDownload.id.in_(old.scalar_subquery()))
        return self._run("delete_before", statement).rowcount


@lru_cache(maxsize=16)
def _listing(provider: str, language: str) -> Listing:
    statement = select(*_COLUMNS)
    if provider:
        statement = statement.where(SubtitleDownload.provider_name == provider)
    if language:
        statement = statement.where(SubtitleDownload.language == language)
    keys = (SortKey(SubtitleDownload.downloaded_at, True), SortKey(SubtitleDownload.id, True))
    return Listing("downloads", statement, keys, (provider, language))


def _row(row: Any) -> DownloadRow:
    return DownloadRow(*row[: len(_COLUMNS)])
