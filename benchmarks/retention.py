"""What other writers notice of the nightly clean-up: their waits while 200,000 rows are removed.

The baseline is the same writers with nothing else going on; one statement that removes everything is there to compare.
"""

import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from benchmarks.runner import Line, at_most
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions, system_clock
from sublarr.db.repositories.workers import NewWorker
from sublarr.jobs.prune_history import HistoryPruning
from sublarr.jobs.retention import Periods
from sublarr.queue.context import JobContext
from sublarr.vocabulary.jobs import PruneHistory
from tests.integration.db import processes
from tests.integration.db.many_rows import fill_history

WRITERS = 3
_PAUSE_SECONDS = 0.005


def lines(*, quick: bool) -> Iterator[Line]:
    """Waits of threads and of another process, while nothing happens, in pieces, and in one statement."""
    rows = 5_000 if quick else 200_000
    idle = _measure(0, _wait_a_second)
    pieces = _measure(rows, _prune)
    whole = _measure(rows, _delete_at_once)
    yield Line(f"{rows:,} rows removed in pieces", pieces.seconds, "s", whole.seconds)
    for name, of in (("thread", 0), ("process", 1)):
        yield Line(f"a write of another {name}: p99, nothing else", _p99(idle.waits[of]), "ms")
        yield Line(
            f"a write of another {name}: p99, meanwhile",
            _p99(pieces.waits[of]),
            "ms",
            _p99(whole.waits[of]),
            at_most(100),
        )
        yield Line(
            f"a write of another {name}: longest, meanwhile",
            max(pieces.waits[of], default=0.0),
            "ms",
            max(whole.waits[of], default=0.0),
        )


class _Measured:
    """Seconds of the work, and milliseconds of the others' writes: threads, then the process."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: tuple[list[float], list[float]] = ([], [])


def _measure(rows: int, work: Callable[[Database], None]) -> _Measured:
    measured = _Measured()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sublarr.db'}"
        with closing(Database(DatabaseOptions(url=url))) as database:
            schema.prepare(database)
            if rows:
                fill_history(database, rows)
            is_over = threading.Event()
            threads = [
                threading.Thread(target=_write, args=(database, number, is_over, measured.waits[0]))
                for number in range(WRITERS)
            ]
            other = processes.start("write_until_told", url, [0])
            processes.begin(other)
            for thread in threads:
                thread.start()
            started = perf_counter()
            work(database)
            measured.seconds = perf_counter() - started
            is_over.set()
            for thread in threads:
                thread.join()
            with database.write() as unit:
                unit.config.save("is over", "yes")
            measured.waits[1].extend(processes.finish(other)[0])
    return measured


def _write(database: Database, number: int, is_over: threading.Event, waits: list[float]) -> None:
    while not is_over.wait(_PAUSE_SECONDS):
        started = perf_counter()
        with database.write() as unit:
            unit.config.save(f"key {number}", str(started))
        waits.append((perf_counter() - started) * 1000)


def _prune(database: Database) -> None:
    with database.write() as unit:
        unit.workers.add(NewWorker("pruner", "host", 1, "embedded", 1, "1.0", ""))
        unit.jobs.enqueue(PruneHistory())
        claim = unit.claims.claim("pruner", [PruneHistory.kind])
    assert claim is not None
    HistoryPruning(lambda: Periods(history=1))(PruneHistory(), JobContext(database, claim, 3600.0))
    with database.read() as unit:
        assert unit.downloads.stats().total == 0


def _delete_at_once(database: Database) -> None:
    with database.write() as unit:
        unit.downloads.delete_before(system_clock() - timedelta(days=1), 10_000_000)


def _wait_a_second(_: Database) -> None:
    threading.Event().wait(1.0)


def _p99(waits: list[float]) -> float:
    return quantiles(waits, n=100, method="inclusive")[98] if len(waits) > 1 else max(waits, default=0.0)
