"""When a changed file may be looked at: once its size and time have stood still for a while.

A pure reckoning: times are handed in, and the file system is asked through a function that is handed in.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from sublarr.vocabulary.paths import is_within

# How many quiet times may pass before a directory is reported although something in it still grows: a
# recording that lasts for hours must not hide the finished files beside it.
_LONGEST_HOLD = 6

# A file's size and modification time; None where there is no such file, or it cannot be asked.
Measurement = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Change:
    """A directory below a watched folder in which something changed (native paths)."""

    folder: str
    directory: str


@dataclass(slots=True)
class _Unsettled:
    change: Change
    measurement: Measurement
    due_at: float


class Settling:
    """Files that changed and have not stood still yet, and the directories that wait to be reported."""

    def __init__(self, quiet_seconds: float, measure: Callable[[str], Measurement]) -> None:
        self._quiet_seconds = quiet_seconds
        self._measure = measure
        self._files: dict[str, _Unsettled] = {}
        self._ready_at: dict[Change, float] = {}

    def touch(self, folder: str, path: str, now: float) -> None:
        """Something happened to a file: it is measured now, and again when it has been left alone."""
        change = Change(folder, os.path.dirname(path))
        self._files[path] = _Unsettled(change, self._measure(path), now + self._quiet_seconds)

    def mark(self, folder: str, directory: str, now: float) -> None:
        """A directory is to be reported after a quiet time, whatever its files do."""
        self._ready_at.setdefault(Change(folder, directory), now + self._quiet_seconds)

    def forget(self, folder: str) -> None:
        """Drops what is under way in a folder that is no longer watched."""
        self._files = {path: file for path, file in self._files.items() if file.change.folder != folder}
        self._ready_at = {change: at for change, at in self._ready_at.items() if change.folder != folder}

    def next_due_at(self) -> float | None:
        """When `take_due` has something to do; None while nothing is under way."""
        growing = self._growing()
        times = [file.due_at for file in self._files.values()]
        times.extend(self._due_at(change, growing) for change in self._ready_at)
        return min(times, default=None)

    def take_due(self, now: float) -> tuple[Change, ...]:
        """The directories whose files have settled, each once, and none that lies below another one."""
        for path, file in list(self._files.items()):
            if file.due_at > now:
                continue
            measurement = self._measure(path)
            if measurement == file.measurement:
                del self._files[path]
                self._ready_at[file.change] = min(now, self._ready_at.get(file.change, now))
            else:
                file.measurement, file.due_at = measurement, now + self._quiet_seconds
        growing = self._growing()
        due = {change for change in self._ready_at if self._due_at(change, growing) <= now}
        for change in due:
            del self._ready_at[change]
        return _topmost(due)

    def _growing(self) -> set[Change]:
        return {file.change for file in self._files.values()}

    def _due_at(self, change: Change, growing: set[Change]) -> float:
        hold = _LONGEST_HOLD * self._quiet_seconds if change in growing else 0.0
        return self._ready_at[change] + hold


def size_and_time(path: str) -> Measurement:
    """The measurement of a file (native path)."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _topmost(changes: set[Change]) -> tuple[Change, ...]:
    kept: list[Change] = []
    for change in sorted(changes, key=lambda change: (change.folder, change.directory)):
        covered = any(
            upper.folder == change.folder and is_within(change.directory, upper.directory) for upper in kept
        )
        if not covered:
            kept.append(change)
    return tuple(kept)
