"""What is counted per day, and which days: the household's own, by its clock and time zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import IntEnum, StrEnum

from sublarr.vocabulary.errors import InvalidInput


class TranslationOutcome(StrEnum):
    """How the work on one file ended."""

    TRANSLATED = "translated"
    FAILED = "failed"
    SKIPPED = "skipped"


class StatisticsDimension(StrEnum):
    """By what a day's successes are told apart."""

    FORMAT = "format"
    SOURCE = "source"
    PROVIDER = "provider"
    LANGUAGE = "language"
    BACKEND = "backend"


class StatisticsRange(IntEnum):
    """The ranges a person can look at, in days."""

    WEEK = 7
    MONTH = 30
    QUARTER = 90
    YEAR = 365


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` to `last`, both of them included."""

    first: date
    last: date


def household_day(moment: datetime, zone: tzinfo | None = None) -> date:
    """The local day of an aware moment; `zone` None is the zone this process lives in (`TZ`)."""
    if moment.tzinfo is None:
        raise InvalidInput(f"a time without a zone has no local day: {moment.isoformat()}")
    return moment.astimezone(zone).date()


def last_days(days: int, today: date) -> Period:
    """The last so many days, today included."""
    if days < 1:
        raise InvalidInput("a range has at least one day")
    return Period(today - timedelta(days=days - 1), today)
