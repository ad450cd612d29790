"""How each provider does: searches and downloads counted apart, and providers that are left alone for a while.

Every count is one statement, so that threads and processes at once lose nothing. An empty answer to a search
is an answer; only an error is a failure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Table, and_, case, cast, delete, false, select, true, update

from sublarr.db.models.providers import ProviderStat
from sublarr.db.pages import Listing, Query, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.db.streams import Stream
from sublarr.vocabulary.errors import InvalidInput, NotFound

COOLDOWN_MINUTES = 30.0
FAILURES_BEFORE_DISABLING = 10


@dataclass(frozen=True, slots=True)
class ProviderStatRow:
    """A provider's counts; means are over their own counts, `scored_downloads` and `timed_responses`.

    `is_disabled` says whether it is left alone at the moment of reading, `disabled_until` until when it is, or was.
    """

    provider_name: str
    total_searches: int
    failed_searches: int
    successful_downloads: int
    failed_downloads: int
    scored_downloads: int
    avg_score: float
    timed_responses: int
    avg_response_time_ms: float
    last_response_time_ms: float
    last_success_at: datetime | None
    last_failure_at: datetime | None
    consecutive_failures: int
    disabled_until: datetime | None
    updated_at: datetime
    is_disabled: bool

    @property
    def success_rate(self) -> float:
        """Downloads per search, 0 where nothing was searched for; several may come of one search."""
        return _rate(self.successful_downloads, self.total_searches)

    @property
    def answer_rate(self) -> float:
        """The share of searches that were answered, 0 where there were none."""
        return _rate(self.total_searches - self.failed_searches, self.total_searches)

    @property
    def download_rate(self) -> float:
        """The share of attempted downloads that came, 0 where there were none."""
        return _rate(self.successful_downloads, self.successful_downloads + self.failed_downloads)


@dataclass(frozen=True, slots=True)
class _Sample:
    """A value that enters a running mean over the counter `count`."""

    count: str
    mean: str
    value: float


_COLUMNS = (
    ProviderStat.provider_name,
    ProviderStat.total_searches,
    ProviderStat.failed_searches,
    ProviderStat.successful_downloads,
    ProviderStat.failed_downloads,
    ProviderStat.scored_downloads,
    ProviderStat.avg_score,
    ProviderStat.timed_responses,
    ProviderStat.avg_response_time_ms,
    ProviderStat.last_response_time_ms,
    ProviderStat.last_success_at,
    ProviderStat.last_failure_at,
    ProviderStat.consecutive_failures,
    ProviderStat.disabled_until,
    ProviderStat.updated_at,
)


class ProviderStatRepository(Repository):
    """The `provider_stats` table."""

    aggregate = "provider_stats"

    def record_search(self, provider_name: str, response_time_ms: float | None = None) -> None:
        """A search was answered, be it with nothing, in that time where it was taken."""
        values: dict[str, Any] = {"last_success_at": self._now, "consecutive_failures": 0}
        samples = []
        if response_time_ms is not None:
            values["last_response_time_ms"] = response_time_ms
            samples.append(_Sample("timed_responses", "avg_response_time_ms", response_time_ms))
        self._record("record_search", provider_name, ("total_searches",), values, samples)

    def record_failed_search(self, provider_name: str) -> int:
        """A search ended in an error; answers how many failures there were in a row."""
        counters = ("total_searches", "failed_searches", "consecutive_failures")
        return self._record("record_failed_search", provider_name, counters, {"last_failure_at": self._now})

    def record_download(self, provider_name: str, score: int = 0) -> None:
        """A subtitle came; a score that is not above 0 is none, and leaves the mean as it is."""
        values: dict[str, Any] = {"last_success_at": self._now, "consecutive_failures": 0}
        samples = [_Sample("scored_downloads", "avg_score", score)] if score > 0 else []
        self._record("record_download", provider_name, ("successful_downloads",), values, samples)

    def record_download_failure(self, provider_name: str) -> int:
        """A subtitle could not be fetched; answers how many failures there were in a row."""
        counters = ("failed_downloads", "consecutive_failures")
        return self._record(
            "record_download_failure", provider_name, counters, {"last_failure_at": self._now}
        )

    def _record(
        self,
        name: str,
        provider_name: str,
        counters: Sequence[str],
        values: dict[str, Any],
        samples: Sequence[_Sample] = (),
    ) -> int:
        """Count up, set, and let samples into their means, in one statement; answers the failures in a row."""
        stored = _table().c
        values = values | {"updated_at": self._now}
        first = values | dict.fromkeys(counters, 1)
        change = values | {counter: stored[counter] + 1 for counter in counters}
        for sample in samples:
            first |= {sample.count: 1, sample.mean: sample.value}
            # mean' = mean + (value - mean) / n', which needs no sum that could grow beyond exactness.
            difference = sample.value - stored[sample.mean]
            change[sample.count] = stored[sample.count] + 1
            change[sample.mean] = stored[sample.mean] + difference / cast(stored[sample.count] + 1, Float)
        return int(self._run(name, self._put(provider_name, first, change)).scalar_one())

    def _put(self, provider_name: str, first: dict[str, Any], change: dict[str, Any]) -> Any:
        return (
            self._insert_into(_table())
            .values(provider_name=provider_name, **first)
            .on_conflict_do_update(index_elements=["provider_name"], set_=change)
            .returning(_table().c.consecutive_failures)
        )

    def disable(self, provider_name: str, cooldown_minutes: float = COOLDOWN_MINUTES) -> None:
        """Leave a provider alone for so long from now, whatever was said before."""
        values = self._disabling(cooldown_minutes)
        self._run("disable", self._put(provider_name, values, values))

    def disable_if_failing(
        self,
        provider_name: str,
        failures: int = FAILURES_BEFORE_DISABLING,
        cooldown_minutes: float = COOLDOWN_MINUTES,
    ) -> bool:
        """Leave a provider alone if it failed so often in a row; of many who ask at once, one is told True."""
        statement = update(ProviderStat).where(
            ProviderStat.provider_name == provider_name,
            ProviderStat.consecutive_failures >= failures,
            case((self._is_disabled, false()), else_=true()),
        )
        values = self._disabling(cooldown_minutes)
        return self._run("disable_if_failing", statement.values(**values)).rowcount == 1

    def _disabling(self, cooldown_minutes: float) -> dict[str, Any]:
        if cooldown_minutes <= 0:
            raise InvalidInput("a provider can be left alone for a time above 0 only")
        now = self._now
        until = now + timedelta(minutes=cooldown_minutes)
        return {"auto_disabled": True, "disabled_until": until, "updated_at": now}

    def enable(self, provider_name: str) -> bool:
        """Ask a provider again at once, its failures in a row forgotten; whether it was ever used."""
        statement = update(ProviderStat).where(ProviderStat.provider_name == provider_name)
        values: dict[str, Any] = {"auto_disabled": False, "disabled_until": None, "consecutive_failures": 0}
        return self._run("enable", statement.values(**values, updated_at=self._now)).rowcount == 1

    def is_disabled(self, provider_name: str) -> bool:
        """Whether a provider is left alone now; a time that has run out ends it by itself."""
        statement = select(ProviderStat.provider_name).where(
            ProviderStat.provider_name == provider_name, self._is_disabled
        )
        return self._run("is_disabled", statement).one_or_none() is not None

    def disabled(self) -> tuple[ProviderStatRow, ...]:
        """The providers that are left alone now, the first to come back first."""
        statement = (
            self._select()
            .where(self._is_disabled)
            .order_by(ProviderStat.disabled_until, ProviderStat.provider_name)
        )
        return self._rows("disabled", statement)

    def find(self, provider_name: str) -> ProviderStatRow | None:
        """A provider's counts, or None where it was never used."""
        statement = self._select().where(ProviderStat.provider_name == provider_name)
        return next(iter(self._rows("find", statement)), None)

    def get(self, provider_name: str) -> ProviderStatRow:
        """A provider's counts; raises `NotFound`."""
        row = self.find(provider_name)
        if row is None:
            raise NotFound(f"nothing is counted of the provider {provider_name}")
        return row

    def listed(self, since: datetime | None = None) -> tuple[ProviderStatRow, ...]:
        """Every provider's counts by name; with `since` only of those that were used from then on."""
        statement = self._select().order_by(ProviderStat.provider_name)
        if since is not None:
            statement = statement.where(ProviderStat.updated_at >= since)
        return self._rows("listed", statement)

    def stream(self) -> Stream[ProviderStatRow]:
        """Every provider's counts by name, in flat memory."""
        listing = Listing("counts", self._select(), (SortKey(ProviderStat.provider_name),))
        return self._stream(listing, lambda row: ProviderStatRow(*row[: len(_COLUMNS) + 1]))

    @property
    def _is_disabled(self) -> ColumnElement[bool]:
        return and_(ProviderStat.auto_disabled, ProviderStat.disabled_until > self._now)

    def _select(self) -> Query:
        return select(*_COLUMNS, case((self._is_disabled, true()), else_=false()))

    def _rows(self, name: str, statement: Query) -> tuple[ProviderStatRow, ...]:
        return tuple(ProviderStatRow(*row) for row in self._run(name, statement))

    def success_rate(self, provider_name: str) -> float:
        """Downloads per search, 0 for a provider that was never used."""
        row = self.find(provider_name)
        return 0.0 if row is None else row.success_rate

    def clear(self, provider_name: str = "") -> int:
        """Begin counting anew, for every provider or one; it is asked again at once. Answers how many."""
        statement = delete(ProviderStat)
        if provider_name:
            statement = statement.where(ProviderStat.provider_name == provider_name)
        return self._run("clear", statement).rowcount


def _table() -> Table:
    return ProviderStat.metadata.tables["provider_stats"]


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
