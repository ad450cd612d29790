"""How the rooms of the JSON API declare their routes, and how a request becomes a call of one.

A room declares plain functions `view(house, path=…, query=…, if_match=…, body=…)`, each parameter a typed
model or left out. What the caller sent is read into the models here; what cannot be is a 422 that names each
field and never repeats a value. `sublarr.web.openapi` describes the same declarations to programs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar, get_origin, get_type_hints

from flask import Flask, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from sublarr.bootstrap import House
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.rules.rule import field_problems

PREFIX = "/api/v1"

View = TypeVar("View", bound=Callable[..., Any])
Arguments = Mapping[str, type[BaseModel]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A view's answer where it is more than a model: with headers."""

    body: BaseModel | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation: `answers` is the model of its good answer, `problems` the statuses of its own errors.

    `streams` are the media types of an answer that is sent while it is made, and has no model.
    """

    method: str
    rule: str
    view: Callable[..., Any]
    answers: type[BaseModel] | None
    status: HTTPStatus
    problems: tuple[int, ...]
    streams: tuple[str, ...]

    @property
    def name(self) -> str:
        """The view's name, which is the operation's."""
        return self.view.__name__

    @property
    def arguments(self) -> Arguments:
        """The models the view is called with, by parameter."""
        hints = get_type_hints(self.view)
        return {name: kind for name, kind in hints.items() if name in ("path", "query", "if_match", "body")}


class Routes:
    """The routes of one room of the API; `meaning` is what its document says of the room."""

    def __init__(self, name: str, meaning: str) -> None:
        self.name = name
        self.meaning = meaning
        self.declared: list[Route] = []

    def add(
        self,
        method: str,
        rule: str,
        answers: type[BaseModel] | None,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        problems: tuple[int, ...] = (),
        streams: tuple[str, ...] = (),
    ) -> Callable[[View], View]:
        """Declare a view; `rule` is Flask's, below the API's prefix, without converters."""

        def declare(view: View) -> View:
            self.declared.append(Route(method, rule, view, answers, status, problems, streams))
            return view

        return declare

    def get(
        self,
        rule: str,
        answers: type[BaseModel] | None,
        *,
        problems: tuple[int, ...] = (),
        streams: tuple[str, ...] = (),
    ) -> Callable[[View], View]:
        """Declare a view that only looks."""
        return self.add("GET", rule, answers, problems=problems, streams=streams)


def serve(app: Flask, house: House, rooms: Sequence[Routes]) -> None:
    """Have `app` answer every route of these rooms."""
    for room in rooms:
        for route in room.declared:
            app.add_url_rule(
                PREFIX + route.rule,
                endpoint=f"api:{route.name}",
                view_func=_calling(route, house),
                methods=[route.method],
            )


def _calling(route: Route, house: House) -> Callable[..., Response]:
    readers = {name: _READERS[name](model) for name, model in route.arguments.items()}

    def call(**_path: str) -> Response:
        try:
            arguments = {name: read() for name, read in readers.items()}
        except ValidationError as error:
            raise _refusal(error) from None
        return _to_response(route.view(house, **arguments), route.status)

    return call


def _to_response(result: object, status: HTTPStatus) -> Response:
    match result:
        case Response():
            return result
        case Answer(body, headers):
            response = _to_response(body, status)
            response.headers.update(headers)
            return response
        case BaseModel():
            return Response(result.model_dump_json(), status, mimetype="application/json")
        case _:
            return Response(status=HTTPStatus.NO_CONTENT)


def _refusal(error: ValidationError) -> InvalidInput:
    return InvalidInput("the request is not acceptable", problems=tuple(field_problems(error)))


def _path_reader(model: type[BaseModel]) -> Callable[[], BaseModel]:
    return lambda: model.model_validate(request.view_args)


def _query_reader(model: type[BaseModel]) -> Callable[[], BaseModel]:
    lists = {name for name, info in model.model_fields.items() if get_origin(info.annotation) is tuple}

    def read() -> BaseModel:
        given = request.args
        return model.model_validate(
            {name: given.getlist(name) if name in lists else given[name] for name in given}
        )

    return read


def _header_reader(model: type[BaseModel]) -> Callable[[], BaseModel]:
    names = [info.alias or name for name, info in model.model_fields.items()]

    def read() -> BaseModel:
        return model.model_validate(
            {name: request.headers[name] for name in names if name in request.headers}
        )

    return read


def _body_reader(model: type[BaseModel]) -> Callable[[], BaseModel]:
    def read() -> BaseModel:
        data = request.get_data(cache=False)
        if data and not request.is_json:
            raise UnsupportedMediaType("The body must be application/json.")
        # Pydantic's own parser bounds the depth, where Python's runs out of stack.
        return model.model_validate_json(data or b"{}")

    return read


_READERS: Mapping[str, Callable[[type[BaseModel]], Callable[[], BaseModel]]] = {
    "path": _path_reader,
    "query": _query_reader,
    "if_match": _header_reader,
    "body": _body_reader,
}
