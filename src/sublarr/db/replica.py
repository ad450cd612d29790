"""The replica: when a read may go to a standby of the PostgreSQL primary, and when it is passed over.

A read goes there only if the very connection it gets is to a standby of the same database that has replayed
all that its reader must see: what the reader wrote, and what the primary had `lag_seconds` ago. That is asked
before the snapshot is taken, in place of the pool's ping, so it costs no round trip more than a read of the
primary and holds behind a load balancer too. Both are positions in the primary's log, so no clocks are
compared. Whatever is amiss, the primary answers; a replica that failed is tried again by a thread of its own,
so that nobody waits for it. Loaded only where a replica is set.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock, Thread
from time import monotonic

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sublarr.db import postgresql
from sublarr.db.base import Base
from sublarr.db.errors import install_error_mapping
from sublarr.db.explaining import remember_failed_statements
from sublarr.db.following import NEVER, Follower, present_follower
from sublarr.db.observer import DatabaseObserver
from sublarr.db.patience import be_patient_for, use_patience
from sublarr.db.postgresql import PoolOptions
from sublarr.vocabulary.errors import (
    DatabaseBusy,
    DatabaseReadOnly,
    DatabaseUnavailable,
    QueryTimeout,
    SublarrError,
)

_log = logging.getLogger(__name__)

_PRIMARY_POSITION = """
SELECT system_identifier,
    CASE WHEN pg_is_in_recovery() THEN NULL ELSE (pg_current_wal_insert_lsn() - '0/0')::bigint END
