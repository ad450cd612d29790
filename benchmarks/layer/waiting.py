"""Many writers: how long each waits for its turn, and that nothing is lost.

SQLite lets one writer in at a time. The gate in front of it makes them wait in order, and lets a person's write go
first; the baseline is the same load with the gate taken away, which leaves the waiting to SQLite's own polling.
"""

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from benchmarks.runner import Line, at_most
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from tests.integration.db import processes
from tests.integration.db.writing import COUNTER, increment
from tests.servers.postgres import running_postgres
from tests.servers.process import ServerMissing

THREADS = 8
PROCESSES = 4
TRANSACTION_SECONDS = 0.010


@dataclass
class Waits:
    """Milliseconds from asking for a write to its commit."""

    normal: list[float] = field(default_factory=list)
    urgent: list[float] = field(default_factory=list)


def lines(*, quick: bool) -> Iterator[Line]:
    """Waiting times with and without the gate, then updates lost on both databases."""
    yield from _waiting(1.5 if quick else 15.0)
    yield from _losing(50 if quick else 500)


def _waiting(seconds: float) -> Iterator[Line]:
    alone = _measure(seconds / 10, threads=1)
    gated, open_to_all = _measure(seconds), _measure(seconds, is_gated=False)
    # What one takes where nobody else writes: what the machine makes of ten milliseconds today.
    yield Line("10 ms writes, alone: p50", _p(50, alone.normal) or 0.0, "ms")
    load = f"10 ms writes, {THREADS} threads"
    yield Line(f"{load}: p99", _p(99, gated.normal) or 0.0, "ms", _p(99, open_to_all.normal), at_most(100))
    yield Line(f"{load}: longest", max(gated.normal), "ms", max(open_to_all.normal))
    yield Line(
        "urgent write among them: p50",
        _p(50, gated.urgent) or 0.0,
        "ms",
        _p(50, open_to_all.urgent),
        at_most(5),
    )
    yield Line("urgent write among them: p99", _p(99, gated.urgent) or 0.0, "ms", _p(99, open_to_all.urgent))


def _p(percent: int, figures: list[float]) -> float | None:
    if len(figures) < 2:
        # So rarely does a writer get in without the gate that there is nothing to take a share of.
        return max(figures, default=None)
    return quantiles(figures, n=100, method="inclusive")[percent - 1]


def _measure(seconds: float, *, threads: int = THREADS, is_gated: bool = True) -> Waits:
    waits = Waits()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(DatabaseOptions(path=Path(folder) / "sublarr.db"))
        schema.prepare(database)
        if not is_gated:
            _take_the_gate_away(database)
        deadline = time.perf_counter() + seconds
        writers = [_writing(database, deadline, waits.normal, number) for number in range(threads)]
        _run([*writers, _writing_urgently(database, deadline, waits.urgent)])
        database.close()
    return waits


def _take_the_gate_away(database: Database) -> None:
    gate = database.gate
    assert gate is not None
    gate.enter = lambda **_: 0.0  # type: ignore[method-assign]
    gate.leave = lambda: None  # type: ignore[method-assign]


def _writing(database: Database, deadline: float, waits: list[float], number: int) -> Callable[[], None]:
    """One transaction after another, each of which takes its time."""

    def write() -> None:
        while time.perf_counter() < deadline:
            started = time.perf_counter()
            with database.write() as unit:
                unit.config.save(f"key {number}", str(started))
                time.sleep(TRANSACTION_SECONDS)
            waits.append((time.perf_counter() - started) * 1000)

    return write


def _writing_urgently(database: Database, deadline: float, waits: list[float]) -> Callable[[], None]:
    """A person's short write at moments that have nothing to do with the others' rhythm."""
    chance = random.Random(1)

    def write() -> None:
        while time.perf_counter() < deadline:
            time.sleep(chance.uniform(0.01, 0.06))
            started = time.perf_counter()
            with database.write(urgent=True) as unit:
                unit.config.save("person", str(started))
            waits.append((time.perf_counter() - started) * 1000)

    return write


def _losing(times: int) -> Iterator[Line]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _lost("SQLite", f"sqlite:///{folder}/sublarr.db", times)
    try:
        with running_postgres() as server:
            yield from _lost("PostgreSQL", server.create_database(), times)
    except ServerMissing as missing:
        print(f"not measured: {missing}", file=sys.stderr)


def _lost(name: str, url: str, times: int) -> Iterator[Line]:
    """Everybody reads the value and writes the next one; what is missing at the end was lost."""
    with closing(Database(DatabaseOptions(url=url))) as database:
        schema.prepare(database)
        with database.write() as unit:
            unit.config.save(COUNTER, "0")
        others = processes.start("increment", url, [times] * PROCESSES)
        errors: list[str] = []
        started = time.perf_counter()
        processes.begin(others)
        _run([lambda: errors.extend(increment(database, times))] * THREADS)
        errors.extend(error for answer in processes.finish(others) for error in answer)
        elapsed = time.perf_counter() - started
        with database.read() as unit:
            counted = int(unit.config.find(COUNTER) or 0)
    load = f"{name}, {THREADS} threads + {PROCESSES} processes"
    asked = times * (THREADS + PROCESSES)
    yield Line(f"{load}: lost updates", asked - len(errors) - counted, "", target=at_most(0))
    yield Line(f"{load}: errors", len(errors), "", target=at_most(0))
    yield Line(f"{load}: transactions", asked / elapsed, "1/s")


def _run(calls: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
