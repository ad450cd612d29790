"""The command `sublarr` as people start it: a process of its own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sublarr.demo.many import make_many

SOURCES = Path(__file__).parents[3] / "src"
WAIT_SECONDS = 60.0


class Terminal:
    """Starts `sublarr` with the test's own database and folders."""

    def __init__(self, folder: Path, **settings: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SUBLARR_")}
        self.folder = folder
        self.environment = {
            **inherited,
            "PYTHONPATH": str(SOURCES),
            "SUBLARR_TARGET_LANGUAGE": "fr",
            **settings,
        }
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        """A process that goes on; it is ended with the test."""
        process = subprocess.Popen(
            [sys.executable, "-m", "sublarr", *words],
            cwd=self.folder,
            env={**self.environment, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def run(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """A process to its end."""
        process = self.start(*words, **settings)
        out, err = process.communicate(timeout=WAIT_SECONDS)
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def json(self, *words: str) -> Any:
        """What a command prints as JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def end_all(self) -> None:
        """Whatever still runs is killed."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def wait_for_line(process: subprocess.Popen[str], words: str) -> str:
    """Read a process's standard error up to the line that holds `words`."""
    assert process.stderr is not None
    read = []
    for line in process.stderr:
        read.append(line)
        if words in line:
            return line
    raise AssertionError(f"ended without saying {words!r}:\n{''.join(read)}")


def end(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """Tell a process to stop; its exit code and the rest of what it said."""
    process.send_signal(number)
    _, err = process.communicate(timeout=WAIT_SECONDS)
    return process.returncode, err


def wait_until_running(terminal: Terminal) -> None:
    """Wait until some process of the test runs a job."""
    deadline = time.monotonic() + WAIT_SECONDS
    with closing(sqlite3.connect(terminal.folder / "config" / "sublarr.db")) as ledger:
        while ledger.execute("SELECT count(*) FROM jobs WHERE status = 'running'").fetchone() == (0,):
            assert time.monotonic() < deadline, "no job ran"
            # Another process's ledger has no event to wait for.
            time.sleep(0.01)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, SUBLARR_CONFIG_DIR=str(tmp_path / "config"))
    yield terminal
    terminal.end_all()


@pytest.fixture(scope="session")
def make_media(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """A folder of so many small media files with an English and a German track."""

    def make(count: int) -> Path:
        folder = tmp_path_factory.mktemp("media") / "library"
        make_many(folder, count, layout="arr")
        return folder

    return make


@pytest.fixture(scope="session")
def large_media(make_media: Callable[[int], Path]) -> Path:
    """A library whose scan takes long enough to be stopped; tests must leave its files alone."""
    return make_media(3000)
