"""Random lives of a job: what `JOB_MOVES` allows happens and is written down, anything else is refused."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from sublarr.db.database import Database
from sublarr.db.models.ledger import Job
from sublarr.db.repositories.claims import MAXIMUM_CRASHES, Claim, ClaimRepository, Progress
from sublarr.db.repositories.jobs import JobRepository
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import IllegalMove, LeaseLost
from sublarr.vocabulary.jobs import JOB_MOVES, JobEvent, JobStatus
from tests.integration.queue.bench import KINDS, ask, claim, events, extraction, get

QUEUED, RUNNING, PAUSED = JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.PAUSED
COMPLETED, FAILED, CANCELLED = JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED

# What a person may do: from which states, and to where.
PERSON: dict[str, tuple[Callable[[JobRepository, str], object], dict[JobStatus, JobStatus]]] = {
    "cancel": (
        JobRepository.cancel,
        {QUEUED: CANCELLED, PAUSED: CANCELLED, FAILED: CANCELLED, RUNNING: RUNNING},
    ),
    "pause": (JobRepository.pause, {QUEUED: PAUSED, RUNNING: RUNNING}),
    "resume": (JobRepository.resume, {PAUSED: QUEUED}),
    "retry": (JobRepository.retry, {FAILED: QUEUED}),
}
PERSON_EVENTS = {
    ("cancel", CANCELLED): JobEvent.CANCELLED,
    ("cancel", RUNNING): JobEvent.CANCEL_REQUESTED,
    ("pause", PAUSED): JobEvent.PAUSED,
    ("pause", RUNNING): JobEvent.PAUSE_REQUESTED,
    ("resume", QUEUED): JobEvent.RESUMED,
    ("retry", QUEUED): JobEvent.REPLAYED,
}
RESCUE_EVENTS = {
    QUEUED: JobEvent.RESCUED,
    FAILED: JobEvent.FAILED,
    CANCELLED: JobEvent.CANCELLED,
    PAUSED: JobEvent.PAUSED,
}
# How a worker ends a run.
ENDS: dict[str, tuple[Callable[[ClaimRepository, Claim], None], JobStatus, JobEvent]] = {
    "complete": (lambda ledger, mine: ledger.complete(mine, {"n": 1}), COMPLETED, JobEvent.COMPLETED),
    "fail": (lambda ledger, mine: ledger.fail(mine, "no", "trace"), FAILED, JobEvent.FAILED),
    "later": (lambda ledger, mine: ledger.retry_later(mine, -1.0, "no", ""), QUEUED, JobEvent.RETRY),
    "hand back": (lambda ledger, mine: ledger.hand_back(mine), QUEUED, JobEvent.HANDED_BACK),
    "end cancelled": (lambda ledger, mine: ledger.cancel(mine), CANCELLED, JobEvent.CANCELLED),
    "end paused": (lambda ledger, mine: ledger.pause(mine), PAUSED, JobEvent.PAUSED),
}
ACTIONS = [*PERSON, *ENDS, "claim", "crash", "progress"]


@dataclass
class Life:
    """A job, and what is believed of it."""

    database: Database
    job_id: str
    status: JobStatus = QUEUED
    events: list[JobEvent] = field(default_factory=lambda: [JobEvent.QUEUED])
    mine: Claim | None = None
    crashes: int = 0
    is_cancel_requested: bool = False
    is_pause_requested: bool = False

    def do(self, action: str) -> None:
        before = self.status
        if action in PERSON:
            self._person(action)
        elif action in ENDS:
            self._end(action)
        elif action == "claim":
            self._claim()
        elif action == "crash":
            self._crash()
        else:
            self._progress()
        assert self.status is before or self.status in JOB_MOVES[before]
        assert get(self.database, self.job_id).status is self.status
        assert events(self.database, self.job_id) == self.events

    def _person(self, action: str) -> None:
        call, allowed = PERSON[action]
        if self.status not in allowed:
            with pytest.raises(IllegalMove), self.database.write() as unit:
                call(unit.jobs, self.job_id)
            return
        with self.database.write() as unit:
            call(unit.jobs, self.job_id)
        self.status = allowed[self.status]
        self.events.append(PERSON_EVENTS[action, self.status])
        self.is_cancel_requested |= action == "cancel"
        self.is_pause_requested |= action == "pause"
        if action == "retry":
            self.crashes = 0

    def _end(self, action: str) -> None:
        call, target, event = ENDS[action]
        if self.mine is None:
            return
        if self.status is not RUNNING:
            self._refused(lambda unit, mine: call(unit.claims, mine))
            return
        with self.database.write() as unit:
            call(unit.claims, self.mine)
        if target is QUEUED and self.is_cancel_requested:
            target, event = CANCELLED, JobEvent.CANCELLED
        elif target is QUEUED and self.is_pause_requested:
            target, event = PAUSED, JobEvent.PAUSED
        self.status = target
        self.events.append(event)

    def _claim(self) -> None:
        if self.status is QUEUED:
            self.mine = claim(self.database)
            self.status = RUNNING
            self.events.append(JobEvent.CLAIMED)
            self.is_cancel_requested = self.is_pause_requested = False
            return
        with self.database.write() as unit:
            assert unit.claims.claim("worker-1", KINDS) is None

    def _crash(self) -> None:
        with self.database.write() as unit:
            unit.connection.execute(text("UPDATE jobs SET lease_until = created_at WHERE status = 'running'"))
            rescue = unit.claims.rescue_expired()
        if self.status is not RUNNING:
            assert rescue.requeued == rescue.given_up == ()
            return
        self.crashes += 1
        is_poison = self.crashes >= MAXIMUM_CRASHES
        if self.is_cancel_requested:
            self.status = CANCELLED
        elif is_poison:
            self.status = FAILED
        else:
            self.status = PAUSED if self.is_pause_requested else QUEUED
        self.events.append(RESCUE_EVENTS[self.status])

    def _progress(self) -> None:
        if self.mine is None:
            return
        if self.status is not RUNNING:
            self._refused(lambda unit, mine: unit.claims.progress(mine, Progress(1, 2)))
            return
        with self.database.write() as unit:
            pulse = unit.claims.progress(self.mine, Progress(1, 2))
        assert pulse.cancel_requested == self.is_cancel_requested
        assert pulse.pause_requested == self.is_pause_requested

    def _refused(self, call: Callable[[Unit, Claim], object]) -> None:
        assert self.mine is not None
        with pytest.raises(LeaseLost), self.database.write() as unit:
            call(unit, self.mine)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(st.sampled_from([*ACTIONS, "claim", "claim"]), max_size=14))
def test_a_job_makes_only_legal_moves_and_its_diary_tells_each(
    database: Database, actions: list[str]
) -> None:
    with database.write() as unit:
        unit.connection.execute(delete(Job))
    life = Life(database, ask(database, extraction(1)))
    for action in actions:
        life.do(action)


def test_every_move_of_the_table_can_be_made(database: Database) -> None:
    ways = {
        (QUEUED, RUNNING): ["claim"],
        (QUEUED, PAUSED): ["pause"],
        (QUEUED, CANCELLED): ["cancel"],
        (RUNNING, COMPLETED): ["claim", "complete"],
        (RUNNING, FAILED): ["claim", "fail"],
        (RUNNING, PAUSED): ["claim", "pause", "end paused"],
        (RUNNING, CANCELLED): ["claim", "cancel", "end cancelled"],
        (RUNNING, QUEUED): ["claim", "crash"],
        (PAUSED, QUEUED): ["pause", "resume"],
        (PAUSED, CANCELLED): ["pause", "cancel"],
        (FAILED, QUEUED): ["claim", "fail", "retry"],
        (FAILED, CANCELLED): ["claim", "fail", "cancel"],
    }
    assert set(ways) == {(state, target) for state, targets in JOB_MOVES.items() for target in targets}
    for (_, target), actions in ways.items():
        with database.write() as unit:
            unit.connection.execute(delete(Job))
        life = Life(database, ask(database, extraction(1)))
        for action in actions:
            life.do(action)
        assert life.status is target
