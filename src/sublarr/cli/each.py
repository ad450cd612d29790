"""Doing the same to many things, where one that fails does not keep the others from being done."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from sublarr.cli.output import note, say
from sublarr.vocabulary.errors import SublarrError

Key = TypeVar("Key", int, str)


def for_each(keys: Sequence[Key], do: Callable[[Key], str]) -> None:
    """Do it to each once, say what came of it, and end with 1 where any of them failed."""
    has_failed = False
    for key in dict.fromkeys(keys):
        try:
            say(f"{key}: {do(key)}")
        except SublarrError as error:
            has_failed = True
            note(f"{key}: {error.message}")
            if error.remedy:
                note(f"{key}: {error.remedy}")
    if has_failed:
        raise click.exceptions.Exit(1)
