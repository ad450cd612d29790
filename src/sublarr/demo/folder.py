"""The folder a sample library lives in: whose it is, and how a file gets into it.

A marker says that everything inside is ours. A file is written under a temporary name and renamed, so what
has its final name is whole, and a run that was killed leaves only temporaries for the next one to sweep.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sublarr.vocabulary.errors import DiskFull, InvalidInput
from sublarr.vocabulary.media import FolderContent

MARKER_NAME = ".sublarr-demo"
_TEMPORARY_SUFFIX = ".demo-part"


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """A folder to watch, and what it holds."""

    path: Path
    content: FolderContent


@dataclass(frozen=True, slots=True)
class DemoReport:
    """What a run left: folders to watch, files made now and found from before, bytes of all of them."""

    folders: tuple[DemoFolder, ...]
    made: int
    kept: int
    total_bytes: int


def claim_folder(directory: Path) -> None:
    """Makes `directory` ours and sweeps it; raises InvalidInput where it holds anybody else's files."""
    marker = directory / MARKER_NAME
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not marker.exists() and any(directory.iterdir()):
            raise InvalidInput(
                f"{directory} is not empty.", remedy="Name a folder that does not exist yet, or an empty one."
            )
        marker.touch()
    except OSError as failure:
        raise InvalidInput(
            f"{directory} cannot be used: {failure.strerror}.", remedy="Name a folder that may be written to."
        ) from failure
    for leftover in directory.rglob(f".*{_TEMPORARY_SUFFIX}"):
        leftover.unlink()


@contextmanager
def placed(target: Path, *, durable: bool = True) -> Iterator[Path]:
    """A temporary path to write to, which becomes `target` when the block ends well."""
    temporary = target.with_name(f".{target.name}{_TEMPORARY_SUFFIX}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if durable:
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
        temporary.replace(target)
    except OSError as failure:
        if failure.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("The disk is full.", remedy="Make room, then run it again.") from failure
        raise
    finally:
        temporary.unlink(missing_ok=True)
