"""Around every request: its id, its log context, and its time in the metrics.

The id comes from the caller where it is harmless text, so that a proxy's log and ours can be joined.
"""

import re
import secrets
from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING

from flask import Flask, Response, request

from sublarr.logs import bind
from sublarr.metrics import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_HARMLESS_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)
_ID_KEY = "sublarr.request_id"
_STARTED_KEY = "sublarr.started"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def request_id() -> str:
    """The id of the request being answered; '' in an environment that did not come through the journal."""
    found: str = request.environ.get(_ID_KEY, "")
    return found


class Journal:
    """WSGI middleware that names requests and counts those in progress."""

    def __init__(self, application: "WSGIApplication", metrics: Metrics) -> None:
        self._application = application
        self._in_progress = metrics.http_requests_in_progress

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer under a name of the request's own."""
        given = environ.get("HTTP_X_REQUEST_ID", "")
        name = given if _HARMLESS_ID.fullmatch(given) else secrets.token_hex(8)
        environ[_ID_KEY] = name
        environ[_STARTED_KEY] = perf_counter()
        # A live stream is answered once its first bytes are asked for; it is not in progress for hours.
        with bind(request_id=name), self._in_progress.track_inprogress():
            return self._application(environ, start_response)


def keep_journal(app: Flask, metrics: Metrics) -> None:
    """Have every request of `app` named and measured."""
    app.wsgi_app = Journal(app.wsgi_app, metrics)  # type: ignore[method-assign]

    @app.after_request
    def record(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        seconds = perf_counter() - request.environ.get(_STARTED_KEY, perf_counter())
        method = request.method if request.method in _METHODS else "OTHER"
        status = str(response.status_code)
        metrics.http_request_duration_seconds.labels(method, _template(), status).observe(seconds)
        return response


def _template() -> str:
    """The route's rule, which has as many values as there are routes, never the path itself."""
    return "(none)" if request.url_rule is None else request.url_rule.rule
