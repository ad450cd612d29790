"""The catalogue: films, series and their episodes, with the files that hold them."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.db.repositories.files import FileRow, SubtitleRow
from sublarr.db.repositories.media import MediaCounts, MediaRow
from sublarr.db.unit import Unit
from sublarr.vocabulary.media import MediaKind, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType
from sublarr.web.api.shapes import ById, Listed, ListQuery, Shape, Text, present
from sublarr.web.api.wanted import WantedShape
from sublarr.web.routes import Routes

routes = Routes("media", "The catalogue: films, series, episodes")


class MediaQuery(ListQuery):
    """Which films or series."""

    kind: Literal[MediaKind.MOVIE, MediaKind.SERIES] = Field(MediaKind.SERIES, description="What to list")
    q: Text = Field("", description="Words in the title or the folder")


class MediaShape(Shape):
    """A film, a series or an episode."""

    id: int
    kind: MediaKind
    title: str
    year: int | None
    folder_path: str
    is_anime: bool
    series_id: int | None
    season: int | None
    episode: int | None
    absolute_number: int | None
    created_at: datetime
    updated_at: datetime


class CountsShape(Shape):
    """What belongs to a film or a series; `wanted` are the subtitles it still lacks."""

    episodes: int
    files: int
    wanted: int


class MediaListItem(Shape):
    """A film or a series of the list."""

    media: MediaShape
    counts: CountsShape


class MediaPage(Listed[MediaListItem]):
    """Films or series by title."""


class SubtitleShape(Shape):
    """A subtitle of a file: a track inside it, or a file beside it."""

    origin: SubtitleOrigin
    track_index: int | None
    path: str
    language: str | None
    subtitle_type: SubtitleType
    format: SubtitleFormat
    is_hearing_impaired: bool
    is_default: bool
    title: str


class FileShape(Shape):
    """A media file, as it was last seen."""

    id: int
    path: str
    size: int
    probe_status: ProbeStatus | None
    probe_message: str
    container: str
    duration_seconds: float | None
    audio_languages: list[str]
    release_group: str
    resolution: str


class FileDetail(Shape):
    """A media file with its subtitles."""

    file: FileShape
    subtitles: list[SubtitleShape]


class MediaDetail(Shape):
    """A film, a series or an episode with what it consists of; a series' episodes have a list of their own."""

    media: MediaShape
    counts: CountsShape
    files: list[FileDetail]
    wanted: list[WantedShape]


class EpisodeItem(Shape):
    """An episode with its files and wanted subtitles."""

    media: MediaShape
    files: list[FileDetail]
    wanted: list[WantedShape]


class EpisodePage(Listed[EpisodeItem]):
    """A series' episodes in order; those without a number come first."""


@routes.get("/media", MediaPage)
def list_media(house: House, query: MediaQuery) -> MediaPage:
    """Films or series by title, with counts."""
    with house.database.read(stale_ok=True) as unit:
        return present(MediaPage, unit.media.page(query.kind, query.q, query.page()))


@routes.get("/media/<id>", MediaDetail, problems=(404,))
def show_media(house: House, path: ById) -> MediaDetail:
    """One film, series or episode with its files, their subtitles and what is wanted."""
    with house.database.read(stale_ok=True) as unit:
        media = unit.media.get(path.id)
        counts = unit.media.counts([media.id]).get(media.id, MediaCounts())
        item = _with_files(unit, (media,))[0]
    return MediaDetail(
        media=item.media,
        counts=present(CountsShape, counts),
        files=item.files,
        wanted=item.wanted,
    )


@routes.get("/media/<id>/episodes", EpisodePage, problems=(404,))
def list_episodes(house: House, path: ById, query: ListQuery) -> EpisodePage:
    """A series' episodes with their files, subtitles and what is wanted."""
    with house.database.read(stale_ok=True) as unit:
        series = unit.media.get(path.id)
        page = unit.media.episodes(series.id, query.page())
        items = _with_files(unit, page.items)
    return EpisodePage(
        items=items, next=page.next, prev=page.prev, total=page.total, total_capped=page.total_capped
    )


def _with_files(unit: Unit, rows: tuple[MediaRow, ...]) -> list[EpisodeItem]:
    ids = [row.id for row in rows]
    files = unit.files.of_media(ids)
    subtitles = unit.files.subtitles([file.id for found in files.values() for file in found])
    wanted = unit.wanted.of_media(ids)
    return [
        EpisodeItem(
            media=present(MediaShape, row),
            files=[_file(file, subtitles.get(file.id, ())) for file in files.get(row.id, ())],
            wanted=[present(WantedShape, item) for item in wanted.get(row.id, ())],
        )
        for row in rows
    ]


def _file(file: FileRow, subtitles: tuple[SubtitleRow, ...]) -> FileDetail:
    return FileDetail(
        file=present(FileShape, file), subtitles=[present(SubtitleShape, subtitle) for subtitle in subtitles]
    )
