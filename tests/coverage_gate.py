"""How much of the code the tests went through, said before pytest's closing line; a pytest plugin of tests/conftest.py.

With SUBLARR_TEST_COVERAGE_GATE, which `scripts/test` sets for a run of everything, a room below so many percent of
its branches fails the run. Rooms that are not there yet join as soon as they are.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

VARIABLE = "SUBLARR_TEST_COVERAGE_GATE"
ROOMS = ("db", "queue", "cache", "backup")
SOURCES = Path(__file__).parents[1] / "src" / "sublarr"


@dataclass(frozen=True)
class Measured:
    """The branches of some files, and how many of them were taken."""

    name: str
    branches: int
    taken: int

    @property
    def percent(self) -> float:
        return 100.0 * self.taken / self.branches if self.branches else 100.0


class CoverageGate:
    """Reads what pytest-cov has gathered, once all tests are over."""

    def __init__(self, minimum: float) -> None:
        self._minimum = minimum
        self._lines: list[str] = []
        self._failures: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            # Interrupted, or nothing was run: what was measured says nothing.
            return
        rooms = list(measure(_report(), SOURCES))
        self._lines = [f"{room.name}: {room.percent:.1f} %" for room in rooms]
        self._failures = shortfalls(rooms, self._minimum)
        if self._failures and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        if not self._lines:
            return
        terminalreporter.write_sep("-", "branches taken")
        terminalreporter.write_line("  ".join(self._lines))
        for failure in self._failures:
            terminalreporter.write_line(f"COVERAGE GATE: {failure}", red=True, bold=True)


def pytest_configure(config: pytest.Config) -> None:
    minimum = os.environ.get(VARIABLE)
    is_worker = hasattr(config, "workerinput")
    if minimum and not is_worker and config.pluginmanager.has_plugin("_cov"):
        config.pluginmanager.register(CoverageGate(float(minimum)), "coverage_gate")


def _report() -> Mapping[str, Any]:
    # Only a run that measures pays for loading it.
    import coverage

    measured = coverage.Coverage()
    measured.load()
    with TemporaryDirectory() as folder:
        target = Path(folder) / "coverage.json"
        measured.json_report(outfile=str(target), ignore_errors=True)
        report = json.loads(target.read_text("utf-8"))
    assert isinstance(report, dict)
    return report


def measure(report: Mapping[str, Any], sources: Path) -> Iterator[Measured]:
    """The rooms that are there, and the whole."""
    for room in ROOMS:
        if (sources / room).is_dir():
            yield _sum(room, report, sources / room)
    yield _sum("all of it", report, sources)


def _sum(name: str, report: Mapping[str, Any], folder: Path) -> Measured:
    summaries = [
        file["summary"]
        for path, file in report["files"].items()
        if Path(path).resolve().is_relative_to(folder.resolve())
    ]
    return Measured(
        name,
        sum(summary["num_branches"] for summary in summaries),
        sum(summary["covered_branches"] for summary in summaries),
    )


def shortfalls(rooms: list[Measured], minimum: float) -> list[str]:
    """What is wrong with the rooms that are held to the minimum."""
    return [
        f"{room.percent:.1f} % of the branches of {room.name} are tested, {minimum:g} % must be"
        for room in rooms
        if room.name in ROOMS and room.percent < minimum
    ]
