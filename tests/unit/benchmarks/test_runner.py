"""The benchmark runner: a missed target must not look like a reached one."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.runner import Line, at_least, at_most
from benchmarks.runner import __main__ as runner


@pytest.mark.parametrize(
    ("line", "ok"),
    [
        (Line("upsert", 3.2, "s", baseline=2.0, target=at_most(1.6, of_ratio=True)), True),
        (Line("upsert", 3.3, "s", baseline=2.0, target=at_most(1.6, of_ratio=True)), False),
        (Line("p99", 100, "ms", baseline=1741, target=at_most(100)), True),
        (Line("jobs", 38, "1/s", target=at_least(39)), False),
        (Line("jobs", 38, "1/s", target=at_least(39, of_ratio=True)), False),
        (Line("size", 38, "MB"), None),
    ],
)
def test_a_figure_is_judged_by_its_own_target(line: Line, *, ok: bool | None) -> None:
    assert line.ok is ok


@pytest.fixture
def benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A benchmark that misses its target, and stands alone in the folder."""
    path = tmp_path / "tiny.py"
    path.write_text(
        "from benchmarks.runner import Line, at_most\n"
        "def lines(quick):\n"
        "    yield Line('tiny', 2 if quick else 3, 's', baseline=1, target=at_most(1))\n"
    )
    monkeypatch.setattr(runner, "FOLDER", tmp_path)
    monkeypatch.setattr("benchmarks.__path__", [str(tmp_path)])
    yield path
    sys.modules.pop("benchmarks.tiny", None)


def test_the_json_list_has_one_object_per_line(benchmark: Path, tmp_path: Path) -> None:
    assert runner.main(["--quick", "--json", "out.json", "--relative-to", str(tmp_path)]) == 0
    assert json.loads((tmp_path / "out.json").read_text()) == [
        {"name": "tiny", "value": 2, "unit": "s", "baseline": 1, "ratio": 2.0, "target": "≤ 1", "ok": False}
    ]


def test_the_table_for_the_documentation_tells_what_was_missed(benchmark: Path, tmp_path: Path) -> None:
    assert runner.main(["--quick", "--markdown", "out.md", "--relative-to", str(tmp_path)]) == 0
    assert (tmp_path / "out.md").read_text().splitlines() == [
        "| what | ratio | value | baseline | target | reached |",
        "| --- | --- | --- | --- | --- | --- |",
        "| tiny | ×2.00 | 2 s | 1 s | ≤ 1 | **no** |",
    ]


def test_a_missed_target_fails_a_full_run_only(benchmark: Path) -> None:
    assert runner.main(["tiny"]) == 1


def test_a_broken_benchmark_fails_even_a_quick_run(benchmark: Path) -> None:
    benchmark.write_text("def lines(quick):\n    raise RuntimeError\n")
    assert runner.main(["--quick"]) == 1


def test_an_unknown_name_is_a_usage_error(benchmark: Path) -> None:
    with pytest.raises(SystemExit) as stop:
        runner.main(["no-such"])
    assert stop.value.code == 2
