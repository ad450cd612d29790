import pytest


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


def test_a_folder_that_is_added_is_listed_and_can_be_removed(run, run_json, media):
    added = run("folders", "add", str(media), "--label", "Films", "--type", "movie")
    assert added.exit_code == 0, added.stderr
    [folder] = run_json("folders", "list")["items"]
    assert (folder["path"], folder["label"], folder["media_type"]) == (str(media), "Films", "movie")
    assert str(media) in run("folders", "list").stdout
    assert run("folders", "remove", str(folder["id"])).exit_code == 0
    assert run_json("folders", "list")["items"] == []


def test_a_relative_path_is_meant_from_where_the_person_stands(run, run_json, media):
    assert run("folders", "add", media.name).exit_code == 0
    assert run_json("folders", "list")["items"][0]["path"] == str(media)


def test_a_folder_that_is_not_there_is_refused_and_nothing_is_stored(run, run_json, tmp_path):
    result = run("folders", "add", str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert "does not exist" in result.stderr
    assert run_json("folders", "list")["total"] == 0


def test_a_folder_inside_a_watched_one_is_refused_with_the_reason(run, media):
    (media / "inner").mkdir()
    run("folders", "add", str(media))
    result = run("folders", "add", str(media / "inner"))
    assert result.exit_code == 1
    assert "overlaps" in result.stderr


def test_one_wrong_id_does_not_keep_the_others_from_being_removed(run, run_json, media):
    run("folders", "add", str(media))
    folder_id = run_json("folders", "list")["items"][0]["id"]
    result = run("folders", "remove", "4711", str(folder_id))
    assert result.exit_code == 1
    assert "4711: there is no watched folder 4711" in result.stderr
    assert f"{folder_id}: {media} is not watched any more" in result.stdout
    assert run_json("folders", "list")["total"] == 0


def test_an_undecodable_folder_name_is_watched_and_shown(run, run_json, tmp_path):
    folder = tmp_path / "caf\udce9"
    folder.mkdir()
    assert run("folders", "add", str(folder)).exit_code == 0
    assert "caf�" in run("folders", "list").stdout
    assert run_json("folders", "list")["items"][0]["path"].endswith("caf\uefe9")


def test_an_empty_household_is_told_what_to_do_next(run):
    result = run("folders", "list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "sublarr folders add PATH" in result.stderr
