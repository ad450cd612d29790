"""Series: the list, and one series with its seasons, episodes, files and subtitles."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from flask import Response, request

from sublarr.db.pages import MAXIMUM_LIMIT, PageRequest
from sublarr.db.repositories.media import MediaRow
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import NotFound, SublarrError
from sublarr.vocabulary.media import MediaKind
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame
from sublarr.web.pages.library import ask_for_extraction, ask_for_scan, read_shelf

_ROWS = 60
_EPISODES = 200


@dataclass(frozen=True, slots=True)
class _Season:
    """A season's heading and its episodes; `number` is None where the names do not tell."""

    number: int | None
    episodes: tuple[MediaRow, ...]


def add_routes(frame: Frame) -> None:
    """Register the list, the series, and its actions."""
    frame.get("/series", show)
    frame.get("/series/<int:series_id>", show_one)
    frame.post("/series/<int:series_id>/act", act)


def show(frame: Frame) -> Response:
    """Series by title."""
    words = asking.words()
    with frame.house.database.read(stale_ok=True) as unit:
        page = unit.media.page(MediaKind.SERIES, words, asking.page_request(_ROWS))
        folders = unit.folders.listed()
    return frame.render(
        "series_list.html", page=page, words=words, folders=folders, query=asking.query_without("cursor")
    )


def show_one(frame: Frame, series_id: int) -> Response:
    """One series, its seasons in order."""
    with frame.house.database.read(stale_ok=True) as unit:
        series = _get(unit, series_id)
        page = unit.media.episodes(series_id, asking.page_request(_EPISODES))
        shelf = read_shelf(unit, [episode.id for episode in page.items])
        counts = unit.media.counts([series_id])[series_id]
        profile = unit.profiles.assigned([series_id]).get(series_id) or unit.profiles.find_default()
    seasons = tuple(
        _Season(number, tuple(episodes))
        for number, episodes in groupby(page.items, key=lambda episode: episode.season)
    )
    return frame.render(
        "series.html",
        series=series,
        seasons=seasons,
        page=page,
        shelf=shelf,
        totals=counts,
        profile=profile,
        query={},
        full_query=asking.query_without(),
    )


def act(frame: Frame, series_id: int) -> Response:
    """Scan the series' folder, or extract from the ticked files (all of them, where none is ticked)."""
    path, query = f"/series/{series_id}", asking.query_without()
    try:
        with frame.house.database.read() as unit:
            series = _get(unit, series_id)
        if request.form.get("action") == "scan":
            return frame.done(path, ask_for_scan(frame, series), query)
        file_ids = asking.ticked("file") or _every_file(frame, series_id)
        return frame.done(path, ask_for_extraction(frame, file_ids), query)
    except SublarrError as problem:
        return frame.refused(path, problem, query)


def _get(unit: Unit, series_id: int) -> MediaRow:
    series = unit.media.get(series_id)
    if series.kind is not MediaKind.SERIES:
        raise NotFound(f"there is no series {series_id}")
    return series


def _every_file(frame: Frame, series_id: int) -> tuple[int, ...]:
    with frame.house.database.read() as unit:
        episode_ids = [episode.id for episode in _every_episode(unit, series_id)]
        files = unit.files.of_media(episode_ids)
    return tuple(dict.fromkeys(file.id for rows in files.values() for file in rows))


def _every_episode(unit: Unit, series_id: int) -> Iterator[MediaRow]:
    cursor: str | None = None
    while True:
        page = unit.media.episodes(series_id, PageRequest(MAXIMUM_LIMIT, cursor, wants_total=False))
        yield from page.items
        if page.next is None:
            return
        cursor = page.next
