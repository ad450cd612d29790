"""The pieces of HTML that the live stream sends, rendered by the very templates the pages use.

The stream sends, for each job that changed, an unnamed message with `job_message`; when the counts differ from
those it sent last, an unnamed message with `counts_message` and after it one named `COUNTS_CHANGED`, upon which
pages fetch anew what has come or gone. What a message aims at and a page does not hold is passed over. Messages
may hold line breaks, which the stream writes as further `data:` lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment

from sublarr.db.repositories.jobs import JobRow
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import UNFINISHED, JobStatus
from sublarr.vocabulary.subtitles import WantedStatus

COUNTS_CHANGED = "counts-changed"
OPEN = (WantedStatus.WANTED, WantedStatus.SEARCHING, WantedStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers that every page shows: wanted subtitles by status and language, jobs by status."""

    wanted: Mapping[WantedStatus, int]
    languages: Mapping[str, int]
    upgrades: int
    jobs: Mapping[JobStatus, int]

    @property
    def open(self) -> int:
        """Subtitles that are still to be had."""
        return sum(self.wanted.get(status, 0) for status in OPEN)

    @property
    def all(self) -> int:
        """Every subtitle that is or was wanted."""
        return sum(self.wanted.values())

    @property
    def settled(self) -> int:
        """Subtitles that came after they were wanted."""
        return self.wanted.get(WantedStatus.FOUND, 0) + self.wanted.get(WantedStatus.EXTRACTED, 0)

    @property
    def active_jobs(self) -> int:
        """Jobs that run, wait or are held back."""
        return sum(self.jobs.get(status, 0) for status in UNFINISHED)


def read_counts(unit: Unit) -> Counts:
    """The numbers as this unit sees them."""
    summary = unit.wanted.summary()
    jobs: dict[JobStatus, int] = {}
    for (_kind, status), number in unit.jobs.counts().items():
        jobs[status] = jobs.get(status, 0) + number
    return Counts(summary.by_status, summary.by_language, summary.upgradeable, jobs)


def job_message(templates: Environment, job: JobRow, root: str) -> str:
    """A job's row as a message for every page that shows it; `root` is the request's script root."""
    return templates.get_template("live_job.html").render(job=job, root=root)


def counts_message(templates: Environment, counts: Counts) -> str:
    """The numbers in sidebar, tiles and chips as one message."""
    return templates.get_template("live_counts.html").render(counts=counts)
