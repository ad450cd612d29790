"""The way in where an API key is set: a browser shows it once and is remembered by its cookie."""

from flask import Response, make_response, redirect, request

from sublarr.vocabulary.errors import SublarrError
from sublarr.web.errors import status_of
from sublarr.web.pages.frame import Frame, in_words, local_path
from sublarr.web.security import log_in, log_out, needs_key


def add_routes(frame: Frame) -> None:
    """Register the form, and the way out."""
    # The guard sends strangers to `pages.login`.
    frame.get("/login", show, endpoint="login")
    frame.post("/login", enter)
    frame.post("/logout", leave)


def show(frame: Frame) -> Response:
    """Ask for the key; where none is set there is nothing to ask."""
    if not needs_key():
        return frame.done("/wanted")
    return frame.render_bare("login.html", next=request.args.get("next", ""))


def enter(frame: Frame) -> Response:
    """Remember the browser that knows the key, and go where it wanted to."""
    wanted = request.form.get("next", "")
    if not needs_key():
        return frame.done("/wanted")
    try:
        log_in(request.form.get("key", "").strip())
    except SublarrError as problem:
        return frame.render_bare("login.html", status_of(problem), next=wanted, problem=in_words(problem))
    return make_response(redirect(request.script_root + local_path(wanted), 303))


def leave(frame: Frame) -> Response:
    """Forget the browser."""
    log_out()
    return frame.done("/login")
