"""Who is told what the data layer does: the seam to metrics and logs."""

from typing import Protocol


class DatabaseObserver(Protocol):
    """Told of every statement, transaction and error; must be quick and must not raise."""

    def statement(self, name: str, seconds: float) -> None:
        """A named statement ran."""

    def slow_statement(self, name: str) -> None:
        """A named statement took longer than the limit set; it was told as `statement` too."""

    def transaction(self, mode: str, seconds: float) -> None:
        """A unit of work ended; `mode` is read or write."""

    def write_wait(self, seconds: float) -> None:
        """A writer waited this long for its turn."""

    def error(self, code: str) -> None:
        """The database refused something; `code` is that of our error."""


class SilentObserver:
    """Tells nobody: for tools and tests that measure nothing."""

    def statement(self, name: str, seconds: float) -> None:
        """Nothing."""

    def slow_statement(self, name: str) -> None:
        """Nothing."""

    def transaction(self, mode: str, seconds: float) -> None:
        """Nothing."""

    def write_wait(self, seconds: float) -> None:
        """Nothing."""

    def error(self, code: str) -> None:
        """Nothing."""
