"""Watched folders: adding, changing, removing, scanning."""

from dataclasses import fields
from datetime import datetime
from http import HTTPStatus

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.db.repositories.folders import FolderRow
from sublarr.jobs.asking import scan_folder
from sublarr.library.service import add_folder
from sublarr.vocabulary.errors import FieldProblem
from sublarr.vocabulary.media import FolderContent
from sublarr.vocabulary.rules.folders import FolderEdit
from sublarr.vocabulary.rules.kinds import Label
from sublarr.web.api.jobs import QueuedJob
from sublarr.web.api.shapes import ById, Given, Listed, PathText, Shape, present, present_all
from sublarr.web.api.versions import IfMatch, etag
from sublarr.web.journal import request_id
from sublarr.web.routes import Answer, Routes

routes = Routes("folders", "Watched folders")


class FolderShape(Shape):
    """A watched folder; `mount_points` are directories below it that were mounts at the last scan."""

    id: int
    path: str
    label: str
    media_type: FolderContent
    enabled: bool
    mount_points: list[str]
    last_scan_at: datetime | None
    last_problem: str
    version: int


class FolderPage(Listed[FolderShape]):
    """Every watched folder, by path."""


class NewFolder(Given):
    """A folder to be watched."""

    path: PathText = Field(description="Absolute, or beginning with ~")
    label: Label = ""
    media_type: FolderContent = FolderContent.AUTO


class FolderChange(Given):
    """What is to be changed; what is left out stays as it is."""

    label: Label | None = None
    media_type: FolderContent | None = None
    enabled: bool | None = None


class ScanOptions(Given):
    """How to scan; `extract` left out means: as the settings say."""

    extract: bool | None = None


@routes.get("/folders", FolderPage)
def list_folders(house: House) -> FolderPage:
    """Every watched folder, by path."""
    with house.database.read() as unit:
        return present_all(FolderPage, unit.folders.listed())


@routes.add("POST", "/folders", FolderShape, status=HTTPStatus.CREATED, problems=(409,))
def create_folder(house: House, body: NewFolder) -> Answer:
    """Watch a folder. It is not scanned by this."""
    row = add_folder(house.database, body.path, label=body.label, media_type=body.media_type)
    return _tagged(row)


@routes.get("/folders/<id>", FolderShape, problems=(404,))
def show_folder(house: House, path: ById) -> Answer:
    """One watched folder; its ETag is what a change must name."""
    with house.database.read() as unit:
        return _tagged(unit.folders.get(path.id))


@routes.add("PUT", "/folders/<id>", FolderShape, problems=(404, 412, 428))
def change_folder(house: House, path: ById, if_match: IfMatch, body: FolderChange) -> Answer:
    """Change a watched folder; a 412 tells the fields that are not as they would become."""
    edit = FolderEdit(label=body.label, media_type=body.media_type, enabled=body.enabled)
    with house.database.write(urgent=True) as unit:
        row = unit.folders.get(path.id)
        if_match.check(row.version, _differing(row, edit))
        return _tagged(unit.folders.update(row.id, row.version, edit))


@routes.add("DELETE", "/folders/<id>", None, status=HTTPStatus.NO_CONTENT, problems=(404, 412, 428))
def delete_folder(house: House, path: ById, if_match: IfMatch) -> None:
    """Stop watching a folder; adding it again brings back what is known of it."""
    with house.database.write(urgent=True) as unit:
        row = unit.folders.get(path.id)
        if_match.check(row.version, ())
        unit.folders.delete(row.id, row.version)


@routes.add("POST", "/folders/<id>/scan", QueuedJob, status=HTTPStatus.ACCEPTED, problems=(404,))
def scan_one_folder(house: House, path: ById, body: ScanOptions) -> QueuedJob:
    """Have a folder scanned."""
    queued = scan_folder(house.database, path.id, extract=body.extract, request_id=request_id())
    return present(QueuedJob, queued)


def _tagged(row: FolderRow) -> Answer:
    return Answer(present(FolderShape, row), etag(row.version))


def _differing(row: FolderRow, edit: FolderEdit) -> list[FieldProblem]:
    """The fields of a change that somebody else may have set, each with what it is now."""
    return [
        FieldProblem(field.name, f"it is {str(getattr(row, field.name))!r} now")
        for field in fields(edit)
        if getattr(edit, field.name) not in (None, getattr(row, field.name))
    ]
