"""System, audit: who changed what people decide, and taking it back."""

from flask import Response

from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.unit import AUDITED
from sublarr.vocabulary.errors import SublarrError
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame

_PATH = "/system/audit"
_ROWS = 50


def add_routes(frame: Frame) -> None:
    """Register the list and its action."""
    frame.get(_PATH, show)
    frame.post(f"{_PATH}/undo", undo)


def show(frame: Frame) -> Response:
    """The changes, the newest first; of one kind of thing where the query names it."""
    entity = asking.words("entity")
    with frame.house.database.read() as unit:
        page = unit.audit.page(AuditFilter(entity=entity), asking.page_request(_ROWS))
    return frame.render(
        "audit.html", page=page, entity=entity, entities=sorted(AUDITED), query=asking.query_without("cursor")
    )


def undo(frame: Frame) -> Response:
    """Take one change back."""
    try:
        done = frame.house.undo(asking.number("line"))
    except SublarrError as problem:
        return frame.refused(_PATH, problem)
    return frame.done(_PATH, f"Undone: line {done.id} tells so.")
