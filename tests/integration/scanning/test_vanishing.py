"""Disks, folders and rights that vanish: nothing that is known gets lost, and it is said what was not seen."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sublarr.health import HealthStatus
from sublarr.jobs import scan_folder
from sublarr.library.walk import DirectoryListing
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.subtitles import WantedStatus
from tests.integration.scanning.household import Household
from tests.integration.scanning.rights import CannotGiveUpRights, bound

FILM = "Stalker (1979)/Stalker (1979).mkv"


def _mount(place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if done.returncode != 0:
        pytest.skip(f"NOT TESTED: a disk cannot be mounted here: {done.stderr.decode().strip()}")


def _unmount(place: Path) -> None:
    subprocess.run(["umount", str(place)], capture_output=True, check=False)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A place below the household's root that is a disk of its own."""
    place = tmp_path / "media" / "disk"
    _mount(place)
    yield place
    _unmount(place)


def _assert_kept(household: Household, names: set[str]) -> None:
    assert set(household.files()) == names
    assert household.states()[FILM, "fr"] is WantedStatus.IGNORED


def _known(household: Household) -> set[str]:
    household.put(FILM)
    household.put("Show/Season 01/Show - S01E01.mkv")
    household.found()
    household.ignore(FILM)
    return set(household.files())


def _folders_check(household: Household) -> tuple[HealthStatus, str]:
    report = household.house.health.deep()
    check = next(check for check in report.checks if check.name == "folders")
    return check.status, check.message


def test_a_renamed_root_loses_nothing_and_is_told_to_the_household(household: Household) -> None:
    names = _known(household)
    away = household.root.with_name("away")
    os.rename(household.root, away)
    job = household.scan()
    assert (job.status, job.attempts) == (JobStatus.FAILED, 1)
    assert "does not exist" in job.error
    _assert_kept(household, names)
    status, message = _folders_check(household)
    assert status is HealthStatus.DEGRADED
    assert str(household.root) in message
    os.rename(away, household.root)
    assert household.found()["unchanged"] == 2
    assert household.folder_problem() == ""
    _assert_kept(household, names)


@pytest.mark.parametrize("what", ["empty", "file"])
def test_a_root_that_is_an_empty_mount_point_or_a_file_loses_nothing(household: Household, what: str) -> None:
    names = _known(household)
    os.rename(household.root, household.root.with_name("away"))
    if what == "empty":
        household.root.mkdir()
    else:
        household.root.write_text("not a folder")
    job = household.scan()
    assert job.status is JobStatus.FAILED
    _assert_kept(household, names)
    assert household.folder_problem()


def test_a_root_that_was_a_disk_and_is_not_mounted_loses_nothing_even_with_files_below_it(
    household: Household,
) -> None:
    _mount(household.root)
    try:
        names = _known(household)
    finally:
        _unmount(household.root)
    # Something wrote into the folder below the mount: it is not empty, and yet not the library.
    household.put("stray.mkv")
    job = household.scan()
    assert job.status is JobStatus.FAILED
    assert "was a mounted disk" in job.error
    _assert_kept(household, names)


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_disk_inside_the_folder_that_is_unmounted_loses_nothing(
    disk: Path, household: Household, is_removed: bool
) -> None:
    household.put("disk/Solaris (1972)/Solaris (1972).mkv")
    names = _known(household)
    _unmount(disk)
    if is_removed:
        disk.rmdir()
    result = household.found()
    assert (result["kept_unseen"], result["removed"]) == (1, 0)
    assert any("was a mounted disk" in problem for problem in result["problems"])
    _assert_kept(household, names)
    assert "disk" in household.folder_problem()
    assert household.found()["kept_unseen"] == 1, "the second look is as careful as the first"


@pytest.mark.parametrize("below", ["disk", "disk/Solaris (1972)", "disk/Solaris (1972)/Extras"])
def test_what_the_watcher_tells_of_an_unmounted_disk_loses_nothing(
    disk: Path, household: Household, below: str
) -> None:
    household.put("disk/Solaris (1972)/Solaris (1972).mkv")
    names = _known(household)
    _unmount(disk)
    result = household.found(below=str(household.root / below))
    assert result["removed"] == 0
    assert result["problems"]
    _assert_kept(household, names)


def test_a_disk_that_comes_back_is_as_it_was(disk: Path, household: Household) -> None:
    household.put("disk/Solaris (1972)/Solaris (1972).mkv")
    _known(household)
    shelter = household.root.with_name("shelter")
    shelter.mkdir()
    subprocess.run(["mount", "--bind", str(disk), str(shelter)], check=True)
    try:
        _unmount(disk)
        household.found()
        subprocess.run(["mount", "--bind", str(shelter), str(disk)], check=True)
    finally:
        _unmount(shelter)
    assert household.found()["unchanged"] == 3
    assert household.folder_problem() == ""
    os.unlink(disk / "Solaris (1972)/Solaris (1972).mkv")
    assert household.found()["removed"] == 1, "on a mounted disk, gone is gone"


def test_a_link_whose_disk_is_away_loses_nothing(household: Household, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    os.symlink(outside, household.root / "linked")
    (outside / "Solaris (1972).mkv").write_bytes(household.video)
    names = _known(household)
    os.rename(outside, tmp_path / "gone")
    result = household.found()
    assert (result["kept_unseen"], result["removed"]) == (1, 0)
    _assert_kept(household, names)


@pytest.fixture
def bound_by_rights(tmp_path: Path) -> Iterator[None]:
    try:
        with bound(tmp_path):
            yield
    except CannotGiveUpRights as error:
        pytest.skip(f"NOT TESTED: root cannot be bound by the rights of files here: {error}")


def test_a_directory_that_may_not_be_read_loses_nothing(household: Household, bound_by_rights: None) -> None:
    names = _known(household)
    place = household.root / "Stalker (1979)"
    place.chmod(0)
    try:
        result = household.found()
        assert (result["kept_unseen"], result["removed"]) == (1, 0)
        assert any("may not read it" in problem for problem in result["problems"])
    finally:
        place.chmod(0o755)
    _assert_kept(household, names)


def test_a_file_that_may_not_be_read_is_read_once_it_may(household: Household, bound_by_rights: None) -> None:
    path = household.put(FILM)
    os.chmod(path, 0)
    assert household.found()["unreadable"] == 1
    os.chmod(path, 0o644)
    result = household.found()
    assert (result["changed"], result["unreadable"]) == (1, 0)
    assert household.file(FILM).container == "matroska"


def test_a_disk_that_goes_while_it_is_read_leaves_no_false_facts(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = household.put(FILM)
    household.put("Other (2000)/Other (2000).mkv")
    look = scan_folder.walk_folder

    def look_and_lose(*args: Any, **options: Any) -> Iterator[DirectoryListing]:
        yield from look(*args, **options)
        os.unlink(path)

    monkeypatch.setattr(scan_folder, "walk_folder", look_and_lose)
    result = household.found()
    assert (result["vanished"], result["unreadable"]) == (1, 0)
    assert "vanished" in result["problems"][0]
    assert set(household.files()) == {"Other (2000)/Other (2000).mkv"}
    assert not [row for row in household.wanted() if "Stalker" in row.file_path]
