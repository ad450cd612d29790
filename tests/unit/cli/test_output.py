import enum
import json
from dataclasses import dataclass
from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from sublarr.cli.choices import ValueOf
from sublarr.cli.output import Column, print_json, print_page, print_rows
from sublarr.cli.progress import progress_bar
from sublarr.db.pages import Page


@dataclass(frozen=True, slots=True)
class Film:
    title: str
    added_at: datetime | None = None


COLUMNS = (Column("Title", lambda film: film.title), Column("Added", lambda film: film.added_at))


def test_a_page_in_json_is_what_the_api_answers(capsys):
    page = Page((Film("Dune", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),), next="n", prev=None, total=7)
    print_page(page, COLUMNS, as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "items": [{"title": "Dune", "added_at": "2026-01-02T03:04:05Z"}],
        "next": "n",
        "prev": None,
        "total": 7,
        "total_capped": False,
    }


def test_a_table_on_a_pipe_cuts_nothing_and_says_elsewhere_where_it_goes_on(capsys):
    title = "x" * 500
    print_page(Page((Film(title),), next="c123", total=9), COLUMNS, as_json=False)
    printed = capsys.readouterr()
    assert title in printed.out
    assert "c123" not in printed.out
    assert "1 of 9" in printed.err
    assert "--cursor c123" in printed.err


def test_a_name_cannot_break_a_table_or_colour_a_terminal(capsys):
    print_rows([Film("[bold]a[/bold]\x1b[31m\nb\uef80")], COLUMNS, as_json=False)
    assert "[bold]a[/bold]\\x1b[31m\\nb�" in capsys.readouterr().out


def test_an_empty_list_is_an_empty_list(capsys):
    print_rows([], COLUMNS, as_json=True)
    listing = json.loads(capsys.readouterr().out)
    assert listing == {"items": [], "next": None, "prev": None, "total": 0, "total_capped": False}


def test_what_json_has_no_form_for_is_not_guessed():
    with pytest.raises(TypeError):
        print_json({"thing": object()})


def test_a_bar_says_nothing_where_nobody_looks(capsys):
    with progress_bar("Working") as report:
        report(1, 2, "half")
    assert capsys.readouterr() == ("", "")


class Colour(enum.StrEnum):
    DEEP_RED = "deep-red"


def test_a_choice_is_typed_as_json_writes_it():
    @click.command
    @click.option("--colour", type=ValueOf(Colour))
    def choose(colour: Colour) -> None:
        click.echo(repr(colour))

    assert "Colour.DEEP_RED" in CliRunner().invoke(choose, ["--colour", "Deep-Red"]).output
    assert "deep-red" in CliRunner().invoke(choose, ["--help"]).output
    assert CliRunner().invoke(choose, ["--colour", "DEEP_RED"]).exit_code == 2
