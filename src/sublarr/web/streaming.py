"""Live streams over HTTP: the feed of one application, and the answer that carries a stream."""

from collections.abc import Iterator, Mapping

from flask import Flask, Response, current_app, request
from jinja2 import Environment

from sublarr.bootstrap import House
from sublarr.web.live import Change, LiveFeed, Rendering, ServerEvent
from sublarr.web.pages.fragments import COUNTS_CHANGED, counts_message, job_message

HTML = "html"
JSON = "json"
_EXTENSION = "sublarr_live"
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # nginx would hold events back until its buffer is full.
    "X-Accel-Buffering": "no",
}


def install_live(app: Flask, house: House, json_events: Rendering) -> None:
    """Give `app` its feed, and pages their stream at /live/jobs."""
    renderings: Mapping[str, Rendering] = {
        HTML: lambda change: _html_events(change, app.jinja_env, house.settings.server.base_path),
        JSON: json_events,
    }
    app.extensions[_EXTENSION] = LiveFeed(house.database, house.clock, renderings)
    app.add_url_rule("/live/jobs", "live", lambda: stream(HTML))


def feed_of(app: Flask) -> LiveFeed:
    """The feed of this application; whoever stops the server stops it first."""
    feed: LiveFeed = app.extensions[_EXTENSION]
    return feed


def stream(rendering: str) -> Response:
    """The answer to somebody who listens; raises `Unavailable` where as many do as may."""
    # Waitress tells of a closed tab; under another server the next write does.
    is_gone = request.environ.get("waitress.client_disconnected", lambda: False)
    return Response(feed_of(current_app).open(rendering, is_gone), headers=_HEADERS)


def _html_events(change: Change, templates: Environment, root: str) -> Iterator[ServerEvent]:
    for job in change.jobs:
        yield ServerEvent(job_message(templates, job, root))
    if change.counts is not None:
        yield ServerEvent(counts_message(templates, change.counts))
        yield ServerEvent("", COUNTS_CHANGED)
