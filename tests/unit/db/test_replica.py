"""When a replica is fresh enough, and when one that failed is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from sublarr.db.replica import Horizon, Pause

SECONDS = 5.0
STEPS = st.lists(
    st.tuples(
        st.floats(0, 3, allow_nan=False),
        st.integers(0, 1000),
        st.booleans(),
    ),
    max_size=40,
)


class TestHorizon:
    @given(STEPS)
    def test_nobody_misses_what_was_written_longer_ago_than_the_bound(
        self, steps: list[tuple[float, int, bool]]
    ) -> None:
        horizon = Horizon(SECONDS)
        now, position = 0.0, 1
        written: list[tuple[float, int]] = []
        for wait, advance, is_asked in steps:
            now += wait
            position += advance
            written.append((now, position))
            if is_asked:
                horizon.note(now, position)
            floor = horizon.floor(now)
            if floor is not None:
                missed = [at for at, place in written if place > floor]
                assert all(now - at <= SECONDS for at in missed)

    @given(st.floats(0.0, SECONDS - 2.0), st.lists(st.floats(0.0, 1.0), min_size=20, max_size=60))
    def test_a_replica_that_keeps_within_the_bound_is_used_from_then_on(
        self, lag: float, waits: list[float]
    ) -> None:
        horizon = Horizon(SECONDS)
        now = 0.0
        for wait in waits:
            now += wait
            if horizon.age(now) >= 1.0:
                horizon.note(now, int(now * 1000))
            floor = horizon.floor(now)
            assert floor is not None
            if now > SECONDS:
                # The primary writes 1000 a second and is asked at least every two; the replica lags.
                assert int((now - lag) * 1000) >= floor

    def test_a_primary_that_was_not_asked_for_long_promises_nothing(self) -> None:
        horizon = Horizon(SECONDS)
        assert horizon.floor(0.0) is None
        horizon.note(0.0, 7)
        assert horizon.floor(SECONDS) == 7
        assert horizon.floor(SECONDS + 0.1) is None

    def test_positions_of_a_primary_that_is_gone_are_forgotten(self) -> None:
        horizon = Horizon(SECONDS)
        horizon.note(0.0, 900)
        horizon.note(1.0, 300)
        assert horizon.floor(1.0) == 300


class TestPause:
    @given(st.floats(0.1, 2), st.floats(2, 60), st.integers(1, 20))
    def test_a_dead_replica_is_asked_ever_more_seldom_but_never_given_up(
        self, first: float, longest: float, failures: int
    ) -> None:
        pause = Pause(first, longest)
        now = 0.0
        for number in range(failures):
            assert pause.is_over(now)
            pause.begin(now)
            expected = min(longest, first * 2**number)
            assert not pause.is_over(now + expected * 0.99)
            now += expected
            assert pause.is_over(now)

    def test_after_it_worked_the_first_failure_costs_the_shortest_pause_again(self) -> None:
        pause = Pause(1.0, 30.0)
        for _ in range(5):
            pause.begin(0.0)
        pause.forget()
        assert pause.is_over(0.0)
        pause.begin(0.0)
        assert pause.is_over(1.0)
