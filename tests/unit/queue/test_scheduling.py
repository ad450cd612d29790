import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.queue.scheduling import next_due

Dues = Callable[[str, str, str, int], list[str]]


@pytest.fixture
def dues(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dues]:
    """The next due times of a household in that zone, in UTC to the minute."""

    def reckon(zone: str, daily_at: str, after: str, count: int) -> list[str]:
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        spec = ScheduleSpec("a", "A", "k", {}, daily_at=daily_at)
        found: list[datetime] = []
        for _ in range(count):
            due = next_due(spec, found[-1] if found else datetime.fromisoformat(after))
            assert due is not None
            found.append(due)
        return [due.isoformat()[:16] for due in found]

    yield reckon
    monkeypatch.undo()
    time.tzset()


def test_an_interval_counts_from_now() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    spec = ScheduleSpec("a", "A", "k", {}, interval_seconds=6 * 3600)
    assert next_due(spec, now) == now + timedelta(hours=6)


def test_what_has_no_rhythm_is_never_due() -> None:
    assert next_due(ScheduleSpec("a", "A", "k", {}), datetime.now(UTC)) is None


def test_a_daily_time_is_the_households_own(dues: Dues) -> None:
    assert dues("Asia/Tokyo", "04:10", "2026-06-01T00:00:00+00:00", 2) == [
        "2026-06-01T19:10",
        "2026-06-02T19:10",
    ]


def test_just_at_its_time_the_next_day_is_next(dues: Dues) -> None:
    assert dues("UTC", "04:10", "2026-06-01T04:10:00+00:00", 1) == ["2026-06-02T04:10"]
    assert dues("UTC", "04:10", "2026-06-01T04:09:59.999999+00:00", 1) == ["2026-06-01T04:10"]


# Berlin: to summer time on 29 March 2026 at 01:00 UTC, back on 25 October 2026 at 01:00 UTC.
def test_the_wall_clock_time_stays_when_summer_comes_and_goes(dues: Dues) -> None:
    assert dues("Europe/Berlin", "04:10", "2026-03-27T12:00:00+00:00", 3) == [
        "2026-03-28T03:10",
        "2026-03-29T02:10",
        "2026-03-30T02:10",
    ]
    assert dues("Europe/Berlin", "04:10", "2026-10-23T12:00:00+00:00", 3) == [
        "2026-10-24T02:10",
        "2026-10-25T03:10",
        "2026-10-26T03:10",
    ]


def test_a_time_that_does_not_exist_one_day_is_kept_once_that_day(dues: Dues) -> None:
    first, second = dues("Europe/Berlin", "02:30", "2026-03-28T12:00:00+00:00", 2)
    # An hour before or after its name, as the C library has it.
    assert first in ("2026-03-29T00:30", "2026-03-29T01:30")
    assert second == "2026-03-30T00:30"


@pytest.mark.parametrize("late", ["00:30", "00:40", "01:00", "01:10", "01:29", "01:31", "02:00"])
def test_a_time_that_comes_twice_one_day_is_kept_once_that_day(dues: Dues, late: str) -> None:
    assert dues("Europe/Berlin", "02:30", "2026-10-24T12:00:00+00:00", 1) == ["2026-10-25T00:30"]
    # Whoever fires it late, even in the second of the two hours, is not sent back into the first.
    assert dues("Europe/Berlin", "02:30", f"2026-10-25T{late}:00+00:00", 1) == ["2026-10-26T01:30"]


@pytest.mark.parametrize(
    "zone", ["America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]
)
@pytest.mark.parametrize("daily_at", ["00:00", "02:30", "23:59"])
def test_over_years_of_any_zone_each_day_has_one_time_and_time_moves_on(
    dues: Dues, zone: str, daily_at: str
) -> None:
    times = [datetime.fromisoformat(due) for due in dues(zone, daily_at, "2010-12-01T00:00:00+00:00", 1500)]
    gaps = {later - earlier for earlier, later in pairwise(times)}
    assert min(gaps) >= timedelta(hours=22)
    # A whole day was left out in Apia in 2011.
    assert max(gaps) <= timedelta(hours=49)
