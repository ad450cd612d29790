"""The HTML pages: one file and one template each.

Every page works without JavaScript: links and GET forms to look, POST forms answered by 303 and a message to act.
htmx sends the same requests and takes from the same answer the parts it swaps, so views know nothing of it. What
the live stream sends is in `fragments`. Pages decide nothing: they read a unit, change rows or ask
`sublarr.jobs` for work.
"""

from flask import Blueprint

from sublarr.bootstrap import House
from sublarr.web.pages import (
    appearance,
    audit,
    database,
    general,
    history,
    home,
    login,
    movies,
    profiles,
    queue,
    search,
    series,
    sources,
    status,
    tasks,
    wanted,
    workers,
)
from sublarr.web.pages.formats import FILTERS
from sublarr.web.pages.frame import Frame

_PAGES = (
    home,
    search,
    wanted,
    series,
    movies,
    queue,
    history,
    sources,
    profiles,
    general,
    status,
    tasks,
    workers,
    database,
    audit,
    login,
    appearance,
)


def make_pages(house: House) -> Blueprint:
    """Every page over `house`; templates and static files are those of the application it is registered with."""
    blueprint = Blueprint("pages", __name__)
    frame = Frame(house, blueprint)
    for page in _PAGES:
        page.add_routes(frame)
    blueprint.app_context_processor(frame.surroundings)
    blueprint.record_once(lambda state: state.app.jinja_env.filters.update(FILTERS))
    return blueprint
