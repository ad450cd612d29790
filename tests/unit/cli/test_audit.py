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
    assert run("audit", "list", "--id", "1").exit_code == 2
