"""The embedded runner: worker threads of this process, woken by the doorbell.

Each thread claims the best due job, runs its handler and hands in what came of it. What keeps the leases,
rescues and schedules going is the `Keeper` beside them.
"""

import logging
import random
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic, perf_counter

from pydantic import ValidationError

from sublarr.db.database import Database
from sublarr.db.following import Follower, following
from sublarr.db.repositories.claims import Claim
from sublarr.logs import bind
from sublarr.queue.context import Handler, JobContext
from sublarr.queue.handing_in import End, hand_in
from sublarr.queue.observer import JobObserver, SilentJobObserver
from sublarr.queue.retrying import delay_seconds, is_lasting
from sublarr.vocabulary.errors import (
    HandBack,
    InvalidInput,
    JobCancelled,
    JobInterrupted,
    JobPaused,
    SublarrError,
)
from sublarr.vocabulary.jobs import PAYLOADS, JobPayload, JobStatus

_log = logging.getLogger(__name__)
_AFTER_ERROR_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """How many threads run jobs, and for how many seconds a stop waits for them."""

    threads: int = 2
    stop_grace_seconds: float = 20.0


@dataclass(slots=True)
class _Running:
    """The jobs that run in this process now, by thread."""

    contexts: dict[int, JobContext] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class EmbeddedRunner:
    """Worker threads over one database."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Handler],
        worker_id: str,
        options: RunnerOptions,
        observer: JobObserver | None = None,
    ) -> None:
        self._database = database
        self._handlers = handlers
        self._kinds = tuple(handlers)
        self._worker_id = worker_id
        self._options = options
        self._observer: JobObserver = observer or SilentJobObserver()
        self._chance = random.Random()  # noqa: S311 - jitter, not a secret
        self._bell = threading.Event()
        self._is_stopping = threading.Event()
        self._running = _Running()
        self._has_worked = False
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to claim."""
        for number in range(self._options.threads):
            thread = threading.Thread(target=self._loop, name=f"job-runner-{number + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self.ring()

    def ring(self) -> None:
        """There may be something to claim."""
        self._bell.set()

    def running(self) -> tuple[JobContext, ...]:
        """What runs now."""
        with self._running.lock:
            return tuple(self._running.contexts.values())

    @property
    def is_idle(self) -> bool:
        """Whether a thread is free to claim."""
        return len(self.running()) < len(self._threads)

    def take_worked(self) -> bool:
        """Whether anything ran since this was last asked."""
        has_worked, self._has_worked = self._has_worked, False
        return has_worked

    def stop(self) -> bool:
        """Claim nothing more, have running jobs handed back; whether all threads ended in time."""
        self._is_stopping.set()
        for context in self.running():
            context.stop()
        deadline = monotonic() + self._options.stop_grace_seconds
        while any(thread.is_alive() for thread in self._threads) and monotonic() < deadline:
            # One wake-up at a time reaches one thread, which passes it on.
            self.ring()
            for thread in self._threads:
                thread.join(timeout=0.05)
        return not any(thread.is_alive() for thread in self._threads)

    def _loop(self) -> None:
        while not self._is_stopping.is_set():
            self._bell.wait()
            if self._is_stopping.is_set():
                return
            try:
                self._drain()
            # Whatever happens to one job or to the database, the next is served.
            except Exception:  # noqa: BLE001 - the worker loop is a door
                _log.exception("the job runner met an error and goes on")
                self._is_stopping.wait(_AFTER_ERROR_PAUSE_SECONDS)

    def _drain(self) -> None:
        while not self._is_stopping.is_set():
            self._bell.clear()
            claim = self._claim()
            if claim is None:
                return
            self._has_worked = True
            # Where one was, there may be more: wake another thread before getting busy.
            self.ring()
            self._execute(claim)

    def _claim(self) -> Claim | None:
        with self._database.read() as unit:
            if not unit.claims.has_due(self._kinds):
                return None
        with self._database.write() as unit:
            return unit.claims.claim(self._worker_id, self._kinds)

    def _execute(self, claim: Claim) -> None:
        kind = PAYLOADS[claim.kind]
        context = JobContext(self._database, claim, kind.time_limit_seconds)
        thread_id = threading.get_ident()
        with self._running.lock:
            self._running.contexts[thread_id] = context
        self._observer.claimed(claim.kind, claim.waited_seconds)
        started = perf_counter()
        try:
            with (
                bind(job_id=claim.job_id, request_id=claim.request_id, actor=f"job {claim.kind}"),
                # The claim was a write: what was asked for before it, the job sees.
                following(Follower(has_written=True)),
            ):
                status = self._run_handler(kind, claim, context)
                self._observer.ended(claim.kind, status, perf_counter() - started)
        finally:
            with self._running.lock:
                del self._running.contexts[thread_id]

    def _run_handler(self, kind: type[JobPayload], claim: Claim, context: JobContext) -> JobStatus:
        if self._is_stopping.is_set():
            context.stop()
        try:
            result = self._handlers[claim.kind](_payload(kind, claim), context)
            if context.is_finished:
                return JobStatus.COMPLETED
            # Inside the `try`: a result that cannot be stored is a failure of the job.
            return self._end(claim, JobStatus.COMPLETED, lambda ledger: ledger.complete(claim, result))
        except JobInterrupted as error:
            # Code below a handler that was told to stop does not know why; the context does.
            return self._end_early(kind, claim, context.interruption() or error)
        # A handler's error is the job's outcome, not the runner's.
        except Exception as error:  # noqa: BLE001 - the worker loop is a door
            return self._end_badly(kind, claim, error)

    def _end_early(self, kind: type[JobPayload], claim: Claim, why: SublarrError) -> JobStatus:
        match why:
            case JobCancelled():
                return self._end(claim, JobStatus.CANCELLED, lambda ledger: ledger.cancel(claim))
            case JobPaused():
                return self._end(claim, JobStatus.PAUSED, lambda ledger: ledger.pause(claim))
            case HandBack():
                return self._end(claim, JobStatus.QUEUED, lambda ledger: ledger.hand_back(claim))
            case _:
                return self._end_badly(kind, claim, why)

    def _end_badly(self, kind: type[JobPayload], claim: Claim, error: Exception) -> JobStatus:
        message, detail = _storable(_describe(error)), _storable(_trace())
        if is_lasting(error) or claim.attempts + 1 >= claim.max_attempts:
            _log.error("job %s failed: %s", claim.title, message)
            return self._end(claim, JobStatus.FAILED, lambda ledger: ledger.fail(claim, message, detail))
        delay = delay_seconds(kind, claim.attempts, error, self._chance)
        _log.warning("job %s failed, next try in %.0f s: %s", claim.title, delay, message)
        return self._end(
            claim, JobStatus.QUEUED, lambda ledger: ledger.retry_later(claim, delay, message, detail)
        )

    def _end(self, claim: Claim, status: JobStatus, end: End) -> JobStatus:
        return hand_in(self._database, claim, status, end, self._is_stopping.wait)


def _payload(kind: type[JobPayload], claim: Claim) -> JobPayload:
    try:
        return kind.model_validate(claim.payload)
    except ValidationError as error:
        raise InvalidInput(f"what was asked of this job makes no sense: {error}") from error


def _describe(error: Exception) -> str:
    if not isinstance(error, SublarrError):
        return f"{type(error).__name__}: {error}"
    return f"{error.message} ({error.remedy})" if error.remedy else error.message


def _trace() -> str:
    try:
        return traceback.format_exc()
    except SystemError:
        # CPython 3.11 parses source for this, which a thread that does the same at that moment can break.
        return ""


def _storable(text: str) -> str:
    """Foreign errors quote file names: undecodable bytes and NUL would keep the failure out of the database."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
