"""The write gate: one writer of an SQLite file at a time in this process, first come first served.

SQLite itself lets one writer in and makes the others poll, which is unfair: with eight threads the slowest
waits seconds. Waiting here, in order, costs milliseconds; a person's write goes to the front. Writers of
other processes still meet at SQLite's own lock, which `BEGIN IMMEDIATE` takes behind this gate.
"""

import threading
from collections import deque
from time import perf_counter

from sublarr.vocabulary.errors import DatabaseBusy

# A stream of urgent writers must not shut everybody else out.
_URGENT_IN_A_ROW = 8


class WriteGate:
    """A fair lock with two queues; ownership is handed over directly, so nobody can barge in."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout_seconds = timeout_seconds
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

    def enter(self, *, urgent: bool = False) -> float:
        """Wait for our turn and return the seconds waited; raises `DatabaseBusy` at the time limit."""
        ticket = threading.Lock()
        ticket.acquire()
        queue = self._urgent if urgent else self._normal
        with self._lock:
            queue.append(ticket)
            if not self._is_held:
                self._is_held = True
                queue.remove(ticket)
                return 0.0
        started = perf_counter()
        try:
            is_ours = ticket.acquire(timeout=self._timeout_seconds)
        except BaseException:
            # Ctrl-C: a ticket left behind would be handed the gate, and never leave.
            if not self._withdraw(ticket, queue):
                self.leave()
            raise
        # Handed over between the time-out and our withdrawing, the gate is ours after all.
        if not is_ours and self._withdraw(ticket, queue):
            raise DatabaseBusy(
                f"the database was held by another writer for {self._timeout_seconds:g} seconds",
                retry_after=1.0,
            )
        return perf_counter() - started

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
