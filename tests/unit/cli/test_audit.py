import re

import pytest


@pytest.fixture
def line(run, run_json, tmp_path):
    """The line that tells of a folder that was added."""
    folder = tmp_path / "media"
    folder.mkdir()
    assert run("folders", "add", str(folder)).exit_code == 0
    return run_json("audit", "list", "--entity", "folder")["items"][0]


def test_a_change_is_listed_with_who_made_it_and_shown_field_by_field(run, run_json, line):
    assert line["action"] == "added"
    assert line["actor"].startswith("terminal of ")
    assert run_json("audit", "show", str(line["id"]))["after"] == line["after"]
    shown = run("audit", "show", str(line["id"])).stdout
    assert f"path: nothing → {line['after']['path']}" in shown
    assert "folder" in run("audit", "list").stdout


def test_an_undone_folder_is_not_watched_and_comes_back_by_undoing_that(run, run_json, line):
    assert run("audit", "undo", str(line["id"])).exit_code == 0
    assert run_json("folders", "list")["items"] == []
    undone = run_json("audit", "list")["items"][0]
    assert undone["undoes_id"] == line["id"]
    assert "took back line" in run("audit", "show", str(undone["id"])).stdout
    assert run("audit", "undo", str(undone["id"])).exit_code == 0
    assert len(run_json("folders", "list")["items"]) == 1


def test_what_cannot_be_undone_says_why(run, line):
    assert run("audit", "undo", "4711").exit_code == 1
    run("audit", "undo", str(line["id"]))
    again = run("audit", "undo", str(line["id"]))
    assert (again.exit_code, "undone already" in again.stderr) == (1, True)
    assert "to have the change again" in again.stderr
    assert run("audit", "list", "--id", "1").exit_code == 2
    unknown = run("audit", "list", "--entity", "fodler")
    assert (unknown.exit_code, "'folder'" in unknown.stderr) == (2, True)


def test_the_list_says_what_came_and_how_values_changed_as_a_person_would(run, line):
    run("config", "set", "slow_query_ms", "350")
    run("config", "set", "slow_query_ms", "400")
    added, changed = run("audit", "list", "--entity", "setting").stdout.splitlines()[:0:-1]
    assert added.endswith("350")
    assert "value: 350 → 400" in changed
    assert line["after"]["path"] in run("audit", "list", "--entity", "folder").stdout
    at = run("audit", "show", str(line["id"])).stdout.splitlines()[0]
    assert re.search(r" at \d{4}-\d\d-\d\d \d\d:\d\d$", at), at
    assert "enabled: nothing → yes" in run("audit", "show", str(line["id"])).stdout
    run("config", "set", "api_key", "not-to-be-shown")
    secret = run("audit", "list", "--entity", "setting", "--limit", "1").stdout.splitlines()[1]
    assert secret.endswith("added"), secret
