import errno
import os
import queue
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from sublarr.library.observing import FolderObservation, Sighting
from sublarr.library.watch import FolderWatcher
from sublarr.vocabulary.errors import Unavailable
from sublarr.vocabulary.paths import to_text

QUIET = 0.2
PATIENCE = 10.0


class Watching:
    def __init__(self) -> None:
        self.changes: queue.Queue[tuple[str, str]] = queue.Queue()
        self.problems: queue.Queue[tuple[str, str]] = queue.Queue()
        self.failures = 0
        self.watcher = FolderWatcher(
            self.on_change,
            lambda path, message: self.problems.put((path, message)),
            debounce_seconds=QUIET,
            recheck_seconds=0.3,
        )

    def on_change(self, folder: str, directory: str) -> None:
        if self.failures:
            self.failures -= 1
            raise Unavailable("the database is busy")
        self.changes.put((folder, directory))

    def start(self, *folders: Path) -> None:
        self.watcher.start(map(str, folders))
        assert self.watcher.wait_until_current(PATIENCE)

    def change(self) -> tuple[str, str]:
        return self.changes.get(timeout=PATIENCE)


@pytest.fixture
def watching() -> Iterator[Watching]:
    watching = Watching()
    before = set(threading.enumerate())
    yield watching
    watching.watcher.stop()
    assert set(threading.enumerate()) <= before


def test_a_new_film_is_noticed(watching: Watching, tmp_path: Path) -> None:
    watching.start(tmp_path)
    (tmp_path / "Film").mkdir()
    (tmp_path / "Film" / "film.mkv").write_bytes(b"x")
    assert watching.change() == (str(tmp_path), str(tmp_path / "Film"))


