"""Units of work: what is stored, what is not, and what happens only afterwards."""

# ruff: noqa: PT012 - it is a whole unit of work that fails

import threading
from collections.abc import Callable

import pytest

from sublarr.db.database import Database
from sublarr.db.postgresql import PoolOptions
from sublarr.vocabulary.errors import DatabaseReadOnly, MissingReference, Unavailable
from tests.contract.db.rows import a_film, a_scan
from tests.database_fixtures import CountingObserver, OpenDatabase

# A foreign key that is looked at by COMMIT only; temporary, so that the next test does not meet it.
_DEFERRED = (
    "CREATE TEMPORARY TABLE parent (id INTEGER PRIMARY KEY)",
    "CREATE TEMPORARY TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)",
    "INSERT INTO child VALUES (1)",
)


class Broken(Exception):
    pass


def _in_a_thread(call: Callable[[], None]) -> None:
    """A thread of its own: one thread has one write unit."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except BaseException as failure:  # noqa: BLE001 - handed on to the test's own thread
            failures.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    if failures:
        raise failures[0]


def _saved(database: Database, key: str) -> str | None:
    with database.read() as unit:
        return unit.config.find(key)


def test_what_a_unit_wrote_is_there_for_others_after_its_end_and_not_before(database: Database) -> None:
    with database.write() as unit:
        unit.config.save("theme", "dark")
        _in_a_thread(lambda: _expect(database, "theme", None))
    _in_a_thread(lambda: _expect(database, "theme", "dark"))


def _expect(database: Database, key: str, value: str | None) -> None:
    assert _saved(database, key) == value


@pytest.mark.parametrize("error", [Broken, KeyboardInterrupt, GeneratorExit])
def test_a_unit_that_fails_leaves_nothing(database: Database, error: type[BaseException]) -> None:
    with pytest.raises(error), database.write() as unit:
        a_film(unit)
        unit.config.save("theme", "dark")
        unit.jobs.enqueue(a_scan(1))
        raise error
    with database.read() as unit:
        rows = unit.statistics.table_rows()
    assert {name for name, count in rows.items() if count} == {"secrets"}


def test_a_statement_that_fails_undoes_the_whole_unit(database: Database) -> None:
    with pytest.raises(MissingReference), database.write() as unit:
        unit.config.save("theme", "dark")
        unit.schedules.note_job("none", "none")
        unit.media.link([(99, 99)], [99])
    assert _saved(database, "theme") is None


def test_an_abandoned_unit_is_rolled_back(database: Database) -> None:
    context = database.write()
    context.__enter__().config.save("theme", "dark")
    del context
    assert _saved(database, "theme") is None
    with database.write() as unit:
        unit.config.save("theme", "light")


def test_a_write_inside_a_write_is_refused_and_spoils_nothing(database: Database) -> None:
    with database.write() as unit:
        unit.config.save("theme", "dark")
        with pytest.raises(RuntimeError), database.write():
            pass
        unit.config.save("language", "de")
    assert (_saved(database, "theme"), _saved(database, "language")) == ("dark", "de")
    with database.write() as unit:
        unit.config.save("theme", "light")


def test_a_write_may_follow_one_that_failed(database: Database) -> None:
    with pytest.raises(Broken), database.write():
        raise Broken
    with database.write() as unit:
        unit.config.save("theme", "dark")
    assert _saved(database, "theme") == "dark"


def test_a_read_inside_a_write_sees_what_is_committed(database: Database) -> None:
    with database.write() as unit:
        unit.config.save("theme", "dark")
    with database.write() as unit:
        unit.config.save("theme", "light")
        assert _saved(database, "theme") == "dark"
        assert unit.config.find("theme") == "light"
    assert _saved(database, "theme") == "light"


def test_a_write_inside_a_read_leaves_the_read_its_snapshot(database: Database) -> None:
    with database.read() as reading:
        assert reading.config.find("theme") is None
        with database.write() as unit:
            unit.config.save("theme", "dark")
        assert reading.config.find("theme") is None
        assert reading.config.all() == {}
        assert reading.statistics.table_rows()["config_entries"] == 0
    assert _saved(database, "theme") == "dark"


def test_a_read_unit_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseReadOnly), database.read() as unit:
        unit.config.save("theme", "dark")
    with pytest.raises(DatabaseReadOnly), database.read() as unit:
        unit.connection.exec_driver_sql("CREATE TABLE mine (id INTEGER)")
    with database.write() as unit:
        assert unit.config.all() == {}


def test_calls_after_commit_run_in_order_and_see_what_was_committed(database: Database) -> None:
    seen: list[tuple[str, str | None]] = []
    with database.write() as unit:
        for name in ("first", "second", "third"):
            unit.after_commit(lambda name=name: seen.append((name, _saved(database, "theme"))))  # type: ignore[misc]
        unit.config.save("theme", "dark")
        assert seen == []
    assert seen == [("first", "dark"), ("second", "dark"), ("third", "dark")]


def test_a_call_after_commit_may_write(database: Database) -> None:
    def write_more() -> None:
        with database.write() as more:
            more.config.save("theme", "light")

    with database.write() as unit:
        unit.after_commit(write_more)
    assert _saved(database, "theme") == "light"


def test_calls_after_commit_never_run_after_a_rollback(database: Database) -> None:
    seen: list[str] = []
    with pytest.raises(Broken), database.write() as unit:
        unit.after_commit(lambda: seen.append("called"))
        raise Broken
    with pytest.raises(MissingReference), database.write() as unit:
        unit.after_commit(lambda: seen.append("called"))
        for statement in _DEFERRED:
            unit.connection.exec_driver_sql(statement)
    with database.write():
        pass
    assert seen == []


def test_a_commit_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(MissingReference), database.write() as unit:
        unit.config.save("theme", "dark")
        for statement in _DEFERRED:
            unit.connection.exec_driver_sql(statement)
    assert _saved(database, "theme") is None
    with database.write() as unit:
        unit.config.save("theme", "light")


def test_a_call_after_commit_that_fails_keeps_neither_the_others_nor_the_data(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def fail() -> None:
        raise Unavailable("the cache is away")

    with database.write() as unit:
        unit.config.save("theme", "dark")
        unit.after_commit(fail)
        unit.after_commit(lambda: seen.append("called"))
    assert seen == ["called"]
    assert _saved(database, "theme") == "dark"
    assert "a call after commit failed" in caplog.text


def test_the_runners_are_woken_once_per_commit_that_asked_for_jobs(database: Database) -> None:
    rings: list[int] = []

    def ring() -> None:
        with database.read() as unit:
            rings.append(len(unit.jobs.active()))

    database.on_ring(ring)
    with database.write() as unit:
        unit.jobs.enqueue(a_scan(1))
        unit.jobs.enqueue_many([a_scan(2), a_scan(3)])
        assert rings == []
    assert rings == [3]
    with database.write() as unit:
        unit.jobs.enqueue(a_scan(1))
        unit.config.save("theme", "dark")
    with pytest.raises(Broken), database.write() as unit:
        unit.jobs.enqueue(a_scan(4))
        raise Broken
    assert rings == [3], "nothing new to run"


def test_changed_entities_are_sent_before_the_commit(database: Database) -> None:
    with database.write() as unit:
        unit.profiles.add_default("en", ["de"])
        unit.profiles.set_default_languages("en", ["fr"])
    with database.read() as unit:
        assert unit.profiles.get_default().target_languages == ["fr"]


def test_the_observer_hears_of_statements_transactions_and_errors(
    database: Database, observer: CountingObserver
) -> None:
    with database.write() as unit:
        unit.secrets.get_or_make("one")
    _saved(database, "theme")
    with pytest.raises(DatabaseReadOnly), database.read() as unit:
        unit.secrets.get_or_make("two")
    assert observer.statements == ["secrets.make", "config.find", "secrets.make"]
    assert observer.transactions == ["write", "read", "read"]
    assert observer.errors == ["database_read_only"]
    assert len(observer.waits) == 1


def _synchronous(database: Database, *, durable: bool) -> int:
    with database.write(durable=durable) as unit:
        unit.config.save("theme", str(durable))
        driver = unit.connection.connection.driver_connection
        assert driver is not None
        return int(driver.execute("PRAGMA synchronous").fetchone()[0])


def test_a_durable_unit_is_synced_to_disk_and_the_next_one_is_not(sqlite_database: Database) -> None:
    normal, full = 1, 2
    wanted = [False, True, False, True, True, False]
    assert [_synchronous(sqlite_database, durable=durable) for durable in wanted] == [
        full if durable else normal for durable in wanted
    ]


def test_a_durable_unit_waits_for_the_servers_disk(postgres_database: Database) -> None:
    with postgres_database.write() as unit:
        unit.connection.exec_driver_sql("SET SESSION synchronous_commit = off")
    for durable, expected in ((True, "on"), (False, "off")):
        with postgres_database.write(durable=durable) as unit:
            assert unit.connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == expected


@pytest.mark.parametrize("options", [{"urgent": True}, {"durable": True}, {"urgent": True, "durable": True}])
def test_urgent_and_durable_units_store_like_any_other(database: Database, options: dict[str, bool]) -> None:
    with database.write(**options) as unit:
        unit.config.save("theme", "dark")
    assert _saved(database, "theme") == "dark"


def test_a_unit_returns_its_connection_however_it_ends(
    prepared_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(prepared_url, PoolOptions(size=1, max_overflow=1, timeout_seconds=1))
    for _ in range(5):
        with pytest.raises(Broken), database.write(), database.read():
            raise Broken
        with pytest.raises(DatabaseReadOnly), database.read() as unit:
            unit.config.save("theme", "dark")
    assert database.pool_state().checked_out == 0


def test_values_in_force_are_those_of_the_connections_that_work(database: Database) -> None:
    values = database.values_in_force()
    if database.dialect == "sqlite":
        assert values["write"]["journal_mode"] == "wal"
        assert (values["write"]["foreign_keys"], values["write"]["synchronous"]) == ("on", "normal")
        assert (values["write"]["query_only"], values["read"]["query_only"]) == ("off", "on")
    else:
        assert values["write"]["transaction_isolation"] == "read committed"
        assert values["read"]["transaction_isolation"] == "repeatable read"
        assert values["read"]["transaction_read_only"] == "on"
        assert values["write"]["TimeZone"] == "UTC"
