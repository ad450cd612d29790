"""Handing in what came of a job: the fenced end of a run, tried again while the database is away."""

import logging
from collections.abc import Callable

from sublarr.db.database import Database
from sublarr.db.repositories.claims import Claim, ClaimRepository
from sublarr.vocabulary.errors import DatabaseReadOnly, LeaseLost, Unavailable
from sublarr.vocabulary.jobs import JobStatus

_log = logging.getLogger(__name__)
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 8.0

End = Callable[[ClaimRepository], None]


def hand_in(
    database: Database, claim: Claim, status: JobStatus, end: End, pause: Callable[[float], bool]
) -> JobStatus:
    """Record the end of a run; answers what the job became.

    Where the lease was lost meanwhile nothing is recorded but a line in the job's diary. While the database
    is away it is tried again: a job whose end nobody recorded would stay running for as long as this process
    keeps its leases. `pause` waits so many seconds and says whether the process stops; then the job is left
    to be rescued.
    """
    seconds = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return _record(database, claim, status, end)
        except (Unavailable, DatabaseReadOnly) as error:
            _log.warning("the end of %s could not be recorded yet: %s", claim.title, error)
        if pause(seconds):
            _log.error("the end of %s could not be recorded; it will be rescued", claim.title)
            return JobStatus.RUNNING
        seconds = min(seconds * 2, _LONGEST_PAUSE_SECONDS)


def _record(database: Database, claim: Claim, status: JobStatus, end: End) -> JobStatus:
    try:
        with database.write() as unit:
            end(unit.claims)
        return status
    except LeaseLost as error:
        _log.warning("%s", error)
        with database.write() as unit:
            unit.claims.refuse_late(claim, f"{status} came too late")
        return JobStatus.RUNNING
