"""How each translation backend does. Every count and mean moves in one statement."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select

from sublarr.db.models.translation import TranslationBackendStat
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import InvalidInput, NotFound

_ERROR_LENGTH = 500
_STATS = TranslationBackendStat.metadata.tables["translation_backend_stats"]


@dataclass(frozen=True, slots=True)
class BackendStatistics:
    """A backend's counters; the mean is over the requests that succeeded, for only they are timed."""

    backend_name: str
    total_requests: int
    successful_translations: int
    failed_translations: int
    total_characters: int
    avg_response_time_ms: float
    last_response_time_ms: float
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_error: str
    consecutive_failures: int
    updated_at: datetime


_COLUMNS = tuple(_STATS.c[name] for name in BackendStatistics.__dataclass_fields__)


class BackendStatisticsRepository(Repository):
    """The `translation_backend_stats` table."""

    aggregate = "backend_statistics"

    def record_success(self, backend_name: str, response_time_ms: float, characters: int) -> None:
        """Count a request that was answered in so many milliseconds."""
        if not math.isfinite(response_time_ms) or response_time_ms < 0 or characters < 0:
            raise InvalidInput("a response takes a time and characters of zero or more")
        succeeded = _STATS.c.successful_translations
        mean = (_STATS.c.avg_response_time_ms * succeeded + response_time_ms) / (succeeded + 1)
        first = {
            "successful_translations": 1,
            "total_characters": characters,
            "avg_response_time_ms": response_time_ms,
            "last_response_time_ms": response_time_ms,
            "last_success_at": self._now,
        }
        again = first | {
            "successful_translations": succeeded + 1,
            "total_characters": _STATS.c.total_characters + characters,
            "avg_response_time_ms": mean,
            "consecutive_failures": 0,
        }
        self._count("record_success", backend_name, first, again)

    def record_failure(self, backend_name: str, error: str) -> None:
        """Count a request that failed, with the beginning of what was said."""
        first: dict[str, Any] = {
            "failed_translations": 1,
            "consecutive_failures": 1,
            "last_failure_at": self._now,
            "last_error": error.replace("\0", "")[:_ERROR_LENGTH],
        }
        again = first | {
            "failed_translations": _STATS.c.failed_translations + 1,
            "consecutive_failures": _STATS.c.consecutive_failures + 1,
        }
        self._count("record_failure", backend_name, first, again)

    def _count(
        self,
        name: str,
        backend_name: str,
        first: Mapping[str, Any],
        again: Mapping[str, ColumnElement[Any] | Any],
    ) -> None:
        now = self._now
        statement = (
            self._insert_into(_STATS)
            .values(backend_name=backend_name, total_requests=1, updated_at=now, **first)
            .on_conflict_do_update(
                index_elements=["backend_name"],
                set_={**again, "total_requests": _STATS.c.total_requests + 1, "updated_at": now},
            )
        )
        self._run(name, statement)

    def listed(self) -> tuple[BackendStatistics, ...]:
        """Every backend's counters, by name."""
        statement = select(*_COLUMNS).order_by(_STATS.c.backend_name)
        return tuple(BackendStatistics(*row) for row in self._run("listed", statement))

    def find(self, backend_name: str) -> BackendStatistics | None:
        """A backend's counters, or None where it was never used."""
        statement = select(*_COLUMNS).where(_STATS.c.backend_name == backend_name)
        row = self._run("find", statement).one_or_none()
        return None if row is None else BackendStatistics(*row)

    def get(self, backend_name: str) -> BackendStatistics:
        """A backend's counters; raises `NotFound`."""
        found = self.find(backend_name)
        if found is None:
            raise NotFound(f"the backend {backend_name} was never used")
        return found

    def reset(self, backend_name: str) -> bool:
        """Begin to count anew; whether there was anything."""
        statement = delete(TranslationBackendStat).where(TranslationBackendStat.backend_name == backend_name)
        return self._run("reset", statement).rowcount == 1
