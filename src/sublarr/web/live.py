"""The live streams: what happens to jobs, as server-sent events.

However many tabs listen, one thread looks at the ledger, once a second and only while somebody listens, and
each change is written out once for all. Every listener holds a thread of the server for as long as its tab is
open, so there are only so many, each for ten minutes (browsers come back by themselves); one that does not
take its events in time is let go rather than waited for.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from time import monotonic

from sublarr.db.database import Database
from sublarr.db.repositories.jobs import JobRow
from sublarr.vocabulary.errors import SublarrError, Unavailable
from sublarr.web.pages.fragments import Counts, read_counts

_log = logging.getLogger(__name__)

MOST_LISTENERS = 16
POLL_SECONDS = 1.0
HEARTBEAT_SECONDS = 15.0
STREAM_SECONDS = 600.0
# How long a listener may be away before its tab counts as closed.
_GLANCE_SECONDS = 1.0
_RECONNECT_MILLISECONDS = 3000
_EVENTS_WAITING = 100
_COUNTS_SECONDS = 3.0
_IDLE_COUNTS_SECONDS = 15.0
# A transaction's changes are dated by its start, so they may appear behind later ones.
_OVERLAP = timedelta(seconds=5)
_ROWS = 200
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Change:
    """What is new: jobs that changed, and the counts where they differ from those told last."""

    jobs: tuple[JobRow, ...]
    counts: Counts | None


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event of a stream; the data may have several lines, an empty name is the default `message`."""

    data: str
    name: str = ""

    def encoded(self) -> bytes:
        """The event as it goes over the wire (HTML Standard, section 9.2)."""
        lines = [f"event: {self.name}"] if self.name else []
        lines += [f"data: {line}" for line in _LINE_END.split(self.data)]
        return ("\n".join(lines) + "\n\n").encode()


Rendering = Callable[[Change], Iterable[ServerEvent]]


@dataclass(frozen=True, slots=True)
class _Listener:
    rendering: str
    waiting: "Queue[bytes | None]"


