"""The write gate: one writer of an SQLite file at a time in this process, first come first served.

SQLite itself lets one writer in and makes the others poll, which is unfair: with eight threads the slowest
waits seconds. Waiting here, in order, costs milliseconds; a person's write goes to the front. Writers of
other processes still meet at SQLite's own lock, which `BEGIN IMMEDIATE` takes behind this gate.
"""

import threading
from collections import deque
from time import perf_counter

from sublarr.db.holding import WriteHold
from sublarr.vocabulary.errors import DatabaseBusy

# A stream of urgent writers must not shut everybody else out.
_URGENT_IN_A_ROW = 8
# Whoever waits for so long says who it is that holds the gate: by then it may be for ever.
TELL_SECONDS = 5.0


class WriteGate:
    """A fair lock with two queues; ownership is handed over directly, so nobody can barge in."""

    def __init__(self, timeout_seconds: float, tell_seconds: float = TELL_SECONDS) -> None:
        self.tell_seconds = tell_seconds
        self._timeout_seconds = timeout_seconds
        self._holder: WriteHold | None = None
        # Re-entrant: a dropped connection may leave by way of the garbage collector, which runs anywhere, in
        # the middle of `enter` too. What is done under it stays right if a `leave` comes between any two lines.
        self._lock = threading.RLock()
        self._is_held = False
        self._normal: deque[threading.Lock] = deque()
        self._urgent: deque[threading.Lock] = deque()
        self._urgent_in_a_row = 0

    @property
    def is_held(self) -> bool:
        """Whether a writer is inside."""
        return self._is_held

    @property
    def waiting(self) -> int:
        """How many writers wait."""
        return len(self._normal) + len(self._urgent)

    def enter(self, *, urgent: bool = False, hold: WriteHold | None = None) -> float:
        """Wait for our turn and return the seconds waited; raises `DatabaseBusy` at the time limit.

        `hold` is whom those who wait meanwhile are told of.
        """
        ticket = threading.Lock()
        ticket.acquire()
        queue = self._urgent if urgent else self._normal
        with self._lock:
            queue.append(ticket)
            if not self._is_held:
                self._is_held = True
                queue.remove(ticket)
                self._take(hold)
                return 0.0
            if self._holder is not None:
                self._holder.waited += 1
        started = perf_counter()
        try:
            is_ours = self._wait(ticket)
        except BaseException:
            # Ctrl-C: a ticket left behind would be handed the gate, and never leave.
            if not self._withdraw(ticket, queue):
                self.leave()
            raise
        # Handed over between the time-out and our withdrawing, the gate is ours after all.
        if not is_ours and self._withdraw(ticket, queue):
            raise self._busy()
        with self._lock:
            self._take(hold)
        return perf_counter() - started

    def _take(self, hold: WriteHold | None) -> None:
        if hold is not None:
            hold.entered_at = perf_counter()
            # Whoever stands in line already waits for this one too.
            hold.waited = self.waiting
        self._holder = hold

    def _wait(self, ticket: threading.Lock) -> bool:
        told_after = min(self.tell_seconds, self._timeout_seconds)
        if ticket.acquire(timeout=told_after):
            return True
        holder = self._holder
        if holder is not None:
            holder.tell(told_after)
        return ticket.acquire(timeout=self._timeout_seconds - told_after)

    def _busy(self) -> DatabaseBusy:
        holder = self._holder
        who = "another writer" if holder is None else holder.describe()
        since = "" if holder is None else f", who has had it for {holder.seconds:.0f} seconds"
        return DatabaseBusy(
            f"the database was not free for writing within {self._timeout_seconds:g} seconds: it was held by {who}"
            f"{since}",
            retry_after=1.0,
        )

    def _withdraw(self, ticket: threading.Lock, queue: deque[threading.Lock]) -> bool:
        """Stop waiting; False where the gate was handed to this ticket already."""
        with self._lock:
            if ticket not in queue:
                return False
            queue.remove(ticket)
            return True

    def leave(self) -> None:
        """Hand the gate to whoever waits, or open it."""
        with self._lock:
            ticket = self._next()
            self._holder = None
            if ticket is None:
                self._is_held = False
            else:
                ticket.release()

    def _next(self) -> "threading.Lock | None":
        if self._urgent and (not self._normal or self._urgent_in_a_row < _URGENT_IN_A_ROW):
            self._urgent_in_a_row += 1
            return self._urgent.popleft()
        self._urgent_in_a_row = 0
        return self._normal.popleft() if self._normal else None
