"""Handing in what came of a job: the fenced end of a run, tried again while the database is away."""

import logging
from collections.abc import Callable
from time import sleep

from sublarr.db.database import Database
from sublarr.db.repositories.claims import Claim, ClaimRepository
from sublarr.vocabulary.errors import LeaseLost, Unavailable
from sublarr.vocabulary.jobs import JobStatus

_log = logging.getLogger(__name__)
_TRIES = 5
_FIRST_PAUSE_SECONDS = 0.5

End = Callable[[ClaimRepository], None]


def hand_in(
    database: Database, claim: Claim, status: JobStatus, end: End, pause: Callable[[float], None] = sleep
) -> JobStatus:
    """Record the end of a run; answers what the job became.

    Where the lease was lost meanwhile nothing is recorded but a line in the job's diary. Where the database
    stays away the job is left running: its lease runs out and it is rescued.
    """
    for number in range(_TRIES):
        try:
            with database.write() as unit:
                end(unit.claims)
            return status
        except LeaseLost as error:
            _log.warning("%s", error)
            with database.write() as unit:
                unit.claims.refuse_late(claim, f"{status} came too late")
            return JobStatus.RUNNING
        except Unavailable as error:
            _log.warning("the end of %s could not be recorded yet: %s", claim.title, error)
            pause(_FIRST_PAUSE_SECONDS * 2**number)
    _log.error("the end of %s could not be recorded; it will be rescued", claim.title)
    return JobStatus.RUNNING
