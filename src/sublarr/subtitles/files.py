"""Writing a subtitle beside its video, so that nothing that is there can be harmed.

The text goes into a hidden file of the same directory, reaches the disk, and only then gets its name, in one step
which fails if the name is taken. A killed process leaves at most such a hidden file, which no player and no scan
takes for a subtitle and `remove_leftovers` sweeps.
"""

import errno
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress

from sublarr.vocabulary.errors import (
    Conflict,
    DiskFull,
    InvalidInput,
    Rejected,
    SublarrError,
    Unavailable,
)
from sublarr.vocabulary.paths import for_display, to_native

_PREFIX, _SUFFIX = ".sublarr-", ".tmp"
# Far longer than any write takes: another process's file of this moment must not be swept.
_LEFTOVER_SECONDS = 3_600.0
# What link() answers on file systems without hard links (exFAT, SMB, some FUSE mounts), and where a rule of the
# system forbids them.
_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL}
)


def write_beside(path: str, text: str, *, replace: bool = False) -> None:
    """Write `text` as UTF-8 to path text `path`, whole or not at all.

    Raises Conflict if the file exists and `replace` was not asked for, DiskFull, Rejected for a directory that may
    not be written, InvalidInput for an impossible name, Unavailable for one that is gone.
    """
    target = to_native(path)
    directory = os.path.dirname(target) or "."
    hidden = os.path.join(directory, f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    try:
        _write(hidden, text.encode("utf-8", "replace"))
        if replace:
            os.replace(hidden, target)
        else:
            _give_name(hidden, target)
        _sync_directory(directory)
    except OSError as error:
        raise _explain(error, path) from error
    finally:
        with suppress(OSError):  # already renamed, or on a disk that has just failed
            os.unlink(hidden)


def remove_leftovers(directory: str, *, now: Callable[[], float] = time.time) -> int:
    """Delete the hidden files that killed writes left in a directory (path text); how many there were.

    Raises as `write_beside` does.
    """
    removed = 0
    try:
        with os.scandir(to_native(directory)) as entries:
            for entry in entries:
                if not is_leftover(entry.name):
                    continue
                with suppress(FileNotFoundError):  # another worker's write that has just got its name
                    if now() - entry.stat(follow_symlinks=False).st_mtime > _LEFTOVER_SECONDS:
                        os.unlink(entry.path)
                        removed += 1
    except OSError as error:
        raise _explain(error, directory) from error
    return removed


def is_leftover(name: str) -> bool:
    """Whether a file's name is that of a write under way, or of one that was killed."""
    return name.startswith(_PREFIX) and name.endswith(_SUFFIX)


def _write(path: str, content: bytes) -> None:
    # Mode 0666 less the umask, as any program's new file: what may read the video may read its subtitle.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _give_name(hidden: str, target: str) -> None:
    """Name the file `target` in one step that fails if there is one; rename() would overwrite it."""
    try:
        os.link(hidden, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
    else:
        return
    # The empty file reserves the name. A kill between the two steps leaves it empty, which is nobody's subtitle.
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    try:
        os.replace(hidden, target)
    except OSError:
        with suppress(OSError):
            os.unlink(target)
        raise


def _sync_directory(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # Network file systems refuse this; the file's content is on the disk already.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explain(error: OSError, path: str) -> SublarrError:
    shown = for_display(path)
    match error.errno:
        case errno.EEXIST:
            return Conflict(f"there is a file already: {shown}", remedy="Remove or rename it first.")
        case errno.ENOSPC | errno.EDQUOT:
            return DiskFull(
                f"no room left to write {shown}", remedy="Free space on that disk, then try again."
            )
        case errno.EROFS:
            return Rejected(f"the disk is read-only: {shown}", remedy="Mount the media folder writable.")
        case errno.EACCES | errno.EPERM:
            return Rejected(
                f"Sublarr may not write {shown}",
                remedy="Give Sublarr's user the right to write in that folder.",
            )
        case errno.ENAMETOOLONG:
            return InvalidInput(f"the name is too long: {shown}", remedy="Give the video a shorter name.")
        case errno.ENOENT | errno.ENOTDIR:
            return Unavailable(f"the folder is not there: {shown}", remedy="Check that the media is mounted.")
        case _:
            return Unavailable(f"{shown} cannot be written: {error.strerror}", remedy="Check the disk.")


def holds_text(path: str, text: str) -> bool:
    """Whether the file at path text `path` holds exactly `text` as `write_beside` writes it."""
    content = text.encode("utf-8", "replace")
    try:
        with open(to_native(path), "rb") as file:
            return file.read(len(content) + 1) == content
    except OSError:
        return False
