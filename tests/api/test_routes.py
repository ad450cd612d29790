"""What programs do with the API, on both databases."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sublarr.bootstrap import House
from sublarr.vocabulary.jobs import JobStatus, PruneHistory
from tests.api.houses import Contents

API = "/api/v1"


def items(response: TestResponse) -> list[dict]:
    assert response.status_code == 200, response.text
    return response.json["items"]


def test_monitors_are_answered_from_the_first_moment(client: FlaskClient) -> None:
    assert client.get("/ping").json == {"status": "OK"}
    assert client.get("/health").json == {"status": "ok"}
    assert client.get(f"{API}/health").json == {"status": "ok"}
    assert client.get("/ready").json["status"] in ("ok", "degraded")
    assert "sublarr_info" in client.get("/metrics").text


def test_a_database_that_is_gone_shows_in_ready_and_ping(
    house: House, client: FlaskClient, monkeypatch
) -> None:
    def fail() -> None:
        from sublarr.vocabulary.errors import DatabaseUnavailable

        raise DatabaseUnavailable("the database is gone", retry_after=5)

    monkeypatch.setattr(type(house.database), "ping", lambda self: fail())
    assert (client.get("/ready").status_code, client.get("/ready").json) == (503, {"status": "down"})
    ping = client.get("/ping")
    assert (ping.status_code, ping.json["code"], ping.headers["Retry-After"]) == (
        503,
        "database_unavailable",
        "5",
    )
    assert client.get("/health").status_code == 200


def test_the_checks_behind_the_word_are_told(client: FlaskClient) -> None:
    found = client.get(f"{API}/health/detailed").json
    assert {"database", "schema", "jobs", "folders"} <= {check["name"] for check in found["checks"]}


def test_the_catalogue_is_listed_with_counts_and_found_by_words(
    client: FlaskClient, contents: Contents
) -> None:
    (series,) = items(client.get(f"{API}/media?kind=series&q=show"))
    assert series["media"]["title"] == "The Show"
    assert series["counts"] == {"episodes": 3, "files": 3, "wanted": 3}
    assert items(client.get(f"{API}/media?q=nothing")) == []
    assert items(client.get(f"{API}/media?kind=movie")) == []


def test_an_entry_shows_its_files_their_subtitles_and_what_is_wanted(
    client: FlaskClient, contents: Contents
) -> None:
    shown = client.get(f"{API}/media/{contents.episode_ids[0]}").json
    assert shown["media"]["title"] == "Part 1"
    assert shown["files"][0]["file"]["path"].endswith("e1.mkv")
    assert shown["files"][0]["subtitles"][0]["language"] == "de"
    assert [item["id"] for item in shown["wanted"]] == [contents.wanted_ids[0]]


def test_episodes_come_in_order_with_all_that_belongs_to_them(
    client: FlaskClient, contents: Contents
) -> None:
    url = f"{API}/media/{contents.series_id}/episodes"
    first = client.get(f"{url}?limit=2").json
    second = client.get(f"{url}?limit=2&cursor={first['next']}").json
    shown = first["items"] + second["items"]
    assert [item["media"]["episode"] for item in shown] == [1, 2, 3]
    assert all(len(item["files"]) == 1 and len(item["wanted"]) == 1 for item in shown)
    assert (first["total"], second["next"]) == (3, None)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("status=wanted&status=ignored", 3),
        ("status=found", 0),
        ("language=german", 3),
        ("language=fr", 0),
        ("item_type=movie", 0),
        ("subtitle_type=full", 3),
        ("upgrades=true", 0),
        ("q=Part e2.mkv", 1),
    ],
)
def test_wanted_subtitles_are_filtered(
    client: FlaskClient, contents: Contents, query: str, count: int
) -> None:
    found = client.get(f"{API}/wanted?{query}").json
    assert (len(found["items"]), found["total"]) == (count, count)


def test_wanted_pages_go_forward_and_back(client: FlaskClient, contents: Contents) -> None:
    first = client.get(f"{API}/wanted?limit=2").json
    second = client.get(f"{API}/wanted?limit=2&cursor={first['next']}").json
    back = client.get(f"{API}/wanted?limit=2&cursor={second['prev']}").json
    assert len(second["items"]) == 1
    assert back["items"] == first["items"]


def test_a_cursor_of_another_list_is_refused(client: FlaskClient, contents: Contents) -> None:
    cursor = client.get(f"{API}/wanted?limit=1").json["next"]
    refused = client.get(f"{API}/wanted?limit=1&language=fr&cursor={cursor}")
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_input")


def test_a_person_ignores_a_subtitle_and_wants_it_again(client: FlaskClient, contents: Contents) -> None:
    url = f"{API}/wanted/{contents.wanted_ids[0]}"
    assert client.put(f"{url}/status", json={"status": "ignored"}).json["status"] == "ignored"
    assert client.put(f"{url}/status", json={"status": "ignored"}).status_code == 200
    assert client.get(f"{API}/wanted/summary").json["by_status"] == {"wanted": 2, "ignored": 1}
    assert client.put(f"{url}/status", json={"status": "wanted"}).json["status"] == "wanted"
    assert client.get(url).json["status"] == "wanted"


def test_a_person_cannot_claim_that_a_subtitle_was_found(client: FlaskClient, contents: Contents) -> None:
    url = f"{API}/wanted/{contents.wanted_ids[0]}/status"
    assert client.put(url, json={"status": "found"}).status_code == 422
    assert client.put(f"{API}/wanted/999/status", json={"status": "ignored"}).status_code == 404


def test_a_move_that_does_not_exist_is_a_conflict(
    client: FlaskClient, house: House, contents: Contents
) -> None:
    from sublarr.vocabulary.subtitles import WantedStatus

    with house.database.write() as unit:
        unit.wanted.move([contents.wanted_ids[0]], WantedStatus.FOUND)
    answer = client.put(f"{API}/wanted/{contents.wanted_ids[0]}/status", json={"status": "ignored"})
    assert (answer.status_code, answer.json["code"]) == (409, "illegal_move")


def test_many_are_ignored_at_once_and_what_is_gone_is_told(client: FlaskClient, contents: Contents) -> None:
    body = {"ids": [*contents.wanted_ids[:2], contents.wanted_ids[0], 9999], "status": "ignored"}
    answer = client.post(f"{API}/wanted/status", json=body).json
    assert answer == {"changed": 2, "unchanged": 0, "unknown": [9999]}
    assert client.post(f"{API}/wanted/status", json=body).json == {
        "changed": 0,
        "unchanged": 2,
        "unknown": [9999],
    }


def test_a_status_that_does_not_exist_is_refused_in_plain_words(
    client: FlaskClient, contents: Contents
) -> None:
    answer = client.post(f"{API}/wanted/status", json={"ids": [1], "status": "gone"})
    assert answer.json["errors"] == [
        {"field": "status", "message": "must be 'wanted' or 'ignored'"},
    ]


def test_extraction_is_asked_for_one_or_many_and_once_each(client: FlaskClient, contents: Contents) -> None:
    one = client.post(f"{API}/wanted/{contents.wanted_ids[0]}/extract")
    assert (one.status_code, one.json) == (202, {"new_jobs": 1})
    many = client.post(f"{API}/wanted/extract", json={"ids": list(contents.wanted_ids)})
    assert (many.status_code, many.json) == (202, {"new_jobs": 2})
    assert client.post(f"{API}/wanted/999/extract").status_code == 404


def test_everything_is_scanned_again_on_demand(client: FlaskClient, contents: Contents) -> None:
    answer = client.post(f"{API}/wanted/refresh")
    assert answer.status_code == 202
    (job,) = answer.json["jobs"]
    assert client.get(f"{API}/jobs/{job['job_id']}").json["job"]["kind"] == "scan_folder"


def test_a_folder_is_added_changed_scanned_and_removed(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    made = client.post(f"{API}/folders", json={"path": f"{tmp_path}/films/../films/", "label": "Films"})
    assert (made.status_code, made.json["path"]) == (201, str(tmp_path / "films"))
    url = f"{API}/folders/{made.json['id']}"
    tag = client.get(url).headers["ETag"]
    changed = client.put(url, json={"enabled": False}, headers={"If-Match": tag})
    assert (changed.json["enabled"], changed.json["label"]) == (False, "Films")
    assert client.post(f"{url}/scan").status_code == 202
    removed = client.delete(url, headers={"If-Match": changed.headers["ETag"]})
    assert (removed.status_code, removed.data) == (204, b"")
    assert client.get(url).status_code == 404
    assert items(client.get(f"{API}/folders")) == []


def test_of_two_people_who_edit_one_folder_the_second_is_told_what_changed(
    client: FlaskClient, contents: Contents
) -> None:
    url = f"{API}/folders/{contents.folder_id}"
    read = client.get(url).headers["ETag"]
    client.put(url, json={"label": "first"}, headers={"If-Match": read})
    second = client.put(url, json={"label": "second", "enabled": True}, headers={"If-Match": read})
    assert second.status_code == 412
    assert second.json["errors"] == [{"field": "label", "message": "it is 'first' now"}]
    assert client.delete(url, headers={"If-Match": read}).status_code == 412
    assert client.get(url).json["label"] == "first"
    assert client.put(url, json={"label": "third"}, headers={"If-Match": "*"}).status_code == 200


def test_a_change_that_names_no_version_is_refused(client: FlaskClient, contents: Contents) -> None:
    url = f"{API}/folders/{contents.folder_id}"
    assert client.put(url, json={"label": "x"}).status_code == 428
    assert client.delete(url).status_code == 428


@pytest.mark.parametrize("path", ["relative", "/nowhere/at/all", "", "/a\u0000b"])
def test_a_folder_that_cannot_be_watched_is_refused_with_the_reason(client: FlaskClient, path: str) -> None:
    answer = client.post(f"{API}/folders", json={"path": path})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "path"


def test_a_folder_inside_a_watched_one_is_a_conflict(
    client: FlaskClient, contents: Contents, tmp_path: Path
) -> None:
    (tmp_path / "media" / "inner").mkdir()
    assert client.post(f"{API}/folders", json={"path": str(tmp_path / "media" / "inner")}).status_code == 409


def test_one_directory_is_scanned_and_nothing_outside(
    client: FlaskClient, contents: Contents, tmp_path: Path
) -> None:
    inner = str(tmp_path / "media" / "Show")
    (tmp_path / "media" / "Show").mkdir()
    (job,) = client.post(f"{API}/scan", json={"path": inner, "extract": True}).json["jobs"]
    assert client.get(f"{API}/jobs/{job['job_id']}").json["job"]["title"] == f"Scan {inner}"
    assert client.post(f"{API}/scan", json={"path": f"{inner}/../../../etc"}).status_code == 422
    assert client.post(f"{API}/scan", json={"folder_id": 999}).status_code == 404
    assert client.post(f"{API}/scan", json={"path": inner, "folder_id": 1}).status_code == 422
    assert client.post(f"{API}/scan").status_code == 202


def test_a_scan_of_what_is_not_there_is_refused_with_the_path_as_it_was_given(
    client: FlaskClient, contents: Contents, tmp_path: Path
) -> None:
    missing = f"{tmp_path}/media/nope"
    answer = client.post(f"{API}/scan", json={"path": missing})
    assert (answer.status_code, answer.json["detail"]) == (422, f"There is no folder {missing}.")
    answer = client.post(f"{API}/scan", json={"path": "/tmp"})
    assert (answer.status_code, answer.json["detail"]) == (422, "/tmp does not lie in a watched folder.")
    assert items(client.get(f"{API}/jobs")) == []


@pytest.mark.parametrize("path", ["relative", "films/new"])
def test_a_refusal_does_not_alter_what_was_typed(client: FlaskClient, path: str) -> None:
    answer = client.post(f"{API}/folders", json={"path": path})
    assert answer.json["detail"].startswith(f"{path} is not an absolute path.")


def test_nothing_to_scan_is_told(client: FlaskClient) -> None:
    answer = client.post(f"{API}/scan")
    assert (answer.status_code, answer.json["code"]) == (403, "rejected")


def test_a_job_is_followed_paused_resumed_and_cancelled(client: FlaskClient, house: House) -> None:
    with house.database.write() as unit:
        job_id = unit.jobs.enqueue(PruneHistory()).job_id
    url = f"{API}/jobs/{job_id}"
    assert client.post(f"{url}/pause").json["job"]["status"] == "paused"
    assert client.post(f"{url}/resume").json["job"]["status"] == "queued"
    assert client.post(f"{url}/cancel").json["job"]["status"] == "cancelled"
    refused = client.post(f"{url}/retry")
    assert (refused.status_code, refused.json["code"]) == (409, "illegal_move")
    events = [line["event"] for line in client.get(url).json["diary"]]
    assert events == ["queued", "paused", "resumed", "cancelled"]
    assert [job["id"] for job in items(client.get(f"{API}/jobs?status=cancelled&kind=prune_history"))] == [
        job_id
    ]
    assert items(client.get(f"{API}/jobs?status=running")) == []
    assert client.post(f"{url}/explode").status_code == 422
    assert client.post(f"{API}/jobs/none/cancel").status_code == 404


def test_a_schedule_is_paused_and_run(client: FlaskClient, house: House) -> None:
    from sublarr.bootstrap.workers import schedules

    house.scheduler.install(schedules(house.settings))
    names = [schedule["name"] for schedule in items(client.get(f"{API}/schedules"))]
    assert "prune_history" in names
    assert client.put(f"{API}/schedules/prune_history", json={"enabled": False}).json["enabled"] is False
    job = client.post(f"{API}/schedules/prune_history/run")
    assert job.status_code == 202
    with house.database.read() as unit:
        assert unit.jobs.get(job.json["job_id"]).status is JobStatus.QUEUED
    assert client.post(f"{API}/schedules/none/run").status_code == 404
    assert client.put(f"{API}/schedules/none", json={"enabled": True}).status_code == 404


def test_the_history_lists_what_came(client: FlaskClient, house: House, contents: Contents) -> None:
    from sublarr.db.repositories.downloads import NewDownload
    from sublarr.vocabulary.subtitles import SubtitleType

    new = NewDownload(
        "embedded", "#2", "de", "srt", "/m/a.mkv", "/m/a.de.srt", SubtitleType.FULL, "0" * 64, None, ""
    )
    with house.database.write() as unit:
        unit.downloads.add_many([new])
    (shown,) = items(client.get(f"{API}/history?provider=embedded&language=German"))
    assert shown["sidecar_path"] == "/m/a.de.srt"
    assert items(client.get(f"{API}/history?provider=other")) == []


def test_the_default_languages_are_changed_in_any_usual_form(client: FlaskClient) -> None:
    url = f"{API}/profiles/default"
    tag = client.get(url).headers["ETag"]
    body = {"source_language": "English", "target_languages": ["ger", "pt_br", "de"]}
    changed = client.put(url, json=body, headers={"If-Match": tag})
    assert changed.json["target_languages"] == ["de", "pt-BR"]
    stale = client.put(url, json={**body, "target_languages": ["fr"]}, headers={"If-Match": tag})
    assert (stale.status_code, [error["field"] for error in stale.json["errors"]]) == (
        412,
        ["target_languages"],
    )
    unknown = client.put(url, json={**body, "target_languages": ["no such one"]}, headers={"If-Match": "*"})
    assert unknown.json["errors"][0]["field"] == "target_languages.0"
    assert items(client.get(f"{API}/profiles"))[0]["is_default"] is True


def test_the_system_tells_what_runs(client: FlaskClient, house: House, contents: Contents) -> None:
    shown = client.get(f"{API}/system/status").json
    assert shown["database"]["dialect"] == house.database.dialect
    assert shown["library"] == {"movies": 0, "series": 1, "episodes": 3, "files": 3}
    assert shown["database"]["table_rows"]["wanted_items"] == 3
    assert set(shown["database"]["values_in_force"]) == {"read", "write"}


def test_settings_are_saved_all_or_none_and_forgotten_again(client: FlaskClient) -> None:
    def value(name: str) -> tuple[str, str]:
        found = next(item for item in items(client.get(f"{API}/settings")) if item["name"] == name)
        return found["value"], found["origin"]

    refused = client.put(
        f"{API}/settings", json={"values": {"cache_ttl": "600", "upgrade_enabled": "perhaps", "nothing": "1"}}
    )
    assert refused.status_code == 422
    assert {error["field"] for error in refused.json["errors"]} == {"upgrade_enabled", "nothing"}
    assert value("cache_ttl") == ("300", "default")
    assert client.put(f"{API}/settings", json={"values": {"cache_ttl": "600"}}).status_code == 200
    assert value("cache_ttl") == ("600", "saved")
    assert client.delete(f"{API}/settings/cache_ttl").json["value"] == "300"
    assert client.delete(f"{API}/settings/none").status_code == 404
    assert client.put(f"{API}/settings", json={"values": {"port": "1"}}).status_code == 422


def test_a_secret_is_never_shown_and_its_mask_never_saved(client: FlaskClient, house: House) -> None:
    client.put(f"{API}/settings", json={"values": {"tmdb_api_key": "very-secret-value"}})
    answer = client.put(f"{API}/settings", json={"values": {"tmdb_api_key": "***"}})
    assert "very-secret-value" not in answer.text
    assert house.settings.library.tmdb_api_key.get_secret_value() == "very-secret-value"


def test_a_change_is_told_with_who_made_it_and_undone_by_its_line(
    house: House, client: FlaskClient, contents: Contents
) -> None:
    folder = client.get(f"{API}/folders/{contents.folder_id}")
    path = f"{API}/folders/{contents.folder_id}"
    changed = client.put(path, json={"label": "Übel"}, headers={"If-Match": folder.headers["ETag"]})
    assert changed.status_code == 200
    line = items(client.get(f"{API}/audit?entity=folder&entity_id={contents.folder_id}"))[0]
    assert line["actor"].startswith("API at ")
    assert line["request_id"] == changed.headers["X-Request-Id"]
    assert line["changes"] == [{"field": "label", "before": folder.json["label"], "after": "Übel"}]
    assert client.get(f"{API}/audit/{line['id']}").json == line
    undone = client.post(f"{API}/audit/{line['id']}/undo")
    assert (undone.status_code, undone.json["undoes_id"]) == (200, line["id"])
    assert client.get(path).json["label"] == folder.json["label"]
    assert client.post(f"{API}/audit/{line['id']}/undo").status_code == 409
    assert client.post(f"{API}/audit/4711/undo").status_code == 404


def test_undoing_never_takes_away_what_somebody_built_on_it(client: FlaskClient, contents: Contents) -> None:
    path = f"{API}/folders/{contents.folder_id}"
    for label in ("one", "two"):
        assert client.put(path, json={"label": label}, headers={"If-Match": "*"}).status_code == 200
    first = items(client.get(f"{API}/audit?entity=folder"))[1]
    refused = client.post(f"{API}/audit/{first['id']}/undo")
    assert refused.status_code == 412
    assert refused.json["errors"] == [{"field": "label", "message": "it is 'two' now"}]


def test_a_setting_that_is_undone_is_in_force_at_once(house: House, client: FlaskClient) -> None:
    before = house.settings.logs.log_level
    assert client.put(f"{API}/settings", json={"values": {"log_level": "ERROR"}}).status_code == 200
    assert house.settings.logs.log_level == "ERROR"
    line = items(client.get(f"{API}/audit?entity=setting&entity_id=log_level"))[0]
    assert client.post(f"{API}/audit/{line['id']}/undo").status_code == 200
    assert house.settings.logs.log_level == before


def test_what_was_slow_is_told_with_its_call_site_and_never_with_its_values(
    house: House, client: FlaskClient
) -> None:
    empty = client.get(f"{API}/system/slow-queries").json
    assert (empty["threshold_ms"], empty["writing_now"]) == (200, [])
    house.database.slow_queries.threshold_seconds = 0.0
    house.database.write_holds.long_seconds = 0.0
    with house.database.write() as unit:
        unit.config.save("theme", "a-secret-value")
    answer = client.get(f"{API}/system/slow-queries")
    told = answer.json
    (saved,) = [query for query in told["worst"] if query["name"] == "config.save_first"]
    assert saved in told["latest"]
    assert saved["call_site"].startswith("tests.api.test_routes:")
    assert saved["plan"]
    assert "INSERT INTO config_entries" in saved["sql"]
    (write,) = [hold for hold in told["long_writes"] if "config.save_first" in hold["statements"]]
    assert write["call_site"].startswith("tests.api.test_routes:")
    assert "a-secret-value" not in answer.text


def test_slow_statements_are_counted_as_often_as_they_are_told(house: House, client: FlaskClient) -> None:
    def counted() -> float:
        found = re.search(r"^sublarr_db_slow_queries_total (\S+)$", client.get("/metrics").text, re.MULTILINE)
        assert found
        return float(found.group(1))

    before = counted()
    house.database.slow_queries.threshold_seconds = 0.0
    with house.database.read() as unit:
        unit.config.all()
    house.database.slow_queries.change_threshold(0)
    told = [query for query in house.database.slow_queries.latest() if query.name == "config.all"]
    assert counted() == before + len(told) == before + 1


def test_the_limit_of_what_is_slow_follows_the_setting(house: House, client: FlaskClient) -> None:
    for milliseconds in (350, 0):
        saved = client.put(f"{API}/settings", json={"values": {"slow_query_ms": str(milliseconds)}})
        assert saved.status_code == 200, saved.text
        assert client.get(f"{API}/system/slow-queries").json["threshold_ms"] == milliseconds
