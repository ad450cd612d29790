"""Dark, light, or as the system has it: a choice the browser keeps."""

from flask import Response, request

from sublarr.web.pages.frame import THEME_COOKIE, THEMES, Frame, local_path

_KEPT_SECONDS = 400 * 24 * 3600


def add_routes(frame: Frame) -> None:
    """Register the switch."""
    frame.post("/appearance", choose)


def choose(frame: Frame) -> Response:
    """Keep the choice and go back to where it was made."""
    theme = request.form.get("theme", "")
    response = frame.done(local_path(request.form.get("back", "")))
    if theme in THEMES:
        response.set_cookie(
            THEME_COOKIE,
            theme,
            max_age=_KEPT_SECONDS,
            path=f"{request.script_root}/",
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
