"""Search: entries of every kind by any part of their titles and file names."""

from http import HTTPStatus

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.db.repositories.word_search import split_words
from sublarr.jobs import asking
from sublarr.vocabulary.errors import FieldProblem, InvalidInput
from sublarr.vocabulary.media import MediaKind
from sublarr.web.api.jobs import QueuedJob
from sublarr.web.api.shapes import Listed, ListQuery, Shape, Text, present
from sublarr.web.journal import request_id
from sublarr.web.routes import Routes

routes = Routes("search", "Finding films, series and episodes by words")


class SearchQuery(ListQuery):
    """What to look for."""

    q: Text = Field(
        min_length=1,
        description="Words, or parts of them; all must occur in the titles or the file names, without case and accents",
    )
    kind: tuple[MediaKind, ...] = Field((), description="Any of these; may be repeated")


class HitShape(Shape):
    """An entry that was found; `rank` is 0 for a title that is just `q`, up to 4 for a file name that holds it."""

    media_id: int
    kind: MediaKind
    title: str
    year: int | None
    season: int | None
    episode: int | None
    series_id: int | None
    series_title: str | None
    rank: int
    wanted: int = Field(description="Subtitles it lacks; a series those of its episodes")


class SearchPage(Listed[HitShape]):
    """What was found, the best first."""


@routes.get("/search", SearchPage)
def search(house: House, query: SearchQuery) -> SearchPage:
    """Films, series and episodes by words, the best first; counted up to a thousand."""
    if not split_words(query.q):
        raise InvalidInput(
            "the request is not acceptable", problems=[FieldProblem("q", "write at least one letter")]
        )
    with house.database.read() as unit:
        return present(SearchPage, unit.search.page(query.q, query.kind, query.page()))


@routes.add("POST", "/search/rebuild", QueuedJob, status=HTTPStatus.ACCEPTED)
def rebuild_search(house: House) -> QueuedJob:
    """Have everything that entries are found by looked through and put right; the job tells what was wrong."""
    return present(QueuedJob, asking.rebuild_search(house.database, request_id=request_id()))
