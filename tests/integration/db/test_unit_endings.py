"""A unit of work that does not end well leaves no trace, and one that has ended can do no more.

What could be left: a row, a job, an event, a page cursor, a call after COMMIT, a ring of the doorbell.
"""

# ruff: noqa: PT012 - it is a whole unit of work that fails

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from sublarr.db.database import Database
from sublarr.db.models.configuration import ConfigEntry
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, MissingReference, NotFound, SublarrError
from sublarr.vocabulary.events import EventName
from tests.contract.db.rows import a_film, a_scan
from tests.database_fixtures import Clock, OpenDatabase

_ENDED = "has ended"


class Broken(Exception):
    pass


class Traces:
    """What others would notice of a unit of work."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.calls: list[str] = []
        database.on_ring(lambda: self.calls.append("ring"))

    def work(self, unit: Unit) -> None:
        """Leave every trace there can be."""
        a_film(unit)
        unit.config.save("theme", "dark")
        unit.jobs.enqueue(a_scan(1))
        unit.events.add(EventName.JOB_FAILED, {})
        unit.secrets.get_or_make("sessions")
        unit.daily_statistics.record_traits(Clock().now.date(), {})
        unit.after_commit(lambda: self.calls.append("call"))

    def assert_none(self) -> None:
        assert self.calls == []
        with self.database.read() as unit:
            rows = unit.statistics.table_rows()
            assert {name: count for name, count in rows.items() if count} == {"secrets": 1}
            assert unit.jobs.oldest_due_seconds() == 0
        # And the next unit is none the wiser.
        with self.database.write() as unit:
            self.work(unit)
        assert self.calls == ["ring", "call"]


@pytest.fixture
def traces(database: Database) -> Traces:
    return Traces(database)


def _violate(unit: Unit) -> None:
    now = unit.clock()
    row = {"key": "theme", "value": "light", "created_at": now, "updated_at": now}
    unit.connection.execute(insert(ConfigEntry).values(**row))


def test_an_error_of_the_program_leaves_no_trace(traces: Traces) -> None:
    with pytest.raises(Broken), traces.database.write() as unit:
        traces.work(unit)
        raise Broken
    traces.assert_none()


def test_an_error_of_the_database_leaves_no_trace(traces: Traces) -> None:
    with pytest.raises(Conflict), traces.database.write() as unit:
        traces.work(unit)
        _violate(unit)
    traces.assert_none()


def test_an_error_that_never_left_the_block_is_not_taken_for_success(traces: Traces) -> None:
    """PostgreSQL would answer COMMIT with a silent ROLLBACK, and the calls after it would run for nothing."""
    with pytest.raises(RuntimeError, match="failed"), traces.database.write() as unit:
        traces.work(unit)
        with pytest.raises(Conflict):
            _violate(unit)
    traces.assert_none()


def test_after_an_error_the_unit_says_why_it_does_no_more(traces: Traces) -> None:
    with pytest.raises(RuntimeError, match="failed"), traces.database.write() as unit:
        traces.work(unit)
        with pytest.raises(Conflict):
            _violate(unit)
        unit.config.save("language", "de")
    traces.assert_none()


def test_a_refusal_without_a_failed_statement_may_be_lived_with(database: Database) -> None:
    with database.write() as unit:
        with pytest.raises(NotFound):
            unit.jobs.cancel("no such job")
        with pytest.raises(SublarrError):
            unit.config.save("nul", "\0")
        unit.config.save("theme", "dark")
    with database.read() as unit:
        assert unit.config.all() == {"theme": "dark"}


def test_what_fails_inside_a_savepoint_does_not_spoil_the_unit(database: Database) -> None:
    with database.write() as unit:
        unit.config.save("theme", "dark")
        with pytest.raises(Conflict), unit.connection.begin_nested():
            _violate(unit)
        unit.config.save("language", "de")
    with database.read() as unit:
        assert unit.config.all() == {"theme": "dark", "language": "de"}


_DEFERRED = (
    "CREATE TEMPORARY TABLE parent (id INTEGER PRIMARY KEY)",
    "CREATE TEMPORARY TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
    "INSERT INTO child VALUES (1)",
)


def test_a_commit_that_fails_leaves_no_trace(traces: Traces) -> None:
    with pytest.raises(MissingReference), traces.database.write() as unit:
        traces.work(unit)
        for statement in _DEFERRED:
            unit.connection.exec_driver_sql(statement)
    traces.assert_none()


_KILLED = """
import os, signal, sys
from sublarr.db.database import Database, DatabaseOptions
from tests.integration.db.test_unit_endings import Traces

database = Database(DatabaseOptions(url=sys.argv[1]))
traces = Traces(database)
with database.write() as unit:
    traces.work(unit)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_before_its_commit_leaves_no_trace(traces: Traces) -> None:
    outcome = subprocess.run(
        [sys.executable, "-c", _KILLED, traces.database.options.url],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert outcome.returncode == -signal.SIGKILL, outcome.stderr
    traces.assert_none()


def test_every_call_after_a_commit_runs_whichever_of_them_fail(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def fail() -> None:
        raise Broken

    with database.write() as unit:
        for number in range(3):
            unit.after_commit(lambda number=number: calls.append(number))  # type: ignore[misc]
            unit.after_commit(fail)
    assert calls == [0, 1, 2]
    assert [record.message for record in caplog.records] == ["a call after commit failed"] * 3


_LATE: dict[str, Callable[[Unit], object]] = {
    "a repository": lambda unit: unit.config.find("theme"),
    "a repository that was not asked for before": lambda unit: unit.folders.listed(),
    "the session": lambda unit: unit.session,
    "the connection": lambda unit: unit.connection,
    "a call after commit": lambda unit: unit.after_commit(print),
    "the doorbell": lambda unit: unit.ring(),
}


@pytest.mark.parametrize("late", _LATE.values(), ids=_LATE.keys())
def test_a_unit_that_is_used_after_its_block_says_so(
    database: Database, late: Callable[[Unit], object]
) -> None:
    with database.write() as written:
        written.config.save("theme", "dark")
        written.profiles.add_default("en", ["de"])
        written.profiles.set_default_languages("en", ["fr"])
    with database.read() as read:
        read.config.find("theme")
    with pytest.raises(Broken), database.write() as failed:
        raise Broken
    for unit in (written, read, failed):
        with pytest.raises(RuntimeError, match=_ENDED):
            late(unit)


def test_a_page_of_a_unit_that_failed_leaves_no_cursor_that_misleads(
    prepared_url: str, open_database: OpenDatabase, tmp_path: Path
) -> None:
    """The cursors' secret is read from what is committed, never from a unit of work that may yet fail."""
    first, second = open_database(prepared_url), open_database(prepared_url)
    with pytest.raises(Broken), first.write() as unit:
        unit.connection.exec_driver_sql("UPDATE secrets SET value = 'abcd' WHERE name = 'cursors'")
        mine = unit.cursors
        raise Broken
    with second.read() as unit:
        theirs = unit.cursors
    assert mine._secret == theirs._secret
