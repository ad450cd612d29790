"""What a person is told of slow statements, from databases that really were slow."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, text

from sublarr.db.database import Database
from sublarr.db.slow import LATEST_KEPT
from sublarr.db.watching import BATCH
from sublarr.logs import bind
from sublarr.logs.formats import JsonFormatter, TextFormatter
from sublarr.vocabulary.errors import Conflict, QueryTimeout
from tests.database_fixtures import CountingObserver
from tests.integration.db.sloth import SHORT, Sloth

SECRET = "s3cret-t0ken"
LIMIT_MS = 20


@pytest.fixture
def watched(database: Database) -> Database:
    database.slow_queries.change_threshold(LIMIT_MS)
    with database.write() as unit:
        unit.config.save("language", SECRET)
    # A slow machine must not put the statements above among those that are looked at.
    database.slow_queries._latest.clear()
    return database


@contextmanager
def plans_taken(database: Database) -> Iterator[list[int]]:
    """For every plan that is taken: how many write units were open at that moment."""
    seen: list[int] = []

    def note(connection, cursor, statement, parameters, context, executemany) -> None:
        if statement.startswith("EXPLAIN"):
            seen.append(len(database.write_holds.now()))

    # On PostgreSQL readers are a view of the same engine.
    engines = [database.write_engine] + ([database.read_engine] if database.path else [])
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def the_one(database: Database):
    (query,) = [query for query in database.slow_queries.latest() if query.name.startswith("sloth.")]
    return query


def test_a_slow_statement_is_told_with_its_name_call_site_rows_and_plan(
    watched: Database, observer: CountingObserver
) -> None:
    with bind(request_id="request-1", job_id="job-1"), watched.read() as unit:
        assert Sloth(unit).ask(SECRET) == 1
    query = the_one(watched)
    assert query.name == "sloth.ask"
    assert query.seconds >= LIMIT_MS / 1000
    assert query.rows == 1
    assert query.call_site.startswith("tests.integration.db.sloth:")
    assert query.call_site.endswith(" Sloth.ask")
    assert (query.request_id, query.job_id) == ("request-1", "job-1")
    assert "config_entries" in query.plan
    assert (
        "SCAN config_entries" if watched.dialect == "sqlite" else "Seq Scan on config_entries"
    ) in query.plan
    assert observer.slow.count("sloth.ask") == 1


def test_a_fast_statement_is_told_to_nobody(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    database.slow_queries.change_threshold(60_000)
    with database.write() as unit:
        unit.config.save("language", "de")
    assert database.slow_queries.latest() == ()
    assert not caplog.records


def test_zero_turns_the_log_off(watched: Database) -> None:
    watched.slow_queries.change_threshold(0)
    assert watched.slow_queries.threshold_ms == 0
    with watched.read() as unit:
        Sloth(unit).ask()
    assert watched.slow_queries.latest() == ()


def test_values_of_a_statement_are_nowhere_in_its_report(
    watched: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with watched.write() as unit:
        assert Sloth(unit).change(SECRET) == 1
    query = the_one(watched)
    assert query.rows == 1
    assert query.plan
    assert "str" in query.parameters
    assert SECRET not in repr(query)
    (record,) = [record for record in caplog.records if "sloth.change" in record.getMessage()]
    told = json.loads(JsonFormatter().format(record))
    assert (told["level"], told["statement"], told["rows"]) == ("WARNING", "sloth.change", 1)
    assert told["duration_ms"] >= LIMIT_MS
    assert told["call_site"] == query.call_site
    assert told["plan"] == query.plan
    line = TextFormatter().format(record)
    assert "\n" not in line
    assert "slow query sloth.change" in line
    assert SECRET not in line + json.dumps(told)


def test_the_time_to_fetch_the_rows_counts(watched: Database) -> None:
    with watched.read() as unit:
        rows = Sloth(unit).last_is_late()
    assert len(rows) == 2
    query = the_one(watched)
    assert query.rows == 2
    assert query.seconds >= LIMIT_MS / 1000


def test_a_large_result_is_one_statement_with_all_its_rows(
    watched: Database, observer: CountingObserver
) -> None:
    watched.slow_queries.change_threshold(1)
    number = BATCH * 20
    with watched.read() as unit:
        result = Sloth(unit).many(number)
        assert observer.statements.count("sloth.many") == 0
        assert list(result.scalars()) == list(range(1, number + 1))
        assert observer.statements.count("sloth.many") == 1
    assert the_one(watched).rows == number


@pytest.mark.parametrize("number", [0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH, 2 * BATCH + 7])
def test_no_row_is_lost_or_doubled_where_batches_meet(watched: Database, number: int) -> None:
    expected = list(range(1, max(number, 1) + 1))
    with watched.read() as unit:
        sloth = Sloth(unit)
        assert sloth.many(number).scalars().all() == expected
        assert [row.i for row in sloth.many(number)] == expected
        assert [row.i for part in sloth.many(number).partitions(300) for row in part] == expected
        assert sloth.many(number).fetchmany(7) == [(i,) for i in expected[:7]]
        assert sloth.many(number).first() == (1,)


def test_a_result_that_nobody_reads_to_its_end_is_counted_once(
    watched: Database, observer: CountingObserver
) -> None:
    with watched.read() as unit:
        result = Sloth(unit).many(BATCH * 3)
        assert result.fetchone() == (1,)
    assert observer.statements.count("sloth.many") == 1


def test_the_time_between_two_rows_is_the_callers_and_does_not_count(watched: Database) -> None:
    watched.slow_queries.change_threshold(1_000)
    with watched.read() as unit:
        for row in Sloth(unit).many(BATCH + 1):
            if row.i == 1:
                time.sleep(1.1)  # the very thing that must not be counted
    assert watched.slow_queries.latest() == ()


def test_a_plan_is_taken_only_once_the_transaction_is_over(watched: Database) -> None:
    with plans_taken(watched) as open_writes:
        with watched.write() as unit:
            Sloth(unit).change(SECRET)
            assert open_writes == []
            # A reader's end inside the same thread's write is no moment either.
            with watched.read() as reader:
                Sloth(reader).ask()
            assert open_writes == []
        assert open_writes == [0, 0]
    assert {query.name for query in watched.slow_queries.latest()} >= {"sloth.change", "sloth.ask"}


def test_plans_are_taken_once_a_minute_for_each_name(watched: Database) -> None:
    with plans_taken(watched) as taken:
        for _ in range(3):
            with watched.read() as unit:
                Sloth(unit).ask()
        assert len(taken) == 1
    queries = [query for query in watched.slow_queries.latest() if query.name == "sloth.ask"]
    assert [bool(query.plan) for query in queries] == [True, True, True]


def test_a_statement_that_the_database_gave_up_is_told_with_its_plan(watched: Database) -> None:
    with watched.read() as unit:
        _give_up_soon(unit)
        with pytest.raises(QueryTimeout):
            Sloth(unit).ask(SECRET, seconds=5)
    if watched.dialect == "sqlite":
        watched.release_idle()
    query = the_one(watched)
    assert query.failure == "query_timeout"
    assert "config_entries" in query.plan
    assert query.call_site.endswith(" Sloth.ask")
    assert SECRET not in repr(query)


def _give_up_soon(unit) -> None:
    if unit.connection.dialect.name == "sqlite":
        ends = time.monotonic() + SHORT
        driver = unit.connection.connection.driver_connection
        driver.set_progress_handler(lambda: time.monotonic() > ends, 10_000)
    else:
        unit.connection.execute(text(f"SET LOCAL statement_timeout = {int(SHORT * 1000)}"))


def test_a_statement_that_failed_otherwise_is_told_without_a_plan(watched: Database) -> None:
    watched.slow_queries.threshold_seconds = 0.0
    with plans_taken(watched) as taken, pytest.raises(Conflict), watched.write() as unit:
        Sloth(unit).add_twice(SECRET)
    query = the_one(watched)
    assert (query.failure, query.plan) == ("conflict", "")
    assert "INSERT INTO config_entries" in query.sql
    assert SECRET not in repr(query)
    assert taken == []


def test_a_plan_that_cannot_be_had_costs_nobody_anything(
    watched: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection, ran) -> str:
        raise OSError("no such thing")

    monkeypatch.setattr("sublarr.db.database.take_plan", fail)
    with watched.read() as unit:
        assert Sloth(unit).ask(SECRET) == 1
    assert the_one(watched).plan == "no plan: OSError"
    assert watched.pool_state().checked_out == 0


def test_the_log_keeps_the_latest_and_the_slowest_and_no_more(watched: Database) -> None:
    watched.slow_queries.threshold_seconds = 0.0
    with watched.read() as unit:
        Sloth(unit).ask()
        for _ in range(LATEST_KEPT + 10):
            unit.config.all()
    queries = watched.slow_queries
    assert len(queries.latest()) == LATEST_KEPT
    assert {query.name for query in queries.worst()} >= {"sloth.ask", "config.all"}
    assert queries.worst()[0].name == "sloth.ask"


def test_every_kind_of_statement_of_a_scan_can_be_explained(watched: Database) -> None:
    """Reads, batches of writes, rows that are locked: none may make its report fail."""
    watched.slow_queries.threshold_seconds = 0.0
    with watched.write() as unit:
        folder = unit.folders.add("/media/tv")
        unit.folders.get(folder.id)
        unit.config.save("theme", "dark")
        unit.media.ids_by_key(folder.source_id, ["one", "two"])
    told = {query.name: query for query in watched.slow_queries.latest()}
    assert {"folders.get", "media.ids_by_key"} <= set(told)
    assert not [query for query in told.values() if query.plan.startswith("no plan")]
