"""Running checks, remembering since when each says what it says."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic

from sublarr.vocabulary.errors import SublarrError

DEEP_SECONDS = 30.0


class HealthStatus(StrEnum):
    """Fine; working with something missing; not working."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found; `remedy` says what a person can do."""

    status: HealthStatus = HealthStatus.OK
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A finding with its name and since when it stands."""

    name: str
    status: HealthStatus
    message: str
    remedy: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """All checks; the worst of them is the whole's status."""

    status: HealthStatus
    checks: tuple[Check, ...]


Probe = Callable[[], Finding]
_WORST_FIRST = (HealthStatus.DOWN, HealthStatus.DEGRADED, HealthStatus.OK)


class Health:
    """Three depths of looking: the process alone, what it needs to work, everything (cached)."""

    def __init__(
        self,
        ready: Mapping[str, Probe],
        deep: Mapping[str, Probe],
        clock: Callable[[], datetime],
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        self._ready = ready
        self._deep = deep
        self._clock = clock
        self._seconds = seconds
        self._since: dict[str, tuple[HealthStatus, datetime]] = {}
        self._cached: tuple[float, Report] | None = None
        self._lock = threading.Lock()

    def live(self) -> Report:
        """The process answers, which is all this says."""
        return Report(HealthStatus.OK, ())

    def ready(self) -> Report:
        """Whether requests and jobs can be served."""
        return self._report(self._ready)

    def deep(self) -> Report:
        """Everything, at most every half minute."""
        with self._lock:
            if self._cached is not None and self._seconds() - self._cached[0] < DEEP_SECONDS:
                return self._cached[1]
            report = self._report({**self._ready, **self._deep})
            self._cached = (self._seconds(), report)
            return report

    def _report(self, probes: Mapping[str, Probe]) -> Report:
        checks = tuple(self._run(name, probe) for name, probe in probes.items())
        return Report(_worst([check.status for check in checks]), checks)

    def _run(self, name: str, probe: Probe) -> Check:
        try:
            finding = probe()
        except SublarrError as error:
            finding = Finding(HealthStatus.DOWN, error.message, error.remedy)
        except Exception as error:  # noqa: BLE001 - a health probe is a door: one that breaks is a finding
            finding = Finding(HealthStatus.DOWN, f"{type(error).__name__}: {error}")
        known = self._since.get(name)
        since = known[1] if known is not None and known[0] is finding.status else self._clock()
        self._since[name] = (finding.status, since)
        return Check(name, finding.status, finding.message, finding.remedy, since)


def _worst(statuses: Sequence[HealthStatus]) -> HealthStatus:
    return next((status for status in _WORST_FIRST if status in statuses), HealthStatus.OK)
