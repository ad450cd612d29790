"""`Database`: the one object through which every thread, process and command reaches the store."""

import shutil
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from sublarr.db import indexing, postgresql, sqlite
from sublarr.db.base import Base
from sublarr.db.call_sites import find_call_site
from sublarr.db.errors import install_error_mapping
from sublarr.db.explaining import RanStatement, remember_failed_statements, take_plan
from sublarr.db.following import present_follower
from sublarr.db.gate import WriteGate
from sublarr.db.holding import WriteHold, WriteHolds
from sublarr.db.observer import DatabaseObserver, SilentObserver
from sublarr.db.pages import Cursors
from sublarr.db.postgresql import PoolOptions
from sublarr.db.slow import SlowQueries
from sublarr.db.unit import Surroundings, Unit
from sublarr.vocabulary.audit import SYSTEM, Actor
from sublarr.vocabulary.errors import (
    DatabaseBusy,
    DatabaseReadOnly,
    DatabaseUnavailable,
    InvalidInput,
    SublarrError,
)

if TYPE_CHECKING:
    from sublarr.db.replica import ReadReplica

_GATE_TIMEOUT_SECONDS = 60.0
CURSOR_SIGNER = "cursors"


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """Where the store is. `url` is empty or `sqlite:///path` for a file, else PostgreSQL's.

    `replica_url` is that of a standby of the latter, which may answer reads.
    Statements that take `slow_query_ms` or longer are logged; 0: none is.
    """

    path: Path | None = None
    url: str = ""
    pool: PoolOptions = field(default_factory=PoolOptions)
    replica_url: str = ""
    echo: bool = False
    slow_query_ms: int = 200


@dataclass(frozen=True, slots=True)
class PoolState:
    """Connections of a pool at this moment."""

    size: int
    checked_out: int
    overflow: int


@dataclass(frozen=True, slots=True)
class DatabaseSize:
    """Bytes of the database and of its write-ahead log; `free_bytes` of the disk, where that is ours to see."""

    database_bytes: int
    wal_bytes: int
    free_bytes: int | None


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


