"""The API's OpenAPI document, made by flask-openapi from the rooms' declarations.

Loading that library and working out the schema of every model takes a fifth of the time in which the whole
program starts, so this module is loaded when somebody first asks for the document.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.security_scheme import SecurityScheme
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI
from pydantic import BaseModel

from sublarr.web.errors import PROBLEM_TYPE, Problem
from sublarr.web.routes import PREFIX, Route, Routes

_KEY = "key"
_PARTS = {"path": "path", "query": "query", "if_match": "header", "body": "body"}
# What any operation may answer; one with a body may refuse that too.
_ANY_PROBLEM = (401, 403, 422, 429, 500, 503)
_BODY_PROBLEMS = (413, 415)


def make_document(rooms: Sequence[Routes], version: str, open_names: frozenset[str]) -> dict[str, Any]:
    """The document of all these rooms; the operations in `open_names` need no key."""
    scheme = SecurityScheme.model_validate({"type": "apiKey", "name": "X-Api-Key", "in": "header"})
    app = OpenAPI(
        __name__,
        info=Info(title="Sublarr", version=version),
        security_schemes={_KEY: scheme},
        validation_error_model=Problem,
        doc_ui=False,
    )
    # The schemas are those of JSON Schema 2020-12, which this version took over; more tools read it.
    app.openapi_version = "3.1.0"
    for room in rooms:
        blueprint = APIBlueprint(
            room.name,
            __name__,
            url_prefix=PREFIX,
            abp_tags=[Tag(name=room.name, description=room.meaning)],
            operation_id_callback=_operation_id,
        )
        for route in room.declared:
            security: list[dict[str, list[Any]]] = [] if route.name in open_names else [{_KEY: []}]
            describe = getattr(blueprint, route.method.lower())
            describe(route.rule, responses=_responses(route), security=security)(_described(route))
        app.register_api(blueprint)
    return app.api_doc


def _operation_id(*, name: str, path: str, method: str) -> str:  # noqa: ARG001 (the library passes all)
    return name


def _responses(route: Route) -> Mapping[int, Any]:
    good: object = _streamed(route.streams) if route.streams else route.answers
    problems = {*_ANY_PROBLEM, *route.problems, *(_BODY_PROBLEMS if "body" in route.arguments else ())}
    return {int(route.status): good} | {status: _problem(status) for status in sorted(problems)}


def _streamed(media_types: Sequence[str]) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return {"description": "Sent while it is made", "content": content}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    return {"description": HTTPStatus(status).phrase, "content": {PROBLEM_TYPE: {"schema": schema}}}


def _described(route: Route) -> Callable[..., None]:
    """A function of the view's name, words and models, which is all the library looks at."""

    def stand_in(**_arguments: BaseModel) -> None: ...

    stand_in.__name__ = route.name
    stand_in.__doc__ = route.view.__doc__
    stand_in.__annotations__ = {_PARTS[name]: model for name, model in route.arguments.items()}
    return stand_in
