"""Options that take one of an enumeration's values, or a number within limits."""

from enum import StrEnum
from typing import Any, TypeVar

import click

Member = TypeVar("Member", bound=StrEnum)


class ValueOf(click.Choice[Member]):
    """One of an enumeration's values, as JSON and pages write them; Click itself would take Python's names."""

    def normalize_choice(self, choice: Any, ctx: click.Context | None) -> str:
        """The text a person types for a member."""
        return choice.value if isinstance(choice, StrEnum) else str(choice).lower()


class WholeNumber(click.IntRange):
    """A whole number within limits; Click itself would call `abc` "not a valid integer range"."""

    name = "whole number"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """What the help shows in place of the value."""
        return "NUMBER"
