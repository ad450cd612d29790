"""The history of subtitles that came beside videos."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from sublarr.db.models.activity import SubtitleDownload
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository
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
        if rows:
            self._run("add_many", insert(SubtitleDownload), rows)

    def page(self, request: PageRequest, provider: str = "", language: str = "") -> Page[DownloadRow]:
        """The history, newest first."""
        statement = select(*_COLUMNS)
        if provider:
            statement = statement.where(SubtitleDownload.provider_name == provider)
        if language:
            statement = statement.where(SubtitleDownload.language == language)
        keys = (SortKey(SubtitleDownload.downloaded_at, True), SortKey(SubtitleDownload.id, True))
        listing = Listing("downloads", statement, keys, (provider, language))
        return self._page(listing, request, lambda row: DownloadRow(*row[: len(_COLUMNS)]))
