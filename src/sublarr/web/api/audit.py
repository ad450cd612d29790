"""The audit: who changed what people decide, and taking a change back."""

from datetime import datetime
from typing import Any

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.db.repositories.audit import AuditFilter
from sublarr.vocabulary.audit import AuditAction
from sublarr.web.api.shapes import ById, Listed, ListQuery, Shape, Text, present
from sublarr.web.routes import Routes

routes = Routes("audit", "Who changed what")


class AuditQuery(ListQuery):
    """Which part of the audit."""

    entity: Text = Field("", description="The kind of thing, such as `folder`, `setting` or `hook`")
    entity_id: Text = Field("", description="One thing; needs `entity`")
    actor: Text = Field("", description="Who did it, exactly as the audit names them")


class ChangeShape(Shape):
    """One field of a change; null where the thing was not there."""

    field: str
    before: Any
    after: Any


class AuditShape(Shape):
    """A line of the audit. Secrets are `***` and a mark that tells whether two are the same."""

    id: int
    at: datetime
    actor: str
    action: AuditAction
    entity: str
    entity_id: str = Field(description="`many` for a line about several things, whose ids `changes` tells")
    changes: list[ChangeShape]
    request_id: str
    undoes_id: int | None = Field(description="The line that this one took back")


class AuditPage(Listed[AuditShape]):
    """The audit, newest first."""


@routes.get("/audit", AuditPage)
def list_audit(house: House, query: AuditQuery) -> AuditPage:
    """Who changed what, the newest first."""
    chosen = AuditFilter(query.entity, query.entity_id, query.actor)
    with house.database.read() as unit:
        return present(AuditPage, unit.audit.page(chosen, query.page()))


@routes.get("/audit/<id>", AuditShape, problems=(404,))
def show_audit(house: House, path: ById) -> AuditShape:
    """One line, with every field that changed."""
    with house.database.read() as unit:
        return present(AuditShape, unit.audit.get(path.id))


@routes.add("POST", "/audit/<id>/undo", AuditShape, problems=(404, 409, 412))
def undo_audit(house: House, path: ById) -> AuditShape:
    """Take a change back; the answer is the line that tells so, which can be undone in its turn.

    A 412 tells the fields that somebody has changed again since, a 409 why there is nothing to take back.
    """
    return present(AuditShape, house.undo(path.id))
