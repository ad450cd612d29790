"""Which local day a moment belongs to, and which days a range has."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.statistics import StatisticsRange, household_day, last_days

_BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2026, 2, 18, 22, 59, tzinfo=UTC), _BERLIN, date(2026, 2, 18)),
        (datetime(2026, 2, 18, 23, 0, tzinfo=UTC), _BERLIN, date(2026, 2, 19)),
        (datetime(2026, 7, 18, 22, 0, tzinfo=UTC), _BERLIN, date(2026, 7, 19)),
        (datetime(2026, 1, 1, 4, 59, tzinfo=UTC), ZoneInfo("America/New_York"), date(2025, 12, 31)),
        (datetime(2026, 1, 1, 10, 0, tzinfo=UTC), ZoneInfo("Pacific/Kiritimati"), date(2026, 1, 2)),
    ],
)
def test_an_evening_counts_for_the_households_day(moment: datetime, zone: ZoneInfo, day: date) -> None:
    assert household_day(moment, zone) == day


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process lives fourteen hours ahead of UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Pacific/Kiritimati")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_east")
def test_without_a_zone_the_process_zone_holds() -> None:
    assert household_day(datetime(2026, 2, 18, 12, 0, tzinfo=UTC)) == date(2026, 2, 19)


def test_a_time_without_a_zone_has_no_day() -> None:
    with pytest.raises(InvalidInput):
        household_day(datetime(2026, 2, 18, 12, 0), _BERLIN)  # noqa: DTZ001 - what is to be refused


_MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(_MOMENTS, _MOMENTS)
def test_what_happens_later_never_counts_for_an_earlier_day(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert household_day(first, _BERLIN) <= household_day(second, _BERLIN)


@pytest.mark.parametrize("length", StatisticsRange)
def test_a_range_has_as_many_days_as_its_name_says(length: int) -> None:
    period = last_days(length, date(2026, 3, 1))
    assert (period.last, (period.last - period.first).days + 1) == (date(2026, 3, 1), length)


def test_a_range_without_days_is_refused() -> None:
    with pytest.raises(InvalidInput):
        last_days(0, date(2026, 3, 1))
