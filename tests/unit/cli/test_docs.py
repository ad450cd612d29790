"""docs/cli.md says what the program does."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from sublarr.cli.program import program

PAGE = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    for name in command.list_commands(click.Context(command)):
        inner = command.get_command(click.Context(command), name)
        assert inner is not None
        yield from _commands(inner, f"{path} {name}")


COMMANDS = dict(_commands(program, "sublarr"))
SECTIONS = dict(re.findall(r"^#+ `(sublarr [^`]+)`\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_command_has_its_heading_and_no_other_is_promised():
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_is_explained(name):
    missing = [
        option
        for parameter in COMMANDS[name].params
        for option in (
            [*parameter.opts, *parameter.secondary_opts]
            if isinstance(parameter, click.Option)
            else [parameter.make_metavar(click.Context(COMMANDS[name])).strip("[].")]
        )
        if option not in SECTIONS[name]
    ]
    assert missing == []
