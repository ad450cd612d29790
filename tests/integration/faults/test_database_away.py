"""PostgreSQL goes away under a running job, and comes back: nothing is lost, nothing stays stuck."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sublarr.db.database import Database, DatabaseOptions
from sublarr.queue import handing_in
from sublarr.queue import runner as running
from sublarr.queue.context import JobContext
from sublarr.vocabulary.errors import Unavailable
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus
from tests.database_fixtures import prepare
from tests.integration.queue.bench import Bench, ask, extraction, get, let_lease_run_out, until, until_status
from tests.servers.postgres import PostgresServer, start_postgres
from tests.servers.process import ServerMissing

KIND = ExtractSubtitles.kind


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    try:
        server = start_postgres()
    except ServerMissing as missing:
        pytest.skip(f"NOT TESTED: {missing}")
    yield server
    assert server.process is not None
    server.process.stop()


@pytest.fixture
def bench(own_server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(handing_in, "_FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(handing_in, "_LONGEST_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(running, "_AFTER_ERROR_PAUSE_SECONDS", 0.1)
    url = own_server.create_database()
    prepare(url)
    database = Database(DatabaseOptions(url=url))
    bench = Bench(database, tmp_path)
    yield bench
    bench.close()
    database.close()


class _Outage:
    """A handler during which the database goes away, and may come back."""

    def __init__(self, server: PostgresServer, bench: Bench) -> None:
        assert server.process is not None
        self._process = server.process
        self._bench = bench
        self.is_away = threading.Event()
        self.may_end = threading.Event()

    def __call__(self, payload: Any, context: JobContext, /) -> dict[str, Any]:
        if payload.file_id == 1 and not self.is_away.is_set():
            self._process.stop(keep=True)
            self.is_away.set()
            assert self.may_end.wait(60)
        return {"file": payload.file_id}

    def end(self) -> None:
        """The database is there again, and is asked until it answers."""
        self._process.start()
        until(lambda: _answers(self._bench.database))


def _answers(database: Database) -> bool:
    try:
        database.ping()
        with database.write() as unit:
            unit.workers.listed()
    except Unavailable:
        return False
    return True


def test_a_job_that_ends_while_the_database_is_away_is_recorded_once_it_is_back(
    own_server: PostgresServer, bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    outage = _Outage(own_server, bench)
    _, keeper = bench.worker({KIND: outage})
    first, second = ask(bench.database, extraction(1)), ask(bench.database, extraction(2))
    assert outage.is_away.wait(30)
    outage.may_end.set()
    until(lambda: "could not be recorded yet" in caplog.text)
    with pytest.raises(Unavailable):
        ask(bench.database, extraction(3))
    outage.end()
    assert until_status(bench.database, first, JobStatus.COMPLETED).result == {"file": 1}
    assert until_status(bench.database, second, JobStatus.COMPLETED).attempts == 0
    assert keeper._thread.is_alive()


def test_an_outage_longer_than_the_lease_runs_the_job_again_instead_of_losing_it(
    own_server: PostgresServer, bench: Bench
) -> None:
    outage = _Outage(own_server, bench)
    _, keeper = bench.worker({KIND: outage})
    job_id = ask(bench.database, extraction(1))
    assert outage.is_away.wait(30)
    try:
        outage.end()
        let_lease_run_out(bench.database, job_id)
        keeper._rescue()
        assert get(bench.database, job_id).crashes == 1
    finally:
        outage.may_end.set()
    until_status(bench.database, job_id, JobStatus.COMPLETED)


def test_a_handler_that_met_the_outage_is_tried_again(own_server: PostgresServer, bench: Bench) -> None:
    process = own_server.process
    assert process is not None
    met = threading.Event()

    def handler(payload: Any, context: JobContext, /) -> None:
        if not met.is_set():
            process.stop(keep=True)
            met.set()
        with context.database.read() as unit:
            unit.folders.listed()

    bench.worker({KIND: handler})
    job_id = ask(bench.database, extraction(1))
    assert met.wait(30)
    process.start()
    until(lambda: _answers(bench.database))
    until(lambda: get(bench.database, job_id).attempts == 1)
    assert get(bench.database, job_id).status is JobStatus.QUEUED


def test_a_process_that_must_stop_while_the_database_is_away_does_stop(
    own_server: PostgresServer, bench: Bench
) -> None:
    outage = _Outage(own_server, bench)
    runner = bench.runner({KIND: outage})
    job_id = ask(bench.database, extraction(1))
    assert outage.is_away.wait(30)
    outage.may_end.set()
    assert runner.stop()
    outage.end()
    assert get(bench.database, job_id).status is JobStatus.RUNNING, "its lease runs out, then it is rescued"


def test_the_first_question_after_a_restart_of_the_server_is_answered(
    own_server: PostgresServer, bench: Bench
) -> None:
    process = own_server.process
    assert process is not None
    bench.database.ping()
    process.stop(keep=True)
    process.start()
    bench.database.ping()
