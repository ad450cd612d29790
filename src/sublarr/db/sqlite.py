"""Engines for one SQLite file: a gated one for writes, a query-only one for reads.

Why two: a write transaction must begin with `BEGIN IMMEDIATE` (a deferred one fails half-way with
SQLITE_BUSY_SNAPSHOT or silently loses updates), a read must not. PRAGMAs are set on every connection, since
most of them belong to the connection and not to the file.
"""

import json
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from sublarr.db.base import Base
from sublarr.db.errors import map_driver_error
from sublarr.db.gate import WriteGate
from sublarr.db.holding import WriteHold
from sublarr.vocabulary.errors import InvalidInput

MINIMUM_VERSION = (3, 35, 0)
BUSY_TIMEOUT_SECONDS = 30.0
_JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024

REPORTED_PRAGMAS = (
    "journal_mode",
    "synchronous",
    "foreign_keys",
    "busy_timeout",
    "query_only",
    "cache_size",
    "wal_autocheckpoint",
    "journal_size_limit",
    "temp_store",
)
# SQLite answers these as numbers (https://www.sqlite.org/pragma.html).
_PRAGMA_WORDS: Mapping[str, Mapping[str, str]] = {
    "synchronous": {"0": "off", "1": "normal", "2": "full", "3": "extra"},
    "foreign_keys": {"0": "off", "1": "on"},
    "query_only": {"0": "off", "1": "on"},
    "temp_store": {"0": "default", "1": "file", "2": "memory"},
}


class GatedConnection(sqlite3.Connection):
    """A connection that frees the write gate when its transaction has really ended.

    SQLAlchemy's `commit` event fires before COMMIT, so the gate is freed here: by commit, rollback, close,
    and, for a connection that was dropped without any of them, by the garbage collector.
    """

    gate: WriteGate | None = None
    _is_inside = False
    _is_durable = False

    def begin_write(self, *, urgent: bool, durable: bool, hold: WriteHold | None = None) -> float:
        """Pass the gate and take SQLite's write lock; returns the seconds waited at the gate."""
        waited = self.gate.enter(urgent=urgent, hold=hold) if self.gate is not None else 0.0
        self._is_inside = True
        try:
            self._set_durable(durable=durable)
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._leave()
            raise
        return waited

    def _set_durable(self, *, durable: bool) -> None:
        # Only before BEGIN: inside a transaction the PRAGMA is ignored.
        if durable != self._is_durable:
            self.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._is_durable = durable

    def commit(self) -> None:
        """COMMIT, then free the gate; a COMMIT that fails becomes a rollback."""
        try:
            super().commit()
        except BaseException:
            # SQLAlchemy holds the transaction for ended then, and would pool the connection with it still open.
            self.rollback()
            raise
        self._leave()

    def rollback(self) -> None:
        """ROLLBACK, then free the gate."""
        try:
            super().rollback()
        finally:
            self._leave()

    def close(self) -> None:
        """Close, which ends any transaction, then free the gate."""
        try:
            super().close()
        finally:
            self._leave()

    def __del__(self) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._is_inside:
            self._is_inside = False
            if self.gate is not None:
                self.gate.leave()


def make_write_engine(path: Path, gate: WriteGate, *, echo: bool = False) -> Engine:
    """The engine whose every transaction holds the gate and SQLite's write lock from its first moment."""

    def connect() -> GatedConnection:
        connection: GatedConnection = sqlite3.connect(path, factory=GatedConnection, **_CONNECT)
        connection.gate = gate
        _set_pragmas(connection)
        return connection

    engine = create_engine("sqlite://", creator=connect, echo=echo, **_ENGINE)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        driver = connection.connection.driver_connection
        assert isinstance(driver, GatedConnection)
        try:
            waited = driver.begin_write(
                urgent=options.get("urgent", False),
                durable=options.get("durable", False),
                hold=options.get("hold"),
            )
        except sqlite3.Error as error:
            raise map_driver_error(error, Base.metadata) or error from error
        connection.info["gate_wait_seconds"] = waited

    return engine


def make_read_engine(path: Path, *, echo: bool = False) -> Engine:
    """The engine whose connections cannot write and whose transactions see one snapshot."""

    def connect() -> sqlite3.Connection:
        connection: sqlite3.Connection = sqlite3.connect(path, **_CONNECT)
        _set_pragmas(connection)
        connection.execute("PRAGMA query_only=ON")
        return connection

    engine = create_engine("sqlite://", creator=connect, echo=echo, **_ENGINE)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        try:
            driver.execute("BEGIN")
        except sqlite3.Error as error:
            raise map_driver_error(error, Base.metadata) or error from error

    return engine


def make_look_engine(path: Path) -> Engine:
    """An engine that changes nothing: not the journal mode, not a file that a crash left with a full WAL."""
    uri = f"{path.as_uri()}?mode=ro"
    # As a folder name may hold any byte, the file is named by a URI, which may too.
    return create_engine("sqlite://", creator=lambda: sqlite3.connect(uri, uri=True), poolclass=NullPool)


def write_json(value: Any) -> str:
    """The JSON text of a value; raises `InvalidInput` for what PostgreSQL's JSONB cannot hold."""
    # Not in ASCII: a lone surrogate must fail as it does everywhere else, not hide in an escape.
    document = json.dumps(value, ensure_ascii=False)
    if "\\u0000" in document and _ESCAPED_NUL.search(document):
        raise InvalidInput("text cannot hold a NUL character")
    return document


# An even number of backslashes before it are backslashes themselves.
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")

# isolation_level None: the driver must not begin transactions by itself (it would begin deferred ones).
_CONNECT: Mapping[str, Any] = {
    "isolation_level": None,
    "check_same_thread": False,
    "timeout": BUSY_TIMEOUT_SECONDS,
    "cached_statements": 256,
}
# Never a time-out at checkout: there are as many connections as threads that ask at once.
_ENGINE: Mapping[str, Any] = {
    "poolclass": QueuePool,
    "pool_size": 8,
    "max_overflow": -1,
    # The one used last has its page cache filled; the others need none while nobody asks at the same moment.
    "pool_use_lifo": True,
    "json_serializer": write_json,
}


def _set_pragmas(connection: sqlite3.Connection) -> None:
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute(f"PRAGMA journal_size_limit={_JOURNAL_LIMIT_BYTES}")


def try_write(path: Path, timeout_seconds: float) -> None:
    """Take SQLite's write lock on a connection of its own and let go of it."""
    connection: sqlite3.Connection = sqlite3.connect(path, timeout=timeout_seconds, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise map_driver_error(error, Base.metadata) or error from error
    finally:
        connection.close()


def pragmas_in_force(connection: Connection) -> dict[str, str]:
    """The PRAGMA values read back from this very connection, outside any transaction."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    values = {name: str(driver.execute(f"PRAGMA {name}").fetchone()[0]) for name in REPORTED_PRAGMAS}
    return {name: _PRAGMA_WORDS.get(name, {}).get(value, value) for name, value in values.items()}
