"""Wanted subtitles: looking at them, ignoring them, having them extracted."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.jobs.asking import extract_wanted, scan_all
from sublarr.vocabulary.errors import IllegalMove
from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from sublarr.web.api.jobs import NewJobs, QueuedJob, QueuedJobs
from sublarr.web.api.shapes import ById, Given, Id, Listed, ListQuery, Shape, Text, present
from sublarr.web.journal import request_id
from sublarr.web.routes import Routes

routes = Routes("wanted", "Subtitles that are wanted")

MOST_ITEMS = 1000


class WantedQuery(ListQuery):
    """Which wanted subtitles."""

    status: tuple[WantedStatus, ...] = Field((), description="Any of these; may be repeated")
    item_type: Literal[MediaKind.MOVIE, MediaKind.EPISODE] | None = Field(
        None, description="Films or episodes"
    )
    language: Text = Field("", description="The language wanted, in any usual form")
    subtitle_type: SubtitleType | None = None
    series_id: Id | None = None
    upgrades: bool = Field(False, description="Only those where something is there that could be better")
    q: Text = Field("", description="Words in the title or the path")

    def filter(self) -> WantedFilter:
        """The filter as the repository knows it."""
        return WantedFilter(
            statuses=self.status,
            item_type=self.item_type,
            target_language=parse_language(self.language) or self.language,
            subtitle_type=self.subtitle_type,
            series_id=self.series_id,
            upgrades_only=self.upgrades,
            words=self.q,
        )


class WantedShape(Shape):
    """A wanted subtitle and what it belongs to."""

    id: int
    status: WantedStatus
    item_type: MediaKind
    target_language: str
    subtitle_type: SubtitleType
    existing_sub: str
    upgrade_candidate: bool
    search_count: int
    last_search_at: datetime | None
    error: str
    added_at: datetime
    updated_at: datetime
    file_id: int
    file_path: str
    media_id: int
    title: str
    year: int | None
    season: int | None
    episode: int | None
    series_id: int | None
    series_title: str | None


class WantedPage(Listed[WantedShape]):
    """Wanted subtitles, the newest first."""


class WantedSummaryShape(Shape):
    """Counts over all wanted subtitles; languages and upgrades count those that are still open."""

    total: int
    by_status: dict[WantedStatus, int]
    by_language: dict[str, int]
    upgradeable: int


class StatusChange(Given):
    """A person wants this subtitle after all, or does not."""

    status: Literal[WantedStatus.WANTED, WantedStatus.IGNORED]


class Chosen(Given):
    """Some wanted subtitles."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_ITEMS)]


class StatusChanges(Chosen):
    """A person wants these subtitles after all, or does not."""

    status: Literal[WantedStatus.WANTED, WantedStatus.IGNORED]


class Changed(Shape):
    """What came of a change to many; `unchanged` are those that could not make the move."""

    changed: int
    unchanged: int
    unknown: list[int] = Field(description="The ids under which there is nothing")


@routes.get("/wanted", WantedPage)
def list_wanted(house: House, query: WantedQuery) -> WantedPage:
    """Wanted subtitles, the newest first."""
    with house.database.read(stale_ok=True) as unit:
        return present(WantedPage, unit.wanted.page(query.filter(), query.page()))


@routes.get("/wanted/summary", WantedSummaryShape)
def summarise_wanted(house: House) -> WantedSummaryShape:
    """How many are wanted, by status and language."""
    with house.database.read(stale_ok=True) as unit:
        return present(WantedSummaryShape, unit.wanted.summary())


@routes.get("/wanted/<id>", WantedShape, problems=(404,))
def show_wanted(house: House, path: ById) -> WantedShape:
    """One wanted subtitle."""
    with house.database.read(stale_ok=True) as unit:
        return present(WantedShape, unit.wanted.get(path.id))


@routes.add("PUT", "/wanted/<id>/status", WantedShape, problems=(404, 409))
def set_wanted_status(house: House, path: ById, body: StatusChange) -> WantedShape:
    """Ignore a wanted subtitle, or want it again."""
    with house.database.write(urgent=True) as unit:
        moved = unit.wanted.move([path.id], body.status)
        row = unit.wanted.get(path.id)
        if not moved and row.status is not body.status:
            raise IllegalMove(f"it is {row.status}, so it cannot become {body.status}")
    return present(WantedShape, row)


@routes.add("POST", "/wanted/status", Changed)
def set_wanted_statuses(house: House, body: StatusChanges) -> Changed:
    """Ignore many wanted subtitles, or want them again."""
    ids = sorted(set(body.ids))
    with house.database.write(urgent=True) as unit:
        known = {row.id for row in unit.wanted.listed(ids)}
        changed = unit.wanted.move(ids, body.status)
    unknown = [wanted_id for wanted_id in ids if wanted_id not in known]
    return Changed(changed=changed, unchanged=len(ids) - len(unknown) - changed, unknown=unknown)


@routes.add("POST", "/wanted/extract", NewJobs, status=HTTPStatus.ACCEPTED)
def extract_many_wanted(house: House, body: Chosen) -> NewJobs:
    """Have the embedded subtitles written beside the files of these wanted subtitles."""
    ids = sorted(set(body.ids))
    return NewJobs(new_jobs=extract_wanted(house.database, ids, request_id=request_id()))


@routes.add("POST", "/wanted/<id>/extract", NewJobs, status=HTTPStatus.ACCEPTED, problems=(404,))
def extract_one_wanted(house: House, path: ById) -> NewJobs:
    """Have the embedded subtitles written beside the file of this wanted subtitle."""
    with house.database.read() as unit:
        item = unit.wanted.get(path.id)
    return NewJobs(new_jobs=extract_wanted(house.database, [item.id], request_id=request_id()))


@routes.add("POST", "/wanted/refresh", QueuedJobs, status=HTTPStatus.ACCEPTED)
def refresh_wanted(house: House) -> QueuedJobs:
    """Have every watched folder scanned, which brings the wanted subtitles in line."""
    queued = scan_all(house.database, request_id=request_id())
    return QueuedJobs(jobs=[present(QueuedJob, job) for job in queued])
