"""The shape of every answer: ids, problems, pages for people, sizes, the path below a proxy, metrics."""

import logging
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sublarr.bootstrap import House
from sublarr.web.app import BODY_BYTES, create_app
from tests.api.houses import opened

PROBLEM = {"type", "title", "status", "detail", "code", "request_id", "errors"}


@pytest.fixture
def visitor(small: House) -> FlaskClient:
    return create_app(small).test_client()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api", 404),
        ("POST", "/api/v1/health", 405),
        ("GET", "/api/v1/jobs/none", 404),
        ("GET", "/api/v1/media?limit=no", 422),
        ("POST", "/api/v1/scan", 403),
    ],
)
def test_every_error_of_the_api_has_one_shape(
    visitor: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = visitor.open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert set(answer.json) == PROBLEM
    assert answer.json["status"] == status
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_person_who_loses_the_way_gets_a_page(visitor: FlaskClient) -> None:
    answer = visitor.get("/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert answer.headers["X-Request-Id"] in answer.text or "nothing" in answer.text.lower()


def test_what_nobody_foresaw_is_a_500_without_internals_and_one_line_in_the_log(
    small: House, monkeypatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(self: object) -> None:
        raise ZeroDivisionError("password=hunter2")

    monkeypatch.setattr(type(small.database), "ping", explode)
    answer = create_app(small).test_client().get("/ping", headers={"X-Request-Id": "abc-1"})
    assert (answer.status_code, answer.json["code"]) == (500, "internal_error")
    assert "hunter2" not in answer.text
    assert "Traceback" not in answer.text
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info is not None


@pytest.mark.parametrize(
    ("given", "is_kept"), [("proxy-7.1:a_b", True), ("x" * 65, False), ("two words", False), ("ü", False)]
)
def test_a_callers_request_id_is_kept_where_it_is_harmless(
    visitor: FlaskClient, given: str, is_kept: bool
) -> None:
    answer = visitor.get("/health", environ_overrides={"HTTP_X_REQUEST_ID": given})
    assert (answer.headers["X-Request-Id"] == given) is is_kept


def test_a_refused_field_is_named_and_its_value_never_repeated(visitor: FlaskClient) -> None:
    answer = visitor.put("/api/v1/profiles/default", json={"source_language": ["s3cret"], "other": "s3cret"})
    assert "s3cret" not in answer.text
    fields = {error["field"] for error in answer.json["errors"]}
    assert fields == {"source_language", "target_languages", "other"}


@pytest.mark.parametrize("body", ["{", '"\\ud800"', "[" * 5000, "[]", "null", '{"ids": NaN}', "\x00"])
def test_a_body_that_is_no_object_is_refused(visitor: FlaskClient, body: str) -> None:
    answer = visitor.post("/api/v1/wanted/status", data=body, content_type="application/json")
    assert answer.status_code == 422


def test_a_body_of_another_type_or_too_large_is_refused(visitor: FlaskClient) -> None:
    assert visitor.post("/api/v1/wanted/status", data="ids=1").status_code == 415
    large = visitor.post(
        "/api/v1/wanted/status", data=b" " * (BODY_BYTES + 1), content_type="application/json"
    )
    assert (large.status_code, set(large.json)) == (413, PROBLEM)


def test_an_unknown_query_parameter_is_told_rather_than_passed_over(visitor: FlaskClient) -> None:
    answer = visitor.get("/api/v1/wanted?statsu=found")
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "statsu")


@pytest.mark.parametrize("prefix", ["/subs", ""])
def test_below_a_path_sublarr_works_whether_the_proxy_strips_it_or_not(tmp_path: Path, prefix: str) -> None:
    with opened(tmp_path, SUBLARR_BASE_PATH="/subs") as house:
        client = create_app(house).test_client()
        assert client.get(f"{prefix}/api/v1/health").status_code == 200
        assert client.get(f"{prefix}/").location.endswith("/subs/wanted")
        assert 'href="/subs/' in client.get(f"{prefix}/wanted").text


def test_requests_are_counted_by_route_and_never_by_path(small: House) -> None:
    client = create_app(small).test_client()
    for number in range(3):
        client.get(f"/api/v1/media/{number + 1}")
        client.get(f"/stray/{number}")
    scrape = client.get("/metrics").text
    name = "sublarr_http_request_duration_seconds_count"
    assert f'{name}{{endpoint="/api/v1/media/<id>",method="GET",status="404"}} 3.0' in scrape
    assert f'{name}{{endpoint="(none)",method="GET",status="404"}} 3.0' in scrape
    assert "stray" not in scrape
    assert "sublarr_http_requests_in_progress 1.0" in scrape


def test_the_watcher_is_told_when_folders_are_edited_and_only_then(small: House, tmp_path: Path) -> None:
    told: list[None] = []
    client = create_app(small, folders_changed=lambda: told.append(None)).test_client()
    client.get("/api/v1/folders")
    client.post("/api/v1/folders", json={"path": "relative"})
    assert told == []
    client.post("/api/v1/folders", json={"path": str(tmp_path)})
    client.delete("/api/v1/folders/1", headers={"If-Match": "*"})
    assert len(told) == 2
