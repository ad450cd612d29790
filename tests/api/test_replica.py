"""Pages and API with a real standby: visitors see what they did, and its end costs nobody an error."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import text

from sublarr.bootstrap import House
from sublarr.db.database import Database
from sublarr.db.replica import ReadReplica, ReplicaLimits
from sublarr.web.app import create_app
from sublarr.web.errors import install_error_handlers
from sublarr.web.freshness import COOKIE, follow_visitors
from tests.api.houses import Contents, fill, opened
from tests.database_fixtures import CountingObserver
from tests.servers.standby import Replicated

# No test takes so long that a paused standby were too old by itself.
PATIENT = ReplicaLimits(lag_seconds=600.0, first_pause_seconds=0.02, longest_pause_seconds=0.05)
Urls = tuple[str, str]


def be_patient(database: Database) -> ReadReplica:
    """Have a standby that tests stop and pause be old late and be tried often."""
    assert database.replica is not None
    database.replica.close()
    options = database.options
    database.replica = ReadReplica(
        options.replica_url, options.pool, database.write_engine, CountingObserver(), PATIENT
    )
    return database.replica


@pytest.fixture
def house(tmp_path: Path, replicated: Replicated, replicated_urls: Urls) -> Iterator[House]:
    url, replica_url = replicated_urls
    places = {"SUBLARR_DATABASE_URL": url, "SUBLARR_DATABASE_REPLICA_URL": replica_url}
    with opened(tmp_path / "config", **places) as house:
        be_patient(house.database).look()
        yield house


@pytest.fixture
def wanted(house: House, tmp_path: Path, replicated: Replicated) -> Contents:
    contents = fill(house, tmp_path / "media")
    replicated.catch_up()
    return contents


def known(app: Flask) -> FlaskClient:
    """A browser that has been here before, and therefore shows its cookie."""
    client = app.test_client()
    assert client.get("/api/v1/wanted").status_code == 200
    return client


def status_of(client: FlaskClient, wanted_id: int) -> str:
    return str(client.get(f"/api/v1/wanted/{wanted_id}").get_json()["status"])


def until(is_true: Callable[[], bool]) -> None:
    deadline = monotonic() + 30
    while not is_true():
        assert monotonic() < deadline, "it never came true"
        sleep(0.01)


class TestReadYourWrites:
    def test_what_a_visitor_did_is_on_their_next_page_while_another_reads_from_the_standby(
        self, house: House, wanted: Contents, replicated: Replicated
    ) -> None:
        app = create_app(house)
        writer, other = known(app), known(app)
        replicated.freeze()
        changed = writer.put(f"/api/v1/wanted/{wanted.wanted_ids[0]}/status", json={"status": "ignored"})
        assert changed.status_code == 200
        assert status_of(writer, wanted.wanted_ids[0]) == "ignored"
        assert status_of(other, wanted.wanted_ids[0]) == "wanted"

    def test_it_is_on_the_page_that_a_form_leads_to(
        self, house: House, wanted: Contents, replicated: Replicated
    ) -> None:
        app = create_app(house)
        writer, other = known(app), known(app)
        replicated.freeze()
        form = {"action": "ignore", "item": [str(wanted.wanted_ids[0])]}
        page = writer.post("/wanted/act", data=form, follow_redirects=True)
        assert page.status_code == 200
        mine, theirs = (client.get("/wanted?status=ignored").text for client in (writer, other))
        assert "The Show" in mine
        assert "The Show" not in theirs

    def test_another_process_shows_it_too(
        self,
        tmp_path: Path,
        house: House,
        wanted: Contents,
        replicated: Replicated,
        replicated_urls: Urls,
    ) -> None:
        url, replica_url = replicated_urls
        places = {"SUBLARR_DATABASE_URL": url, "SUBLARR_DATABASE_REPLICA_URL": replica_url}
        with opened(tmp_path / "another", **places) as another:
            be_patient(another.database).look()
            writer, there, stranger = known(create_app(house)), *map(known, [create_app(another)] * 2)
            replicated.freeze()
            writer.put(f"/api/v1/wanted/{wanted.wanted_ids[0]}/status", json={"status": "ignored"})
            brought = writer.get_cookie(COOKIE)
            assert brought is not None
            there.set_cookie(COOKIE, brought.value)
            assert status_of(there, wanted.wanted_ids[0]) == "ignored"
            assert status_of(stranger, wanted.wanted_ids[0]) == "wanted"

    def test_a_program_that_keeps_no_cookies_sees_what_it_did(
        self, house: House, wanted: Contents, replicated: Replicated
    ) -> None:
        app = create_app(house)
        program = app.test_client(use_cookies=False)
        replicated.freeze()
        program.put(f"/api/v1/wanted/{wanted.wanted_ids[0]}/status", json={"status": "ignored"})
        assert status_of(program, wanted.wanted_ids[0]) == "ignored"

    def test_a_change_whose_answer_was_an_error_counts_too(
        self, house: House, replicated: Replicated
    ) -> None:
        app = Flask("failing")
        install_error_handlers(app)

        def fail() -> Response:
            with house.database.write() as unit:
                unit.config.save("a", "b")
            raise KeyError

        app.add_url_rule("/api/fail", "fail", fail, methods=["POST"])
        follow_visitors(app, house)
        client = app.test_client()
        assert client.post("/api/fail").status_code == 500
        cookie = client.get_cookie(COOKIE)
        assert cookie is not None
        assert not cookie.value.startswith("0.")

    def test_a_forged_cookie_is_a_visitors_own_affair(self, house: House, wanted: Contents) -> None:
        client = create_app(house).test_client()
        for forged in ("ffffffffffffffff.99999999999", "x", "0.0", f"ffffffffffffffff.{2**33}", "1.1; a=b"):
            client.set_cookie(COOKIE, forged)
            assert client.get("/wanted").status_code == 200

    def test_without_a_replica_no_visitor_is_given_a_cookie(self, tmp_path: Path) -> None:
        with opened(tmp_path / "config") as small:
            client = create_app(small).test_client()
            assert client.get("/wanted").status_code == 200
            assert client.get_cookie(COOKIE) is None

    def test_files_that_browsers_keep_carry_no_cookie(self, house: House) -> None:
        client = create_app(house).test_client()
        with client.get("/static/app.css") as answer:
            assert answer.status_code == 200
        assert client.get_cookie(COOKIE) is None


class TestFailures:
    def test_a_page_that_loses_the_standby_in_the_middle_is_made_again_from_the_primary(
        self, house: House, replicated: Replicated
    ) -> None:
        app = Flask("breaking")
        install_error_handlers(app)
        servers: list[bool] = []

        def look() -> str:
            with house.database.read(stale_ok=True) as unit:
                question = text("SELECT pg_is_in_recovery(), pg_backend_pid()")
                is_standby, pid = unit.connection.execute(question).one()
                servers.append(is_standby)
                if is_standby:
                    replicated.standby.run(f"SELECT pg_terminate_backend({pid}, 5000)")
                unit.connection.execute(question)
            return "whole"

        app.add_url_rule("/api/look", "look", look)
        follow_visitors(app, house)
        client = app.test_client()
        client.set_cookie(COOKIE, "0.0")
        replicated.catch_up()
        assert client.get("/api/look").text == "whole"
        assert servers == [True, False]

    def test_a_stopped_standby_costs_no_visitor_an_error(
        self, house: House, wanted: Contents, replicated: Replicated
    ) -> None:
        app = create_app(house)
        replica = house.database.replica
        assert replica is not None
        stop, statuses = Event(), [list[int]() for _ in range(8)]

        def visit(seen: list[int]) -> None:
            client = known(app)
            while not stop.is_set():
                seen.append(client.get("/wanted").status_code)
                seen.append(client.get("/api/v1/wanted").status_code)

        def all_go_on() -> None:
            before = [len(seen) for seen in statuses]
            until(lambda: all(len(s) > then + 2 for s, then in zip(statuses, before, strict=True)))

        threads = [Thread(target=visit, args=(seen,)) for seen in statuses]
        for thread in threads:
            thread.start()
        try:
            all_go_on()
            replicated.kill()
            try:
                all_go_on()
            finally:
                replicated.standby.process.start()
            until(lambda: replica.state().is_used)
            all_go_on()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert {status for seen in statuses for status in seen} == {200}


class TestReports:
    def test_health_tells_whether_the_replica_answers_and_why_not(
        self, house: House, replicated: Replicated
    ) -> None:
        def check() -> tuple[str, str]:
            house.health._cached = None
            found = next(check for check in house.health.deep().checks if check.name == "replica")
            return found.status.value, found.message

        status, message = check()
        assert (status, message.startswith("answers reads")) == ("ok", True)
        replicated.kill()
        try:
            status, message = check()
            assert (status, message.startswith("passed over")) == ("degraded", True)
        finally:
            replicated.standby.process.start()

    def test_metrics_show_the_replicas_pool_and_lag(self, house: House) -> None:
        scrape = create_app(house).test_client().get("/metrics").text
        assert 'sublarr_db_pool_size{pool="replica"} 5.0' in scrape
        assert 'sublarr_db_pool_size{pool="main"} 5.0' in scrape
        assert "sublarr_db_replica_used 1.0" in scrape
        assert "sublarr_db_replica_lag_bytes" in scrape
        assert "sublarr_db_replica_lag_seconds" in scrape
