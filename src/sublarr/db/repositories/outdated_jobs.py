"""Completed jobs whose work was done with other settings than today's, so that it can be done anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, func, select, text

from sublarr.db.models.ledger import KNOWS_ITS_SETTINGS, Job
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.jobs import JobStatus


@dataclass(frozen=True, slots=True)
class OutdatedJobRow:
    """A job that was completed under the settings named by `config_hash`."""

    id: str
    kind: str
    title: str
    file_path: str
    source_format: str
    output_path: str
    config_hash: str
    created_at: datetime
    completed_at: datetime


_COLUMNS = (
    Job.id,
    Job.kind,
    Job.title,
    Job.file_path,
    Job.source_format,
    Job.output_path,
    Job.config_hash,
    Job.created_at,
    Job.completed_at,
)


class OutdatedJobRepository(Repository):
    """The `jobs` table, as far as it tells which settings a job was done with."""

    aggregate = "outdated_jobs"

    def count(self, current_hash: str) -> int:
        """How many completed jobs know their settings, and they are not the current ones."""
        statement = select(func.count()).select_from(Job).where(*_is_outdated(current_hash))
        return int(self._run("count", statement).scalar_one())

    def page(self, current_hash: str, request: PageRequest) -> Page[OutdatedJobRow]:
        """Those jobs, what was completed last at the beginning."""
        statement = select(*_COLUMNS).where(*_is_outdated(current_hash))
        keys = (SortKey(Job.completed_at, True), SortKey(Job.id, True))
        listing = Listing("outdated", statement, keys, (current_hash,))
        return self._page(listing, request, lambda row: OutdatedJobRow(*row[: len(_COLUMNS)]))


def _is_outdated(current_hash: str) -> tuple[ColumnElement[bool] | TextClause, ...]:
    """In the words of the index: with bound values no database could tell that it holds these jobs."""
    # Asked for by its equality, SQLite would read every completed job and sort them.
    others = [status for status in JobStatus if status is not JobStatus.COMPLETED]
    return text(KNOWS_ITS_SETTINGS), Job.status.not_in(others), Job.config_hash != current_hash
