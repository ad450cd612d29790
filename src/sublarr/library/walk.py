"""Walking a watched folder: every directory, the videos and subtitles in it, and why one could not be read.

Nothing that goes wrong stops a walk; it becomes the `problem` of the directory it happened in, and whoever
compares the result with what is stored must not take for gone what lies at or below its `unseen` paths.

Links are followed once: what a link leads to inside the watched folder is met under its own path, and what
lies outside is entered by the first link that leads there. This is decided by real paths, because FUSE and
SMB file systems (mergerfs, rclone) may give two directories one inode number.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from sublarr.library.folders import is_season_folder
from sublarr.library.roots import device_above, explain
from sublarr.library.selection import (
    SUBTITLE_SUFFIXES,
    VIDEO_SUFFIXES,
    is_extra_video,
    is_extras_directory,
    is_hidden_directory,
    is_hidden_file,
    stem_of,
    suffix_of,
)
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.media import FoundFile
from sublarr.vocabulary.paths import for_display, is_within, to_native, to_text


@dataclass(frozen=True, slots=True)
class DirectoryListing:
    """One directory of a walk.

    `problem` is empty when all of it was seen; otherwise `unseen` holds the paths at or below which files
    may exist that are not listed (the directory's own path where it could not be read at all). `skipped`
    holds the paths of hidden directories and extras that were left out on purpose.
    """

    path: str
    videos: tuple[FoundFile, ...] = ()
    subtitles: tuple[FoundFile, ...] = ()
    is_mount_point: bool = False
    problem: str = ""
    unseen: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def walk_folder(root: str, below: str = "", *, skip_extras: bool = True) -> Iterator[DirectoryListing]:
    """Every directory of the watched folder `root`, or of its directory `below`, parents before children.

    Raises InvalidInput when `below` lies outside `root`.
    """
    if below and not is_within(below, root):
        raise InvalidInput(f"{for_display(below)} is not inside {for_display(root)}")
    return _Walk(to_native(root), skip_extras=skip_extras).run(to_native(below or root))


@dataclass(slots=True)
class _Directory:
    """One directory on the way: its path as it is listed, the real one, and what lies above it."""

    native: str
    real: str
    parent_device: int | None
    depth: int


@dataclass(slots=True)
class _Contents:
    """What one directory holds, gathered entry by entry."""

    videos: list[FoundFile] = field(default_factory=list)
    subtitles: list[FoundFile] = field(default_factory=list)
    directories: list[os.DirEntry[str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def miss(self, path: str, why: str) -> None:
        """Records that what is at `path` could not be seen."""
        self.unseen.append(path)
        self.problems.append(f"{for_display(path)} {why}")

    def problem(self) -> str:
        """The first problem, and how many more there were."""
        if len(self.problems) < 2:
            return "".join(self.problems)
        return f"{self.problems[0]} (and {len(self.problems) - 1} more)"


class _Walk:
    def __init__(self, root: str, *, skip_extras: bool) -> None:
        self._root = root.rstrip("/") or "/"
        self._real_root = os.path.realpath(self._root)
        self._skip_extras = skip_extras
        self._links_followed: set[str] = set()

    def run(self, start: str) -> Iterator[DirectoryListing]:
        start = start.rstrip("/") or "/"
        real = os.path.realpath(start)
        if is_within(real, self._real_root):
            # A link inside the folder is an alias; its contents are known under their own path.
            start = os.path.normpath(os.path.join(self._root, os.path.relpath(real, self._real_root)))
        else:
            self._links_followed.add(real)
        depth = 0 if start == self._root else start.removeprefix(self._root).strip("/").count("/") + 1
        waiting = [_Directory(start, real, device_above(start), depth)]
        while waiting:
            directory = waiting.pop()
            listing, below = self._list(directory)
            yield listing
            waiting.extend(reversed(below))

    def _list(self, directory: _Directory) -> tuple[DirectoryListing, list[_Directory]]:
        path = to_text(directory.native)
        try:
            device = os.stat(directory.native).st_dev
            contents = self._read(directory, path)
        except OSError as error:
            problem = f"{for_display(path)} cannot be read: {explain(error)}"
            return DirectoryListing(path, problem=problem, unseen=(path,)), []
        entered = (self._enter(entry, directory, device) for entry in contents.directories)
        listing = DirectoryListing(
            path,
            videos=tuple(contents.videos),
            subtitles=tuple(contents.subtitles),
            is_mount_point=directory.parent_device not in (None, device),
            problem=contents.problem(),
            unseen=tuple(contents.unseen),
            skipped=tuple(contents.skipped),
        )
        return listing, [child for child in entered if child is not None]

    def _read(self, directory: _Directory, path: str) -> _Contents:
        contents = _Contents()
        prefix = path if path.endswith("/") else path + "/"
        with os.scandir(directory.native) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            try:
                self._sort_in(entry, prefix, contents)
            except FileNotFoundError:
                # It vanished between two calls, unless it is a link: then only its target is out of sight.
                if entry.is_symlink():
                    why = "is a link that leads nowhere: the disk it points to may not be mounted"
                    contents.miss(prefix + to_text(entry.name), why)
            except OSError as error:
                contents.miss(prefix + to_text(entry.name), f"cannot be read: {explain(error)}")
        if self._skip_extras:
            self._drop_extras(directory, contents)
        return contents

    def _sort_in(self, entry: os.DirEntry[str], prefix: str, contents: _Contents) -> None:
        name = entry.name
        if entry.is_dir():
            if is_hidden_directory(name):
                contents.skipped.append(prefix + to_text(name))
            else:
                contents.directories.append(entry)
            return
        if is_hidden_file(name):
            return
        suffix = suffix_of(name)
        is_video = suffix in VIDEO_SUFFIXES
        is_link = entry.is_symlink()
        if not (is_video or suffix in SUBTITLE_SUFFIXES):
            if is_link:
                # A directory's link without its target looks like a file's.
                entry.stat()
            return
        status = entry.stat()
        # A pipe or a socket would make whoever opens it wait for ever.
        if not entry.is_file() or (is_link and self._is_met_elsewhere(entry.path, suffix)):
            return
        found = FoundFile(prefix + to_text(name), status.st_size, status.st_mtime_ns)
        (contents.videos if is_video else contents.subtitles).append(found)

    def _is_met_elsewhere(self, link: str, suffix: str) -> bool:
        real = os.path.realpath(link)
        if is_within(real, self._real_root):
            *folders, name = real.removeprefix(self._real_root).strip("/").split("/")
            hidden = is_hidden_file(name) or any(map(is_hidden_directory, folders))
            return not hidden and suffix_of(name) == suffix
        return self._is_second_link(real)

    def _is_second_link(self, real: str) -> bool:
        if real in self._links_followed:
            return True
        self._links_followed.add(real)
        return False

    def _drop_extras(self, directory: _Directory, contents: _Contents) -> None:
        stems = {file.path: stem_of(file.path.rpartition("/")[2]) for file in contents.videos}
        siblings = frozenset(stems.values())
        extras = {path for path, stem in stems.items() if is_extra_video(stem, siblings)}
        if extras:
            contents.videos = [file for file in contents.videos if file.path not in extras]
            contents.skipped.extend(sorted(extras))
        beside_media = directory.depth > 0 and (
            bool(contents.videos)
            or is_season_folder(os.path.basename(directory.native))
            or any(is_season_folder(entry.name) for entry in contents.directories)
        )
        kept: list[os.DirEntry[str]] = []
        for entry in contents.directories:
            is_extras = is_extras_directory(entry.name, beside_media=beside_media)
            if is_extras and not _holds_seasons(entry.path):
                contents.skipped.append(to_text(entry.path))
            else:
                kept.append(entry)
        contents.directories = kept

    def _enter(self, entry: os.DirEntry[str], parent: _Directory, device: int) -> _Directory | None:
        is_link = entry.is_symlink()
        real = os.path.realpath(entry.path) if is_link else os.path.join(parent.real, entry.name)
        if is_link or not is_within(parent.real, self._real_root):
            if is_within(real, self._real_root):
                folders = real.removeprefix(self._real_root).split("/")
                is_met_elsewhere = not any(map(is_hidden_directory, folders))
            else:
                is_met_elsewhere = self._is_second_link(real)
            if is_met_elsewhere:
                return None
        return _Directory(entry.path, real, None if is_link else device, parent.depth + 1)


def _holds_seasons(path: str) -> bool:
    try:
        with os.scandir(path) as entries:
            return any(is_season_folder(entry.name) for entry in entries)
    except OSError:
        # Entered, so that the walk itself says why it cannot be read.
        return True
