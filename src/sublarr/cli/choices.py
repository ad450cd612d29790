"""Options that take one of an enumeration's values."""

from enum import StrEnum
from typing import Any, TypeVar

import click

Member = TypeVar("Member", bound=StrEnum)


class ValueOf(click.Choice[Member]):
    """One of an enumeration's values, as JSON and pages write them; Click itself would take Python's names."""

    def normalize_choice(self, choice: Any, ctx: click.Context | None) -> str:
        """The text a person types for a member."""
        return choice.value if isinstance(choice, StrEnum) else str(choice).lower()
