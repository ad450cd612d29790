"""`sublarr demo`: a sample library, for people without one at hand."""

import shlex
from pathlib import Path

import click

from sublarr.cli.choices import WholeNumber
from sublarr.cli.output import note, say
from sublarr.cli.progress import progress_bar
from sublarr.demo.library import make_library
from sublarr.demo.many import make_many


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--files",
    "count",
    type=WholeNumber(1),
    metavar="N",
    help="Make N small files instead, to try a library of that size.",
)
def command(directory: Path, count: int | None) -> None:
    """Make a sample library in DIR.

    DIR must be new, empty or an earlier sample library, of which only what is missing is made.
    """
    with progress_bar("Making the sample library") as report:
        if count is None:
            made = make_library(directory, on_progress=report)
        else:
            made = make_many(directory, count, layout="arr", on_progress=report)
    say(f"{made.made} files made, {made.kept} were there, {made.total_bytes / 1e6:.1f} MB in {directory}")
    note(f"Have Sublarr watch it: sublarr serve --folder {shlex.quote(str(directory))}")
