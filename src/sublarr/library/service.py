"""What people do with watched folders."""

import os

from sublarr.db.database import Database
from sublarr.db.repositories.folders import FolderRow
from sublarr.library.roots import RootStatus, check_root
from sublarr.vocabulary.errors import FieldProblem, InvalidInput
from sublarr.vocabulary.media import FolderContent
from sublarr.vocabulary.paths import for_display, to_native, to_text


def add_folder(
    database: Database, path: str, *, label: str = "", media_type: FolderContent = FolderContent.AUTO
) -> FolderRow:
    """Watch a folder; `path` is as a person typed it, absolute or beginning with `~`.

    Raises `InvalidInput` where it is no folder that can be read, `Conflict` where it overlaps another.
    """
    chosen = normalise(path)
    state = check_root(chosen)
    if state.status not in (RootStatus.OK, RootStatus.EMPTY):
        raise _refused(state.message)
    with database.write(urgent=True) as unit:
        return unit.folders.add(chosen, label.strip(), media_type)


def normalise(path: str) -> str:
    """The path text of a folder as typed: absolute, without `..`, `~` and a slash at the end."""
    typed = path.strip()
    if not typed or "\0" in typed:
        raise _refused("a path is needed")
    expanded = os.path.expanduser(to_native(typed))
    if not os.path.isabs(expanded):
        raise _refused(f"{for_display(typed)} is not an absolute path")
    # POSIX leaves a second slash at the very beginning its meaning; we know none.
    return to_text("/" + os.path.normpath(expanded).lstrip("/"))


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem("path", message)])
