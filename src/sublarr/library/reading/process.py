"""One reading child as the pool holds it: pipes that never block, a bounded tail of its complaints, a sure end.

It knows lines, not what they mean. All calls come from the thread that started it, which must outlive it: on Linux
a child dies with the thread that made it.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import sublarr
from sublarr.library.reading.messages import MAX_ANSWER_BYTES
from sublarr.vocabulary.errors import Corrupt

# Safe path (-P): a file of the working directory must not pass for a module.
CHILD_COMMAND = (sys.executable, "-P", "-m", "sublarr.library.reading.child")

_CHUNK_BYTES = 1 << 18
_CHUNKS_AT_ONCE = 16
_COMPLAINT_BYTES = 2_000
_ENDING_SECONDS = 5.0
# A process that parses files from anywhere gets no secrets to look at.
_ENVIRONMENT = ("PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PYTHONUTF8")


class ReadingProcess:
    """A running child; whoever makes one must `kill` or `finish` it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=_environment(),
            start_new_session=True,
        )
        assert self._process.stdin
        assert self._process.stdout
        assert self._process.stderr
        self.input = self._process.stdin
        self.output = self._process.stdout
        self.complaints = self._process.stderr
        for pipe in (self.input, self.output, self.complaints):
            os.set_blocking(pipe.fileno(), False)
        self._unsent = bytearray()
        self._unread = bytearray()
        self._complaint = b""
        self.has_ended = False

    @property
    def pid(self) -> int:
        """The child's process id, which is its process group's too."""
        return self._process.pid

    @property
    def wants_to_send(self) -> bool:
        """Whether requests wait for room in the pipe."""
        return bool(self._unsent)

    def send(self, lines: Sequence[bytes]) -> None:
        """Queue `lines` and pass on what the pipe takes."""
        self._unsent += b"".join(line + b"\n" for line in lines)
        self.push()

    def push(self) -> None:
        """Pass on what the pipe takes now."""
        # A child that is gone shows at its output; what it had not read goes to another.
        with suppress(BlockingIOError, BrokenPipeError):
            while self._unsent:
                written = os.write(self.input.fileno(), self._unsent[:_CHUNK_BYTES])
                del self._unsent[:written]

    def read_lines(self) -> list[bytes]:
        """Lines that have become complete; sets `has_ended` at the end. Raises Corrupt for an endless line."""
        lines: list[bytes] = []
        # Bounded, because a hijacked child may write faster than it is read.
        for _ in range(_CHUNKS_AT_ONCE):
            chunk = _read(self.output.fileno())
            if chunk is None:
                break
            if not chunk:
                self.has_ended = True
                break
            self._unread += chunk
            if b"\n" in chunk:
                *complete, rest = self._unread.split(b"\n")
                lines += map(bytes, complete)
                self._unread = rest
        if len(self._unread) > MAX_ANSWER_BYTES:
            raise Corrupt("a reading process writes without end")
        return lines

    def read_complaints(self) -> bool:
        """Keep the last of what it says on standard error; False when there will be no more."""
        chunk = _read(self.complaints.fileno())
        self._complaint = (self._complaint + (chunk or b""))[-_COMPLAINT_BYTES:]
        return chunk != b""

    def kill(self) -> None:
        """End it and what it may have started, now."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._close()

    def finish(self) -> None:
        """Let an idle child end by itself."""
        self.input.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_SECONDS)
        self.kill()

    def how_it_ended(self) -> str:
        """Why a killed or ended child is gone, in words for a person."""
        code = self._process.poll()
        how = f"signal {signal.Signals(-code).name}" if code is not None and code < 0 else f"exit code {code}"
        complaint = self._complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return f"{how}: {complaint}" if complaint else how

    def _close(self) -> None:
        # A process stuck in a dead mount cannot be killed before the mount answers; it is not waited for. Python
        # collects it when it starts another.
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_ENDING_SECONDS)
        for pipe in (self.input, self.output, self.complaints):
            pipe.close()


def _read(descriptor: int) -> bytes | None:
    """What a pipe holds; None if nothing yet, empty at its end."""
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except BlockingIOError:
        return None


def _environment() -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # The child finds this very copy of Sublarr, installed or not.
    return {**kept, "PYTHONPATH": str(Path(sublarr.__file__).parent.parent)}
