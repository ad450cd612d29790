import pytest

from sublarr.bootstrap import open_house
from sublarr.demo.many import make_many


@pytest.fixture
def media(run, tmp_path):
    """Ten files that were scanned."""
    folder = tmp_path / "media"
    make_many(folder, 10, layout="arr")
    assert run("folders", "add", str(folder)).exit_code == 0
    assert run("scan", "--no-extract").exit_code == 0
    return folder


def test_words_find_series_and_episodes_the_best_first(run, run_json, media):
    found = run_json("find", "mkv")
    assert found["total"] == 10
    series = run_json("find", "--kind", "series", "e")["items"][0]
    hits = run_json("find", *series["title"].upper().split())
    assert (hits["items"][0]["media_id"], hits["items"][0]["rank"]) == (series["media_id"], 0)
    assert {hit["series_id"] for hit in hits["items"][1:]} == {series["media_id"]}
    table = run("find", series["title"]).stdout
    assert table.splitlines()[1].split()[1] == "series"
    assert "S01E01" in table
    assert run_json("find", "no", "such", "title")["items"] == []


def test_nothing_to_look_for_is_not_understood(run):
    for words in ((), (" ",), ("\u0301",)):
        assert run("find", *words).exit_code == 2, words


def test_a_search_that_disagrees_is_told_and_put_right(run, run_json, media, environment):
    assert run_json("db", "check") == {"problems": [], "rebuilt": None}
    house = open_house(environment)
    with house.database.write() as unit:
        unit.connection.exec_driver_sql("DELETE FROM search_documents WHERE media_id = 1")
    house.close()
    told = run("db", "check")
    assert told.exit_code == 1
    assert "1 entries cannot be found" in told.stdout
    assert "--rebuild-search" in told.stderr
    again = run_json("db", "check", "--rebuild-search")
    assert again["problems"] == []
    assert again["rebuilt"] >= 10
    assert run("db", "check").exit_code == 0