class LiveFeed:
    """Who listens, and the one thread that looks for them; `renderings` write a change out for each kind."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], renderings: Mapping[str, Rendering]
    ) -> None:
        self._database = database
        self._renderings = renderings
        self._ledger = _Ledger(clock)
        self._lock = Lock()
        self._listeners: list[_Listener] = []
        self._thread: Thread | None = None
        self._wake = Event()
        self._is_stopped = False
        self._has_newcomer = False

    def open(self, rendering: str, is_gone: Callable[[], bool] = lambda: False) -> "EventStream":
        """A stream for one listener; `is_gone` tells whether its tab was closed.

        Raises `Unavailable` where as many listen as may.
        """
        with self._lock:
            if self._is_stopped or len(self._listeners) >= MOST_LISTENERS:
                raise Unavailable(
                    f"{MOST_LISTENERS} live streams are open, and no more may be",
                    retry_after=30.0,
                    remedy="Close some tabs; pages work without a stream too.",
                )
            listener = _Listener(rendering, Queue(_EVENTS_WAITING))
            self._listeners.append(listener)
            self._has_newcomer = True
            if self._thread is None:
                self._wake.clear()
                self._thread = Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        return EventStream(listener.waiting, lambda: self._leave(listener), is_gone)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @property
    def is_looking(self) -> bool:
        """Whether the thread that looks at the ledger runs."""
        return self._thread is not None

    def stop(self) -> None:
        """End every stream at once, and let no more begin."""
        with self._lock:
            self._is_stopped = True
            for listener in self._listeners:
                _end(listener)
            self._listeners = []
            self._wake.set()

    def _leave(self, listener: _Listener) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)
            if not self._listeners:
                self._wake.set()

    def _run(self) -> None:
        while self._has_listeners():
            # The thread is a door: a failing look or template must not silence every tab for good.
            try:
                self._tell(self._look())
            except SublarrError as error:
                _log.warning("live changes cannot be looked up: %s", error.message)
            except Exception:  # noqa: BLE001 (reason above)
                _log.exception("a live change could not be told")
            self._wake.wait(POLL_SECONDS)

    def _has_listeners(self) -> bool:
        with self._lock:
            if not self._listeners:
                self._thread = None
                return False
            self._wake.clear()
            if self._has_newcomer:
                # What changed between the making of its page and now is told again, to all.
                self._ledger.forget()
                self._has_newcomer = False
            return True

    def _look(self) -> Change:
        with self._database.read() as unit:
            jobs = self._ledger.news(unit.jobs.changed_since(self._ledger.since, _ROWS))
            counts = read_counts(unit) if self._ledger.wants_counts(has_changed=bool(jobs)) else None
        return Change(jobs, self._ledger.new_counts(counts))

    def _tell(self, change: Change) -> None:
        if not change.jobs and change.counts is None:
            return
        with self._lock:
            listeners = list(self._listeners)
        for name in {listener.rendering for listener in listeners}:
            events = [event.encoded() for event in self._renderings[name](change)]
            for listener in listeners:
                if listener.rendering == name and not _hand_over(listener, events):
                    self._leave(listener)


def _hand_over(listener: _Listener, events: list[bytes]) -> bool:
    """Whether the listener had room for them; one that had not is told to end."""
    try:
        for event in events:
            listener.waiting.put_nowait(event)
    except Full:
        _end(listener)
        return False
    return True


def _end(listener: _Listener) -> None:
    while True:
        try:
            listener.waiting.put_nowait(None)
            return
        except Full:
            # Its events are lost; the browser comes back and is told anew.
            try:
                listener.waiting.get_nowait()
            except Empty:
                continue


class _Ledger:
    """What was told already, so that looking back a little repeats nothing."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.forget()

    def forget(self) -> None:
        """Begin anew, a little before now."""
        self._newest = self._clock()
        self._told: dict[str, datetime] = {}
        self._counts: Counts | None = None
        self._counted_at = float("-inf")
        self._is_stale = True

    @property
    def since(self) -> datetime:
        """From when on changes are looked for."""
        return self._newest - _OVERLAP

    def news(self, rows: tuple[JobRow, ...]) -> tuple[JobRow, ...]:
        """Those of these rows that were not told yet; they count as told from now on."""
        fresh = tuple(row for row in rows if self._told.get(row.id) != row.updated_at)
        if len(rows) == _ROWS:
            # So many at once are not told one by one: the counts bring pages to look anew.
            self._newest = max(self._clock(), rows[-1].updated_at) + _OVERLAP
            self._told = {}
            return fresh
        self._newest = max([self._newest, *(row.updated_at for row in rows)])
        self._told = {row.id: row.updated_at for row in rows if row.updated_at > self.since}
        return fresh

    def wants_counts(self, *, has_changed: bool) -> bool:
        """Whether to count now: soon after a change, seldom without."""
        self._is_stale = self._is_stale or has_changed
        return monotonic() - self._counted_at >= (_COUNTS_SECONDS if self._is_stale else _IDLE_COUNTS_SECONDS)

    def new_counts(self, counts: Counts | None) -> Counts | None:
        """The counts where they differ from those told last."""
        if counts is None:
            return None
        self._counted_at, self._is_stale = monotonic(), False
        if counts == self._counts:
            return None
        self._counts = counts
        return counts


class EventStream:
    """What one listener is sent. An iterator rather than a generator: it must be closed even if never begun."""

    def __init__(
        self, waiting: "Queue[bytes | None]", leave: Callable[[], None], is_gone: Callable[[], bool]
    ) -> None:
        self._waiting = waiting
        self._leave = leave
        self._is_gone = is_gone
        self._ends_at = monotonic() + STREAM_SECONDS
        self._beats_at = float("-inf")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._beats_at == float("-inf"):
            self._beats_at = monotonic() + HEARTBEAT_SECONDS
            return f"retry: {_RECONNECT_MILLISECONDS}\n\n".encode()
        while not self._is_gone() and monotonic() < self._ends_at:
            try:
                event = self._waiting.get(timeout=_GLANCE_SECONDS)
            except Empty:
                if monotonic() < self._beats_at:
                    continue
                event = b": still here\n\n"
            if event is None:
                break
            self._beats_at = monotonic() + HEARTBEAT_SECONDS
            return event
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Let go of the place; the server calls this however the stream ends."""
        self._leave()
