"""Where a command runs: what it is given of its process."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terminal:
    """The process's environment; `is_debugging` has everything logged, and errors show where they came from."""

    environment: Mapping[str, str]
    is_debugging: bool = False
