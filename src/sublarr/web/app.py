"""Puts the web door together: one Flask application for pages, API, live streams and the root routes."""

from flask import Flask

from sublarr.bootstrap import House
from sublarr.web.api import ROOMS
from sublarr.web.errors import install_error_handlers
from sublarr.web.forwarding import BasePath, TrustedProxies
from sublarr.web.journal import keep_journal
from sublarr.web.live import install_live
from sublarr.web.pages import make_pages
from sublarr.web.root import install_root_routes
from sublarr.web.routes import serve
from sublarr.web.security import guard

BODY_BYTES = 16 * 1024 * 1024


def create_app(house: House) -> Flask:
    """The application that serves `house`."""
    server = house.settings.server
    app = Flask("sublarr.web")
    app.config.update(MAX_CONTENT_LENGTH=BODY_BYTES, MAX_FORM_PARTS=200)
    guard(app, house.settings)
    install_error_handlers(app)
    install_root_routes(app, house)
    install_live(app, house)
    serve(app, house, ROOMS)
    app.register_blueprint(make_pages(house))
    # The last one put on is the first to see a request.
    if server.base_path:
        app.wsgi_app = BasePath(app.wsgi_app, server.base_path)  # type: ignore[method-assign]
    if server.trusted_proxies:
        app.wsgi_app = TrustedProxies(app.wsgi_app, server.trusted_proxies)  # type: ignore[method-assign]
    keep_journal(app, house.metrics)
    return app
