import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.queue.retrying import MAXIMUM_DELAY_SECONDS, delay_seconds, is_lasting
from sublarr.vocabulary.errors import (
    Conflict,
    Corrupt,
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseReadOnly,
    DiskFull,
    InvalidInput,
    NotFound,
    Rejected,
    TimeLimitExceeded,
    Unavailable,
)
from sublarr.vocabulary.jobs import PAYLOADS, JobPayload

kinds = st.sampled_from(list(PAYLOADS.values()))


@given(kinds, st.integers(0, 50), st.integers())
def test_a_pause_grows_with_each_failure_within_its_bounds(
    kind: type[JobPayload], attempts: int, seed: int
) -> None:
    whole = min(kind.backoff_seconds * 2**attempts, MAXIMUM_DELAY_SECONDS)
    delay = delay_seconds(kind, attempts, OSError(), random.Random(seed))
    assert whole / 2 <= delay <= whole


@given(kinds, st.integers(0, 5), st.floats(0, 100_000))
def test_a_service_that_says_when_to_come_back_is_never_disturbed_before(
    kind: type[JobPayload], attempts: int, retry_after: float
) -> None:
    error = Unavailable("later", retry_after=retry_after)
    assert delay_seconds(kind, attempts, error, random.Random(1)) >= retry_after


def test_jobs_that_failed_together_do_not_return_together() -> None:
    kind, chance = next(iter(PAYLOADS.values())), random.Random(1)
    delays = {round(delay_seconds(kind, 3, Unavailable("down"), chance), 3) for _ in range(20)}
    assert len(delays) == 20


@pytest.mark.parametrize(
    "error",
    [NotFound(""), InvalidInput(""), Rejected(""), Corrupt(""), DatabaseReadOnly(""), DatabaseCorrupt("")],
)
def test_what_cannot_get_better_is_not_tried_again(error: Exception) -> None:
    assert is_lasting(error)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable(""),
        DiskFull(""),
        DatabaseBusy(""),
        Conflict(""),
        TimeLimitExceeded(""),
        OSError(),
        KeyError(),
    ],
)
def test_what_may_get_better_is_tried_again(error: Exception) -> None:
    assert not is_lasting(error)