def test_a_name_of_undecodable_bytes_is_noticed(watching: Watching, tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    os.mkdir(folder)
    watching.start(tmp_path)
    with open(folder + "/a.srt", "w") as file:
        file.write("x")
    assert watching.change() == (str(tmp_path), to_text(folder))


def test_what_is_no_media_wakes_nobody(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / ".Trash").mkdir()
    watching.start(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "film.mkv.part").write_text("x")
    (tmp_path / ".Trash" / "film.mkv").write_text("x")
    (tmp_path / "end").mkdir()
    (tmp_path / "end" / "film.mkv").write_text("x")
    assert watching.change() == (str(tmp_path), str(tmp_path / "end"))
    assert watching.changes.empty()


def test_a_finished_download_renamed_into_place_is_noticed(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "film.mkv.part").write_text("x")
    watching.start(tmp_path)
    (tmp_path / "film.mkv.part").rename(tmp_path / "film.mkv")
    assert watching.change() == (str(tmp_path), str(tmp_path))


def test_a_removed_directory_is_reported_by_the_one_above_it(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "tv" / "Show").mkdir(parents=True)
    (tmp_path / "tv" / "Show" / "a.mkv").write_text("x")
    watching.start(tmp_path)
    shutil.rmtree(tmp_path / "tv" / "Show")
    assert watching.change() == (str(tmp_path), str(tmp_path / "tv"))


def test_a_directory_moved_away_is_reported(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "in" / "Show").mkdir(parents=True)
    (tmp_path / "in" / "Show" / "a.mkv").write_text("x")
    watching.start(tmp_path / "in")
    (tmp_path / "in" / "Show").rename(tmp_path / "Show")
    assert watching.change() == (str(tmp_path / "in"), str(tmp_path / "in"))


def test_a_folder_that_is_a_link_is_watched_under_its_own_name(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "media").symlink_to(tmp_path / "disk")
    watching.start(tmp_path / "media")
    (tmp_path / "disk" / "film.mkv").write_text("x")
    assert watching.change() == (str(tmp_path / "media"), str(tmp_path / "media"))


def test_a_missing_folder_is_said_and_watched_once_it_is_there(watching: Watching, tmp_path: Path) -> None:
    folder = tmp_path / "mount"
    watching.start(folder)
    path, message = watching.problems.get(timeout=PATIENCE)
    assert path == str(folder)
    assert "does not exist" in message
    assert watching.watcher.problems() == {str(folder): message}
    folder.mkdir()
    assert watching.change() == (str(folder), str(folder))
    assert watching.watcher.problems() == {}
    (folder / "Film").mkdir()
    (folder / "Film" / "film.mkv").write_text("x")
    assert watching.change() == (str(folder), str(folder / "Film"))
    assert watching.problems.empty()


def test_a_folder_that_vanishes_is_a_problem_and_not_a_change(watching: Watching, tmp_path: Path) -> None:
    folder = tmp_path / "mount"
    folder.mkdir()
    (folder / "film.mkv").write_text("x")
    watching.start(folder)
    shutil.rmtree(folder)
    assert watching.problems.get(timeout=PATIENCE)[0] == str(folder)
    assert watching.changes.empty()


def test_folders_can_be_exchanged_while_watching(watching: Watching, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    watching.start(tmp_path / "a")
    watching.watcher.update([str(tmp_path / "b")])
    assert watching.watcher.wait_until_current(PATIENCE)
    (tmp_path / "a" / "film.mkv").write_text("x")
    (tmp_path / "b" / "film.mkv").write_text("x")
    assert watching.change() == (str(tmp_path / "b"), str(tmp_path / "b"))
    assert watching.changes.empty()


def test_a_change_nobody_could_take_is_offered_again(watching: Watching, tmp_path: Path) -> None:
    watching.failures = 1
    watching.start(tmp_path)
    (tmp_path / "film.mkv").write_text("x")
    assert watching.change() == (str(tmp_path), str(tmp_path))
    assert "the database is busy" in watching.problems.get(timeout=PATIENCE)[1]


def test_two_links_to_one_disk_do_not_end_each_others_watch(watching: Watching, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    for name in ("a", "b"):
        (tmp_path / name).symlink_to(tmp_path / "disk")
    watching.start(tmp_path / "a", tmp_path / "b")
    watching.watcher.update([str(tmp_path / "b")])
    assert watching.watcher.wait_until_current(PATIENCE)
    (tmp_path / "disk" / "film.mkv").write_text("x")
    assert watching.change() == (str(tmp_path / "b"), str(tmp_path / "b"))


class FullSystem:
    """Makes real observers until `is_full`; from then on the system has no more watches to give."""

    def __init__(self) -> None:
        self.is_full = False

    def __call__(self) -> BaseObserver:
        if self.is_full:
            raise OSError(errno.EMFILE, "inotify instance limit reached")
        return Observer()


def test_the_systems_limit_of_watches_is_said_and_lifted_when_there_is_room(tmp_path: Path) -> None:
    seen: queue.Queue[Sighting] = queue.Queue()
    system = FullSystem()
    observation = FolderObservation(seen.put, system)
    folder = str(tmp_path)
    try:
        assert observation.reconcile(frozenset({folder}), frozenset()).problems == {}
        system.is_full = True
        problems = observation.reconcile(frozenset({folder}), frozenset({folder})).problems
        assert "max_user_watches" in problems[folder]
        (tmp_path / "film.mkv").write_text("x")
        assert seen.get(timeout=PATIENCE).path == f"{folder}/film.mkv"
        system.is_full = False
        result = observation.reconcile(frozenset({folder}), frozenset())
        assert (result.problems, result.returned) == ({}, (folder,))
    finally:
        observation.close()


def test_no_watch_at_all_to_be_had_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    system = FullSystem()
    system.is_full = True
    observation = FolderObservation(lambda sighting: None, system)
    assert (
        "max_user_instances"
        in observation.reconcile(frozenset({str(tmp_path)}), frozenset()).problems[str(tmp_path)]
    )
    observation.close()
