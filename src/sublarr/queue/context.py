"""What a handler is given besides its payload: progress, safe points, and the fenced end."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, Protocol

from sublarr.db.database import Database
from sublarr.db.repositories.claims import Claim, Progress, Pulse
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import (
    HandBack,
    JobCancelled,
    JobPaused,
    LeaseLost,
    SublarrError,
    TimeLimitExceeded,
)

PROGRESS_INTERVAL_SECONDS = 0.5


class JobContext:
    """One run of one job. A handler calls `check()` often, and must be safe to run again from the start."""

    def __init__(
        self,
        database: Database,
        claim: Claim,
        time_limit_seconds: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.database = database
        self.claim = claim
        self._clock = clock
        self._deadline = clock() + time_limit_seconds
        self._time_limit_seconds = time_limit_seconds
        self._next_write = clock() + PROGRESS_INTERVAL_SECONDS
        self._is_cancelled = False
        self._is_paused = False
        self._is_lost = False
        self._is_stopping = False
        self._interrupted = threading.Event()
        self.is_finished = False

    def check(self) -> None:
        """A safe point: raises where the job must stop here.

        `JobCancelled` and `JobPaused` by a person's word, `HandBack` when the process stops, `LeaseLost`
        when the job is no longer ours, `TimeLimitExceeded` when it took too long.
        """
        why = self.interruption()
        if why is not None:
            raise why

    def interruption(self) -> SublarrError | None:
        """What `check()` would raise now, or None."""
        if self._is_lost:
            return LeaseLost(f"the job {self.claim.title!r} is no longer ours")
        if self._is_cancelled:
            return JobCancelled("cancelled")
        if self._is_paused:
            return JobPaused("paused")
        if self._is_stopping:
            return HandBack("the process is stopping")
        if self._clock() > self._deadline:
            return TimeLimitExceeded(f"it ran longer than its {self._time_limit_seconds:g} seconds")
        return None

    def should_stop(self) -> bool:
        """Whether `check()` would raise: for code that must end a child process first."""
        return self._interrupted.is_set() or self._clock() > self._deadline

    def progress(self, done: int, total: int | None = None, note: str = "", *, now: bool = False) -> None:
        """Tell how far the job is, then `check()`; written at most twice a second unless `now`."""
        if now or self._clock() >= self._next_write:
            with self.database.write() as unit:
                self.heed(unit.claims.progress(self.claim, Progress(done, total, note)))
            self._next_write = self._clock() + PROGRESS_INTERVAL_SECONDS
        self.check()

    def rest(self, seconds: float) -> None:
        """Leave everything alone for so long, or until the job must stop; then `check()`."""
        self._interrupted.wait(seconds)
        self.check()

    @contextmanager
    def finish(self, result: dict[str, Any] | None = None) -> Iterator[Unit]:
        """The fenced completion: what is written in this unit is stored exactly once, with the result.

        Raises `LeaseLost`, and stores nothing, where the job is no longer ours.
        """
        with self.database.write() as unit:
            yield unit
            unit.claims.complete(self.claim, result)
        self.is_finished = True

    def heed(self, pulse: Pulse | None) -> None:
        """Take in what the ledger says; None where the job is no longer ours."""
        if pulse is None or pulse.claim_no != self.claim.claim_no:
            self._is_lost = True
        else:
            self._is_cancelled = self._is_cancelled or pulse.cancel_requested
            self._is_paused = self._is_paused or pulse.pause_requested
        if self._is_lost or self._is_cancelled or self._is_paused:
            self._interrupted.set()

    def stop(self) -> None:
        """Have the handler hand the job back at its next safe point."""
        self._is_stopping = True
        self._interrupted.set()


class Handler(Protocol):
    """Does one kind of job; answers its result, which is kept as JSON."""

    def __call__(self, payload: Any, context: JobContext, /) -> dict[str, Any] | None:
        """Run; `payload` is of the kind's own type."""
