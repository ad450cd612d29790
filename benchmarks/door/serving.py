"""`sublarr serve` as a process of its own, and how much memory it takes."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers: its process, its port, and the seconds from its start to its first answer."""

    pid: int
    port: int
    seconds: float


@contextmanager
def serving(place: Path) -> Iterator[Served]:
    """The default set-up over `place`/config, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # As a household runs it: compiled modules are kept, and this shell may say otherwise.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"SUBLARR_CONFIG_DIR": str(place / "config"), "SUBLARR_PORT": str(port)}
    began = monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "sublarr", "serve"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", began)
        yield Served(process.pid, port, monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=PATIENCE_SECONDS)


def _wait_for(address: str, began: float) -> None:
    while monotonic() - began < PATIENCE_SECONDS:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            sleep(0.005)
    raise TimeoutError("the server did not become healthy")


def pss_of_family(pid: int) -> float:
    """Proportional memory of a process and its children, in MB (/proc/PID/smaps_rollup)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = next(
        int(line.split()[1])
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        if line.startswith("Pss:")
    )
    return own / 1024 + sum(pss_of_family(int(child)) for child in children)
