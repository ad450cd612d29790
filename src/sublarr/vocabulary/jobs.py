"""Background jobs: states, the moves between them, and the typed payload of each kind.

A payload is what the ledger stores as JSON; its handler lives in `sublarr.jobs`. Payloads are versionless:
a field may be added with a default, never renamed.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class JobStatus(StrEnum):
    """The life of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether no move leads out of it."""
        return not JOB_MOVES[self]


JOB_MOVES: Mapping[JobStatus, frozenset[JobStatus]] = {
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.CANCELLED}),
    JobStatus.RUNNING: frozenset(
        {
            JobStatus.COMPLETED,
            JobStatus.FAILED,
            JobStatus.PAUSED,
            JobStatus.CANCELLED,
            JobStatus.QUEUED,
        }
    ),
    JobStatus.PAUSED: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
    JobStatus.FAILED: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
    JobStatus.COMPLETED: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}

UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED)


class JobPriority(IntEnum):
    """Higher is claimed first."""

    BACKGROUND = 0
    NORMAL = 10
    PERSON = 20


class JobOrigin(StrEnum):
    """Who asked for a job."""

    PERSON = "person"
    SCHEDULE = "schedule"
    WATCHER = "watcher"
    JOB = "job"
    WEBHOOK = "webhook"
    ADOPTED = "adopted"


class JobEvent(StrEnum):
    """What a row of a job's own diary records."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    COMPLETED = "completed"
    FAILED = "failed"
    RETRY = "retry"
    RESCUED = "rescued"
    HANDED_BACK = "handed_back"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    PAUSE_REQUESTED = "pause_requested"
    PAUSED = "paused"
    RESUMED = "resumed"
    REPLAYED = "replayed"
    REFUSED_LATE = "refused_late"


class JobPayload(BaseModel):
    """The base of every kind's payload; class variables are the kind's rules."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: ClassVar[str]
    max_attempts: ClassVar[int] = 3
    backoff_seconds: ClassVar[float] = 10.0
    time_limit_seconds: ClassVar[float] = 3600.0
    may_wait_behind_itself: ClassVar[bool] = False

    def title(self) -> str:
        """What a person reads in the queue."""
        return self.kind.replace("_", " ").capitalize()

    def unique_key(self) -> str | None:
        """Two unfinished jobs never share it; None where any number may wait."""
        return None

    def concurrency_key(self) -> str | None:
        """Two running jobs never share it; None where any number may run."""
        return None


class ScanFolder(JobPayload):
    """Bring the catalogue in line with a watched folder, or with one directory below it."""

    kind: ClassVar[str] = "scan_folder"
    time_limit_seconds: ClassVar[float] = 24 * 3600.0
    # What changed since a scan began must be scanned again.
    may_wait_behind_itself: ClassVar[bool] = True

    folder_id: int
    folder_path: str = ""
    below: str = ""
    extract: bool | None = None

    def title(self) -> str:
        """The folder's path, which is what tells two scans apart."""
        return f"Scan {self.below or self.folder_path or f'folder {self.folder_id}'}"

    def unique_key(self) -> str | None:
        """One waiting scan per folder and directory."""
        return f"scan:{self.folder_id}:{self.below}:{self.extract}"

    def concurrency_key(self) -> str | None:
        """Two scans of one folder would undo each other's view of what is gone."""
        return f"scan:{self.folder_id}"


class ExtractSubtitles(JobPayload):
    """Write a media file's embedded text subtitles beside it."""

    kind: ClassVar[str] = "extract_subtitles"
    time_limit_seconds: ClassVar[float] = 900.0

    file_id: int
    file_path: str = ""
    languages: tuple[str, ...] | None = None

    def title(self) -> str:
        """Names the file."""
        return f"Extract subtitles: {self.file_path.rsplit('/', 1)[-1] or self.file_id}"

    def unique_key(self) -> str | None:
        """One waiting extraction per file and choice of languages."""
        chosen = ",".join(self.languages) if self.languages is not None else "profile"
        return f"extract:{self.file_id}:{chosen}"

    def concurrency_key(self) -> str | None:
        """One job at a time writes beside a file."""
        return f"file:{self.file_id}"


class ReviewWanted(JobPayload):
    """Work out anew what is wanted: of some films and series, of all that follow a profile, or of everything.

    No media file is opened; what is known of them is enough.
    """

    kind: ClassVar[str] = "review_wanted"
    # What was decided since a review began must be reviewed again.
    may_wait_behind_itself: ClassVar[bool] = True

    media_ids: tuple[int, ...] = ()
    profile_id: int | None = None

    def title(self) -> str:
        """What a person reads in the queue."""
        return "Work out anew what is wanted"

    def unique_key(self) -> str | None:
        """One waiting review of the same things."""
        ids = ",".join(map(str, self.media_ids))
        # A digest, because an index holds no key of thousands of ids.
        return f"review:{self.profile_id}:{sha256(ids.encode()).hexdigest()[:32] if ids else ''}"

    def concurrency_key(self) -> str | None:
        """Two reviews would bring the same rows in line."""
        return "review_wanted"


class PruneHistory(JobPayload):
    """Remove finished jobs and other records that are past their keeping time."""

    kind: ClassVar[str] = "prune_history"

    def unique_key(self) -> str | None:
        """One is enough."""
        return "prune_history"


class RebuildSearch(JobPayload):
    """Look through what entries are found by, and make anew what is not as it should be."""

    kind: ClassVar[str] = "rebuild_search"

    def title(self) -> str:
        """What a person reads in the queue."""
        return "Put the search right"

    def unique_key(self) -> str | None:
        """One is enough."""
        return "rebuild_search"


class ScanLibrary(JobPayload):
    """Queue a scan of every enabled watched folder."""

    kind: ClassVar[str] = "scan_library"

    extract: bool | None = None

    def title(self) -> str:
        """What a person reads in the queue."""
        return "Scan the whole library"

    def unique_key(self) -> str | None:
        """One waiting is enough."""
        return f"scan_library:{self.extract}"


PAYLOADS: Mapping[str, type[JobPayload]] = {
    payload.kind: payload
    for payload in (ScanFolder, ExtractSubtitles, ReviewWanted, PruneHistory, RebuildSearch, ScanLibrary)
}