class Database:
    """Engines and units of work over one SQLite file or one PostgreSQL database."""

    def __init__(
        self,
        options: DatabaseOptions,
        *,
        clock: Callable[[], datetime] = system_clock,
        actor: Callable[[], Actor] = lambda: SYSTEM,
        observer: DatabaseObserver | None = None,
    ) -> None:
        self.options = options
        self._observer: DatabaseObserver = observer or SilentObserver()
        self._cursors: Cursors | None = None
        self._on_ring: list[Callable[[], None]] = []
        self.slow_queries = SlowQueries(options.slow_query_ms, clock, self._observer.slow_statement)
        self._surroundings = Surroundings(
            clock, actor, self._observer, self.slow_queries, self._own_cursors, self._ring
        )
        self._thread = threading.local()
        self.gate: WriteGate | None = None
        self.replica: ReadReplica | None = None
        self.path = _sqlite_path(options)
        self.write_holds = WriteHolds(clock, knows_waiters=self.path is not None)
        if self.path is not None:
            self.gate = WriteGate(_GATE_TIMEOUT_SECONDS)
            self.write_engine = sqlite.make_write_engine(self.path, self.gate, echo=options.echo)
            self.read_engine = sqlite.make_read_engine(self.path, echo=options.echo)
            engines = [self.write_engine, self.read_engine]
        else:
            self.write_engine = postgresql.make_engine(options.url, options.pool, echo=options.echo)
            self.read_engine = postgresql.reading(self.write_engine)
            engines = [self.write_engine]
            if options.replica_url:
                self.replica = _make_replica(options, self.write_engine, self._observer)
        for engine in engines:
            remember_failed_statements(engine)
            install_error_mapping(engine, Base.metadata, self._observer.error)
        indexing.watch(self.write_engine)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.write_engine.dialect.name

    @contextmanager
    def read(self, *, stale_ok: bool = False) -> Iterator[Unit]:
        """A unit that sees one snapshot and cannot write.

        With `stale_ok` a replica may answer, which shows what the present follower wrote but may lack what others
        did in the last seconds: for what people look at, never for what decides a write.
        """
        started = perf_counter()
        try:
            with self._checked_out(), self._snapshot(stale_ok=stale_ok) as connection:
                # Ended by the connection's return to the pool: a read has nothing to commit.
                unit = Unit(connection, self._surroundings)
                try:
                    yield unit
                finally:
                    unit.close()
        finally:
            self._observer.transaction("read", perf_counter() - started)
            if not getattr(self._thread, "is_writing", False):
                self.slow_queries.settle(self._plan)

    def _snapshot(self, *, stale_ok: bool) -> Connection:
        if stale_ok and self.replica is not None:
            follower = present_follower()
            connection = self.replica.snapshot(follower) if follower is not None else None
            if connection is not None:
                return connection
        return self.read_engine.connect()

    @contextmanager
    def write(self, *, urgent: bool = False, durable: bool = False) -> Iterator[Unit]:
        """A unit that commits on a clean exit and rolls back on a raise.

        `urgent` goes before other writers of this process: a person waits. `durable` survives a power cut
        once it is committed. Raises `RuntimeError` inside another `write()` of the same thread.
        """
        if getattr(self._thread, "is_writing", False):
            raise RuntimeError("a write() inside a write(): pass the unit on instead of opening another")
        try:
            unit = yield from self._written(WriteHold(find_call_site()), urgent=urgent, durable=durable)
            unit.run_after_commit()
        finally:
            self.slow_queries.settle(self._plan)

    def _written(self, hold: WriteHold, *, urgent: bool, durable: bool) -> Generator[Unit, None, Unit]:
        started = perf_counter()
        self._thread.is_writing = True
        try:
            with self._checked_out(), self.write_engine.connect() as connection:
                self._begin(connection.execution_options(urgent=urgent, durable=durable, hold=hold))
                self.write_holds.open(hold)
                self._observer.write_wait(connection.info.get("gate_wait_seconds", 0.0))
                if durable and self.path is None:
                    connection.execute(text("SET LOCAL synchronous_commit = on"))
                unit = Unit(connection, self._surroundings, hold.statements)
                try:
                    yield unit
                    unit.flush()
                    unit.require_success()
                    indexing.follow_if_touched(connection, unit.clock())
                    follower = present_follower()
                    if follower is not None:
                        # Before COMMIT: one whose answer is lost may have happened.
                        follower.has_written = True
                    connection.commit()
                finally:
                    unit.close()
        finally:
            self._thread.is_writing = False
            self._observer.transaction("write", perf_counter() - started)
            self.write_holds.close(hold)
        return unit

    def _plan(self, ran: RanStatement) -> str:
        if self.path is None:
            state, pool = self.pool_state(), self.options.pool
            if state.checked_out >= pool.size + pool.max_overflow:
                # Whoever waits for a connection needs it more.
                raise DatabaseBusy("every connection to the database is in use", retry_after=1.0)
        with self._checked_out(), self.read_engine.connect() as connection:
            return take_plan(connection, ran)

    def _begin(self, connection: Connection) -> None:
        try:
            connection.begin()
        except SublarrError as error:
            # Raised by the gate or by BEGIN itself, which no statement's error listener sees.
            self._observer.error(error.code)
            raise

    @contextmanager
    def _checked_out(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            self._observer.error(DatabaseBusy.code)
            raise DatabaseBusy(
                "every connection to the database is in use",
                retry_after=2.0,
                remedy="Raise SUBLARR_DB_POOL_SIZE, or find what holds connections on the System page.",
            ) from error

    def pool_state(self) -> PoolState:
        """How the pool stands; on SQLite the readers' and the writers' together."""
        return _state_of_pools(self.write_engine, self.read_engine)

    def replica_pool_state(self) -> PoolState | None:
        """How the replica's pool stands, where there is a replica."""
        return None if self.replica is None else _state_of_pools(self.replica.engine)

    def size(self) -> DatabaseSize:
        """How much room the store takes."""
        if self.path is None:
            with self._checked_out(), self.read_engine.connect() as connection:
                size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            return DatabaseSize(int(size), 0, None)
        wal = self.path.with_name(self.path.name + "-wal")
        return DatabaseSize(
            self.path.stat().st_size,
            wal.stat().st_size if wal.exists() else 0,
            shutil.disk_usage(self.path.parent).free,
        )

    def values_in_force(self) -> dict[str, dict[str, str]]:
        """PRAGMA values or server settings as real connections report them, per kind of unit."""
        return {"write": self._values(self.write_engine), "read": self._values(self.read_engine)}

    def _values(self, engine: Engine) -> dict[str, str]:
        with self._checked_out(), engine.connect() as connection:
            if self.path is not None:
                return sqlite.pragmas_in_force(connection)
            return postgresql.settings_in_force(connection)

    def on_ring(self, call: Callable[[], None]) -> None:
        """Have `call` run after every commit that asked for jobs: the runners' doorbell."""
        self._on_ring.append(call)

    def _ring(self) -> None:
        for call in self._on_ring:
            call()

    def _own_cursors(self) -> Cursors:
        if self._cursors is None:
            with self.read_engine.connect() as connection:
                secret = connection.execute(
                    text("SELECT value FROM secrets WHERE name = :name"), {"name": CURSOR_SIGNER}
                ).scalar_one()
            self._cursors = Cursors(bytes.fromhex(secret))
        return self._cursors

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection that leaves whatever is there as it is, byte for byte, even if it is not ours."""
        if self.path is None:
            with self._checked_out(), self.read_engine.connect() as connection:
                yield connection
            return
        engine = sqlite.make_look_engine(self.path)
        install_error_mapping(engine, Base.metadata, self._observer.error)
        with engine.connect() as connection:
            yield connection

    def ping(self) -> None:
        """Read something; raises the error of the tree that says why it cannot."""
        with self._checked_out(), self.read_engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def try_write(self, timeout_seconds: float) -> None:
        """Take the write lock and let go; raises the error of the tree that says why it cannot."""
        if self.path is not None:
            sqlite.try_write(self.path, timeout_seconds)
            return
        with self._checked_out(), self.write_engine.connect() as connection:
            if connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
                raise DatabaseReadOnly("the database server is a standby, which accepts no writes")

    def release_idle(self) -> None:
        """Close the file's connections that nobody uses, with the page caches they filled.

        Units that run are untouched; a server's connections are dear, and stay.
        """
        if self.path is not None:
            self.write_engine.dispose()
            self.read_engine.dispose()

    def close(self) -> None:
        """Close every pooled connection."""
        if self.replica is not None:
            self.replica.close()
        self.write_engine.dispose()
        self.read_engine.dispose()


def _make_replica(options: DatabaseOptions, primary: Engine, observer: DatabaseObserver) -> "ReadReplica":
    # Few households have one.
    from sublarr.db.replica import ReadReplica  # noqa: PLC0415 (reason above)

    return ReadReplica(options.replica_url, options.pool, primary, observer)


def _state_of_pools(*engines: Engine) -> PoolState:
    pools = {id(engine.pool): engine.pool for engine in engines if isinstance(engine.pool, QueuePool)}
    return PoolState(
        size=sum(pool.size() for pool in pools.values()),
        checked_out=sum(pool.checkedout() for pool in pools.values()),
        overflow=sum(max(0, pool.overflow()) for pool in pools.values()),
    )


def _sqlite_path(options: DatabaseOptions) -> Path | None:
    """The file of an SQLite store, made absolute; None for PostgreSQL."""
    path = options.path
    if options.url.startswith("sqlite:///"):
        path = Path(options.url.removeprefix("sqlite:///"))
    elif options.url:
        return None
    if path is None:
        raise InvalidInput("no database: neither a file nor a URL was given")
    if path.is_dir():
        raise DatabaseUnavailable(f"{path} is a folder, not a database file")
    return path.absolute()
