"""When a failed job is tried again."""

import random

from sublarr.vocabulary.errors import Corrupt, InvalidInput, NotFound, Rejected, Unavailable
from sublarr.vocabulary.jobs import JobPayload

MAXIMUM_DELAY_SECONDS = 3600.0
_LASTING = (Corrupt, InvalidInput, NotFound, Rejected)


def is_lasting(error: Exception) -> bool:
    """Whether trying again cannot help: the input is bad, or what it names is gone."""
    return isinstance(error, _LASTING)


def delay_seconds(payload: type[JobPayload], attempts: int, error: Exception, chance: random.Random) -> float:
    """Exponential back-off with jitter, and never before the time an `Unavailable` asks for.

    Full jitter between half of and the whole delay keeps jobs that failed together from returning together.
    """
    delay = min(payload.backoff_seconds * 2.0**attempts, MAXIMUM_DELAY_SECONDS)
    delay *= chance.uniform(0.5, 1.0)
    if isinstance(error, Unavailable) and error.retry_after is not None:
        delay = max(delay, error.retry_after)
    return delay
