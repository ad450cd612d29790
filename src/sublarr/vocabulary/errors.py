"""Every error this program raises on purpose, in one tree.

A door (HTTP, terminal, worker loop) turns these into a status, an exit code or a job's outcome;
nothing below a door logs and passes over them. `remedy` says what a person can do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that was refused, and why."""

    field: str
    message: str


class SublarrError(Exception):
    """The root: a message fit for a person, and what they can do about it."""

    code = "error"

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class NotFound(SublarrError):
    """What was asked for does not exist."""

    code = "not_found"


class Conflict(SublarrError):
    """The change contradicts what is stored; `constraint` names the broken rule."""

    code = "conflict"

    def __init__(self, message: str, *, constraint: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.constraint = constraint


class IllegalMove(Conflict):
    """A state machine has no such transition from the state the row is in."""

    code = "illegal_move"


class MissingReference(Conflict):
    """A row points at another row that does not exist (or still points at one being removed)."""

    code = "missing_reference"


class StaleRow(Conflict):
    """Somebody else changed the row since it was read; `problems` tells what would be overwritten."""

    code = "stale_row"

    def __init__(
        self, message: str, *, problems: Sequence[FieldProblem] = (), constraint: str = "", remedy: str = ""
    ) -> None:
        super().__init__(message, constraint=constraint, remedy=remedy)
        self.problems = tuple(problems)


class InvalidInput(SublarrError):
    """What was handed in is not acceptable; `problems` names each field."""

    code = "invalid_input"

    def __init__(self, message: str, *, problems: Sequence[FieldProblem] = (), remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.problems = tuple(problems)


class Unavailable(SublarrError):
    """Something needed is not to be had now; `retry_after` seconds from now it may be."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after: float | None = None, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class Rejected(SublarrError):
    """Understood and refused: not allowed, or against a rule of the house."""

    code = "rejected"


class Corrupt(SublarrError):
    """A file or a store holds what it cannot hold."""

    code = "corrupt"


class DatabaseBusy(Unavailable):
    """Another writer held the database for longer than we wait, or the pool ran dry."""

    code = "database_busy"


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached or opened."""

    code = "database_unavailable"


class QueryTimeout(Unavailable):
    """The database gave a statement up because it ran too long."""

    code = "query_timeout"


class DiskFull(Unavailable):
    """There is no room left to write."""

    code = "disk_full"


class DatabaseReadOnly(Rejected):
    """The database accepts no writes: the file, the mount or the connection is read-only."""

    code = "database_read_only"


class DatabaseCorrupt(Corrupt):
    """The database file is damaged."""

    code = "database_corrupt"


class SchemaMismatch(SublarrError):
    """The database's schema is not the one this program works on."""

    code = "schema_mismatch"


class LeaseLost(SublarrError):
    """The job is no longer ours: another worker has it, or a person ended it."""

    code = "lease_lost"


class JobInterrupted(SublarrError):
    """Raised inside a handler at a safe point, to make it stop."""

    code = "interrupted"


class JobCancelled(JobInterrupted):
    """A person cancelled the job."""

    code = "cancelled"


class JobPaused(JobInterrupted):
    """A person paused the job."""

    code = "paused"


class HandBack(JobInterrupted):
    """The process is stopping; the job goes back to the queue without costing an attempt."""

    code = "handed_back"


class TimeLimitExceeded(JobInterrupted):
    """The job ran longer than its kind may."""

    code = "time_limit"
