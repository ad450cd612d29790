"""Guessing keys is limited, and nobody else suffers for it."""

import pytest

from sublarr.web.attempts import GUESSES, WINDOW_SECONDS, GuessLimit
from sublarr.web.errors import TooManyAttempts


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def guess(limit: GuessLimit, address: str, count: int) -> None:
    for number in range(count):
        limit.check(address)
        limit.note_wrong(address, f"guess {number}")


def test_after_ten_guesses_an_address_waits_as_long_as_it_is_told() -> None:
    clock = Clock()
    limit = GuessLimit(clock)
    guess(limit, "a", GUESSES)
    clock.now = 20
    with pytest.raises(TooManyAttempts) as refused:
        limit.check("a")
    assert refused.value.retry_after == WINDOW_SECONDS - 20
    limit.check("b")
    clock.now = WINDOW_SECONDS + 0.1
    limit.check("a")


def test_the_same_wrong_key_again_is_no_other_guess() -> None:
    limit = GuessLimit(Clock())
    told = [limit.note_wrong("a", "old") for _ in range(100)]
    limit.check("a")
    assert told.count(True) == 1


def test_guesses_from_everywhere_do_not_fill_the_memory() -> None:
    limit = GuessLimit(Clock())
    for number in range(5000):
        limit.note_wrong(str(number), "x")
    assert len(limit._wrong) == 2000


def test_a_key_that_is_no_unicode_is_a_wrong_key_and_no_crash() -> None:
    assert GuessLimit(Clock()).note_wrong("a", "\udcff")
