"""Lists taken away whole over HTTP, on both databases."""

import json
import socket
from contextlib import closing
from http.client import HTTPConnection
from threading import BoundedSemaphore

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from sublarr.bootstrap import House
from sublarr.vocabulary.exports import ExportName
from sublarr.web.api.exports import MOST_EXPORTS
from sublarr.web.app import create_app
from tests.api.houses import KEY, Contents, serving
from tests.integration.queue.bench import until

EXPORTS = "/api/v1/exports"


def lines(body: str) -> list[dict]:
    return [json.loads(line) for line in body.splitlines()]


def test_every_list_is_sent_in_every_form(client: FlaskClient, contents: Contents) -> None:
    counts = {}
    for what in ExportName:
        answer = client.get(f"{EXPORTS}/{what}")
        assert (answer.status_code, answer.mimetype) == (200, "application/x-ndjson")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="sublarr-{what}.jsonl"'
        rows = lines(answer.text)
        assert client.get(f"{EXPORTS}/{what}?format=json").json == rows
        table = client.get(f"{EXPORTS}/{what}?format=csv")
        assert table.mimetype == "text/csv"
        assert len(table.text.splitlines()) == len(rows) + 1
        counts[what] = len(rows)
    assert (counts[ExportName.WANTED], counts[ExportName.FILES], counts[ExportName.MEDIA]) == (3, 3, 4)


def test_an_export_is_filtered_like_its_list(client: FlaskClient, contents: Contents) -> None:
    assert len(lines(client.get(f"{EXPORTS}/wanted?status=wanted&status=ignored&language=german").text)) == 3
    assert client.get(f"{EXPORTS}/wanted?status=found").text == ""
    assert len(lines(client.get(f"{EXPORTS}/wanted?q=the+show").text)) == 3
    assert client.get(f"{EXPORTS}/wanted?q=no+such+title").text == ""
    assert [row["title"] for row in lines(client.get(f"{EXPORTS}/media?kind=series").text)] == ["The Show"]


def test_what_is_not_acceptable_is_an_answer_not_a_broken_file(client: FlaskClient) -> None:
    for query in (
        "wanted?status=nonsense",
        "glossary?language=de",
        "wanted?language=klingonese",
        "nonsense",
        "wanted?format=xml",
        "wanted?x=1",
    ):
        answer = client.get(f"{EXPORTS}/{query}")
        assert (answer.status_code, answer.json["code"]) == (422, "invalid_input"), query


def test_nobody_takes_a_list_away_without_a_key(locked: House) -> None:
    visitor = create_app(locked).test_client()
    assert visitor.get(f"{EXPORTS}/wanted").status_code == 401
    assert visitor.get(f"{EXPORTS}/wanted", headers={"X-Api-Key": KEY}).status_code == 200


def test_a_further_export_at_the_same_time_waits_its_turn(app: Flask, client: FlaskClient) -> None:
    places: BoundedSemaphore = app.extensions["sublarr_exports"]
    for _ in range(MOST_EXPORTS):
        assert places.acquire(blocking=False)
    refused = client.get(f"{EXPORTS}/wanted")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    places.release()
    for _ in range(3):
        assert client.get(f"{EXPORTS}/wanted").status_code == 200
        assert client.get(f"{EXPORTS}/wanted?status=nonsense").status_code == 422
        assert client.head(f"{EXPORTS}/wanted").status_code == 200


def _fill_history(house: House, rows: int) -> None:
    numbers = (
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})"
        " SELECT n FROM numbers"
    )
    columns = "provider_name, subtitle_id, language, format, file_path, sidecar_path, score, downloaded_at, "
    columns += "subtitle_type, source, is_machine_made, sha256, job_id"
    values = (
        "'p', CAST(n AS TEXT), 'de', 'srt', '/media/' || n || '.mkv', '', 0, :now, 'full', '', :no, '', ''"
    )
    with house.database.write() as unit:
        now = unit.clock() if house.database.dialect == "postgresql" else "2026-02-18T19:07:10.123456Z"
        no = False if house.database.dialect == "postgresql" else 0
        unit.connection.execute(
            text(f"INSERT INTO subtitle_downloads ({columns}) SELECT {values} FROM ({numbers}) AS numbers"),
            {"now": now, "no": no},
        )


def test_a_client_that_leaves_half_way_frees_connection_and_place(house: House, app: Flask) -> None:
    _fill_history(house, 150_000)
    with serving(app) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as visitor:
            # What the client does not read soon fills every buffer on the way.
            visitor.sendall(f"GET {EXPORTS}/downloads HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert b"200 OK" in visitor.recv(4096)
            assert house.database.pool_state().checked_out == 1
        places: BoundedSemaphore = app.extensions["sublarr_exports"]
        until(lambda: house.database.pool_state().checked_out == 0)
        until(lambda: places._value == MOST_EXPORTS)
        with closing(HTTPConnection("127.0.0.1", server.port, timeout=60)) as another:
            another.request("GET", f"{EXPORTS}/wanted")
            assert another.getresponse().status == 200
