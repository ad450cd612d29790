"""Completed jobs whose work was done with other settings than today's, so that it can be done anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select

from sublarr.db.models.ledger import Job
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
        is_completed = Job.status == JobStatus.COMPLETED
        statement = select(func.count()).select_from(Job).where(is_completed, _is_outdated(current_hash))
        return int(self._run("count", statement).scalar_one())

    def page(self, current_hash: str, request: PageRequest) -> Page[OutdatedJobRow]:
        """Those jobs, what was completed last at the beginning."""
        # Asked for by its equality, SQLite would read every completed job and sort them; so it walks the
        # index of completion and stops when the page is full.
        is_completed = Job.status.not_in([status for status in JobStatus if status != JobStatus.COMPLETED])
        statement = select(*_COLUMNS).where(is_completed, _is_outdated(current_hash))
        keys = (SortKey(Job.completed_at, True), SortKey(Job.id, True))
        listing = Listing("outdated", statement, keys, (current_hash,))
        return self._page(listing, request, lambda row: OutdatedJobRow(*row[: len(_COLUMNS)]))


def _is_outdated(current_hash: str) -> ColumnElement[bool]:
    return and_(
        Job.completed_at.is_not(None),
        Job.config_hash != "",
        Job.config_hash != current_hash,
    )
