"""What a scan found out: files that are new, changed, moved or gone, by comparing two views of a folder.

Pure. A file counts as gone only where the place it was in was really seen.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sublarr.db.repositories.files import KnownFile
from sublarr.vocabulary.media import FoundFile, ProbeStatus
from sublarr.vocabulary.paths import is_within

File = TypeVar("File", KnownFile, FoundFile)


@dataclass(frozen=True, slots=True)
class Move:
    """A known file that is now found under another path."""

    file_id: int
    old_path: str
    file: FoundFile


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference between what is known of a folder and what was found in it."""

    new: tuple[FoundFile, ...]
    changed: tuple[FoundFile, ...]
    moved: tuple[Move, ...]
    gone: tuple[KnownFile, ...]
    unchanged: int
    kept_unseen: int


def compare(
    known: Mapping[str, KnownFile], found: Mapping[str, FoundFile], unseen: Collection[str]
) -> Changes:
    """The difference; what lies at or below a path of `unseen` is kept as it is."""
    new = [file for path, file in found.items() if path not in known]
    changed: list[FoundFile] = []
    for path, file in found.items():
        before = known.get(path)
        if before is not None and not _is_same(before, file):
            changed.append(file)
    missing = [file for path, file in known.items() if path not in found]
    gone = [file for file in missing if not _is_hidden(file.path, unseen)]
    moved = _find_moves(gone, new)
    moved_ids = {move.file_id for move in moved}
    moved_paths = {move.file.path for move in moved}
    return Changes(
        new=tuple(file for file in new if file.path not in moved_paths),
        changed=tuple(changed),
        moved=tuple(moved),
        gone=tuple(file for file in gone if file.id not in moved_ids),
        unchanged=len(found) - len(new) - len(changed),
        kept_unseen=len(missing) - len(gone),
    )


def _is_same(before: KnownFile, file: FoundFile) -> bool:
    # One that could not be opened is tried again: a right that was given since changes neither size nor time.
    is_read = before.probe_status not in (None, ProbeStatus.UNREADABLE)
    return is_read and before.size == file.size and before.mtime_ns == file.mtime_ns


def _is_hidden(path: str, unseen: Collection[str]) -> bool:
    return any(is_within(path, place) for place in unseen)


def _find_moves(gone: Sequence[KnownFile], new: Iterable[FoundFile]) -> list[Move]:
    """Renamed files: the same size and time to the nanosecond, and only one candidate on either side.

    What people decided about a file hangs on its row, so a rename by Sonarr must not make it another one.
    """
    candidates = _only_ones((file.size, file.mtime_ns, file) for file in new if file.size > 0)
    losses = _only_ones((file.size, file.mtime_ns, file) for file in gone)
    return [
        Move(before.id, before.path, candidates[key]) for key, before in losses.items() if key in candidates
    ]


def _only_ones(items: Iterable[tuple[int, int, File]]) -> dict[tuple[int, int], File]:
    found: dict[tuple[int, int], list[File]] = {}
    for size, mtime_ns, file in items:
        found.setdefault((size, mtime_ns), []).append(file)
    return {key: files[0] for key, files in found.items() if len(files) == 1}
