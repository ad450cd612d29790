"""The engines for a PostgreSQL server: one pool, a writing and a reading view of it; and one for a standby.

Only the dialect's quirks live here. psycopg is imported by SQLAlchemy when the engine is made, so those who
stay on SQLite never pay for it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError

from sublarr.vocabulary.errors import InvalidInput

# A statement or an idle transaction that takes longer than these holds locks against everybody.
_STATEMENT_TIMEOUT_MS = 120_000
_LOCK_TIMEOUT_MS = 30_000
_IDLE_IN_TRANSACTION_TIMEOUT_MS = 300_000
_CONNECT_TIMEOUT_SECONDS = 10
# The primary can answer in a replica's place: a silent one is noticed soon, and nobody queues for it.
REPLICA_CONNECT_SECONDS = 2
_REPLICA_SILENCE = {
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}

_SERVER_OPTIONS = {
    "TimeZone": "UTC",
    "statement_timeout": str(_STATEMENT_TIMEOUT_MS),
    "lock_timeout": str(_LOCK_TIMEOUT_MS),
    "idle_in_transaction_session_timeout": str(_IDLE_IN_TRANSACTION_TIMEOUT_MS),
}

REPORTED_SETTINGS = (
    "server_version",
    "TimeZone",
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "transaction_isolation",
    "transaction_read_only",
    "synchronous_commit",
)


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """How many connections are kept, how many more may be opened, and for how many seconds one lives."""

    size: int = 5
    max_overflow: int = 10
    recycle_seconds: int = 3600
    timeout_seconds: float = 10.0


def parse_url(url: str) -> URL:
    """The URL with psycopg 3 as its driver; raises `InvalidInput` for one that is not PostgreSQL's."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The text itself may hold a password; a port that is no number is a ValueError.
        raise InvalidInput(
            "the database URL is not a URL: expected postgresql://user:password@host/name"
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise InvalidInput(f"unknown kind of database: {parsed.get_backend_name()}")
    return parsed.set(drivername="postgresql+psycopg")


def make_engine(url: str, pool: PoolOptions, *, echo: bool = False) -> Engine:
    """The engine for writes: READ COMMITTED, rows that are read to be changed are locked by name."""
    return _make(
        url,
        pool,
        _arguments(_CONNECT_TIMEOUT_SECONDS),
        pool_timeout=pool.timeout_seconds,
        pool_pre_ping=True,
        echo=echo,
    )


def make_replica_engine(url: str, pool: PoolOptions, *, echo: bool = False) -> Engine:
    """The engine for a standby, with a pool of its own; it is not pinged, as each checkout asks it something."""
    return _make(
        url,
        pool,
        _arguments(REPLICA_CONNECT_SECONDS) | _REPLICA_SILENCE,
        pool_timeout=0,
        isolation_level="AUTOCOMMIT",
        echo=echo,
    )


def _arguments(connect_seconds: int) -> dict[str, Any]:
    return {
        "connect_timeout": connect_seconds,
        "application_name": "sublarr",
        "options": " ".join(f"-c {name}={value}" for name, value in _SERVER_OPTIONS.items()),
    }


def _make(url: str, pool: PoolOptions, connect_args: dict[str, Any], **options: Any) -> Engine:
    try:
        return create_engine(
            parse_url(url),
            pool_size=pool.size,
            max_overflow=pool.max_overflow,
            pool_recycle=pool.recycle_seconds,
            connect_args=connect_args,
            **options,
        )
    except ModuleNotFoundError as error:
        raise InvalidInput(
            "PostgreSQL needs the driver psycopg, which is not installed",
            remedy="Install Sublarr with its extra: pip install 'sublarr[postgres]'",
        ) from error


def reading(engine: Engine) -> Engine:
    """The same pool, with every transaction one read-only snapshot."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def settings_in_force(connection: Connection) -> dict[str, str]:
    """The server settings as this very session has them."""
    return {
        name: str(connection.execute(text("SELECT current_setting(:name)"), {"name": name}).scalar_one())
        for name in REPORTED_SETTINGS
    }
