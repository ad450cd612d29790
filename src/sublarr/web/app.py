"""Puts the web door together: one Flask application for pages, API, live streams and the root routes."""

from flask import Flask

from sublarr.bootstrap import House
from sublarr.web.pages import make_pages


def create_app(house: House) -> Flask:
    """The application that serves `house`."""
    app = Flask("sublarr.web")
    app.register_blueprint(make_pages(house))
    return app
