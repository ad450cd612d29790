"""A page and an answer of the API cost as many queries for a large library as for a small one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from sublarr.bootstrap import House
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.repositories.jobs import Asking
from sublarr.vocabulary.jobs import ExtractSubtitles, JobPriority
from sublarr.web.app import create_app
from tests.ui.household import Household, add_jobs, furnish

# Every route that is read, and how it is asked; `{…}` stands for something that the household has.
PLACES = {
    "/activity/history": "/activity/history",
    "/activity/queue": "/activity/queue",
    "/activity/queue/<job_id>": "/activity/queue/{job}",
    "/movies": "/movies",
    "/search": "/search?q=harbour",
    "/movies/<int:movie_id>": "/movies/{movie}",
    "/series": "/series",
    "/series/<int:series_id>": "/series/{series}",
    "/settings/general": "/settings/general",
    "/settings/profiles": "/settings/profiles",
    "/settings/sources": "/settings/sources",
    "/system/audit": "/system/audit",
    "/system/database": "/system/database",
    "/system/status": "/system/status",
    "/system/tasks": "/system/tasks",
    "/system/workers": "/system/workers",
    "/wanted": "/wanted",
    "/wanted/upgrades": "/wanted/upgrades",
    "/api/v1/audit": "/api/v1/audit",
    "/api/v1/audit/<id>": "/api/v1/audit/{line}",
    "/api/v1/exports/<what>": "/api/v1/exports/wanted",
    "/api/v1/folders": "/api/v1/folders",
    "/api/v1/folders/<id>": "/api/v1/folders/{folder}",
    "/api/v1/health/detailed": "/api/v1/health/detailed",
    "/api/v1/history": "/api/v1/history",
    "/api/v1/jobs": "/api/v1/jobs",
    "/api/v1/jobs/<id>": "/api/v1/jobs/{job}",
    "/api/v1/media": "/api/v1/media?kind=series",
    "/api/v1/media/<id>": "/api/v1/media/{series}",
    "/api/v1/media/<id>/episodes": "/api/v1/media/{series}/episodes",
    "/api/v1/profiles": "/api/v1/profiles",
    "/api/v1/profiles/default": "/api/v1/profiles/default",
    "/api/v1/schedules": "/api/v1/schedules",
    "/api/v1/search": "/api/v1/search?q=harbour",
    "/api/v1/settings": "/api/v1/settings",
    "/api/v1/system/slow-queries": "/api/v1/system/slow-queries",
    "/api/v1/system/status": "/api/v1/system/status",
    "/api/v1/wanted": "/api/v1/wanted",
    "/api/v1/wanted/<id>": "/api/v1/wanted/{wanted}",
    "/api/v1/wanted/summary": "/api/v1/wanted/summary",
    "/metrics": "/metrics",
    "/ready": "/ready",
}
# What shows nothing that a household has more or less of, or never ends.
OTHERS = {
    "/",
    "/api/v1/health",
    "/api/v1/live/jobs",
    "/api/v1/openapi.json",
    "/health",
    "/live/jobs",
    "/login",
    "/ping",
    "/static/<path:filename>",
}


@contextmanager
def counted_queries(house: House) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    engines = {house.database.read_engine, house.database.write_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def _ask(client: FlaskClient, household: Household, job: str) -> dict[str, list[str]]:
    """The statements of every place, by route."""
    parts = {
        "job": job,
        "movie": household.movie_id,
        "series": household.series_id,
        "folder": household.folder.id,
        "wanted": household.wanted_ids[0],
        "line": _latest_line(household),
    }
    asked: dict[str, list[str]] = {}
    for route, place in PLACES.items():
        with counted_queries(household.house) as seen:
            answer = client.get(place.format(**parts))
            # An export reads while it is sent.
            assert answer.data
        assert answer.status_code == 200, place
        asked[route] = seen
    return asked


def _latest_line(household: Household) -> int:
    with household.house.database.read() as unit:
        return unit.audit.page(AuditFilter(), PageRequest(limit=1)).items[0].id


def test_no_page_and_no_answer_asks_more_for_a_larger_household(house: House, tmp_path: Path) -> None:
    client = create_app(house).test_client()
    small = furnish(house, tmp_path / "media", episodes=2)
    job = add_jobs(small)["failed"]
    _ask(client, small, job)
    few = _ask(client, small, job)
    for number in range(3):
        large = furnish(house, tmp_path / f"larger {number}", episodes=40)
    _add_many_jobs(large)
    many = _ask(client, large, job)
    assert sum(len(statements) for statements in few.values()) > len(PLACES)
    more = {route: many[route] for route in PLACES if len(many[route]) > len(few[route])}
    assert not more, {route: (len(few[route]), len(statements)) for route, statements in more.items()}


def _add_many_jobs(household: Household) -> None:
    """So many in each state that lists show."""
    with household.house.database.write() as unit:
        payloads = [
            ExtractSubtitles(file_id=file_id, file_path=f"/{file_id}") for file_id in household.file_ids
        ]
        unit.jobs.enqueue_many(payloads, Asking(priority=JobPriority.PERSON))
        waiting = [job.id for job in unit.jobs.active()]
        for job_id in waiting[5:10]:
            unit.jobs.pause(job_id)
        for job_id in waiting[10:20]:
            unit.jobs.cancel(job_id)


def test_a_query_for_each_row_would_be_seen(house: House, tmp_path: Path) -> None:
    household = furnish(house, tmp_path / "media", episodes=5)
    with counted_queries(house) as seen, house.database.read() as unit:
        for file_id in household.file_ids:
            unit.files.get(file_id)
    assert sum("media_files" in statement for statement in seen) >= len(household.file_ids)


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house)


def test_every_route_that_is_read_is_asked(app: Flask) -> None:
    there = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert there - set(PLACES) - OTHERS == set(), "say in PLACES how each of these is asked"
    assert (set(PLACES) | OTHERS) - there == set(), "these are no more"
