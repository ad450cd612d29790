"""`Database`: the one object through which every thread, process and command reaches the store."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from sublarr.db import indexing, postgresql, sqlite
from sublarr.db.base import Base
from sublarr.db.errors import install_error_mapping
from sublarr.db.gate import WriteGate
from sublarr.db.observer import DatabaseObserver, SilentObserver
from sublarr.db.pages import Cursors
from sublarr.db.postgresql import PoolOptions
from sublarr.db.unit import Surroundings, Unit
from sublarr.vocabulary.errors import (
    DatabaseBusy,
    DatabaseReadOnly,
    DatabaseUnavailable,
    InvalidInput,
    SublarrError,
)

_GATE_TIMEOUT_SECONDS = 60.0
CURSOR_SIGNER = "cursors"


@dataclass(frozen=True, slots=True)
class DatabaseOptions:
    """Where the store is. `url` is empty or `sqlite:///path` for a file, else PostgreSQL's."""

    path: Path | None = None
    url: str = ""
    pool: PoolOptions = field(default_factory=PoolOptions)
    echo: bool = False


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
        observer: DatabaseObserver | None = None,
    ) -> None:
        self.options = options
        self._observer: DatabaseObserver = observer or SilentObserver()
        self._cursors: Cursors | None = None
        self._on_ring: list[Callable[[], None]] = []
        self._surroundings = Surroundings(clock, self._observer, self._own_cursors, self._ring)
        self._thread = threading.local()
        self.gate: WriteGate | None = None
        self.path = _sqlite_path(options)
        if self.path is not None:
            self.gate = WriteGate(_GATE_TIMEOUT_SECONDS)
            self.write_engine = sqlite.make_write_engine(self.path, self.gate, echo=options.echo)
            self.read_engine = sqlite.make_read_engine(self.path, echo=options.echo)
            engines = [self.write_engine, self.read_engine]
        else:
            self.write_engine = postgresql.make_engine(options.url, options.pool, echo=options.echo)
            self.read_engine = postgresql.reading(self.write_engine)
            engines = [self.write_engine]
        for engine in engines:
            install_error_mapping(engine, Base.metadata, self._observer.error)
        indexing.watch(self.write_engine)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.write_engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Unit]:
        """A unit that sees one snapshot and cannot write."""
        started = perf_counter()
        try:
            with self._checked_out(), self.read_engine.connect() as connection:
                # Ended by the connection's return to the pool: a read has nothing to commit.
                unit = Unit(connection, self._surroundings)
                try:
                    yield unit
                finally:
                    unit.close()
        finally:
            self._observer.transaction("read", perf_counter() - started)

    @contextmanager
    def write(self, *, urgent: bool = False, durable: bool = False) -> Iterator[Unit]:
        """A unit that commits on a clean exit and rolls back on a raise.

        `urgent` goes before other writers of this process: a person waits. `durable` survives a power cut
        once it is committed. Raises `RuntimeError` inside another `write()` of the same thread.
        """
        if getattr(self._thread, "is_writing", False):
            raise RuntimeError("a write() inside a write(): pass the unit on instead of opening another")
        started = perf_counter()
        self._thread.is_writing = True
        try:
            with self._checked_out(), self.write_engine.connect() as connection:
                self._begin(connection.execution_options(urgent=urgent, durable=durable))
                self._observer.write_wait(connection.info.get("gate_wait_seconds", 0.0))
                if durable and self.path is None:
                    connection.execute(text("SET LOCAL synchronous_commit = on"))
                unit = Unit(connection, self._surroundings)
                try:
                    yield unit
                    unit.flush()
                    indexing.follow_if_touched(connection, unit.clock())
                    connection.commit()
                finally:
                    unit.close()
        finally:
            self._thread.is_writing = False
            self._observer.transaction("write", perf_counter() - started)
        unit.run_after_commit()

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
        pools = {
            id(engine.pool): engine.pool
            for engine in (self.write_engine, self.read_engine)
            if isinstance(engine.pool, QueuePool)
        }
        return PoolState(
            size=sum(pool.size() for pool in pools.values()),
            checked_out=sum(pool.checkedout() for pool in pools.values()),
            overflow=sum(max(0, pool.overflow()) for pool in pools.values()),
        )

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
        self.write_engine.dispose()
        self.read_engine.dispose()


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
