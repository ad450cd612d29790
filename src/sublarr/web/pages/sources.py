"""Settings, sources: the watched folders. Adding one that was removed brings back all that was known of it."""

from flask import Response, request

from sublarr.jobs import asking as jobs
from sublarr.library.service import add_folder
from sublarr.vocabulary.errors import InvalidInput, SublarrError
from sublarr.vocabulary.media import FolderContent
from sublarr.vocabulary.paths import for_display
from sublarr.vocabulary.rules.folders import FolderEdit
from sublarr.web.journal import request_id
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame

_PATH = "/settings/sources"


def add_routes(frame: Frame) -> None:
    """Register the list and its forms."""
    frame.get(_PATH, show)
    frame.post(f"{_PATH}/add", add)
    frame.post(f"{_PATH}/<int:folder_id>/edit", edit)
    frame.post(f"{_PATH}/<int:folder_id>/remove", remove)
    frame.post(f"{_PATH}/<int:folder_id>/scan", scan)


def show(frame: Frame) -> Response:
    """The watched folders, and the form for another one."""
    with frame.house.database.read() as unit:
        folders = unit.folders.listed()
    return frame.render("sources.html", folders=folders, typed=request.args.get("path", ""))


def add(frame: Frame) -> Response:
    """Watch a folder, and scan it at once."""
    path = request.form.get("path", "").strip()
    database = frame.house.database
    try:
        folder = add_folder(
            database, path, label=request.form.get("label", "").strip(), media_type=_content()
        )
        jobs.scan_folder(database, folder.id, request_id=request_id())
    except SublarrError as problem:
        return frame.refused(_PATH, problem, {"path": path[:500]})
    back = "/wanted" if request.form.get("back") == "wanted" else _PATH
    return frame.done(
        back, f"{for_display(folder.path)} is watched from now on; its first scan was asked for."
    )


def edit(frame: Frame, folder_id: int) -> Response:
    """Change a folder's label, content or whether it is watched."""
    try:
        change = FolderEdit(
            label=request.form.get("label", "").strip(),
            media_type=_content(),
            enabled=request.form.get("enabled") == "yes",
        )
        with frame.house.database.write(urgent=True) as unit:
            folder = unit.folders.update(folder_id, asking.version(), change)
    except SublarrError as problem:
        return frame.refused(_PATH, problem)
    return frame.done(_PATH, f"{for_display(folder.path)}: saved.")


def remove(frame: Frame, folder_id: int) -> Response:
    """Stop watching a folder; nothing on disk is touched, and adding it again brings everything back."""
    try:
        with frame.house.database.write(urgent=True) as unit:
            folder = unit.folders.get(folder_id)
            unit.folders.delete(folder_id, asking.version())
    except SublarrError as problem:
        return frame.refused(_PATH, problem)
    return frame.done(
        _PATH,
        f"{for_display(folder.path)} is not watched any more. Its files are untouched; add the folder again,"
        " and all that was known of it is back.",
        {"path": folder.path[:500]},
    )


def scan(frame: Frame, folder_id: int) -> Response:
    """Ask for a scan of one folder."""
    try:
        jobs.scan_folder(frame.house.database, folder_id, request_id=request_id())
    except SublarrError as problem:
        return frame.refused(_PATH, problem)
    return frame.done(_PATH, "The scan was asked for.")


def _content() -> FolderContent:
    text = request.form.get("media_type", FolderContent.AUTO)
    if text not in tuple(FolderContent):
        raise InvalidInput("a folder holds films, series, or both: choose one of the list")
    return FolderContent(text)
