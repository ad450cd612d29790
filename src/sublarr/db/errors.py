"""Driver errors become ours, in one place, by code: never by the words of a message.

SQLite gives `sqlite_errorname` (https://www.sqlite.org/rescode.html), PostgreSQL an SQLSTATE
(https://www.postgresql.org/docs/current/errcodes-appendix.html). Programming errors are left alone.
"""

import re
import sqlite3
from collections.abc import Callable, Mapping
from copy import copy

from sqlalchemy import Connection, Engine, MetaData, UniqueConstraint, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError

from sublarr.vocabulary.errors import (
    Conflict,
    DatabaseBusy,
    DatabaseCorrupt,
    DatabaseReadOnly,
    DatabaseUnavailable,
    DiskFull,
    FieldProblem,
    InvalidInput,
    MissingReference,
    QueryTimeout,
    SublarrError,
)


def _busy(detail: str) -> SublarrError:
    return DatabaseBusy(f"the database is busy: {detail}", retry_after=1.0)


def _unavailable(detail: str) -> SublarrError:
    return DatabaseUnavailable(
        f"the database cannot be reached: {detail}",
        retry_after=5.0,
        remedy="Check that the database server runs, or that its file and folder exist and are readable.",
    )


def _read_only(detail: str) -> SublarrError:
    return DatabaseReadOnly(
        f"the database accepts no writes: {detail}",
        remedy="Check the permissions of the database file and its folder, and that the disk is not mounted "
        "read-only.",
    )


def _full(detail: str) -> SublarrError:
    return DiskFull(f"no room left for the database: {detail}", remedy="Free some disk space.")


def _corrupt(detail: str) -> SublarrError:
    return DatabaseCorrupt(
        f"the database is damaged: {detail}",
        remedy="Stop Sublarr, keep a copy of the file, and restore the newest backup.",
    )


def _timeout(detail: str) -> SublarrError:
    return QueryTimeout(f"the database gave up a statement that took too long: {detail}")


def _invalid(detail: str) -> SublarrError:
    return InvalidInput(f"the database refuses a value: {detail}")


def _missing(detail: str) -> SublarrError:
    return MissingReference(f"a row points at one that does not exist: {detail}")


_Maker = Callable[[str], SublarrError]

# Longest prefix wins; SQLite's extended names begin with their primary one.
_SQLITE: Mapping[str, _Maker] = {
    "SQLITE_BUSY": _busy,
    "SQLITE_LOCKED": _busy,
    "SQLITE_READONLY": _read_only,
    "SQLITE_FULL": _full,
    "SQLITE_CORRUPT": _corrupt,
    "SQLITE_NOTADB": _corrupt,
    "SQLITE_CANTOPEN": _unavailable,
    "SQLITE_IOERR": _unavailable,
    "SQLITE_PERM": _unavailable,
    "SQLITE_NOLFS": _unavailable,
    "SQLITE_PROTOCOL": _busy,
    "SQLITE_INTERRUPT": _timeout,
    "SQLITE_TOOBIG": _invalid,
    "SQLITE_MISMATCH": _invalid,
    "SQLITE_CONSTRAINT_FOREIGNKEY": _missing,
    "SQLITE_CONSTRAINT_TRIGGER": _invalid,
}

# Whole states first, then classes.
_SQLSTATES: Mapping[str, _Maker] = {
    "23503": _missing,
    "25006": _read_only,
    "40001": _busy,
    "40P01": _busy,
    "53100": _full,
    "54000": _invalid,
    "53200": _unavailable,
    "53300": _unavailable,
    "55P03": _busy,
    "57014": _timeout,
    "57P01": _unavailable,
    "57P02": _unavailable,
    "57P03": _unavailable,
    "57P04": _unavailable,
    "57P05": _unavailable,
    "25P03": _unavailable,
    "08": _unavailable,
    "22": _invalid,
    "28": _unavailable,
    "3D": _unavailable,
    "58": _unavailable,
    # XX000 is any mishap inside the server; only these two are said of data that are damaged.
    "XX000": _unavailable,
    "XX001": _corrupt,
    "XX002": _corrupt,
}


# Under which a connection tells of the unit of work that has it.
OUTCOME = "outcome"


class Outcome:
    """Whether a statement of a unit of work failed, outside any savepoint.

    PostgreSQL undoes the whole transaction then, and answers a COMMIT with a ROLLBACK and no error; SQLite undoes
    the statement alone. The connection's `info` carries it, so that both can be held to the first.
    """

    has_failed = False


