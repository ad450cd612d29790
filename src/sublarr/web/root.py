"""The routes of monitors and orchestrators, which never ask for a key: health, readiness, ping, metrics."""

from flask import Flask, Response, current_app, jsonify

from sublarr.bootstrap import House
from sublarr.web.api.health import bare
from sublarr.web.api.rooms import OPEN_OPERATIONS, ROOMS
from sublarr.web.routes import PREFIX

DOCUMENT_PATH = f"{PREFIX}/openapi.json"
_DOCUMENT = "sublarr_document"


def install_root_routes(app: Flask, house: House) -> None:
    """Have `app` answer them, and the API's document."""

    def metrics() -> Response:
        body, content_type = house.metrics.render()
        return Response(body, content_type=content_type)

    def ping() -> Response:
        house.database.ping()
        return jsonify(status="OK")

    app.add_url_rule("/metrics", "metrics", metrics)
    app.add_url_rule("/ping", "ping", ping)
    app.add_url_rule("/health", "health", lambda: bare(house.health.live()))
    app.add_url_rule("/ready", "ready", lambda: bare(house.health.ready()))
    app.add_url_rule(DOCUMENT_PATH, "openapi", lambda: _document(house))


def _document(house: House) -> Response:
    document = current_app.extensions.get(_DOCUMENT)
    if document is None:
        # The library that makes it would lengthen every start, and few ever ask.
        from sublarr.web.openapi import make_document  # noqa: PLC0415 (reason above)

        document = make_document(ROOMS, house.version, OPEN_OPERATIONS)
        current_app.extensions[_DOCUMENT] = document
    return jsonify(document)
