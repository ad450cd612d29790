"""What happened to one video: the subtitles that came beside it, and the jobs that worked on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, union

from sublarr.db.models.activity import SubtitleDownload
from sublarr.db.models.catalogue import MediaFile, MediaSubtitle
from sublarr.db.models.ledger import Job
from sublarr.db.repositories.base import Repository, chunks
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.subtitles import SubtitleOrigin

_NEWEST = 50


class HistoryAction(StrEnum):
    """What a line of a file's history tells of."""

    SUBTITLE = "subtitle"
    JOB = "job"


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A subtitle that came, or a job; `kind`, `status` and `error` are a job's, the rest a subtitle's."""

    action: HistoryAction
    at: datetime
    file_path: str
    job_id: str
    provider_name: str = ""
    language: str = ""
    format: str = ""
    score: int | None = None
    kind: str = ""
    status: JobStatus | None = None
    error: str = ""


class FileHistoryRepository(Repository):
    """Lines of `subtitle_downloads` and `jobs` that are about one file."""

    aggregate = "file_history"

    def of_file(self, file_path: str, limit: int = _NEWEST) -> tuple[HistoryLine, ...]:
        """What happened to this file and to the subtitles it has or had beside it, newest first."""
        if not file_path:
            raise InvalidInput("a history is asked for by a file's path")
        lines: list[HistoryLine] = []
        for paths in chunks(sorted({file_path, *self._sidecars(file_path)})):
            lines += self._subtitles(paths, limit)
            lines += self._jobs(paths, limit)
        lines.sort(key=lambda line: (line.at, line.action, line.job_id), reverse=True)
        return tuple(lines[:limit])

    def _sidecars(self, file_path: str) -> Iterable[str]:
        beside = (
            select(MediaSubtitle.origin_key)
            .join(MediaFile, MediaFile.id == MediaSubtitle.file_id)
            .where(MediaFile.path == file_path, MediaSubtitle.origin == SubtitleOrigin.SIDECAR)
        )
        had = select(SubtitleDownload.sidecar_path).where(
            SubtitleDownload.file_path == file_path, SubtitleDownload.sidecar_path != ""
        )
        return self._run("sidecars", union(beside, had)).scalars()

    def _subtitles(self, paths: list[str], limit: int) -> list[HistoryLine]:
        table = SubtitleDownload
        statement = (
            select(
                table.downloaded_at,
                table.file_path,
                table.job_id,
                table.provider_name,
                table.language,
                table.format,
                table.score,
            )
            .where(table.file_path.in_(paths))
            .order_by(table.downloaded_at.desc(), table.id.desc())
            .limit(limit)
        )
        return [HistoryLine(HistoryAction.SUBTITLE, *row) for row in self._run("subtitles", statement)]

    def _jobs(self, paths: list[str], limit: int) -> list[HistoryLine]:
        statement = (
            select(Job.created_at, Job.file_path, Job.id, Job.kind, Job.status, Job.error)
            .where(Job.file_path.in_(paths))
            .order_by(Job.created_at.desc(), Job.id.desc())
            .limit(limit)
        )
        return [_job(row) for row in self._run("jobs", statement)]


def _job(row: Any) -> HistoryLine:
    at, path, job_id, kind, status, error = row
    return HistoryLine(HistoryAction.JOB, at, path, job_id, kind=kind, status=status, error=error)
