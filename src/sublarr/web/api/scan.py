"""Having folders, or a directory inside one, scanned."""

import os
from http import HTTPStatus

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.jobs.asking import scan_all, scan_folder
from sublarr.library.service import normalise
from sublarr.vocabulary.errors import FieldProblem, InvalidInput
from sublarr.vocabulary.paths import for_display, is_within, to_native
from sublarr.web.api.jobs import QueuedJob, QueuedJobs
from sublarr.web.api.shapes import Given, Id, PathText, present
from sublarr.web.journal import request_id
from sublarr.web.routes import Routes

routes = Routes("scan", "Bringing the catalogue in line with what is on disk")


class ScanRequest(Given):
    """What to scan: one folder, one directory inside a watched folder, or (neither given) everything."""

    path: PathText | None = Field(None, description="A directory inside a watched folder")
    folder_id: Id | None = Field(None, description="A watched folder")
    extract: bool | None = Field(None, description="Whether to extract subtitles; else as the settings say")


@routes.add("POST", "/scan", QueuedJobs, status=HTTPStatus.ACCEPTED, problems=(404,))
def start_scan(house: House, body: ScanRequest) -> QueuedJobs:
    """Have something scanned; the jobs tell how far it is."""
    if body.path is not None and body.folder_id is not None:
        problem = FieldProblem("path", "either path or folder_id, not both")
        raise InvalidInput("the request is not acceptable", problems=[problem])
    folder_id, below = body.folder_id, ""
    if body.path is not None:
        folder_id, below = _place(house, body.path)
    if folder_id is None:
        queued = scan_all(house.database, extract=body.extract, request_id=request_id())
    else:
        job = scan_folder(
            house.database, folder_id, below=below, extract=body.extract, request_id=request_id()
        )
        queued = (job,)
    return QueuedJobs(jobs=[present(QueuedJob, job) for job in queued])


def _place(house: House, typed: str) -> tuple[int, str]:
    """The watched folder a path lies in, and the path as it is stored."""
    path = normalise(typed)
    with house.database.read() as unit:
        folders = unit.folders.listed()
    for folder in folders:
        if is_within(path, folder.path):
            # A scan takes what is not there for not mounted, and would end well without having looked.
            if not os.path.isdir(to_native(path)):
                raise _refused(f"there is no folder {for_display(path)}")
            return folder.id, path
    raise _refused(f"{for_display(path)} does not lie in a watched folder")


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem("path", message)])
