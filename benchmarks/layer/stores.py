"""Both databases, each with its raw driver beside it: what the same work costs without us."""

import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import psycopg

from benchmarks.household.filling import SteppingClock
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from tests.servers.postgres import running_postgres
from tests.servers.process import ServerMissing

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Store:
    """A database under our roof and, by `write_raw` and `read_raw`, under the driver's alone.

    Both take SQL with `?` for each value.
    """

    name: str
    driver: str
    database: Database
    write_raw: Callable[[str, Rows], None]
    read_raw: Callable[[str, Sequence[Any]], Any]


def stores() -> Iterator[Store]:
    """An empty SQLite file, then an empty PostgreSQL database where there is a server."""
    with tempfile.TemporaryDirectory() as folder, _on_sqlite(Path(folder)) as store:
        yield store
    try:
        with running_postgres() as server, _on_postgres(server.create_database()) as store:
            yield store
    except ServerMissing as missing:
        print(f"not measured: {missing}", file=sys.stderr)


@contextmanager
def _on_sqlite(folder: Path) -> Iterator[Store]:
    path = folder / "sublarr.db"
    with closing(Database(DatabaseOptions(path=path), clock=SteppingClock())) as database:
        schema.prepare(database)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # What our own connections have; without them the driver would be measured at its slower defaults.
            for pragma in ("synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
                connection.execute(f"PRAGMA {pragma}")

            def write(statement: str, rows: Rows) -> None:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(statement, rows)
                connection.execute("COMMIT")

            yield Store(
                "SQLite",
                "sqlite3",
                database,
                write,
                lambda statement, values: connection.execute(statement, values).fetchone(),
            )


@contextmanager
def _on_postgres(url: str) -> Iterator[Store]:
    with closing(Database(DatabaseOptions(url=url), clock=SteppingClock())) as database:
        schema.prepare(database)
        with psycopg.connect(url, autocommit=True) as connection:

            def write(statement: str, rows: Rows) -> None:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.executemany(_in_percent(statement), rows)

            yield Store(
                "PostgreSQL",
                "psycopg",
                database,
                write,
                lambda statement, values: connection.execute(_in_percent(statement), values).fetchone(),
            )


def _in_percent(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


def run(database: Database, statement: str) -> None:
    """Have a statement done in a transaction of its own."""
    with database.write() as unit:
        unit.connection.exec_driver_sql(statement)


def medians(
    times: int, *ways: Callable[[], object], before: Callable[[], object] = lambda: None
) -> list[float]:
    """The median seconds of each way, taken in turns so that a noisy moment is everybody's."""
    taken: list[list[float]] = [[] for _ in ways]
    for _ in range(times):
        for way, seconds in zip(ways, taken, strict=True):
            before()
            started = perf_counter()
            way()
            seconds.append(perf_counter() - started)
    return [median(seconds) for seconds in taken]
