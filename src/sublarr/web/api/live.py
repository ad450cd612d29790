"""The live stream of programs: jobs and counts as JSON."""

from collections.abc import Iterator

from flask import Response

from sublarr.bootstrap import House
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.subtitles import WantedStatus
from sublarr.web.api.jobs import JobShape
from sublarr.web.api.shapes import Shape, present
from sublarr.web.live import Change, ServerEvent
from sublarr.web.routes import Routes
from sublarr.web.streaming import JSON, stream

routes = Routes("live", "What happens, as it happens")


class CountsEvent(Shape):
    """Numbers that changed: wanted subtitles and jobs by status, open wanted ones by language."""

    wanted: dict[WantedStatus, int]
    languages: dict[str, int]
    upgrades: int
    jobs: dict[JobStatus, int]


@routes.get("/live/jobs", None, streams=("text/event-stream",))
def follow_jobs(house: House) -> Response:  # noqa: ARG001 (every view is given the house)
    """Server-sent events: `job` with a job that changed, `counts` with the numbers when they differ."""
    return stream(JSON)


def json_events(change: Change) -> Iterator[ServerEvent]:
    """A change as programs read it."""
    for job in change.jobs:
        yield ServerEvent(present(JobShape, job).model_dump_json(), "job")
    if change.counts is not None:
        yield ServerEvent(present(CountsEvent, change.counts).model_dump_json(), "counts")
