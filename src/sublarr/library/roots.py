"""Whether a watched folder can be scanned at all, said in words for a person.

A scan that finds nothing because a disk is not mounted must not look like a scan of an empty library:
this is asked first, and only an OK root lets a caller believe that what it did not see is gone.
"""

import os
import stat
from dataclasses import dataclass
from enum import StrEnum

from sublarr.vocabulary.paths import for_display, to_native


class RootStatus(StrEnum):
    """What stands where a watched folder should be."""

    OK = "ok"
    MISSING = "missing"
    NOT_A_DIRECTORY = "not_a_directory"
    UNREADABLE = "unreadable"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class RootState:
    """One watched folder's state; `message` is empty when it is OK."""

    status: RootStatus
    message: str = ""
    is_mount_point: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether a scan may believe what it sees there."""
        return self.status is RootStatus.OK


def check_root(root: str) -> RootState:
    """The state of a watched folder (path text), without listing more than one of its entries."""
    native, shown = to_native(root), for_display(root)
    try:
        found = os.stat(native)
    except (FileNotFoundError, NotADirectoryError):
        return RootState(
            RootStatus.MISSING,
            f"{shown} does not exist: a disk may not be mounted, or the folder was moved; nothing was removed",
        )
    except (OSError, ValueError) as error:
        return RootState(RootStatus.UNREADABLE, f"{shown} cannot be read: {explain(error)}")
    if not stat.S_ISDIR(found.st_mode):
        return RootState(RootStatus.NOT_A_DIRECTORY, f"{shown} is a file, not a folder")
    is_mount_point = found.st_dev != device_above(native)
    try:
        with os.scandir(native) as entries:
            is_empty = next(entries, None) is None
    except OSError as error:
        return RootState(RootStatus.UNREADABLE, f"{shown} cannot be read: {explain(error)}", is_mount_point)
    if is_empty:
        return RootState(
            RootStatus.EMPTY,
            f"{shown} is empty: if a disk should be mounted there, it is not; nothing was removed",
            is_mount_point,
        )
    return RootState(RootStatus.OK, is_mount_point=is_mount_point)


def device_above(native: str) -> int | None:
    """The device of the directory above `native` once links are followed; None where it cannot be asked."""
    try:
        return os.stat(os.path.dirname(os.path.realpath(native))).st_dev
    except OSError:
        return None


def explain(error: OSError | ValueError) -> str:
    """An operating system's error in a few words, without the path."""
    if isinstance(error, PermissionError):
        return "Sublarr's user may not read it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
