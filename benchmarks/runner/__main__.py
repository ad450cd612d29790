"""`python -m benchmarks.runner [NAME…] [--quick] [--json FILE] [--markdown FILE]`, which scripts/bench calls.

Ends with 1 when a benchmark broke, or when a full run missed a target. A quick run only proves that the benchmarks
work: its samples are too small for its figures to be held against anyone.
"""

import argparse
import importlib
import json
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.runner.line import Line

FOLDER = Path(__file__).parents[1]
# The order of the table in the documentation; newcomers follow by name.
ORDER = ("start", "scan", "data", "http", "queue", "chaos", "cache", "backup", "copy", "adopt", "subtitles")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; answers the exit status."""
    known = available()
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Benchmarks as ratios against a baseline."
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known) or 'none yet'}; all without"
    )
    parser.add_argument("--quick", action="store_true", help="small samples: do they work?")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the lines there as a JSON list")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the lines there as a table")
    parser.add_argument("--relative-to", type=Path, default=Path(), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.names) - set(known)):
        parser.error(f"no such benchmark: {', '.join(unknown)} (there are: {', '.join(known)})")

    lines: list[Line] = []
    broken: list[str] = []
    for name in options.names or known:
        started = time.perf_counter()
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            lines.extend(importlib.import_module(f"benchmarks.{name}").lines(quick=options.quick))
        except Exception:  # noqa: BLE001 - the others are still worth running; the exit status tells
            traceback.print_exc()
            broken.append(name)
        print(f"{name}: {time.perf_counter() - started:.1f} s", file=sys.stderr, flush=True)

    print_table(lines)
    if options.json:
        target = options.relative_to / options.json
        target.write_text(json.dumps([line.as_json() for line in lines], indent=2, ensure_ascii=False) + "\n")
    if options.markdown:
        (options.relative_to / options.markdown).write_text(markdown(lines))
    if broken:
        print(f"broken: {', '.join(broken)}", file=sys.stderr)
    missed = [line for line in lines if line.ok is False]
    return 1 if broken or (missed and not options.quick) else 0


def available() -> list[str]:
    """The benchmarks there are: the modules beside this package."""
    names = {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}
    return [name for name in ORDER if name in names] + sorted(names - set(ORDER))


def print_table(lines: Iterable[Line]) -> None:
    """The figures for people."""
    table = Table("what", box=None, pad_edge=False)
    for heading in ("value", "baseline", "ratio", "target", "ok"):
        table.add_column(heading, justify="right", no_wrap=True)
    verdicts = {True: "yes", False: "[bold red]NO[/]", None: ""}
    for line in lines:
        table.add_row(
            line.name,
            f"{_short(line.value)} {line.unit}",
            _short(line.baseline),
            f"×{line.ratio:.2f}" if line.ratio is not None else "",
            str(line.target or ""),
            verdicts[line.ok],
        )
    Console().print(table)


def markdown(lines: Iterable[Line]) -> str:
    """The figures for a page of the documentation: ratios first, as they hold on other machines too."""
    verdicts = {True: "yes", False: "**no**", None: ""}
    rows = [
        (
            line.name,
            f"×{line.ratio:.2f}" if line.ratio is not None else "",
            f"{_short(line.value)} {line.unit}".strip(),
            f"{_short(line.baseline)} {line.unit}".strip() if line.baseline is not None else "",
            str(line.target or ""),
            verdicts[line.ok],
        )
        for line in lines
    ]
    heading = ("what", "ratio", "value", "baseline", "target", "reached")
    table = [heading, ("---",) * len(heading), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in table)


def _short(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.4g}"


if __name__ == "__main__":
    sys.exit(main())
