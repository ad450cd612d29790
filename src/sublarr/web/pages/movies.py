"""Films: the list, and one film with its files, their subtitles and what is wanted."""

from flask import Response, request

from sublarr.vocabulary.errors import NotFound, SublarrError
from sublarr.vocabulary.media import MediaKind
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame
from sublarr.web.pages.library import ask_for_extraction, ask_for_scan, read_shelf

_ROWS = 60


def add_routes(frame: Frame) -> None:
    """Register the list, the film, and its actions."""
    frame.get("/movies", show)
    frame.get("/movies/<int:movie_id>", show_one)
    frame.post("/movies/<int:movie_id>/act", act)


def show(frame: Frame) -> Response:
    """Films by title."""
    words = asking.words()
    with frame.house.database.read(stale_ok=True) as unit:
        page = unit.media.page(MediaKind.MOVIE, words, asking.page_request(_ROWS))
        shelf = read_shelf(unit, [row.media.id for row in page.items])
        folders = unit.folders.listed()
    return frame.render(
        "movies.html",
        page=page,
        shelf=shelf,
        words=words,
        folders=folders,
        query=asking.query_without("cursor"),
    )


def show_one(frame: Frame, movie_id: int) -> Response:
    """One film."""
    with frame.house.database.read(stale_ok=True) as unit:
        movie = unit.media.get(movie_id)
        if movie.kind is not MediaKind.MOVIE:
            raise NotFound(f"there is no film {movie_id}")
        shelf = read_shelf(unit, [movie_id])
        profile = unit.profiles.assigned([movie_id]).get(movie_id) or unit.profiles.find_default()
    return frame.render("movie.html", movie=movie, shelf=shelf, profile=profile)


def act(frame: Frame, movie_id: int) -> Response:
    """Scan the film's folder, or extract from its files."""
    path = f"/movies/{movie_id}"
    try:
        with frame.house.database.read() as unit:
            movie = unit.media.get(movie_id)
            files = unit.files.of_media([movie_id]).get(movie_id, ())
        if request.form.get("action") == "scan":
            return frame.done(path, ask_for_scan(frame, movie))
        return frame.done(path, ask_for_extraction(frame, [file.id for file in files]))
    except SublarrError as problem:
        return frame.refused(path, problem)
