"""A whole house with its watcher: what is copied into the library is found without being asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sublarr.bootstrap import House, Workers, open_house, start_workers
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import JobFilter
from sublarr.jobs.asking import scan_all
from sublarr.library.service import add_folder
from sublarr.vocabulary.errors import Rejected
from sublarr.vocabulary.jobs import JobOrigin, JobStatus, ScanFolder, ScanLibrary
from tests.integration.queue.bench import until

PATIENCE_SECONDS = 60.0


@pytest.fixture
def house(prepared_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("sublarr.jobs.asking._WATCHER_DELAY_SECONDS", 0.1)
    environment = {
        "SUBLARR_CONFIG_DIR": str(tmp_path / "config"),
        "SUBLARR_DATABASE_URL": prepared_url,
        "SUBLARR_TARGET_LANGUAGE": "fr",
        "SUBLARR_STANDALONE_DEBOUNCE_SECONDS": "1",
        "SUBLARR_WANTED_AUTO_EXTRACT": "false",
    }
    house = open_house(environment)
    yield house
    house.close()


@pytest.fixture
def workers(house: House, tmp_path: Path) -> Iterator[Workers]:
    (tmp_path / "media").mkdir()
    add_folder(house.database, str(tmp_path / "media"))
    workers = start_workers(house, kind="test", threads=2, watches=True)
    assert workers.watcher is not None
    assert workers.watcher.wait_until_current(30)
    yield workers
    assert workers.stop()


def _known(house: House) -> set[str]:
    with house.database.read() as unit:
        return {
            os.path.basename(row.path)
            for folder in unit.folders.listed()
            for row in unit.files.listed(unit.files.ids_of_source(folder.source_id))
        }


def test_a_film_that_is_copied_in_is_found_by_itself(
    house: House, workers: Workers, tmp_path: Path, small_video: bytes
) -> None:
    target = tmp_path / "media" / "Stalker (1979)" / "Stalker (1979).mkv"
    target.parent.mkdir()
    target.write_bytes(small_video)
    until(lambda: _known(house) == {"Stalker (1979).mkv"}, PATIENCE_SECONDS)
    with house.database.read() as unit:
        jobs = unit.jobs.page(JobFilter(kind=ScanFolder.kind), PageRequest(limit=50)).items
    assert {job.origin for job in jobs} == {JobOrigin.WATCHER}


def test_a_folder_that_is_added_later_is_watched_too(
    house: House, workers: Workers, tmp_path: Path, small_video: bytes
) -> None:
    later = tmp_path / "later"
    later.mkdir()
    add_folder(house.database, str(later))
    workers.update_watched_folders()
    assert workers.watcher is not None
    assert workers.watcher.wait_until_current(30)
    (later / "Solaris (1972).mkv").write_bytes(small_video)
    until(lambda: _known(house) == {"Solaris (1972).mkv"}, PATIENCE_SECONDS)


def test_the_schedules_of_the_house_are_there_and_can_be_run_by_hand(house: House, workers: Workers) -> None:
    with house.database.read() as unit:
        rows = {row.name: row for row in unit.schedules.listed()}
    assert rows.keys() == {"scan_library", "prune_history"}
    assert all(row.next_run_at is not None for row in rows.values())
    for name in rows:
        job_id = house.scheduler.run_now(name).job_id

        def is_done(job_id: str = job_id) -> bool:
            with house.database.read() as unit:
                return unit.jobs.get(job_id).status is JobStatus.COMPLETED

        until(is_done)


def test_a_scheduled_scan_of_a_house_without_folders_is_no_failure(house: House) -> None:
    with pytest.raises(Rejected):
        scan_all(house.database)
    workers = start_workers(house, kind="test", threads=1, watches=False)
    try:
        job_id = house.scheduler.run_now(ScanLibrary.kind).job_id

        def is_done() -> bool:
            with house.database.read() as unit:
                return unit.jobs.get(job_id).status is JobStatus.COMPLETED

        until(is_done)
    finally:
        assert workers.stop()


def test_a_setting_that_is_saved_holds_for_the_next_job(
    house: House, workers: Workers, tmp_path: Path, small_video: bytes
) -> None:
    house.save_setting("target_language", "es")
    (tmp_path / "media" / "Solaris (1972).mkv").write_bytes(small_video)
    until(lambda: _known(house) == {"Solaris (1972).mkv"}, PATIENCE_SECONDS)

    def wanted() -> dict[str, int]:
        with house.database.read() as unit:
            return dict(unit.wanted.summary().by_language)

    until(lambda: wanted() == {"es": 1})


def test_a_house_that_stops_leaves_no_worker_behind(house: House) -> None:
    workers = start_workers(house, kind="test", threads=2, watches=True)
    with house.database.read() as unit:
        (row,) = unit.workers.listed()
    assert (row.kind, row.threads, row.pid) == ("test", 2, os.getpid())
    assert workers.stop()
    with house.database.read() as unit:
        assert unit.workers.listed() == ()
