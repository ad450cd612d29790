"""Every check of the house, with what it warns of really brought about."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from sublarr.bootstrap import House, checks, open_house
from sublarr.health import Check, HealthStatus, Report
from sublarr.library.service import add_folder
from sublarr.vocabulary.jobs import ExtractSubtitles
from tests.contract.db.rows import a_worker
from tests.database_fixtures import Clock
from tests.servers.postgres import PostgresServer

OK, DEGRADED, DOWN = HealthStatus.OK, HealthStatus.DEGRADED, HealthStatus.DOWN


@pytest.fixture
def house(prepared_url: str, tmp_path: Path, clock: Clock) -> Iterator[House]:
    environment = {"SUBLARR_CONFIG_DIR": str(tmp_path), "SUBLARR_DATABASE_URL": prepared_url}
    house = open_house(environment, clock=clock)
    with house.database.write() as unit:
        a_worker(unit)
    yield house
    house.close()


def _check(report: Report, name: str) -> Check:
    return next(check for check in report.checks if check.name == name)


def _deep(house: House, clock: Clock) -> Report:
    house.health._cached = None
    return house.health.deep()


def test_a_healthy_house_says_so_at_every_depth(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However full the disk of these tests is.
    monkeypatch.setattr(checks, "_LOW_DISK_BYTES", 0)
    monkeypatch.setattr(checks, "_LOW_DISK_SHARE", 0.0)
    assert house.health.live().status is OK
    assert house.health.ready().status is OK
    report = house.health.deep()
    assert report.status is OK, report
    assert [check.name for check in report.checks] == [
        "database",
        "schema",
        "jobs",
        "database values",
        "connections",
        "disk",
        "folders",
        "failed jobs",
    ]
    assert all(check.message and check.since == clock.now for check in report.checks)


def test_without_a_worker_it_is_said_that_nothing_will_happen(house: House, clock: Clock) -> None:
    with house.database.write() as unit:
        unit.workers.stop(["worker-1"])
    check = _check(house.health.ready(), "jobs")
    assert (check.status, check.message) == (DEGRADED, "no worker runs jobs")
    assert "SUBLARR_QUEUE_WORKERS" in check.remedy


def test_a_worker_that_has_fallen_silent_counts_as_none(house: House, clock: Clock) -> None:
    clock.advance(120)
    assert _check(house.health.ready(), "jobs").status is OK
    clock.advance(120)
    assert _check(house.health.ready(), "jobs").status is DEGRADED


def test_jobs_that_wait_long_are_told(house: House) -> None:
    with house.database.write() as unit:
        unit.jobs.enqueue(ExtractSubtitles(file_id=1))
    assert _check(house.health.ready(), "jobs").status is OK
    back = (
        "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '-20 minutes')"
        if house.database.dialect == "sqlite"
        else "now() - interval '20 minutes'"
    )
    with house.database.write() as unit:
        unit.connection.execute(text(f"UPDATE jobs SET run_at = {back}"))
    check = _check(house.health.ready(), "jobs")
    assert check.status is DEGRADED
    assert "20 minutes" in check.message


def test_failed_jobs_are_told_until_a_person_looked(house: House, clock: Clock) -> None:
    with house.database.write() as unit:
        job_id = unit.jobs.enqueue(ExtractSubtitles(file_id=1)).job_id
        mine = unit.claims.claim("worker-1", [ExtractSubtitles.kind])
        assert mine is not None
        unit.claims.fail(mine, "no", "")
    check = _check(_deep(house, clock), "failed jobs")
    assert (check.status, check.message) == (DEGRADED, "1 job failed for good")
    with house.database.write() as unit:
        unit.jobs.cancel(job_id)
    assert _check(_deep(house, clock), "failed jobs").status is OK


def test_a_folder_in_trouble_is_named(house: House, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    folder = add_folder(house.database, str(tmp_path / "media"))
    assert _check(_deep(house, clock), "folders").status is OK
    with house.database.write() as unit:
        unit.folders.record_problem(folder.id, "it is away")
    check = _check(_deep(house, clock), "folders")
    assert check.status is DEGRADED
    assert str(tmp_path / "media") in check.message


def test_a_schema_of_another_program_is_down_and_says_what_to_do(house: House) -> None:
    with house.database.write() as unit:
        columns = unit.connection.execute(text("SELECT * FROM schema_version")).keys()
        column = next(iter(columns))
        known = unit.connection.execute(text(f"SELECT {column} FROM schema_version")).scalar_one()
        unit.connection.execute(text(f"UPDATE schema_version SET {column} = '9999'"))
    try:
        check = _check(house.health.ready(), "schema")
        assert check.status is DOWN
        assert check.remedy
        assert house.health.ready().status is DOWN
    finally:
        with house.database.write() as unit:
            unit.connection.execute(text(f"UPDATE schema_version SET {column} = :known"), {"known": known})


def test_since_tells_when_it_began_not_when_it_was_asked(house: House, clock: Clock) -> None:
    with house.database.write() as unit:
        unit.workers.stop(["worker-1"])
    began = clock.now
    house.health.ready()
    clock.advance(3600)
    assert _check(house.health.ready(), "jobs").since == began
    with house.database.write() as unit:
        a_worker(unit, "worker-2")
        unit.workers.beat("worker-2")
    clock.advance(-3600)
    clock.advance(1)
    check = _check(house.health.ready(), "jobs")
    assert (check.status, check.since) == (OK, clock.now)


def test_a_full_disk_is_told_before_it_is_too_late(
    prepared_sqlite_url: str, tmp_path: Path, clock: Clock
) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"NOT TESTED: a disk cannot be mounted here: {done.stderr.decode().strip()}")
    try:
        environment = {"SUBLARR_CONFIG_DIR": str(place), "SUBLARR_DATABASE_URL": prepared_sqlite_url}
        house = open_house(environment, clock=clock)
        check = _check(house.health.deep(), "disk")
        house.close()
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
    assert check.status is DEGRADED
    assert "free" in check.message


def test_a_locked_database_is_down_within_seconds_and_well_again_afterwards(
    prepared_sqlite_url: str, tmp_path: Path
) -> None:
    house = open_house({"SUBLARR_CONFIG_DIR": str(tmp_path), "SUBLARR_DATABASE_URL": prepared_sqlite_url})
    other = sqlite3.connect(prepared_sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert _check(house.health.ready(), "database").status is DOWN
    other.execute("ROLLBACK")
    other.close()
    assert _check(house.health.ready(), "database").status is OK
    house.close()


def test_a_database_file_that_was_replaced_by_rubbish_is_down(
    prepared_sqlite_url: str, tmp_path: Path
) -> None:
    house = open_house({"SUBLARR_CONFIG_DIR": str(tmp_path), "SUBLARR_DATABASE_URL": prepared_sqlite_url})
    path = Path(prepared_sqlite_url.removeprefix("sqlite:///"))
    house.close()
    for leftover in (f"{path}-wal", f"{path}-shm"):
        if os.path.exists(leftover):
            os.unlink(leftover)
    path.write_bytes(b"rubbish" * 1000)
    report = house.health.ready()
    assert report.status is DOWN
    assert {check.name for check in report.checks if check.status is DOWN} == {"database", "schema", "jobs"}
    house.close()


def test_a_server_that_is_gone_is_down_in_every_check_that_needs_it(
    postgres_server: PostgresServer, prepared_postgres_url: str, tmp_path: Path
) -> None:
    url = postgres_server.create_database()
    house = open_house({"SUBLARR_CONFIG_DIR": str(tmp_path), "SUBLARR_DATABASE_URL": url})
    assert _check(house.health.ready(), "database").status is OK
    postgres_server.drop_database(url)
    report = house.health.ready()
    assert report.status is DOWN
    assert all(check.status is DOWN and check.message for check in report.checks)
    house.close()


def test_an_unwritable_config_folder_is_seen_by_the_disk_check_alone(
    house: House, clock: Clock, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    health = checks.make_health(house.database, gone, clock)
    shutil.rmtree(gone)
    report = health.deep()
    assert _check(report, "disk").status is DOWN
    assert _check(report, "database").status is OK


def test_values_that_a_connection_refused_are_named(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _check(_deep(house, clock), "database values")
    assert told.status is OK
    expected = "journal_mode wal" if house.database.dialect == "sqlite" else "TimeZone UTC"
    assert expected in told.message
    found = house.database.values_in_force()
    refused = (
        ("write", "journal_mode", "delete")
        if house.database.dialect == "sqlite"
        else ("read", "TimeZone", "CET")
    )
    side, name, value = refused
    found[side][name] = value
    monkeypatch.setattr(type(house.database), "values_in_force", lambda self: found)
    told = _check(_deep(house, clock), "database values")
    assert (told.status, told.message) == (DEGRADED, f"{name} is {value} for {side}s")
    assert told.remedy


def test_a_write_that_never_ends_is_named(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "connections in use" in _check(_deep(house, clock), "connections").message
    monkeypatch.setattr(checks, "_WRITES_LONG_SECONDS", 0.0)
    with house.database.write() as unit:
        unit.config.all()
        finding = checks._connections(house.database)
    assert finding.status is DEGRADED
    assert "test_a_write_that_never_ends_is_named" in finding.message
    assert _check(_deep(house, clock), "connections").status is OK
