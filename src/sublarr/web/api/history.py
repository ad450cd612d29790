"""The history of subtitles that came."""

from datetime import datetime

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.subtitles import SubtitleType
from sublarr.web.api.shapes import Listed, ListQuery, Shape, Text, present
from sublarr.web.routes import Routes

routes = Routes("history", "Subtitles that came")


class HistoryQuery(ListQuery):
    """Which part of the history."""

    provider: Text = Field("", description="Where it came from; `embedded` for extracted tracks")
    language: Text = Field("", description="Its language, in any usual form")


class HistoryShape(Shape):
    """A subtitle that came beside a video."""

    id: int
    provider_name: str
    subtitle_id: str
    language: str
    format: str
    file_path: str
    sidecar_path: str
    subtitle_type: SubtitleType
    score: int
    downloaded_at: datetime
    job_id: str


class HistoryPage(Listed[HistoryShape]):
    """The history, newest first."""


@routes.get("/history", HistoryPage)
def list_history(house: House, query: HistoryQuery) -> HistoryPage:
    """Subtitles that came, the newest first."""
    language = parse_language(query.language) or query.language
    with house.database.read(stale_ok=True) as unit:
        return present(HistoryPage, unit.downloads.page(query.page(), query.provider, language))
