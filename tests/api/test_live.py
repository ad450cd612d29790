"""Live streams over a real server: what is told, to whom, for how long, and that they never starve the rest."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse
from threading import Event, Thread
from time import monotonic

import pytest
from flask import Flask

from sublarr.bootstrap import House
from sublarr.vocabulary.jobs import PruneHistory
from sublarr.web.app import create_app
from sublarr.web.live import MOST_LISTENERS, LiveFeed
from sublarr.web.server import Server
from sublarr.web.streaming import feed_of
from tests.api.houses import serving

STREAM = "/api/v1/live/jobs"


@contextmanager
def listening(server: Server, path: str = STREAM) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    # The connection hands its socket over to a response without a length.
    response = connection.getresponse()
    try:
        yield response
    finally:
        response.close()
        connection.close()


def events(stream: HTTPResponse) -> Iterator[tuple[str, str]]:
    """Name and data of each event."""
    name, data = "message", []
    for line in iter(stream.readline, b""):
        field, _, value = line.decode().rstrip("\n").partition(": ")
        match field:
            case "event":
                name = value
            case "data" | "data:":
                data.append(value)
            case "" if data:
                yield name, "\n".join(data)
                name, data = "message", []


def until(condition: "callable", seconds: float = 10) -> bool:
    ends = monotonic() + seconds
    nap = Event()
    while not condition() and monotonic() < ends:
        nap.wait(0.02)
    return condition()


@pytest.fixture
def app(small: House) -> Flask:
    return create_app(small)


@pytest.fixture
def feed(app: Flask) -> LiveFeed:
    return feed_of(app)


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    with serving(app) as server:
        yield server


def enqueue(house: House) -> str:
    with house.database.write() as unit:
        return unit.jobs.enqueue(PruneHistory()).job_id


def test_a_listener_hears_of_a_job_that_was_asked_for_and_of_its_end(
    house: House,
) -> None:
    with serving(create_app(house)) as server, listening(server) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        told = events(stream)
        assert next(told)[0] == "counts"
        job_id = enqueue(house)
        jobs = (json.loads(data) for name, data in told if name == "job")
        assert (next(jobs)["id"]) == job_id
        with house.database.write() as unit:
            unit.jobs.cancel(job_id)
        assert next(jobs)["status"] == "cancelled"


def test_what_changed_just_before_the_tab_listened_is_told_too(house: House) -> None:
    job_id = enqueue(house)
    with serving(create_app(house)) as server:
        for _ in range(2):
            with listening(server) as stream:
                assert (
                    json.loads(next(data for name, data in events(stream) if name == "job"))["id"] == job_id
                )


def test_pages_get_the_same_as_html(small: House, server: Server) -> None:
    with listening(server, "/live/jobs") as stream:
        told = events(stream)
        job_id = enqueue(small)
        assert any(f"job-{job_id}" in data for _, data in told)
        assert any(name == "counts-changed" for name, _ in told)


def test_nobody_looks_at_the_ledger_while_nobody_listens(server: Server, feed: LiveFeed) -> None:
    assert not feed.is_looking
    with listening(server):
        assert until(lambda: feed.is_looking)
    assert until(lambda: feed.listeners == 0), "a closed tab was not noticed"
    assert until(lambda: not feed.is_looking)
    with listening(server) as stream:
        assert next(events(stream))[0] == "counts"


def test_one_stream_too_many_is_refused_and_all_others_are_answered(server: Server, feed: LiveFeed) -> None:
    with ExitStack() as stack:
        streams = [stack.enter_context(listening(server)) for _ in range(MOST_LISTENERS)]
        assert {stream.status for stream in streams} == {200}
        refused = stack.enter_context(listening(server))
        assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
        with listening(server, "/api/v1/health") as health:
            assert health.status == 200
        streams[0].close()
    assert until(lambda: feed.listeners == 0)


def test_a_stop_ends_every_stream_at_once(app: Flask) -> None:
    ended = Event()
    with serving(app) as server, listening(server) as stream:
        reader = Thread(target=lambda: (stream.read(), ended.set()), daemon=True)
        reader.start()
        assert until(lambda: feed_of(app).listeners == 1)
        started = monotonic()
        server.stop()
        assert ended.wait(5)
        assert monotonic() - started < 2


def test_a_listener_that_takes_nothing_is_let_go_and_others_are_not_held_up(
    small: House, feed: LiveFeed
) -> None:
    slow, quick = feed.open("json"), feed.open("json")
    assert next(slow).startswith(b"retry:")
    assert next(quick).startswith(b"retry:")
    heard = 0
    while feed.listeners == 2:
        for _ in range(50):
            with small.database.write() as unit:
                unit.jobs.cancel(unit.jobs.enqueue(PruneHistory()).job_id)
        heard += sum(b"event: job" in next(quick) for _ in range(50))
    assert heard > 50
    slow.close()
    quick.close()
    assert feed.listeners == 0


def test_a_database_that_fails_for_a_while_does_not_silence_the_stream(
    small: House, feed: LiveFeed, monkeypatch
) -> None:
    from sublarr.vocabulary.errors import DatabaseUnavailable

    original, failed = type(small.database).read, Event()

    def fail(self: object) -> None:
        failed.set()
        raise DatabaseUnavailable("away")

    monkeypatch.setattr(type(small.database), "read", fail)
    stream = feed.open("json")
    next(stream)
    assert failed.wait(5)
    monkeypatch.setattr(type(small.database), "read", original)
    assert b"event: counts" in next(stream)
    stream.close()


def test_a_stream_beats_while_nothing_happens_and_ends_by_itself(feed: LiveFeed, monkeypatch) -> None:
    from sublarr.web import live

    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr(live, "STREAM_SECONDS", 3.0)
    told = list(feed.open("json"))
    assert any(line.startswith(b":") for line in told)
    assert feed.listeners == 0
