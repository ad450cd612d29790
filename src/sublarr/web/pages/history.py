"""Activity, history: the subtitles that came, newest first."""

from flask import Response

from sublarr.vocabulary.language import parse_language
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame

_ROWS = 60


def add_routes(frame: Frame) -> None:
    """Register the history."""
    frame.get("/activity/history", show)


def show(frame: Frame) -> Response:
    """Subtitles that were written beside videos, of one language where the query names it."""
    typed = asking.words("language")
    language = parse_language(typed) or typed
    with frame.house.database.read(stale_ok=True) as unit:
        page = unit.downloads.page(asking.page_request(_ROWS), language=language)
    return frame.render("history.html", page=page, typed=typed, query=asking.query_without("cursor"))
