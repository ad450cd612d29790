"""Extraction from the terminal."""

import pytest


@pytest.fixture
def media(terminal, make_media):
    media = make_media(10)
    terminal.run("folders", "add", str(media))
    assert terminal.run("scan").returncode == 0
    return media


def test_every_wanted_files_subtitles_come_out(terminal, media):
    done = terminal.run("extract", "--all")
    assert done.returncode == 0, done.stderr
    assert "10 files to extract from" in done.stdout
    assert len(list(media.rglob("*.en.srt"))) == 10
    assert terminal.run("extract", "--all").stdout == "Nothing to extract.\n"


def test_chosen_rows_and_files_alone(terminal, media):
    rows = terminal.json("wanted")["items"]
    assert terminal.run("extract", "--wanted", str(rows[0]["id"]), str(rows[1]["id"])).returncode == 0
    assert terminal.run("extract", "--file", str(rows[2]["file_id"])).returncode == 0
    assert len(list(media.rglob("*.en.srt"))) == 3


def test_an_id_that_does_not_exist_is_named_and_the_others_are_served(terminal, media):
    row = terminal.json("wanted")["items"][0]
    done = terminal.run("extract", "--wanted", "4711", str(row["id"]))
    assert done.returncode == 1
    assert "4711: there is no wanted subtitle of this id" in done.stderr
    assert len(list(media.rglob("*.en.srt"))) == 1


@pytest.mark.parametrize("words", [(), ("--all", "3"), ("--wanted",), ("3",)])
def test_not_saying_whose_is_a_usage_error(terminal, words):
    assert terminal.run("extract", *words).returncode == 2
