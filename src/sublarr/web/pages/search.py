"""Search: everything that holds the words typed, from the box that is on every page."""

from flask import Response

from sublarr.db.repositories.word_search import split_words
from sublarr.vocabulary.media import MediaKind
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame

_ROWS = 50


def add_routes(frame: Frame) -> None:
    """Register the page."""
    frame.get("/search", show)


def show(frame: Frame) -> Response:
    """The entries that hold the words, the best first."""
    words = asking.words()
    kind = asking.chosen(MediaKind, "kind")
    with frame.house.database.read() as unit:
        page = unit.search.page(words, (kind,) if kind else (), asking.page_request(_ROWS))
        folders = unit.folders.listed()
    return frame.render(
        "search.html",
        page=page,
        words=words,
        is_asked=bool(split_words(words)),
        kind=kind,
        folders=folders,
        query=asking.query_without("cursor"),
    )
