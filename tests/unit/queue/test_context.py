from typing import Any

import pytest

from sublarr.db.repositories.claims import Claim, Pulse
from sublarr.queue.context import JobContext
from sublarr.vocabulary.errors import (
    HandBack,
    JobCancelled,
    JobPaused,
    LeaseLost,
    SublarrError,
    TimeLimitExceeded,
)

CLAIM = Claim("job", 3, "scan_folder", "Scan", {}, 0, 3, "", 0.0)


class _Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> _Time:
    return _Time()


@pytest.fixture
def context(time: _Time) -> JobContext:
    database: Any = None
    return JobContext(database, CLAIM, 10.0, time)


def _pulse(claim_no: int = 3, *, cancel: bool = False, pause: bool = False) -> Pulse:
    return Pulse("job", claim_no, cancel, pause)


def test_a_job_that_rests_stops_at_once_when_it_must(context: JobContext) -> None:
    context.rest(0.0)
    context.stop()
    with pytest.raises(HandBack):
        context.rest(3600.0)


def test_a_job_that_nobody_disturbs_goes_on(context: JobContext) -> None:
    context.heed(_pulse())
    context.check()
    assert context.interruption() is None
    assert not context.should_stop()


@pytest.mark.parametrize(
    ("pulse", "error"),
    [
        (_pulse(cancel=True), JobCancelled),
        (_pulse(pause=True), JobPaused),
        (_pulse(cancel=True, pause=True), JobCancelled),
        (None, LeaseLost),
        (_pulse(claim_no=4, cancel=True), LeaseLost),
    ],
)
def test_what_the_ledger_says_stops_the_job_at_its_next_safe_point(
    context: JobContext, pulse: Pulse | None, error: type[SublarrError]
) -> None:
    context.heed(pulse)
    assert context.should_stop()
    with pytest.raises(error):
        context.check()


def test_a_later_heartbeat_does_not_take_a_persons_word_back(context: JobContext) -> None:
    context.heed(_pulse(cancel=True))
    context.heed(_pulse())
    with pytest.raises(JobCancelled):
        context.check()


def test_a_stopping_process_hands_back(context: JobContext) -> None:
    context.stop()
    assert context.should_stop()
    with pytest.raises(HandBack):
        context.check()


def test_a_cancel_is_stronger_than_the_end_of_the_process(context: JobContext) -> None:
    context.stop()
    context.heed(_pulse(cancel=True))
    assert isinstance(context.interruption(), JobCancelled)


def test_the_time_limit_ends_the_job_and_its_children(context: JobContext, time: _Time) -> None:
    time.now += 10.0
    context.check()
    time.now += 0.1
    assert context.should_stop()
    with pytest.raises(TimeLimitExceeded, match="10 seconds"):
        context.check()
