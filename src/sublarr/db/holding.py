"""Who is writing: every write unit that is open, and a warning for each that stayed too long.

On SQLite everybody else waits at the gate meanwhile; on PostgreSQL whoever wants the same rows does.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from sublarr.db.call_sites import CallSite, describe_call_site, describe_stack, thread_name
from sublarr.logs import current_context

_log = logging.getLogger(__name__)

# A transaction costs milliseconds; whoever needs a second does something else inside it.
LONG_HOLD_SECONDS = 1.0
LONG_HOLDS_KEPT = 50
_NAMES_LOGGED = 10


class WriteHold:
    """One write unit at work: where it was asked for, since when, what it ran, how many waited for it."""

    __slots__ = (
        "begun_at",
        "call_site",
        "context",
        "entered_at",
        "is_excused",
        "is_told",
        "statements",
        "thread_id",
        "waited",
    )

    def __init__(self, call_site: CallSite) -> None:
        self.call_site = call_site
        self.context = current_context()
        self.thread_id = threading.get_ident()
        # At the gate, where others count from; and with SQLite's lock taken, for which this one may have waited too.
        self.entered_at = self.begun_at = perf_counter()
        self.statements: dict[str, int] = {}
        self.waited = 0
        self.is_told = False
        self.is_excused = False

    @property
    def seconds(self) -> float:
        """For how long it has had the gate by now."""
        return perf_counter() - self.entered_at

    def describe(self) -> str:
        """Who it is, for a message."""
        return f"{thread_name(self.thread_id)} at {describe_call_site(self.call_site)}"

    def tell(self, waited_seconds: float) -> None:
        """Log who holds while others wait, with what it is doing right now; once for each hold."""
        if self.is_told:
            return
        self.is_told = True
        fields = {
            "holder": thread_name(self.thread_id),
            "call_site": describe_call_site(self.call_site),
            "held_ms": round(self.seconds * 1000),
            "waiting_ms": round(waited_seconds * 1000),
            "statements": describe_statements(self.statements.copy()),
            "stack": describe_stack(self.thread_id),
        }
        _log.warning(
            "a writer has waited %(waiting_ms)d ms for %(holder)s, which has held the database's write gate for "
            "%(held_ms)d ms at %(call_site)s; it ran: %(statements)s; it is at: %(stack)s",
            fields,
            extra={"fields": fields},
        )


@dataclass(frozen=True, slots=True)
class LongHold:
    """A write unit that stayed too long; `waited` is None where the database does not tell who waits."""

    started_at: datetime
    seconds: float
    thread: str
    call_site: str
    statements: Mapping[str, int]
    waited: int | None
    request_id: str
    job_id: str


class WriteHolds:
    """The write units of this process: those that are open, and the latest that stayed too long."""

    def __init__(
        self, clock: Callable[[], datetime], *, knows_waiters: bool, long_seconds: float = LONG_HOLD_SECONDS
    ) -> None:
        self.long_seconds = long_seconds
        self._clock = clock
        self._knows_waiters = knows_waiters
        self._open: dict[int, WriteHold] = {}
        self._long: deque[LongHold] = deque(maxlen=LONG_HOLDS_KEPT)

    def open(self, hold: WriteHold) -> None:
        """A write unit's transaction has begun."""
        hold.begun_at = perf_counter()
        self._open[hold.thread_id] = hold

    def close(self, hold: WriteHold) -> None:
        """A write unit is over, if it ever began."""
        seconds = perf_counter() - hold.begun_at
        was_open = self._open.pop(hold.thread_id, None) is not None
        if was_open and seconds >= self.long_seconds and not hold.is_excused:
            self._warn(self._row(hold, seconds))

    def excuse(self) -> None:
        """The write unit of this thread takes as long as it takes: a schema is made, before anybody can work."""
        hold = self._open.get(threading.get_ident())
        if hold is not None:
            hold.is_excused = True

    def now(self) -> tuple[LongHold, ...]:
        """The write units that are open, the oldest first."""
        now = perf_counter()
        rows = [self._row(hold, now - hold.begun_at) for hold in self._open.copy().values()]
        return tuple(sorted(rows, key=lambda row: -row.seconds))

    def long(self) -> tuple[LongHold, ...]:
        """Those that stayed too long, the newest first."""
        return tuple(reversed(tuple(self._long)))

    def _row(self, hold: WriteHold, seconds: float) -> LongHold:
        return LongHold(
            started_at=self._clock() - timedelta(seconds=seconds),
            seconds=seconds,
            thread=thread_name(hold.thread_id),
            call_site=describe_call_site(hold.call_site),
            statements=hold.statements.copy(),
            waited=hold.waited if self._knows_waiters else None,
            request_id=hold.context.request_id,
            job_id=hold.context.job_id,
        )

    def _warn(self, row: LongHold) -> None:
        self._long.append(row)
        fields = {
            "call_site": row.call_site,
            "thread": row.thread,
            "held_ms": round(row.seconds * 1000),
            "statements": describe_statements(row.statements),
            "waited": row.waited,
        }
        waited = "" if row.waited is None else f", while {row.waited} waited"
        _log.warning(
            "a write transaction stayed open for %d ms%s: %s; it ran: %s. File and network work belong outside",
            fields["held_ms"],
            waited,
            row.call_site,
            fields["statements"],
            extra={"fields": fields},
        )


def describe_statements(statements: Mapping[str, int]) -> str:
    """`name ×count`, the most frequent first."""
    ranked = sorted(statements.items(), key=lambda pair: (-pair[1], pair[0]))
    told = [f"{name} ×{count}" for name, count in ranked[:_NAMES_LOGGED]]
    if len(ranked) > _NAMES_LOGGED:
        told.append(f"and {len(ranked) - _NAMES_LOGGED} more")
    return ", ".join(told) or "nothing yet"
