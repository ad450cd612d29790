"""Limits on guessing keys: so many different wrong ones an address, a minute.

The same wrong key again is not another guess: a dashboard with an old key, asking every few seconds, must not
lock out its neighbours behind the same address.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from sublarr.web.errors import TooManyAttempts

WINDOW_SECONDS = 60.0
GUESSES = 10
_ADDRESSES_KEPT = 2000


class GuessLimit:
    """Wrong keys of the last minute by address, in this process's memory; `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._wrong: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raises `TooManyAttempts` where this address has guessed enough for now."""
        with self._lock:
            wrong = self._recent(address)
            if len(wrong) < GUESSES:
                return
            wait = min(wrong.values()) + WINDOW_SECONDS - self._clock()
        raise TooManyAttempts(
            "too many wrong keys came from this address", retry_after=max(1.0, wait), remedy="Wait a minute."
        )

    def note_wrong(self, address: str, key: str) -> bool:
        """Remember a wrong key; whether it was a new one."""
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            wrong = self._recent(address)
            is_new = digest not in wrong
            if is_new:
                wrong[digest] = self._clock()
            self._wrong[address] = wrong
            self._wrong.move_to_end(address)
            while len(self._wrong) > _ADDRESSES_KEPT:
                self._wrong.popitem(last=False)
        return is_new

    def _recent(self, address: str) -> dict[bytes, float]:
        since = self._clock() - WINDOW_SECONDS
        return {digest: at for digest, at in self._wrong.get(address, {}).items() if at > since}
