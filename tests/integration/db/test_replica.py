"""A real streaming standby: what it may answer, whom it must not answer, and its failures, which cost nobody."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Event, Thread
from time import monotonic, sleep

import psycopg
import pytest
from sqlalchemy import text

from sublarr.db.database import Database, DatabaseOptions
from sublarr.db.following import Follower, following
from sublarr.db.postgresql import PoolOptions
from sublarr.db.replica import ReadReplica, ReplicaLimits, ReplicaState
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import DatabaseUnavailable, Unavailable
from tests.database_fixtures import CountingObserver
from tests.servers.standby import Replicated, start_standby

# No test takes so long that a paused standby were too old by itself.
PATIENT = ReplicaLimits(lag_seconds=600.0, first_pause_seconds=0.02, longest_pause_seconds=0.05)


class Seconds:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Bench:
    """A database with a standby, and the questions these tests ask."""

    def __init__(self, replicated: Replicated, url: str, replica_url: str) -> None:
        self.replicated = replicated
        self.url = url
        self.replica_url = replica_url
        self.observer = CountingObserver()
        self.databases: list[Database] = []

    def open(
        self,
        limits: ReplicaLimits = PATIENT,
        seconds: Callable[[], float] = monotonic,
        replica_url: str = "",
        pool: PoolOptions | None = None,
        *,
        is_frozen: bool = False,
    ) -> Database:
        """Another process's view of it, with a replica that was tried."""
        database = Database(
            DatabaseOptions(url=self.url, replica_url=replica_url or self.replica_url), observer=self.observer
        )
        self.databases.append(database)
        replica(database).close()
        database.replica = ReadReplica(
            replica_url or self.replica_url,
            pool or PoolOptions(),
            database.write_engine,
            self.observer,
            limits,
            seconds,
        )
        database.replica.look()
        # What it was told of the primary may be a moment newer than what is replayed.
        if not is_frozen:
            self.replicated.catch_up()
        return database


@pytest.fixture
def bench(replicated: Replicated, replicated_urls: tuple[str, str]) -> Iterator[Bench]:
    bench = Bench(replicated, *replicated_urls)
    yield bench
    for database in bench.databases:
        database.close()


@pytest.fixture
def database(bench: Bench) -> Database:
    return bench.open()


def replica(database: Database) -> ReadReplica:
    assert database.replica is not None
    return database.replica


def is_standby(unit: Unit) -> bool:
    return bool(unit.connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one())


def reads_from_standby(database: Database, follower: Follower | None = None) -> bool:
    with following(follower or Follower()), database.read(stale_ok=True) as unit:
        return is_standby(unit)


def save(database: Database, value: str, follower: Follower) -> None:
    with following(follower), database.write() as unit:
        unit.config.save("a", value)


def saved(database: Database, follower: Follower) -> str | None:
    with following(follower), database.read(stale_ok=True) as unit:
        return unit.config.all().get("a")


def until(is_true: Callable[[], bool]) -> None:
    deadline = monotonic() + 30
    while not is_true():
        assert monotonic() < deadline, "it never came true"
        sleep(0.01)


