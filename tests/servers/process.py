"""A guarded server process: start it, wait until it answers, end it, start it again."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")


class ServerMissing(Exception):
    """There is no such server on this machine; the message says what was looked for."""


class ServerFailed(Exception):
    """The server did not come up; the message ends with its log."""


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class GuardedProcess:
    """One server under its guard; `folder` is removed with it."""

    command: Sequence[str]
    folder: Path
    answers: Callable[[], bool]
    stop_signal: str = "SIGTERM"
    user: str | None = None
    _guard: "subprocess.Popen[str] | None" = field(default=None, init=False)

    def start(self, timeout_seconds: float = 30) -> None:
        """Return once the server answers."""
        arguments = [sys.executable, str(GUARD), "--remove", str(self.folder), "--signal", self.stop_signal]
        if self.user is not None:
            arguments += ["--user", self.user]
        with (self.folder / "log").open("a") as log:
            self._guard = subprocess.Popen(
                [*arguments, "--", *self.command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is for pytest; the guard hears of its end.
            )
        deadline = time.monotonic() + timeout_seconds
        while not self.answers():
            if self._guard.poll() is not None or time.monotonic() > deadline:
                log_text = (self.folder / "log").read_text(errors="replace")[-2000:]
                self.stop()
                raise ServerFailed(f"{self.command[0]} did not come up:\n{log_text}")
            time.sleep(0.01)

    def stop(self, *, keep: bool = False) -> None:
        """End the server; with `keep`, its folder stays so that it can be started again."""
        guard, self._guard = self._guard, None
        if guard is not None:
            try:
                guard.communicate("keep" if keep else "", timeout=20)
            except BrokenPipeError:  # The server had ended before, and its guard with it.
                guard.wait(timeout=20)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
