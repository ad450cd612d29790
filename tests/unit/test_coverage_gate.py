"""The gate of tested branches: it lets nobody through who is below it, and says so where people look."""

import os
import subprocess
import sys
from pathlib import Path

from tests.coverage_gate import ROOMS, SOURCES, VARIABLE, Measured, measure, shortfalls


def _file(branches: int, taken: int) -> dict[str, dict[str, int]]:
    return {"summary": {"num_branches": branches, "covered_branches": taken}}


def test_a_room_below_the_gate_is_named_with_its_figure(tmp_path: Path) -> None:
    for room in ("db", "queue", "web"):
        (tmp_path / room).mkdir()
    report = {
        "files": {
            str(tmp_path / "db" / "pages.py"): _file(10, 8),
            str(tmp_path / "db" / "unit.py"): _file(10, 9),
            str(tmp_path / "queue" / "runner.py"): _file(10, 9),
            str(tmp_path / "web" / "app.py"): _file(10, 0),
        }
    }
    measured = list(measure(report, tmp_path))
    assert measured == [Measured("db", 20, 17), Measured("queue", 10, 9), Measured("all of it", 40, 26)]
    assert shortfalls(measured, 90) == ["85.0 % of the branches of db are tested, 90 % must be"]


def test_a_room_that_comes_to_be_is_held_to_the_gate_without_anybody_saying_so(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    report = {"files": {str(tmp_path / "cache" / "tiers.py"): _file(2, 1)}}
    assert [room.name for room in measure(report, tmp_path)] == ["cache", "all of it"]
    assert len(shortfalls(list(measure(report, tmp_path)), 90)) == 1
    assert {"db", "queue"} <= {room for room in ROOMS if (SOURCES / room).is_dir()}


def test_a_run_below_the_gate_fails_and_still_ends_with_pytests_line(tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST_"))},
        VARIABLE: "90",
        "COVERAGE_FILE": str(tmp_path / "data"),
    }
    one_test = "tests/unit/db/test_gate.py"
    arguments = ["-q", "-p", "no:cacheprovider", "-n", "0", "--cov", "--cov-report=", one_test]
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=SOURCES.parents[1],
        env=environment,
    )
    *_, last = outcome.stdout.splitlines()
    assert outcome.returncode == 1, outcome.stdout + outcome.stderr
    assert "COVERAGE GATE: " in outcome.stdout
    assert " passed in " in last