@contextmanager
def hung(database: Database, unit: Unit | None = None) -> Iterator[None]:
    """Have the server's side of the replica's pooled connection (or of a unit) stop, as if its disk hung."""
    question = text("SELECT pg_backend_pid()")
    if unit is not None:
        pid = unit.connection.execute(question).scalar_one()
    else:
        with following(Follower()), database.read(stale_ok=True) as reading:
            assert is_standby(reading)
            pid = reading.connection.execute(question).scalar_one()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class TestWhoIsAnswered:
    def test_what_people_look_at_comes_from_the_standby_as_one_snapshot(self, database: Database) -> None:
        with following(Follower()), database.read(stale_ok=True) as unit:
            assert is_standby(unit)
            values = unit.connection.execute(
                text(
                    "SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"
                )
            ).one()
        assert tuple(values) == ("repeatable read", "on")

    def test_what_decides_a_write_comes_from_the_primary(self, database: Database) -> None:
        with following(Follower()), database.read() as unit:
            assert not is_standby(unit)

    def test_a_reader_nobody_knows_is_answered_by_the_primary(self, database: Database) -> None:
        with database.read(stale_ok=True) as unit:
            assert not is_standby(unit)

    def test_nobody_waits_for_the_first_connection_to_the_standby(self, bench: Bench) -> None:
        database = Database(DatabaseOptions(url=bench.url, replica_url=bench.replica_url))
        bench.databases.append(database)
        assert not reads_from_standby(database)
        until(lambda: reads_from_standby(database))

    def test_readers_beyond_the_standbys_pool_are_answered_by_the_primary_at_once(self, bench: Bench) -> None:
        database = bench.open(pool=PoolOptions(size=1, max_overflow=0))
        with following(Follower()), database.read(stale_ok=True) as unit:
            assert is_standby(unit)
            assert not reads_from_standby(database)

    def test_a_database_without_a_replica_has_none(self, bench: Bench) -> None:
        database = Database(DatabaseOptions(url=bench.url))
        bench.databases.append(database)
        assert database.replica is None
        assert database.replica_pool_state() is None
        assert not reads_from_standby(database)


def test_households_without_a_replica_do_not_pay_for_it() -> None:
    code = "import sys, sublarr.bootstrap, sublarr.web.app; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert not {"sublarr.db.replica", "sublarr.db.patience", "psycopg"} & set(loaded.split())


