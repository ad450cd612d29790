"""What each of the household's days brought, in all and by format, source, provider, language or backend.

The day is given by the caller (`vocabulary.statistics.household_day`), so that the database's own time zone
has no say, and both dialects count alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select

from sublarr.db.models.activity import DailyBreakdown, DailyStat
from sublarr.db.pages import Listing, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.db.streams import Stream
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.statistics import (
    Period,
    StatisticsDimension,
    StatisticsRange,
    TranslationOutcome,
    last_days,
)

_DAYS = DailyStat.metadata.tables["daily_stats"]
_BREAKDOWNS = DailyBreakdown.metadata.tables["daily_breakdowns"]
_UNKNOWN = "unknown"

Traits = Mapping[StatisticsDimension, str]


@dataclass(frozen=True, slots=True)
class DayCounts:
    """What one local day brought."""

    day: date
    translated: int
    failed: int
    skipped: int


@dataclass(frozen=True, slots=True)
class KeyCount:
    """How often a key of a dimension occurred."""

    key: str
    count: int


@dataclass(frozen=True, slots=True)
class DayKeyCount:
    """How often a key of a dimension occurred on one local day."""

    day: date
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class DayBreakdown:
    """How often a key of any dimension occurred on one local day."""

    day: date
    dimension: StatisticsDimension
    key: str
    count: int


@dataclass(frozen=True, slots=True)
class StatisticsSummary:
    """A period's totals, the last day's translations, and the days there are, newest first."""

    total_translated: int
    total_failed: int
    total_skipped: int
    today_translated: int
    breakdowns: Mapping[StatisticsDimension, Mapping[str, int]]
    days: tuple[DayCounts, ...]


class DailyStatisticsRepository(Repository):
    """The `daily_stats` and `daily_breakdowns` tables."""

    aggregate = "daily_statistics"

    def record(self, day: date, outcome: TranslationOutcome, traits: Traits | None = None) -> None:
        """Count one ended file on a local day; `traits` say of a success what it was made from and by."""
        self._count_day(day, outcome)
        if outcome is TranslationOutcome.TRANSLATED:
            self._count_traits(day, traits or {})

    def record_traits(self, day: date, traits: Traits) -> None:
        """Count what came without being translated, such as a download, by its traits only."""
        self._count_day(day, None)
        self._count_traits(day, traits)

    def _count_day(self, day: date, outcome: TranslationOutcome | None) -> None:
        start = {each.value: int(each is outcome) for each in TranslationOutcome}
        statement = self._insert_into(_DAYS).values(date=day, **start)
        # Even a day that only gets traits is written, and so locked: who counts several in one transaction
        # never waits for another in a circle.
        changed = (outcome or TranslationOutcome.TRANSLATED).value
        raised = {changed: _DAYS.c[changed] + int(outcome is not None)}
        statement = statement.on_conflict_do_update(index_elements=["date"], set_=raised)
        self._run("count_day", statement)

    def _count_traits(self, day: date, traits: Traits) -> None:
        rows = [
            {"date": day, "dimension": dimension.value, "key": key or _UNKNOWN, "count": 1}
            for dimension, key in traits.items()
        ]
        if rows:
            statement = self._insert_into(_BREAKDOWNS).on_conflict_do_update(
                index_elements=["date", "dimension", "key"], set_={"count": _BREAKDOWNS.c.count + 1}
            )
            self._run("count_traits", statement, rows)

    def days(self, period: Period) -> tuple[DayCounts, ...]:
        """The days of a period on which something happened, newest first."""
        statement = (
            select(_DAYS.c.date, _DAYS.c.translated, _DAYS.c.failed, _DAYS.c.skipped)
            .where(_DAYS.c.date.between(period.first, period.last))
            .order_by(_DAYS.c.date.desc())
        )
        return tuple(DayCounts(*row) for row in self._run("days", statement))

    def by_key(self, dimension: StatisticsDimension, period: Period) -> tuple[KeyCount, ...]:
        """A period's counts by provider, backend, format, language or source, the greatest first."""
        total = func.sum(_BREAKDOWNS.c.count)
        statement = (
            select(_BREAKDOWNS.c.key, total)
            .where(
                _BREAKDOWNS.c.date.between(period.first, period.last),
                _BREAKDOWNS.c.dimension == dimension.value,
            )
            .group_by(_BREAKDOWNS.c.key)
            .order_by(total.desc(), _BREAKDOWNS.c.key)
        )
        return tuple(KeyCount(key, int(count)) for key, count in self._run("by_key", statement))

    def by_day_and_key(self, dimension: StatisticsDimension, period: Period) -> tuple[DayKeyCount, ...]:
        """A period's counts of each day by provider, backend, format, language or source, newest first."""
        statement = (
            select(_BREAKDOWNS.c.date, _BREAKDOWNS.c.key, _BREAKDOWNS.c.count)
            .where(
                _BREAKDOWNS.c.date.between(period.first, period.last),
                _BREAKDOWNS.c.dimension == dimension.value,
            )
            .order_by(_BREAKDOWNS.c.date.desc(), _BREAKDOWNS.c.key)
        )
        return tuple(DayKeyCount(*row) for row in self._run("by_day_and_key", statement))

    def stream(self) -> Stream[DayCounts]:
        """Every day on which something happened, the oldest first, in flat memory."""
        columns = (_DAYS.c.date, _DAYS.c.translated, _DAYS.c.failed, _DAYS.c.skipped)
        listing = Listing("days", select(*columns), (SortKey(_DAYS.c.date),))
        return self._stream(listing, lambda row: DayCounts(*row[: len(columns)]))

    def stream_breakdowns(self) -> Stream[DayBreakdown]:
        """Every day's counts by all that is told apart, the oldest first, in flat memory."""
        columns = (_BREAKDOWNS.c.date, _BREAKDOWNS.c.dimension, _BREAKDOWNS.c.key, _BREAKDOWNS.c.count)
        keys = (SortKey(columns[0]), SortKey(columns[1]), SortKey(columns[2]))
        return self._stream(Listing("breakdowns", select(*columns), keys), _breakdown)

    def delete_before(self, day: date, limit: int) -> int:
        """Forget up to `limit` days before `day` with all that was counted on them, the oldest first."""
        old = select(_DAYS.c.date).where(_DAYS.c.date < day).order_by(_DAYS.c.date).limit(limit)
        statement = delete(_DAYS).where(_DAYS.c.date.in_(old.scalar_subquery()))
        return self._run("delete_before", statement).rowcount

    def summary(self, today: date, days: int = StatisticsRange.MONTH) -> StatisticsSummary:
        """The totals of the last 7, 30, 90 or 365 local days; raises `InvalidInput` for another range."""
        if days not in set(StatisticsRange):
            ranges = ", ".join(str(int(each)) for each in StatisticsRange)
            raise InvalidInput(f"statistics are of the last {ranges} days, not {days}")
        period = last_days(days, today)
        rows = self.days(period)
        return StatisticsSummary(
            total_translated=sum(row.translated for row in rows),
            total_failed=sum(row.failed for row in rows),
            total_skipped=sum(row.skipped for row in rows),
            today_translated=next((row.translated for row in rows if row.day == today), 0),
            breakdowns=self._breakdowns(period),
            days=rows,
        )

    def _breakdowns(self, period: Period) -> Mapping[StatisticsDimension, Mapping[str, int]]:
        found: dict[StatisticsDimension, dict[str, int]] = {each: {} for each in StatisticsDimension}
        columns = (_BREAKDOWNS.c.dimension, _BREAKDOWNS.c.key)
        statement = (
            select(*columns, func.sum(_BREAKDOWNS.c.count))
            .where(_BREAKDOWNS.c.date.between(period.first, period.last))
            .group_by(*columns)
            .order_by(*columns)
        )
        for dimension, key, count in self._run("breakdowns", statement):
            found[StatisticsDimension(dimension)][key] = int(count)
        return found


def _breakdown(row: Any) -> DayBreakdown:
    day, dimension, key, count = row[:4]
    return DayBreakdown(day, StatisticsDimension(dimension), key, count)
