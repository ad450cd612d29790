"""A progress bar on standard error, where a person looks at it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sublarr.cli.output import is_terminal
from sublarr.vocabulary.paths import for_display

Report = Callable[[int, int | None, str], None]


def _say_nothing(_done: int, _total: int | None, _note: str) -> None:
    """For a log or a pipe: a bar would fill it with lines."""


@contextmanager
def progress_bar(title: str) -> Iterator[Report]:
    """What to tell how many are done, how many there are in all (None: not known yet), and what is at hand."""
    if not is_terminal(sys.stderr):
        yield _say_nothing
        return
    # Rich costs 30 ms and 8 MB, which nobody pays who does not see the bar.
    from rich.console import Console  # noqa: PLC0415 (reason above)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(for_display(title), total=None, note="")

        def report(done: int, total: int | None, note: str) -> None:
            bar.update(task, completed=done, total=total, note=for_display(note))

        yield report