FROM pg_control_system()
"""
_STANDBY_POSITION = """
SELECT pg_is_in_recovery(), (coalesce(pg_last_wal_replay_lsn(), '0/0') - '0/0')::bigint
"""
_STANDBY_AGE = "SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float"
_IDENTITY = """
SELECT system_identifier, (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
    to_regclass('schema_version') IS NOT NULL
FROM pg_control_system()
"""
_REVISION = "SELECT min(version_num) FROM schema_version"
_GLANCE_SECONDS = 0.05
_UNTRIED = "it was not tried yet"
_VETTED = "sublarr_vetted"
# A server's refusals that nobody foresaw (a missing right, say) are no reason to fail a read either.
_TROUBLE = (SublarrError, SQLAlchemyError)
# Lost, or cancelled because the standby had to replay what the read still saw: the primary can answer.
_LOSSES = frozenset({DatabaseUnavailable.code, DatabaseBusy.code, QueryTimeout.code})


@dataclass(frozen=True, slots=True)
class ReplicaLimits:
    """How old a replica's answer may be, how often the primary is asked, how long a failed one is left alone.

    `ask_seconds` is how long it may take to say how it stands, `read_seconds` how long to answer a statement.
    What it makes up for within `moment_seconds` is reported as no lag.
    """

    lag_seconds: float = 5.0
    look_seconds: float = 1.0
    ask_seconds: float = 2.0
    read_seconds: float = 30.0
    moment_seconds: float = 0.5
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class ReplicaState:
    """Whether reads may go there now, why not, and how far it is behind where that is known."""

    is_used: bool
    problem: str = ""
    lag_bytes: int | None = None
    lag_seconds: float | None = None


class Horizon:
    """What the primary's position was when: whoever has come to `floor` is at most `seconds` old."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: deque[tuple[float, int]] = deque()

    def note(self, now: float, position: int) -> None:
        """The primary is at `position`; `now` is from before it was asked."""
        if self._seen and position < self._seen[-1][1]:
            # Another server took over, and what was beyond this is lost.
            self._seen.clear()
        self._seen.append((now, position))

    def age(self, now: float) -> float:
        """How long ago the primary was asked last."""
        return now - self._seen[-1][0] if self._seen else float("inf")

    def floor(self, now: float) -> int | None:
        """The position to have reached, the lowest that is certain to be recent enough; None if none is."""
        while self._seen and now - self._seen[0][0] > self._seconds:
            self._seen.popleft()
        return self._seen[0][1] if self._seen else None


class Pause:
    """For how long a failed replica is left alone: twice as long each time."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first
        self._until = float("-inf")

    def begin(self, now: float) -> None:
        """It failed."""
        self._until = now + self._next
        self._next = min(self._longest, self._next * 2)

    def is_over(self, now: float) -> bool:
        """Whether it may be tried."""
        return now >= self._until

    def forget(self) -> None:
        """It works."""
        self._next = self._first
        self._until = float("-inf")


class ReadReplica:
    """One standby, or several behind one address, and how reads find their way there or past it."""

    def __init__(
        self,
        url: str,
        pool: PoolOptions,
        primary: Engine,
        observer: DatabaseObserver,
        limits: ReplicaLimits | None = None,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self.limits = limits or ReplicaLimits()
        self.engine = postgresql.make_replica_engine(url, pool)
        self._primary = primary.execution_options(isolation_level="AUTOCOMMIT")
        self._observer = observer
        self._seconds = seconds
        self._horizon = Horizon(self.limits.lag_seconds)
        self._pause = Pause(self.limits.first_pause_seconds, self.limits.longest_pause_seconds)
        self._behind_until = float("-inf")
        self._problem = _UNTRIED
        self._expected: tuple[object, ...] = (None,)
        self._lock = Lock()
        self._looking = Lock()
        self._trial: Thread | None = None
        self._closed = Event()
        use_patience(self.engine)
        remember_failed_statements(self.engine)
        install_error_mapping(self.engine, Base.metadata, self._note_error)

    def snapshot(self, follower: Follower) -> Connection | None:
        """A connection whose snapshot shows what `follower` must see; None where the primary has to answer."""
        if follower.shuns_replica or follower.lost_replica or not self._is_open():
            return None
        needed = max(self._floor(), self.position_of(follower))
        connection = self._connection_at(needed) if needed < NEVER else None
        # What went wrong before the snapshot is nobody's loss.
        follower.lost_replica = False
        return connection

    def position_of(self, follower: Follower) -> int:
        """How far the log must be replayed for `follower` to see all it wrote; `NEVER` where nobody can tell."""
        if follower.has_written:
            try:
                follower.position = max(follower.position, self._look_at_primary())
            except _TROUBLE:
                return NEVER
            follower.has_written = False
        return follower.position

    def look(self) -> ReplicaState:
        """Try it now, whatever happened before, and tell how it stands."""
        self._try()
        return self.state()

    def state(self) -> ReplicaState:
        """How it stands; asks both servers unless it is left alone."""
        if self._problem:
            self._is_open()
            return ReplicaState(is_used=False, problem=self._problem)
        try:
            position = self._look_at_primary()
            with self.engine.connect() as connection:
                behind = max(0, position - self._vetted(connection))
                age = self._age(connection, position) if behind else 0.0
        except PoolTimeout:
            return ReplicaState(is_used=True, problem="all its connections are in use")
        except _TROUBLE as error:
            self._pass_over(error)
            return ReplicaState(is_used=False, problem=self._problem)
        is_late = age is None or age > self.limits.lag_seconds
        problem = f"it is more than {self.limits.lag_seconds:g} seconds behind" if is_late else ""
        return ReplicaState(not is_late, problem, behind, age)

    def _age(self, connection: Connection, position: int) -> float | None:
        """How old what it shows is, where it does not come to `position` in a moment; None where nobody knows."""
        # On an idle primary the last transaction is of long ago, however little is missing.
        for _ in range(round(self.limits.moment_seconds / _GLANCE_SECONDS)):
            self._closed.wait(_GLANCE_SECONDS)
            if self._vetted(connection) >= position:
                return 0.0
        age: float | None = connection.exec_driver_sql(_STANDBY_AGE).scalar_one()
        return age

    def close(self) -> None:
        """Close its connections, and try it no more."""
        with self._lock:
            self._closed.set()
            trial = self._trial
        if trial is not None:
            trial.join(postgresql.REPLICA_CONNECT_SECONDS * 2)
        self.engine.dispose()

    def _is_open(self) -> bool:
        """Whether reads may try it; begins a trial where one is due."""
        now = self._seconds()
        if not self._problem:
            return now >= self._behind_until
        with self._lock:
            is_due = self._pause.is_over(now) and not self._closed.is_set()
            if is_due and (self._trial is None or not self._trial.is_alive()):
                self._trial = Thread(target=self._try, name="replica-trial", daemon=True)
                self._trial.start()
        return False

    def _try(self) -> None:
        try:
            self._look_at_primary()
            with self._primary.connect() as connection:
                self._expected = _identity(connection)
            with self.engine.connect() as connection:
                self._vetted(connection)
        except _TROUBLE as error:
            self._pass_over(error)
        else:
            if self._problem:
                _log.info("the replica answers reads")
            self._problem = ""
            self._pause.forget()

    def _floor(self) -> int:
        """What every read must see; `NEVER` where the primary could not be asked lately."""
        now = self._seconds()
        # One thread asks; the others go by what was known before.
        if self._horizon.age(now) >= self.limits.look_seconds and self._looking.acquire(blocking=False):
            try:
                self._look_at_primary()
            except _TROUBLE:
                # Where the primary is read, its own error says more.
                return NEVER
            finally:
                self._looking.release()
        floor = self._horizon.floor(now)
        return NEVER if floor is None else floor

    def _look_at_primary(self) -> int:
        now = self._seconds()
        with self._primary.connect() as connection:
            cluster, found = connection.exec_driver_sql(_PRIMARY_POSITION).one()
        if found is None:
            raise DatabaseReadOnly("the database server that is to be the primary is a standby")
        position: int = found
        self._horizon.note(now, position)
        if not self._problem and cluster != self._expected[0]:
            self._pass_over(DatabaseUnavailable("another server took the primary's place"))
        return position

    def _connection_at(self, needed: int) -> Connection | None:
        try:
            connection = self.engine.connect()
        except PoolTimeout:
            return None
        except _TROUBLE as error:
            self._pass_over(error)
            return None
        try:
            replayed = self._vetted(connection)
        except _TROUBLE as error:
            connection.close()
            self._pass_over(error)
            return None
        if replayed < needed:
            connection.close()
            self._rest_if_behind(replayed)
            return None
        connection.rollback()
        return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _rest_if_behind(self, replayed: int) -> None:
        """Where it is too late for everybody, not each of them has to find out."""
        now = self._seconds()
        floor = self._horizon.floor(now)
        if floor is None or replayed < floor:
            self._behind_until = now + self.limits.look_seconds

    def _vetted(self, connection: Connection) -> int:
        """How far this standby has come; raises `DatabaseUnavailable` where it is not the one we want."""
        be_patient_for(connection, self.limits.ask_seconds)
        is_standby, replayed = connection.exec_driver_sql(_STANDBY_POSITION).one()
        if not is_standby:
            raise DatabaseUnavailable("it is no standby: it was promoted, or never was one")
        expected = self._expected
        if connection.info.get(_VETTED) != expected:
            if _identity(connection) != expected:
                raise DatabaseUnavailable(
                    "it is a replica of another database, or its schema has another revision"
                )
            connection.info[_VETTED] = expected
        be_patient_for(connection, self.limits.read_seconds)
        position: int = replayed
        return position

    def _pass_over(self, why: Exception) -> None:
        problem = why.message if isinstance(why, SublarrError) else str(why).partition("\n")[0]
        now = self._seconds()
        with self._lock:
            if self._problem in ("", _UNTRIED):
                _log.warning("the replica is passed over: %s", problem)
            # Many reads may find out at once, which is one failure.
            if not self._problem or self._pause.is_over(now):
                self._pause.begin(now)
            self._problem = problem

    def _note_error(self, code: str) -> None:
        self._observer.error(f"replica_{code}")
        follower = present_follower()
        if code in _LOSSES and follower is not None:
            follower.lost_replica = True


def _identity(connection: Connection) -> tuple[object, ...]:
    """Which cluster, which database in it, and the revision of its schema."""
    cluster, database, has_revision = connection.exec_driver_sql(_IDENTITY).one()
    revision = connection.exec_driver_sql(_REVISION).scalar_one() if has_revision else None
    return cluster, database, revision
