"""The cookie that says how far a replica must have come for its visitor."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.db.following import NEVER
from sublarr.web.freshness import KEPT_SECONDS, mark, read_mark

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@given(st.integers(0, NEVER), st.integers(-KEPT_SECONDS + 1, KEPT_SECONDS - 1))
def test_any_process_reads_the_position_another_wrote(position: int, skew: int) -> None:
    assert read_mark(mark(position, NOW), NOW + timedelta(seconds=skew)) == position


@given(st.integers(0, NEVER), st.integers(KEPT_SECONDS + 1, 10**8))
def test_a_position_of_long_ago_binds_nobody(position: int, later: int) -> None:
    assert read_mark(mark(position, NOW), NOW + timedelta(seconds=later)) == 0


@given(st.text())
def test_whatever_a_visitor_sends_is_a_position_or_nothing(cookie: str) -> None:
    position = read_mark(cookie, NOW)
    assert position is None or 0 <= position <= NEVER


@pytest.mark.parametrize("cookie", ["", "12", ".5", "12.", "g.1", "-1.5", "1.5\n", "1" * 17 + ".1", "٣.1"])
def test_what_is_no_mark_sends_its_visitor_to_the_primary(cookie: str) -> None:
    assert read_mark(cookie, NOW) is None
