"""Who is told how jobs fare: the seam to metrics."""

from typing import Protocol

from sublarr.vocabulary.jobs import JobStatus


class JobObserver(Protocol):
    """Told of claims, ends and rescues; must be quick and must not raise."""

    def claimed(self, kind: str, waited_seconds: float) -> None:
        """A job was claimed so long after it was due."""

    def ended(self, kind: str, status: JobStatus, seconds: float) -> None:
        """A run ended; `status` is what the job became."""

    def rescued(self, count: int) -> None:
        """Jobs were taken back from dead workers."""


class SilentJobObserver:
    """Tells nobody."""

    def claimed(self, kind: str, waited_seconds: float) -> None:
        """Nothing."""

    def ended(self, kind: str, status: JobStatus, seconds: float) -> None:
        """Nothing."""

    def rescued(self, count: int) -> None:
        """Nothing."""
