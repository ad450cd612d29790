"""Watching folders: which directories changed, told once their files have stood still.

It notices what the operating system tells. Changes that another machine makes on a network share, and
changes behind linked directories, are found by scheduled scans. So is the rest of a folder when the
system's limit of watches is reached: polling instead would read every directory of a library again and
again and keep its disks from sleeping.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from sublarr.library.selection import (
    SUBTITLE_SUFFIXES,
    VIDEO_SUFFIXES,
    is_hidden_directory,
    is_hidden_file,
    suffix_of,
)
from sublarr.library.settling import Change, Settling, size_and_time
from sublarr.vocabulary.errors import SublarrError
from sublarr.vocabulary.paths import to_native, to_text

if TYPE_CHECKING:
    from sublarr.library.observing import FolderObservation, Sighting

_log = logging.getLogger(__name__)

OnChange = Callable[[str, str], None]
OnProblem = Callable[[str, str], None]


class FolderWatcher:
    """Reports changed directories of watched folders from a thread of its own.

    `on_change(folder, directory)` and `on_problem(path, message)` are called from that thread with path
    text, a problem once when it arises. A change whose `on_change` raises is reported again after the next
    quiet time. `current_folders` is asked at every recheck, for folders that another process added or removed.
    """

    def __init__(
        self,
        on_change: OnChange,
        on_problem: OnProblem,
        *,
        debounce_seconds: float = 10.0,
        recheck_seconds: float = 60.0,
        current_folders: Callable[[], Iterable[str]] | None = None,
    ) -> None:
        self._current_folders = current_folders
        self._on_change = on_change
        self._on_problem = on_problem
        self._debounce_seconds = debounce_seconds
        self._recheck_seconds = recheck_seconds
        self._state = threading.Condition()
        self._settling = Settling(debounce_seconds, size_and_time)
        self._folders: frozenset[str] = frozenset()
        self._grown: set[str] = set()
        self._problems: dict[str, str] = {}
        self._is_current = True
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self, folders: Iterable[str]) -> None:
        """Begins to watch; returns at once, before the folders have been read."""
        self.update(folders)
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="folder-watcher", daemon=True)
        self._thread.start()

    def update(self, folders: Iterable[str]) -> None:
        """Replaces the folders that are watched."""
        with self._state:
            wanted = frozenset(to_native(folder).rstrip("/") or "/" for folder in folders)
            for folder in self._folders - wanted:
                self._settling.forget(folder)
            self._folders = wanted
            self._is_current = False
            self._state.notify_all()

    def stop(self) -> None:
        """Ends watching; what had not stood still yet is left to the next scan. Waits for its threads."""
        with self._state:
            self._is_stopping = True
            self._state.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wait_until_current(self, timeout_seconds: float) -> bool:
        """Whether the folders last given are watched (or found wanting) before the time is over."""
        with self._state:
            return self._state.wait_for(lambda: self._is_current, timeout_seconds)

    def problems(self) -> Mapping[str, str]:
        """What keeps folders from being watched now, by path text."""
        with self._state:
            return {to_text(folder): message for folder, message in self._problems.items()}

    def _run(self) -> None:
        # Loads watchdog, which an installation that watches no folder need not pay for.
        from sublarr.library.observing import FolderObservation  # noqa: PLC0415

        observation = FolderObservation(self._notice)
        recheck_at = 0.0
        try:
            while self._wait_for_work(recheck_at):
                if not self._is_current or time.monotonic() >= recheck_at:
                    self._ask_for_folders()
                    self._reconcile(observation)
                    recheck_at = time.monotonic() + self._recheck_seconds
                with self._state:
                    due = self._settling.take_due(time.monotonic())
                for change in due:
                    self._report(change)
        finally:
            observation.close()

    def _ask_for_folders(self) -> None:
        if self._current_folders is None:
            return
        try:
            self.update(self._current_folders())
        except SublarrError as error:
            # Those known so far are watched on; the next recheck asks again.
            _log.warning("which folders to watch could not be looked up: %s", error.message)

    def _wait_for_work(self, recheck_at: float) -> bool:
        """Whether to go on, once there is something to do."""
        with self._state:
            while not self._is_stopping:
                now = time.monotonic()
                due_at = self._settling.next_due_at()
                if not self._is_current or recheck_at <= now or (due_at is not None and due_at <= now):
                    return True
                # A little late, so that many files that settle one after another are looked at together.
                pause = recheck_at - now if due_at is None else due_at - now + self._debounce_seconds / 10
                self._state.wait(min(pause, recheck_at - now))
            return False

    def _reconcile(self, observation: "FolderObservation") -> None:
        with self._state:
            folders, grown = self._folders, frozenset(self._grown)
            self._grown.clear()
        result = observation.reconcile(folders, grown)
        with self._state:
            news = {f: m for f, m in result.problems.items() if self._problems.get(f) != m}
            self._problems = dict(result.problems)
            for folder in result.returned:
                # What changed while nobody watched is found by looking at all of it.
                self._settling.mark(folder, folder, time.monotonic())
        for folder, message in news.items():
            self._on_problem(to_text(folder), message)
        with self._state:
            self._is_current = folders == self._folders
            self._state.notify_all()

    def _notice(self, sighting: "Sighting") -> None:
        *directories, name = sighting.path[len(sighting.folder) :].strip("/").split("/")
        is_kept_out = is_hidden_directory(name) if sighting.is_directory else not _is_media(name)
        if is_kept_out or any(map(is_hidden_directory, directories)):
            return
        now = time.monotonic()
        with self._state:
            if sighting.folder not in self._folders:
                return
            was_idle = self._settling.next_due_at() is None
            if sighting.is_new:
                self._grown.add(sighting.folder)
            elif sighting.is_directory:
                self._settling.mark(sighting.folder, os.path.dirname(sighting.path), now)
            else:
                self._settling.touch(sighting.folder, sighting.path, now)
            if was_idle:
                self._state.notify_all()

    def _report(self, change: Change) -> None:
        directory = change.directory
        while directory != change.folder and not os.path.isdir(directory):
            directory = os.path.dirname(directory)
        if not os.path.isdir(directory):
            # The folder itself is gone: the next look at it says so, and nothing in it counts as removed.
            return
        try:
            self._on_change(to_text(change.folder), to_text(directory))
        # A door: the thread must outlive whatever the receiver cannot do now.
        except Exception as error:  # noqa: BLE001
            with self._state:
                self._settling.mark(change.folder, directory, time.monotonic())
            self._on_problem(to_text(directory), f"A change could not be passed on yet: {error}")


def _is_media(name: str) -> bool:
    suffix = suffix_of(name)
    return (suffix in VIDEO_SUFFIXES or suffix in SUBTITLE_SUFFIXES) and not is_hidden_file(name)
