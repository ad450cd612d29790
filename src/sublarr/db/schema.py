"""Getting a database ready: recognising what it holds, making or upgrading its schema behind a lock.

An unchanged database is recognised by one SELECT, without importing Alembic. A failure stops the start and
leaves the data as it was; nothing here is "non-fatal". Adopting a predecessor's database is not done here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from sqlalchemy import Connection, inspect, text

from sublarr.db import counters, fulltext, indexing
from sublarr.db.base import Base
from sublarr.db.database import CURSOR_SIGNER, Database
from sublarr.vocabulary.errors import DatabaseBusy, DatabaseReadOnly, SchemaMismatch

# The newest revision under migrations/versions; a test holds the two together.
HEAD = "0004"
# Not Alembic's usual name: the predecessor has a table of that name with ids nobody can rely on.
VERSION_TABLE = "schema_version"
# Tables that every revision of ours has, and nobody else together.
_OURS = ("secrets", "media_files", "wanted_items")
_BOOT_LOCK = 0x53_55_42_42  # "SUBB", an advisory lock of PostgreSQL
_BOOT_LOCK_SECONDS = 120.0
MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaCondition(StrEnum):
    """What a database holds."""

    EMPTY = "empty"
    CURRENT = "current"
    BEHIND = "behind"
    AHEAD = "ahead"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """A database's condition and the revision it is at ('' where it has none)."""

    condition: SchemaCondition
    revision: str
    head: str = HEAD


def read_state(database: Database) -> SchemaState:
    """What the database holds, by one look."""
    if database.path is not None and not database.path.exists():
        return SchemaState(SchemaCondition.EMPTY, "")
    with database.look() as connection:
        return _state(connection)


def _state(connection: Connection) -> SchemaState:
    names = set(inspect(connection).get_table_names())
    if not names:
        return SchemaState(SchemaCondition.EMPTY, "")
    # Other programs have tables of that name too.
    if {VERSION_TABLE, *_OURS} <= names:
        revisions = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()
        if len(revisions) == 1:
            return SchemaState(_compare(revisions[0]), revisions[0])
    return SchemaState(SchemaCondition.FOREIGN, "")


def _compare(revision: str) -> SchemaCondition:
    # Revisions are numbered in line, so text order is their order.
    if revision == HEAD:
        return SchemaCondition.CURRENT
    return SchemaCondition.BEHIND if revision < HEAD else SchemaCondition.AHEAD


def prepare(database: Database) -> SchemaState:
    """Have the schema be at HEAD; safe to call from many processes at once.

    Raises `SchemaMismatch` for a database that is not ours or is newer than this program.
    """
    if database.path is not None:
        database.path.parent.mkdir(parents=True, exist_ok=True)
    before = read_state(database)
    if before.condition is SchemaCondition.CURRENT:
        return before
    with _boot_lock(database):
        state = read_state(database)
        match state.condition:
            case SchemaCondition.CURRENT:
                pass
            case SchemaCondition.EMPTY:
                _create(database)
            case SchemaCondition.BEHIND:
                upgrade(database, HEAD)
            case SchemaCondition.AHEAD:
                raise SchemaMismatch(
                    f"the database is at revision {state.revision}, newer than this program's {HEAD}",
                    remedy="Start the newer Sublarr again, or restore a backup made before its upgrade.",
                )
            case SchemaCondition.FOREIGN:
                raise SchemaMismatch(
                    "the database holds tables but is not one of this Sublarr's; nothing in it was changed",
                    remedy="Point SUBLARR_DB_PATH or SUBLARR_DATABASE_URL at another place and keep this one: "
                    "it may be an older Sublarr's.",
                )
    return read_state(database)


def _create(database: Database) -> None:
    """The whole schema in one transaction: all of it is there afterwards, or none."""
    with database.write(durable=True) as unit:
        database.write_holds.excuse()
        Base.metadata.create_all(unit.connection)
        fulltext.create(unit.connection)
        counters.create(unit.connection)
        unit.connection.execute(
            text(
                f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
                f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
            )
        )
        unit.connection.execute(
            text(f"INSERT INTO {VERSION_TABLE} VALUES (:head)"),
            {"head": HEAD},
        )
        unit.secrets.get_or_make(CURSOR_SIGNER)


def upgrade(database: Database, revision: str) -> None:
    """Run the migrations up to `revision` in one transaction."""
    with database.write(durable=True) as unit:
        database.write_holds.excuse()
        _migrate("upgrade", unit.connection, revision)
        if indexing.has_pending(unit.connection):
            # Revisions note what they changed; words are folded by this program, not by a frozen one.
            indexing.follow(unit.connection, unit.clock())
        unit.secrets.get_or_make(CURSOR_SIGNER)


def downgrade(database: Database, revision: str) -> None:
    """Run the migrations back down to `revision` in one transaction."""
    with database.write(durable=True) as unit:
        database.write_holds.excuse()
        _migrate("downgrade", unit.connection, revision)


def _migrate(direction: Literal["upgrade", "downgrade"], connection: Connection, revision: str) -> None:
    # Alembic costs 80 ms and 10 MB, which an unchanged database must not pay at every start.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    run = command.upgrade if direction == "upgrade" else command.downgrade
    run(config, revision)


@contextmanager
def _boot_lock(database: Database) -> Iterator[None]:
    """One process at a time prepares a database, on one machine or many."""
    if database.path is not None:
        lock = FileLock(f"{database.path}.lock", timeout=_BOOT_LOCK_SECONDS)
        try:
            with lock:
                yield
        except Timeout:
            raise DatabaseBusy(
                "another Sublarr is preparing the database and does not finish",
                remedy=f"If none is running, delete {database.path}.lock.",
            ) from None
        except PermissionError as error:
            raise DatabaseReadOnly(
                f"the folder of the database may not be written: {database.path.parent}",
                remedy="Give this user the right to write there, or set SUBLARR_CONFIG_DIR to another folder.",
            ) from error
        return
    with database.write_engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _BOOT_LOCK})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _BOOT_LOCK})
