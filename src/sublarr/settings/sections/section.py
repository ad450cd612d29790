"""What every section of settings has in common."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A group of settings, immutable once read.

    `boot_only` names those that are needed before the database is open, and so come from the environment
    alone; `computed_defaults` says in words what a default is where it depends on the machine.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    boot_only: ClassVar[frozenset[str]] = frozenset()
    computed_defaults: ClassVar[Mapping[str, str]] = {}
