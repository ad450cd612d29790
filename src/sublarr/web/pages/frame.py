"""What every page is given: the house, its route, the layout around it, and the way to answer an action."""

import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, make_response, redirect, render_template, request

from sublarr.bootstrap import House
from sublarr.vocabulary.errors import InvalidInput, SublarrError
from sublarr.web.errors import in_sentences
from sublarr.web.pages.flashes import Flash, Flashes
from sublarr.web.pages.fragments import read_counts

THEME_COOKIE = "sublarr_theme"
THEMES = ("auto", "dark", "light")

STATIC = Path(__file__).parent.parent / "static"
_ASSETS = ("app.css", "app.js", "vendor/htmx.min.js", "vendor/hx-sse.min.js")

View = Callable[..., Response]


class Frame:
    """Registers pages, renders them inside the layout, and sends the browser on after an action."""

    def __init__(self, house: House, blueprint: Blueprint) -> None:
        self.house = house
        self.blueprint = blueprint
        self._flashes = Flashes(house.database)
        self._assets = _versioned_assets()

    def get(self, rule: str, view: View, endpoint: str = "") -> None:
        """Have `view` answer GET; it is called with this frame and the rule's arguments."""
        self._add(rule, view, "GET", endpoint)

    def post(self, rule: str, view: View) -> None:
        """Have `view` answer POST; it acts and answers with `done`."""
        self._add(rule, view, "POST")

    def _add(self, rule: str, view: View, method: str, endpoint: str = "") -> None:
        name = endpoint or f"{view.__module__.rpartition('.')[2]}_{view.__name__}"
        self.blueprint.add_url_rule(rule, name, partial(view, self), methods=[method])

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page inside the layout, with the waiting message, which it takes away."""
        flash = self._flashes.read(request)
        with self.house.database.read() as unit:
            counts = read_counts(unit)
        html = render_template(template, counts=counts, flash=flash, **values)
        response = make_response(html, status)
        response.headers["Cache-Control"] = "no-store"
        # The layout follows the theme's cookie.
        response.headers["Vary"] = "Cookie"
        self._flashes.clear(request, response)
        return response

    def render_bare(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page for people who may not see any numbers yet."""
        return make_response(render_template(template, **values), status)

    def surroundings(self) -> dict[str, Any]:
        """What every template may use, those of errors too, which have no database to read counts from."""
        theme = request.cookies.get(THEME_COOKIE, "auto")
        return {
            "root": request.script_root,
            "here": request.path,
            "address": request.full_path.rstrip("?"),
            "theme": theme if theme in THEMES else "auto",
            "assets": self._assets,
            "version": self.house.version,
            "has_key": bool(self.house.settings.server.api_key.get_secret_value()),
        }

    def came_from(self, otherwise: str) -> str:
        """The page of ours that the form was on, as browsers tell it; `otherwise` where they do not."""
        place = urlsplit(request.referrer or "")
        if place.netloc != request.host:
            return otherwise
        path = place.path.removeprefix(request.script_root)
        return local_path(f"{path}?{place.query}" if place.query else path, otherwise)

    def done(self, path: str, text: str = "", query: Mapping[str, str] | None = None) -> Response:
        """Send the browser on to a page of ours, which will say what was done."""
        return self._go(path, Flash(text) if text else None, query)

    def refused(self, path: str, problem: SublarrError, query: Mapping[str, str] | None = None) -> Response:
        """Send the browser on to a page of ours, which will say why nothing was done, and the remedy."""
        return self._go(path, Flash(in_words(problem), is_problem=True), query)

    def _go(self, path: str, flash: Flash | None, query: Mapping[str, str] | None) -> Response:
        tail = f"?{urlencode(query)}" if query else ""
        response = make_response(redirect(f"{request.script_root}{path}{tail}", 303))
        if flash is not None:
            self._flashes.leave(request, response, flash)
        return response


def local_path(text: str, otherwise: str = "/wanted") -> str:
    """`text` where it is a path of this site: nobody is sent elsewhere by what a form or a header says."""
    is_local = text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()
    return text if is_local else otherwise


def in_words(problem: SublarrError) -> str:
    """What a person reads of an error: each field's problem, or the message, and the remedy."""
    told = problem.message
    if isinstance(problem, InvalidInput) and problem.problems:
        told = " ".join(field.message for field in problem.problems)
    return in_sentences(told, problem.remedy)


def _versioned_assets() -> Mapping[str, str]:
    """The static files there are, each with a query that changes with its content."""
    found = {}
    for name in _ASSETS:
        path = STATIC / name
        # The vendored two are fetched at build time; the pages work without them.
        if path.is_file():
            found[name] = f"{name}?v={zlib.crc32(path.read_bytes()):08x}"
    return found