class TestReadYourWrites:
    def test_a_writer_sees_what_it_wrote_while_others_may_see_what_was_before(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database, writer, other = bench.open(), Follower(), Follower()
        save(database, "before", writer)
        replicated.freeze()
        save(database, "after", writer)
        assert saved(database, writer) == "after"
        assert saved(database, other) == "before"
        assert reads_from_standby(database, other)

    def test_another_process_shows_it_too_where_the_position_is_brought_along(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        here, there, writer = bench.open(), bench.open(), Follower()
        replicated.freeze()
        save(here, "after", writer)
        brought = Follower(replica(here).position_of(writer))
        assert saved(there, Follower()) is None
        assert saved(there, brought) == "after"

    def test_the_standby_serves_the_writer_again_once_it_has_come_that_far(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database, writer = bench.open(), Follower()
        replicated.freeze()
        save(database, "after", writer)
        assert not reads_from_standby(database, writer)
        replicated.standby.resume()
        replicated.catch_up()
        assert reads_from_standby(database, writer)
        assert saved(database, writer) == "after"

    def test_within_a_job_each_read_sees_the_write_before_it(self, bench: Bench) -> None:
        database, job = bench.open(), Follower(has_written=True)
        for number in range(50):
            save(database, str(number), job)
            assert saved(database, job) == str(number)

    def test_a_write_that_was_rolled_back_is_waited_for_by_nobody(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database, writer = bench.open(), Follower()
        with following(writer), suppress(KeyError), database.write() as unit:
            unit.config.save("a", "never")
            raise KeyError
        assert not writer.has_written

    def test_a_position_nobody_could_ask_for_is_read_from_the_primary(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database, writer = bench.open(), Follower()
        save(database, "after", writer)
        with psycopg.connect(replicated.primary.url, autocommit=True) as connection:
            name = bench.url.rpartition("/")[2]
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
            connection.execute(
                b"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name]
            )
            try:
                position = replica(database).position_of(writer)
            finally:
                connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())
        assert writer.has_written
        assert position > replica(database).position_of(writer)


class TestLag:
    def test_a_standby_that_is_too_far_behind_answers_nobody(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        seconds = Seconds()
        database = bench.open(ReplicaLimits(lag_seconds=5.0), seconds)
        reader = Follower()
        assert reads_from_standby(database, reader)
        replicated.freeze()
        save(database, "after", Follower())
        for _ in range(4):
            seconds.now += 1.0
            assert saved(database, reader) is None
        seconds.now += 4.0
        assert saved(database, reader) == "after"
        seconds.now += 0.5
        assert not reads_from_standby(database, reader)
        replicated.standby.resume()
        replicated.catch_up()
        seconds.now += 1.0
        assert reads_from_standby(database, reader)

    def test_an_idle_primary_makes_no_standby_old(self, bench: Bench, replicated: Replicated) -> None:
        seconds = Seconds()
        database = bench.open(ReplicaLimits(lag_seconds=5.0), seconds)
        for _ in range(3):
            seconds.now += 3600.0
            # Servers write a little of their own now and then.
            replicated.catch_up()
            until(lambda: reads_from_standby(database))

    def test_what_was_written_a_moment_ago_after_an_idle_hour_makes_no_standby_old(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database = bench.open(ReplicaLimits(lag_seconds=0.0, moment_seconds=30.0))
        replicated.freeze()
        save(database, "after", Follower())
        states: list[ReplicaState] = []
        thread = Thread(target=lambda: states.append(replica(database).state()))
        thread.start()
        replicated.standby.resume()
        thread.join()
        assert [(state.is_used, state.lag_seconds) for state in states] == [(True, 0.0)]

    def test_the_state_tells_how_far_it_is_behind(self, bench: Bench, replicated: Replicated) -> None:
        database = bench.open(ReplicaLimits(lag_seconds=0.0))
        replicated.freeze()
        save(database, "after", Follower())
        state = replica(database).state()
        assert not state.is_used
        assert state.lag_bytes is not None
        assert state.lag_bytes > 0
        assert "behind" in state.problem


class TestPassedOver:
    def test_a_standby_of_another_database_answers_nobody(self, bench: Bench, replicated: Replicated) -> None:
        database = bench.open(replica_url=replicated.standby.url)
        assert "another database" in replica(database).state().problem
        assert not reads_from_standby(database)

    def test_a_server_that_is_no_standby_answers_nobody(self, bench: Bench) -> None:
        database = bench.open(replica_url=bench.url)
        assert "no standby" in replica(database).state().problem
        assert not reads_from_standby(database)

    def test_a_standby_with_the_schema_of_before_an_upgrade_answers_nobody(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        with psycopg.connect(bench.url, autocommit=True) as connection:
            row = connection.execute("SELECT version_num FROM schema_version").fetchone()
            assert row is not None
            replicated.freeze()
            connection.execute("UPDATE schema_version SET version_num = '9999'")
            try:
                database = bench.open(is_frozen=True)
                assert "another revision" in replica(database).state().problem
                assert not reads_from_standby(database)
                replicated.standby.resume()
                replicated.catch_up()
                until(lambda: reads_from_standby(database))
            finally:
                connection.execute("UPDATE schema_version SET version_num = %s", row)

    def test_a_promoted_standby_answers_nobody(self, bench: Bench, replicated: Replicated) -> None:
        promoted = start_standby(replicated.primary)
        try:
            database = bench.open(replica_url=promoted.url_of(bench.url))
            Replicated(replicated.primary, promoted).catch_up()
            assert reads_from_standby(database)
            promoted.promote()
            assert not reads_from_standby(database)
            assert "no standby" in replica(database).look().problem
            assert not reads_from_standby(database)
            database.close()
        finally:
            promoted.process.stop()

    def test_a_standby_as_primary_is_an_error_not_a_wrong_answer(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database = Database(DatabaseOptions(url=bench.replica_url, replica_url=bench.replica_url))
        bench.databases.append(database)
        assert "is a standby" in replica(database).look().problem


class TestFailures:
    def test_a_standby_that_hangs_holds_nobody_for_long(self, bench: Bench, replicated: Replicated) -> None:
        database = bench.open(replace(PATIENT, ask_seconds=0.3, read_seconds=0.3))
        reader = Follower()
        with hung(database), following(reader), database.read(stale_ok=True) as unit:
            assert not is_standby(unit)
            assert "no answer within 0.3 seconds" in replica(database).state().problem
            assert not reader.lost_replica
        until(lambda: reads_from_standby(database))

    def test_a_standby_that_hangs_in_the_middle_of_a_read_lets_it_go(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database = bench.open(replace(PATIENT, ask_seconds=0.3, read_seconds=0.3))
        with following(Follower()) as reader, database.read(stale_ok=True) as unit:
            assert is_standby(unit)
            with hung(database, unit), pytest.raises(DatabaseUnavailable, match="no answer"):
                is_standby(unit)
        assert reader.lost_replica
        until(lambda: reads_from_standby(database))

    def test_a_stopped_standby_costs_nobody_an_error_and_is_used_again_by_itself(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database = bench.open()
        stop, errors, answers = Event(), list[BaseException](), [0] * 8

        def read_on(number: int) -> None:
            while not stop.is_set():
                try:
                    reads_from_standby(database)
                    answers[number] += 1
                except Unavailable as error:
                    errors.append(error)
                stop.wait(0.005)

        def all_go_on() -> None:
            before = list(answers)
            until(lambda: all(now > then + 2 for now, then in zip(answers, before, strict=True)))

        threads = [Thread(target=read_on, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        try:
            all_go_on()
            replicated.kill()
            try:
                all_go_on()
                assert not reads_from_standby(database)
            finally:
                replicated.standby.process.start()
            until(lambda: reads_from_standby(database))
            all_go_on()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        # A read that the standby's end caught between two statements may tell so: its door reads again.
        assert len(errors) <= 8

    def test_a_dead_standby_is_left_alone_for_ever_longer(self, bench: Bench, replicated: Replicated) -> None:
        seconds = Seconds()
        database = bench.open(ReplicaLimits(), seconds)
        replicated.kill()
        try:
            assert not reads_from_standby(database)
            failures = len(self._failures(bench))
            for _ in range(20):
                assert not reads_from_standby(database)
            assert len(self._failures(bench)) == failures
            seconds.now += 1.0
            assert not reads_from_standby(database)
            until(lambda: len(self._failures(bench)) == failures + 1)
            seconds.now += 1.5
            for _ in range(5):
                assert not reads_from_standby(database)
            assert len(self._failures(bench)) == failures + 1
        finally:
            replicated.standby.process.start()

    def _failures(self, bench: Bench) -> list[str]:
        return [code for code in bench.observer.errors if code == "replica_database_unavailable"]

    def test_a_read_that_breaks_off_in_the_middle_says_so_and_the_next_is_the_primarys(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database, reader = bench.open(), Follower()
        with following(reader), database.read(stale_ok=True) as unit:
            pid = unit.connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            replicated.standby.run(f"SELECT pg_terminate_backend({pid}, 5000)")
            with pytest.raises(DatabaseUnavailable):
                is_standby(unit)
        assert reader.lost_replica
        assert not reads_from_standby(database, reader)
        assert reads_from_standby(database)

    def test_a_read_that_replay_had_to_cancel_is_the_standbys_failure_too(
        self, bench: Bench, replicated: Replicated
    ) -> None:
        database, reader = bench.open(), Follower()
        save(database, "x", Follower())
        replicated.catch_up()
        replicated.standby.run("ALTER SYSTEM SET max_standby_streaming_delay = 0")
        replicated.standby.run("SELECT pg_reload_conf()")
        try:
            with following(reader), database.read(stale_ok=True) as unit:
                assert unit.config.all() == {"a": "x"}
                with psycopg.connect(bench.url, autocommit=True) as connection:
                    connection.execute("DELETE FROM config_entries")
                    connection.execute("VACUUM config_entries")
                replicated.catch_up()
                with pytest.raises(Unavailable):
                    unit.config.all()
        finally:
            replicated.standby.run("ALTER SYSTEM RESET max_standby_streaming_delay")
            replicated.standby.run("SELECT pg_reload_conf()")
        assert reader.lost_replica
        assert saved(database, reader) is None