def install_error_mapping(engine: Engine, metadata: MetaData, on_error: Callable[[str], None]) -> None:
    """Have `engine` raise our errors; `on_error` is told the code of each."""

    @event.listens_for(engine, "handle_error")
    def map_error(context: ExceptionContext) -> None:
        if context.is_pre_ping:
            # The pool's own question: a lost connection is its to replace, and nobody's error yet.
            return
        if context.connection is not None and isinstance(context.sqlalchemy_exception, DBAPIError):
            _note_outcome(context.connection, has_failed=True)
        error = map_driver_error(context.original_exception, metadata)
        if error is None and context.is_disconnect:
            error = _unavailable(str(context.original_exception).strip())
        if error is not None:
            on_error(error.code)
            raise error from context.original_exception

    @event.listens_for(engine, "rollback_savepoint")
    def go_on(connection: Connection, _: str, __: object) -> None:
        _note_outcome(connection, has_failed=False)


def _note_outcome(connection: Connection, *, has_failed: bool) -> None:
    outcome = connection.info.get(OUTCOME)
    if isinstance(outcome, Outcome):
        outcome.has_failed = has_failed


def map_driver_error(original: BaseException, metadata: MetaData) -> SublarrError | None:
    """Our error for a driver's, or None where it is the program that is wrong."""
    if isinstance(original, SublarrError):
        # A column type refused a value. SQLAlchemy would wrap it, and raises what it is given "from" the original.
        return copy(original)
    if isinstance(original, UnicodeEncodeError | OverflowError):
        # Raised by the drivers as they are: a lone surrogate, a number beyond 64 bits.
        return _invalid(str(original))
    if isinstance(original, sqlite3.Error):
        return _map_sqlite(original, metadata)
    if type(original).__module__.startswith("psycopg"):
        return _map_postgresql(original)
    return None


def _map_sqlite(original: sqlite3.Error, metadata: MetaData) -> SublarrError | None:
    name = getattr(original, "sqlite_errorname", None) or ""
    detail = str(original)
    if name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID"):
        return Conflict(f"there is one already: {detail}", constraint=_unique_name(detail, metadata))
    if name == "SQLITE_CONSTRAINT_NOTNULL":
        return _required(detail.rpartition(".")[2], detail)
    if name == "SQLITE_CONSTRAINT_CHECK":
        return _broken_check(detail.rpartition(": ")[2], detail)
    for length in range(len(name), 0, -1):
        maker = _SQLITE.get(name[:length])
        if maker is not None:
            return maker(detail)
    return None


def _unique_name(detail: str, metadata: MetaData) -> str:
    """The constraint's name, from SQLite's `UNIQUE constraint failed: table.a, table.b`."""
    named = re.search(r"index '(.+)'", detail)
    if named:
        return named.group(1)
    columns = detail.partition(": ")[2].split(", ")
    table = metadata.tables.get(columns[0].partition(".")[0])
    if table is None:
        return ""
    names = {column.partition(".")[2] for column in columns}
    for index in table.indexes:
        if index.unique and set(index.columns.keys()) == names:
            return str(index.name)
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint) and set(constraint.columns.keys()) == names:
            return str(constraint.name)
    return str(table.primary_key.name)


def _required(column: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, problems=[FieldProblem(column, "a value is required")])


def _broken_check(constraint: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, problems=[FieldProblem(constraint, "the value is not allowed")])


def _map_postgresql(original: BaseException) -> SublarrError | None:
    state: str | None = getattr(original, "sqlstate", None)
    detail = str(original).strip().split("\n", 1)[0]
    diagnostics = getattr(original, "diag", None)
    constraint: str = getattr(diagnostics, "constraint_name", None) or ""
    match state:
        case "23505":
            return Conflict(f"there is one already: {detail}", constraint=constraint)
        case "23502":
            return _required(getattr(diagnostics, "column_name", None) or "", detail)
        case "23514":
            return _broken_check(constraint, detail)
        case None:
            return _without_state(original, detail)
        case _:
            maker = _SQLSTATES.get(state) or _SQLSTATES.get(state[:2])
            return maker(detail) if maker is not None else None


def _without_state(original: BaseException, detail: str) -> SublarrError | None:
    """The client library's own errors: a lost connection, or a value it cannot send."""
    kinds = {base.__name__ for base in type(original).__mro__}
    if "DataError" in kinds:
        return _invalid(detail)
    if "OperationalError" in kinds:
        return _unavailable(detail)
    return None
