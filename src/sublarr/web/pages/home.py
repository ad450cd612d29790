"""The way in: home is the list of what is wanted."""

from flask import Response

from sublarr.web.pages.frame import Frame


def add_routes(frame: Frame) -> None:
    """Register `/`."""
    frame.get("/", show)


def show(frame: Frame) -> Response:
    """Go to the list of what is wanted."""
    return frame.done("/wanted")
