"""Being told to stop: the first signal asks, a second one ends the process at once."""

import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Self


def _nothing() -> None:
    """For a process that has nothing to wake."""


class StopSignals:
    """SIGTERM and SIGINT inside a `with` block of the main thread; `on_stop` is called in a signal handler."""

    _SIGNALS = (signal.SIGTERM, signal.SIGINT)

    def __init__(self, on_stop: Callable[[], None] = _nothing) -> None:
        self._on_stop = on_stop
        self._came = threading.Event()
        self._before = {number: signal.getsignal(number) for number in self._SIGNALS}

    def __enter__(self) -> Self:
        for number in self._SIGNALS:
            signal.signal(number, self._stop)
        return self

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def wait(self) -> None:
        """Return once a signal came."""
        self._came.wait()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        for number in self._SIGNALS:
            # The system's own way of ending, which waits for nothing; what ran is rescued by others.
            signal.signal(number, signal.SIG_DFL)
        self._came.set()
        self._on_stop()
