"""The watchdog side of watching folders: keeps one observer's watches in line with the folders that are there.

Imported only where folders are watched, because it loads watchdog. Works on native paths.
"""

import errno
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from sublarr.library.roots import RootStatus, check_root, explain
from sublarr.vocabulary.paths import for_display, to_text

# Linux tells when a writer closes a file; each single write to a film being copied need not be heard.
_WRITTEN: type[FileSystemEvent] = FileClosedEvent if sys.platform == "linux" else FileModifiedEvent
# Opening and reading are left out, or every film that is played would wake us.
_EVENTS: list[type[FileSystemEvent]] = [
    _WRITTEN,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]
_NO_ROOM = frozenset({errno.ENOSPC, errno.EMFILE})
_USABLE = frozenset({RootStatus.OK, RootStatus.EMPTY})


@dataclass(frozen=True, slots=True)
class Sighting:
    """One path below a folder at which something happened; `is_new` says a directory appeared there."""

    folder: str
    path: str
    is_directory: bool
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Why folders are not, or not wholly, watched, and the folders that came back since they were lost."""

    problems: dict[str, str]
    returned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Watched:
    watch: ObservedWatch
    handler: FileSystemEventHandler
    real: str
    device: int


class FolderObservation:
    """The watches of all folders on one observer; used by one thread, calls `on_sighting` from watchdog's."""

    def __init__(
        self, on_sighting: Callable[[Sighting], None], make_observer: Callable[[], BaseObserver] = Observer
    ) -> None:
        self._on_sighting = on_sighting
        self._make_observer = make_observer
        self._observer: BaseObserver | None = None
        self._watched: dict[str, _Watched] = {}
        self._lost: set[str] = set()
        self._incomplete: set[str] = set()

    def reconcile(self, folders: frozenset[str], grown: frozenset[str]) -> Reconciled:
        """Watches what is wanted and there, lets go of the rest; `grown` folders have new directories."""
        for folder in set(self._watched) - folders:
            self._unwatch(folder)
        self._lost &= folders
        self._incomplete &= folders
        problems: dict[str, str] = {}
        renewed: set[str] = set()
        returned: list[str] = []
        has_room = self._has_room() if self._incomplete else False
        for folder in sorted(folders):
            try:
                is_renewed = self._watch(folder, again=has_room and folder in self._incomplete)
            except OSError as error:
                self._unwatch(folder)
                self._lost.add(folder)
                problems[folder] = _problem(folder, error)
                continue
            if is_renewed:
                renewed.add(folder)
                if folder in self._lost:
                    returned.append(folder)
                    self._lost.discard(folder)
        self._check_room(renewed | (grown & folders))
        for folder in self._incomplete - set(problems):
            problems[folder] = _problem(folder, OSError(errno.ENOSPC, ""))
        return Reconciled(problems, tuple(returned))

    def close(self) -> None:
        """Ends all watches and watchdog's threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None
        self._watched.clear()

    def _watch(self, folder: str, *, again: bool) -> bool:
        """Whether the folder's watch was begun just now; raises OSError where it cannot be watched."""
        state = check_root(to_text(folder))
        if state.status not in _USABLE:
            raise _NotThere(state.message)
        real = os.path.realpath(folder)
        device = os.stat(real).st_dev
        known = self._watched.get(folder)
        if (
            known is not None
            and not again
            and self._is_alive(known)
            and (known.real, known.device) == (real, device)
        ):
            return False
        if known is not None:
            self._unwatch(folder)
            self._lost.add(folder)
        if self._observer is None:
            self._observer = self._make_observer()
            self._observer.start()
        handler = _Handler(folder, real, self._on_sighting)
        watch = self._observer.schedule(handler, real, recursive=True, event_filter=_EVENTS)
        self._watched[folder] = _Watched(watch, handler, real, device)
        return True

    def _unwatch(self, folder: str) -> None:
        known = self._watched.pop(folder, None)
        if known is None or self._observer is None:
            return
        # Two folders may be links to one directory; watchdog knows it as one watch.
        if any(other.watch == known.watch for other in self._watched.values()):
            self._observer.remove_handler_for_watch(known.handler, known.watch)
        else:
            self._observer.unschedule(known.watch)

    def _is_alive(self, known: _Watched) -> bool:
        """Whether watchdog still listens; it ends a watch when the directory is deleted."""
        observer = self._observer
        return observer is not None and any(
            emitter.watch == known.watch and emitter.should_keep_running() for emitter in observer.emitters
        )

    def _check_room(self, folders: set[str]) -> None:
        if folders:
            self._incomplete -= folders
            if not self._has_room():
                self._incomplete |= folders

    def _has_room(self) -> bool:
        """Whether one more watch is to be had: watchdog does not say when it could not watch a subdirectory."""
        known = next(iter(self._watched.values()), None)
        if known is None:
            return True
        try:
            probe = self._make_observer()
        except OSError as error:
            return error.errno not in _NO_ROOM
        try:
            probe.schedule(FileSystemEventHandler(), known.real)
            probe.start()
        except OSError as error:
            return error.errno not in _NO_ROOM
        finally:
            probe.stop()
            if probe.is_alive():
                probe.join()
        return True


class _NotThere(OSError):
    """A folder that is missing, a file, or not readable; the message is for a person."""


class _Handler(FileSystemEventHandler):
    def __init__(self, folder: str, real: str, on_sighting: Callable[[Sighting], None]) -> None:
        self._folder = folder
        self._real = real
        self._on_sighting = on_sighting

    def dispatch(self, event: FileSystemEvent) -> None:
        for written in (event.src_path, event.dest_path):
            path = os.fsdecode(written)
            if path.startswith(self._real) and path != self._real:
                path = self._folder + path[len(self._real) :]
                is_new = isinstance(event, DirCreatedEvent)
                self._on_sighting(Sighting(self._folder, path, event.is_directory, is_new))


def _problem(folder: str, error: OSError) -> str:
    if isinstance(error, _NotThere):
        return str(error)
    shown = for_display(to_text(folder))
    if error.errno in _NO_ROOM:
        return (
            f"{shown} is only partly watched: the system allows no more watches. New files in the rest are found by"
            " scheduled scans; raise fs.inotify.max_user_watches and fs.inotify.max_user_instances to watch all of it"
        )
    return f"{shown} cannot be watched: {explain(error)}"
