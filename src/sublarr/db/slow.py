"""The slow-query log: what took long, from where it was asked, and how the database went about it.

A slow statement is noted where it ran, and its plan taken once its unit of work is over: never inside its
transaction, never while this thread holds the write gate, at most once a minute for each name. Values are not
kept: the SQL has placeholders, and the plan's literals are taken out.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic

from sublarr.db.call_sites import describe_call_site, find_call_site
from sublarr.db.explaining import RanStatement, is_explainable
from sublarr.logs import current_context

_log = logging.getLogger(__name__)

LATEST_KEPT = 100
WORST_KEPT = 100
PLAN_EVERY_SECONDS = 60.0
_PENDING_KEPT = 20

Explain = Callable[[RanStatement], str]


@dataclass(frozen=True, slots=True)
class SlowQuery:
    """One statement that took long; `rows` is None where nobody counted, `failure` the code of its error."""

    name: str
    at: datetime
    seconds: float
    rows: int | None
    call_site: str
    sql: str
    parameters: str
    request_id: str
    job_id: str
    failure: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a statement went."""

    seconds: float
    rows: int | None = None
    failure: str = ""


class _Owed(threading.local):
    """The plans that a thread still owes."""

    def __init__(self) -> None:
        self.pending: list[tuple[SlowQuery, RanStatement]] = []


class SlowQueries:
    """The latest slow statements of this process, and the slowest of each name; safe to share among threads."""

    def __init__(
        self,
        threshold_ms: int,
        clock: Callable[[], datetime],
        on_slow: Callable[[str], None],
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._clock = clock
        self._on_slow = on_slow
        self._seconds = seconds
        self._lock = threading.Lock()
        self._thread = _Owed()
        self._latest: deque[SlowQuery] = deque(maxlen=LATEST_KEPT)
        self._worst: dict[str, SlowQuery] = {}
        self._planned: dict[str, tuple[float, str]] = {}
        self.change_threshold(threshold_ms)

    def change_threshold(self, milliseconds: int) -> None:
        """Statements that take this long are slow from now on; 0: none is."""
        self.threshold_seconds = milliseconds / 1000 if milliseconds else float("inf")

    @property
    def threshold_ms(self) -> int:
        """Milliseconds from which a statement is slow; 0: none is."""
        return 0 if self.threshold_seconds == float("inf") else round(self.threshold_seconds * 1000)

    def note(self, name: str, outcome: Outcome, ran: RanStatement | None) -> None:
        """A statement was slow; called where it ran, as its call site is read from the stack."""
        self._on_slow(name)
        context = current_context()
        query = SlowQuery(
            name=name,
            at=self._clock(),
            seconds=outcome.seconds,
            rows=outcome.rows,
            call_site=describe_call_site(find_call_site(2)),
            sql=ran.shape if ran is not None else "",
            parameters=ran.parameter_kinds if ran is not None else "",
            request_id=context.request_id,
            job_id=context.job_id,
            failure=outcome.failure,
        )
        pending = self._thread.pending
        if ran is not None and is_explainable(ran) and len(pending) < _PENDING_KEPT and self._is_turn(name):
            pending.append((query, ran))
        else:
            self._keep(query)

    def settle(self, explain: Explain) -> None:
        """Take the plans this thread still owes; its unit of work is over."""
        pending = self._thread.pending
        if not pending:
            return
        # Emptied first: taking a plan is a unit's end again, for whoever measures that too.
        owed = tuple(pending)
        pending.clear()
        for query, ran in owed:
            try:
                plan = explain(ran)
            except Exception as error:  # noqa: BLE001 - a report about the past must not fail what goes on
                plan = f"no plan: {type(error).__name__}"
            with self._lock:
                self._planned[query.name] = (self._seconds(), plan)
            self._keep(query)

    def latest(self) -> tuple[SlowQuery, ...]:
        """The newest first."""
        with self._lock:
            return tuple(reversed(self._latest))

    def worst(self) -> tuple[SlowQuery, ...]:
        """The slowest of each name, the slowest first."""
        with self._lock:
            return tuple(sorted(self._worst.values(), key=lambda query: -query.seconds))

    def _is_turn(self, name: str) -> bool:
        """Whether a plan is due; if so it is this caller's to take."""
        now = self._seconds()
        with self._lock:
            taken = self._planned.get(name)
            if taken is not None and now - taken[0] < PLAN_EVERY_SECONDS:
                return False
            self._planned[name] = (now, taken[1] if taken is not None else "")
            return True

    def _keep(self, query: SlowQuery) -> None:
        with self._lock:
            planned = self._planned.get(query.name)
            # Between two of its turns a name shows the plan that was taken last.
            query = replace(query, plan=planned[1]) if planned is not None else query
            self._latest.append(query)
            worst = self._worst.get(query.name)
            if worst is None or query.seconds >= worst.seconds:
                self._worst[query.name] = query
            if len(self._worst) > WORST_KEPT:
                del self._worst[min(self._worst, key=lambda name: self._worst[name].seconds)]
        _report(query)


def _report(query: SlowQuery) -> None:
    fields = {
        "statement": query.name,
        "duration_ms": round(query.seconds * 1000),
        "rows": query.rows,
        "call_site": query.call_site,
        "failure": query.failure,
        "parameters": query.parameters,
        "sql": query.sql,
        "plan": query.plan,
    }
    _log.warning(
        "slow query %s: %d ms, %s, at %s%s; plan: %s; sql: %s",
        query.name,
        fields["duration_ms"],
        "rows unknown" if query.rows is None else f"{query.rows} row{'' if query.rows == 1 else 's'}",
        query.call_site,
        f", failed: {query.failure}" if query.failure else "",
        " / ".join(line.strip() for line in query.plan.splitlines()) or "none",
        query.sql,
        extra={"fields": {name: value for name, value in fields.items() if value not in ("", None)}},
    )
