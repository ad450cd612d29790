"""From errors to answers: problem+json (RFC 9457) of one shape for programs, a page for people.

This is the door where an error of the house becomes a status, and where what nobody foresaw is logged.
"""

import logging
import math
from collections.abc import Sequence
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from pydantic import BaseModel, Field
from werkzeug.exceptions import HTTPException

from sublarr.vocabulary.errors import (
    Conflict,
    DatabaseReadOnly,
    FieldProblem,
    InvalidInput,
    NotFound,
    Rejected,
    SchemaMismatch,
    StaleRow,
    SublarrError,
    Unavailable,
)
from sublarr.web.journal import request_id

_log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
_PAGES_OF_PROGRAMS = ("/api/", "/live/", "/metrics", "/health", "/ready", "/ping")
_NOTHING_HERE = "There is nothing at this address."
# The words with which messages of ours begin. Any other first word may be a name or a path that somebody typed.
_OPENERS = frozenset(
    "a an each either empty every give it its no not nothing one only reading some that the there they this "
    "those too two while".split()
)
_UNFORESEEN = "Something went wrong inside Sublarr. The log says more under this request's id."

# The first class an error belongs to counts, so the narrow ones come first.
_STATUSES: Sequence[tuple[type[SublarrError], HTTPStatus]] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (StaleRow, HTTPStatus.PRECONDITION_FAILED),
    (Conflict, HTTPStatus.CONFLICT),
    (InvalidInput, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (DatabaseReadOnly, HTTPStatus.SERVICE_UNAVAILABLE),
    (SchemaMismatch, HTTPStatus.SERVICE_UNAVAILABLE),
    (Rejected, HTTPStatus.FORBIDDEN),
)


class TooManyAttempts(Unavailable):
    """Somebody guesses at keys."""

    code = "too_many_attempts"


class NotSignedIn(Rejected):
    """A key is needed, and none or a wrong one was shown."""

    code = "not_signed_in"


class PreconditionMissing(InvalidInput):
    """A change of a versioned thing did not say which version it was made from."""

    code = "precondition_missing"


class ProblemField(BaseModel, defer_build=True):
    """One thing that was not acceptable: the field's name (or its path in the body), and why."""

    field: str
    message: str


class Problem(BaseModel, defer_build=True):
    """What went wrong, the same for every operation (RFC 9457)."""

    type: str = Field(description="A name for this kind of problem")
    title: str = Field(description="The status in words")
    status: int
    detail: str = Field(description="What happened, and what can be done about it, for a person")
    code: str = Field(description="What happened, for a program")
    request_id: str = Field(description="The id under which the log tells more")
    errors: list[ProblemField] = Field(default_factory=list, description="The fields that were refused")


def status_of(error: SublarrError) -> HTTPStatus:
    """The HTTP status that tells of this error."""
    match error:
        case TooManyAttempts():
            return HTTPStatus.TOO_MANY_REQUESTS
        case NotSignedIn():
            return HTTPStatus.UNAUTHORIZED
        case PreconditionMissing():
            return HTTPStatus.PRECONDITION_REQUIRED
    return next(
        (status for kind, status in _STATUSES if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR
    )


def install_error_handlers(app: Flask) -> None:
    """Have every error of `app` answered in the one shape, or as a page."""
    app.register_error_handler(SublarrError, _answer_ours)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unforeseen)


def _answer_ours(error: SublarrError) -> Response:
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # What somebody merely has to wait for is nothing to look into.
        level = logging.INFO if type(error) is Unavailable else logging.WARNING
        _log.log(level, "%s %s: %s", request.method, request.path, error.message)
    problems = getattr(error, "problems", ())
    response = _answer(status, error.code, in_sentences(error.message, error.remedy), problems)
    if isinstance(error, Unavailable) and error.retry_after is not None:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    if isinstance(error, NotSignedIn):
        response.headers["WWW-Authenticate"] = 'ApiKey realm="Sublarr", header="X-Api-Key"'
    return response


def _answer_http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        # A redirect of the router's is an answer, not an error.
        return make_response(error.get_response())
    status = HTTPStatus(error.code)
    detail = _NOTHING_HERE if status is HTTPStatus.NOT_FOUND else error.description
    response = _answer(status, _code_of(status), detail or status.phrase)
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _answer_unforeseen(error: Exception) -> Response:
    # The door: whatever nobody foresaw becomes a 500 that tells no internals, and one traceback in the log.
    _log.exception("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", _UNFORESEEN)


def problem_body(status: int, detail: str) -> str:
    """The problem of a request that was refused before it had a name."""
    return _problem(HTTPStatus(status), _code_of(HTTPStatus(status)), detail.strip()).model_dump_json()


def _code_of(status: HTTPStatus) -> str:
    return status.phrase.lower().replace(" ", "_").replace("-", "_")


def _problem(status: HTTPStatus, code: str, detail: str) -> Problem:
    return Problem(
        type=f"urn:sublarr:problem:{code}",
        title=status.phrase,
        status=status,
        detail=detail,
        code=code,
        request_id="",
    )


def _answer(status: HTTPStatus, code: str, detail: str, problems: Sequence[FieldProblem] = ()) -> Response:
    problem = _problem(status, code, detail)
    problem.request_id = request_id()
    problem.errors = [ProblemField(field=problem.field, message=problem.message) for problem in problems]
    if is_for_programs(request.path):
        response = Response(problem.model_dump_json(), status, mimetype=PROBLEM_TYPE)
    else:
        response = make_response(render_template("error.html", problem=problem), status)
    return response


def is_for_programs(path: str) -> bool:
    """Whether programs rather than people read the answers of this path."""
    return path.startswith(_PAGES_OF_PROGRAMS) or path == "/api"


def in_sentences(message: str, remedy: str = "") -> str:
    """An error's message and its remedy as whole sentences; what a person typed is never altered."""
    first, _, _ = message.partition(" ")
    told = message[:1].upper() + message[1:] if first in _OPENERS else message
    sentence = told if told.endswith((".", "!", "?")) else f"{told}."
    return f"{sentence} {remedy}".strip()
