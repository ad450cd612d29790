"""Puts the web door together: one Flask application for pages, API, live streams and the root routes."""

import logging
from collections.abc import Callable

from flask import Flask, Response, request

from sublarr.bootstrap import House
from sublarr.vocabulary.errors import SublarrError
from sublarr.web.api.exports import install_exports
from sublarr.web.api.live import json_events
from sublarr.web.api.rooms import ROOMS
from sublarr.web.errors import install_error_handlers
from sublarr.web.forwarding import BasePath, TrustedProxies
from sublarr.web.freshness import follow_visitors
from sublarr.web.journal import keep_journal
from sublarr.web.pages import make_pages
from sublarr.web.root import install_root_routes
from sublarr.web.routes import serve
from sublarr.web.security import guard
from sublarr.web.streaming import install_live

_log = logging.getLogger(__name__)

BODY_BYTES = 16 * 1024 * 1024
# Where people change which folders are watched.
_FOLDER_PATHS = ("/api/v1/folders", "/settings/sources")


def create_app(house: House, *, folders_changed: Callable[[], None] | None = None) -> Flask:
    """The application that serves `house`; `folders_changed` is called after watched folders were edited.

    None where nothing in this process watches folders.
    """
    server = house.settings.server
    app = Flask("sublarr.web")
    app.config.update(MAX_CONTENT_LENGTH=BODY_BYTES, MAX_FORM_PARTS=200)
    guard(app, house)
    install_error_handlers(app)
    install_root_routes(app, house)
    install_live(app, house, json_events)
    install_exports(app)
    serve(app, house, ROOMS)
    app.register_blueprint(make_pages(house))
    follow_visitors(app, house)
    if folders_changed is not None:
        _follow_folders(app, folders_changed)
    # The last one put on is the first to see a request.
    if server.base_path:
        app.wsgi_app = BasePath(app.wsgi_app, server.base_path)  # type: ignore[method-assign]
    if server.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, server.trusted_proxies)  # type: ignore[method-assign]
    keep_journal(app, house.metrics)
    return app


def _follow_folders(app: Flask, folders_changed: Callable[[], None]) -> None:
    @app.after_request
    def tell(response: Response) -> Response:
        is_edit = request.method in ("POST", "PUT", "DELETE") and request.path.startswith(_FOLDER_PATHS)
        if is_edit and response.status_code < 400:
            try:
                folders_changed()
            except SublarrError as error:
                # The change itself is stored, and the next scan sees what the watcher misses meanwhile.
                _log.warning("the folder watcher could not be told of a change: %s", error.message)
        return response
