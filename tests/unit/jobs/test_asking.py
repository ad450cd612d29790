from pathlib import Path

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.folders import FolderEdit, FolderRow
from sublarr.jobs.asking import extract_files, extract_wanted, scan_all, scan_folder
from sublarr.library.service import add_folder
from sublarr.vocabulary.errors import Conflict, InvalidInput, NotFound, Rejected
from sublarr.vocabulary.jobs import JobOrigin, JobPriority


@pytest.fixture
def folder(sqlite_database: Database, tmp_path: Path) -> FolderRow:
    (tmp_path / "media").mkdir()
    return add_folder(sqlite_database, str(tmp_path / "media"))


def test_asking_twice_for_a_scan_gets_one(sqlite_database: Database, folder: FolderRow) -> None:
    first = scan_folder(sqlite_database, folder.id)
    assert scan_folder(sqlite_database, folder.id) == type(first)(first.job_id, is_new=False)
    assert scan_folder(sqlite_database, folder.id, extract=True).is_new
    assert scan_folder(sqlite_database, folder.id, below=f"{folder.path}/Show").is_new


def test_a_scan_of_the_folders_own_path_is_a_scan_of_the_folder(
    sqlite_database: Database, folder: FolderRow
) -> None:
    whole = scan_folder(sqlite_database, folder.id)
    assert scan_folder(sqlite_database, folder.id, below=folder.path).job_id == whole.job_id


def test_what_a_person_asks_for_goes_before_what_the_watcher_noticed(
    sqlite_database: Database, folder: FolderRow
) -> None:
    watcher = scan_folder(sqlite_database, folder.id, below=f"{folder.path}/a", origin=JobOrigin.WATCHER)
    person = scan_folder(sqlite_database, folder.id, request_id="r1")
    with sqlite_database.read() as unit:
        asked, noticed = unit.jobs.get(person.job_id), unit.jobs.get(watcher.job_id)
    assert (asked.priority, noticed.priority) == (JobPriority.PERSON, JobPriority.NORMAL)
    assert noticed.run_at > noticed.created_at, "a season that is being copied is scanned once"


def test_only_folders_that_are_enabled_are_scanned(sqlite_database: Database, folder: FolderRow) -> None:
    assert len(scan_all(sqlite_database)) == 1
    with sqlite_database.write() as unit:
        unit.folders.update(folder.id, folder.version, FolderEdit(enabled=False))
    with pytest.raises(Rejected, match="no folder"):
        scan_all(sqlite_database)


def test_a_folder_that_is_not_there_cannot_be_scanned(sqlite_database: Database) -> None:
    with pytest.raises(NotFound):
        scan_folder(sqlite_database, 99)


def test_asking_about_files_that_are_not_there_asks_for_nothing(sqlite_database: Database) -> None:
    with sqlite_database.write() as unit:
        unit.profiles.add_default("en", ["de"])
    assert extract_files(sqlite_database, [1, 2, 3]) == 0
    assert extract_wanted(sqlite_database, [1, 2, 3]) == 0
    assert extract_files(sqlite_database, []) == 0


@pytest.mark.parametrize("typed", ["", "  ", "relative/path", "/does/not/exist", "/proc/self/status", "a\0b"])
def test_what_is_no_folder_is_refused_with_a_reason(sqlite_database: Database, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_folder(sqlite_database, typed)
    assert refused.value.problems[0].field == "path"


def test_a_folder_inside_a_watched_one_is_refused(
    sqlite_database: Database, folder: FolderRow, tmp_path: Path
) -> None:
    (tmp_path / "media" / "inner").mkdir()
    for path in (tmp_path / "media" / "inner", tmp_path, tmp_path / "media"):
        with pytest.raises(Conflict):
            add_folder(sqlite_database, str(path))


def test_a_path_is_kept_as_it_is_meant_not_as_it_was_typed(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "films").mkdir()
    assert add_folder(sqlite_database, " ~/x/../films/ ").path == str(tmp_path / "films")
