from types import SimpleNamespace

import pytest

from sublarr.bootstrap import open_house
from sublarr.cli.commands.wanted import _name
from sublarr.demo.many import make_many
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import WantedStatus


@pytest.fixture
def media(run, tmp_path):
    """Ten files, nine of them episodes; each lacks a French subtitle."""
    folder = tmp_path / "media"
    make_many(folder, 10, layout="arr")
    assert run("folders", "add", str(folder)).exit_code == 0
    scanned = run("scan", "--no-extract")
    assert scanned.exit_code == 0, scanned.stderr
    assert "10 found, 10 new, 10 wanted added" in scanned.stdout
    return folder


def test_what_is_missing_is_found_by_each_of_its_marks(run, run_json, media):
    for words, count in (
        ((), 10),
        (("--status", "wanted", "--status", "failed"), 10),
        (("--status", "extracted"), 0),
        (("--language", "French"), 10),
        (("--language", "de"), 0),
        (("--type", "full"), 10),
        (("--type", "forced"), 0),
        (("--kind", "movie"), 1),
        (("--kind", "episode"), 9),
        (("--search", "no such title"), 0),
    ):
        assert run_json("wanted", *words)["total"] == count, words
    table = run("wanted", "--kind", "episode").stdout
    assert "S01E01" in table
    assert table.count("\n") == 10


def test_what_needs_nothing_any_more_is_listed_only_on_request(run, run_json, media, environment):
    [ignored, *_] = run_json("wanted")["items"]
    house = open_house(environment)
    with house.database.write() as unit:
        assert unit.wanted.move([ignored["id"]], WantedStatus.IGNORED) == 1
    house.close()
    assert run_json("wanted")["total"] == 9
    assert run_json("wanted", "--all")["total"] == 10
    assert run_json("wanted", "--status", "ignored")["total"] == 1
    assert run("wanted", "--all", "--status", "ignored").exit_code == 2


@pytest.mark.parametrize(
    ("season", "episode", "name"),
    [(1, 5, "Show S01E05"), (None, 5, "Show E05"), (None, None, "Show"), (2, None, "Show")],
)
def test_an_episode_is_told_from_the_others_with_and_without_a_season(season, episode, name):
    row = SimpleNamespace(
        item_type=MediaKind.EPISODE, season=season, episode=episode, series_title="Show", title="Part"
    )
    assert _name(row) == name


def test_pages_lead_through_the_whole_list(run_json, media):
    seen, cursor = [], []
    while True:
        page = run_json("wanted", "--limit", "4", *cursor)
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = ["--cursor", page["next"]]
    assert len(seen) == len(set(seen)) == 10


def test_what_comes_out_of_the_files_is_wanted_no_more(run, run_json, media, environment):
    environment["SUBLARR_TARGET_LANGUAGE"] = None
    run("config", "set", "target_language", "de")
    assert run("scan").exit_code == 0
    done = run("extract", "--all")
    assert done.exit_code == 0, done.stderr
    assert run_json("wanted", "--status", "wanted", "--language", "de")["total"] == 0


@pytest.mark.parametrize(
    "words", [("--language", "xx1"), ("--status", "gone"), ("--type", "x"), ("--kind", "series")]
)
def test_a_mark_that_does_not_exist_is_a_usage_error(run, words):
    assert run("wanted", *words).exit_code == 2
