"""Taking a million rows away: how long it takes, and what memory, against the driver alone.

The baseline reads the same rows with the driver's own cursor and makes the same JSON of them. Memory is what a process
grows by between the first pieces and the last.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from time import perf_counter
from typing import Any

from sqlalchemy import text

from benchmarks.runner import Line, at_most
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from sublarr.exports.formats import encode
from sublarr.exports.offers import OFFERS
from sublarr.vocabulary.exports import ExportFormat, ExportName
from tests.integration.db import many_rows
from tests.integration.db.alone import in_a_process
from tests.servers.postgres import running_postgres
from tests.servers.process import ServerMissing


def lines(*, quick: bool) -> Iterator[Line]:
    """Seconds and megabytes on both databases."""
    rows = 20_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        yield from _exported("SQLite", f"sqlite:///{folder}/sublarr.db", rows)
    try:
        with running_postgres() as server:
            yield from _exported("PostgreSQL", server.create_database(), rows)
    except ServerMissing as missing:
        print(f"not measured: {missing}", file=sys.stderr)


def _exported(name: str, url: str, rows: int) -> Iterator[Line]:
    with closing(Database(DatabaseOptions(url=url))) as database:
        schema.prepare(database)
        many_rows.fill_history(database, rows)
        alone = _with_the_driver(database)
    told: dict[str, Any] = in_a_process("tests.integration.db.many_rows", url)
    assert told["rows"] == rows
    yield Line(f"{name}: export of {rows:,} rows", told["seconds"], "s", alone)
    yield Line(f"{name}: memory grown by", told["grown_megabytes"], "MB", target=at_most(20))


def _with_the_driver(database: Database) -> float:
    columns = OFFERS[ExportName.DOWNLOADS].columns
    statement = text(
        f"SELECT {', '.join(columns)} FROM subtitle_downloads ORDER BY downloaded_at DESC, id DESC"
    )
    started = perf_counter()
    with database.read() as unit:
        found = unit.connection.execute(statement.execution_options(yield_per=1_000))
        for _ in encode(ExportFormat.JSONL, columns, found):
            pass
    return perf_counter() - started
