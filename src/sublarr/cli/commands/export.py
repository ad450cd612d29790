"""`sublarr export`: take a whole list away as a file."""

import os
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import click

from sublarr.cli.choices import ValueOf
from sublarr.cli.opening import opened_house
from sublarr.cli.output import note
from sublarr.cli.progress import Report, progress_bar
from sublarr.cli.terminal import Terminal
from sublarr.exports.formats import encode
from sublarr.exports.offers import ExportFilter, open_export
from sublarr.vocabulary.errors import NotFound
from sublarr.vocabulary.exports import ExportFormat, ExportName

_STANDARD_OUTPUT = "-"
_REPORT_EVERY = 1_000


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The options that leave rows out."""
    options: tuple[Callable[[Callable[..., None]], Callable[..., None]], ...] = (
        click.option("--status", "statuses", multiple=True, help="Of wanted and jobs; may be repeated."),
        click.option(
            "--kind", default="", help="Of media and wanted: movie, series, episode; of jobs: their kind."
        ),
        click.option(
            "--language", default="", metavar="LANGUAGE", help="Of wanted and downloads: de, German."
        ),
        click.option("--provider", default="", metavar="NAME", help="Of downloads: where they came from."),
        click.option("--search", "words", default="", metavar="WORDS", help="Of wanted and jobs: words."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command
@click.argument("what", type=ValueOf(ExportName), metavar="WHAT")
@click.option(
    "--format",
    "form",
    type=ValueOf(ExportFormat),
    default=ExportFormat.JSONL.value,
    show_default=True,
    help="An object a line, a table, or one array.",
)
@click.option(
    "--output",
    default=_STANDARD_OUTPUT,
    show_default=True,
    metavar="FILE",
    help="A file, which is replaced once the export is whole; - for standard output.",
)
@filtered
@click.pass_obj
def command(
    terminal: Terminal, /, *, what: ExportName, form: ExportFormat, output: str, **chosen: Any
) -> None:
    """Write a whole list, as it is at this moment, to a file or to standard output.

    WHAT is one of wanted, media, files, jobs, downloads, upgrades, blocklist, glossary, translation-memory,
    providers, deliveries, events, days, breakdowns and audit.
    """
    with opened_house(terminal) as house, house.database.read() as unit:
        columns, rows = open_export(unit, what, ExportFilter(**chosen))
        counter = _Counter()
        with _opened(output) as file, progress_bar(f"Exporting {what}") as report:
            for piece in encode(form, columns, counter.counting(rows, report)):
                file.write(piece)
    # On standard output only the export itself.
    note(f"{counter.rows} rows of {what}" + ("" if output == _STANDARD_OUTPUT else f" written to {output}"))


class _Counter:
    """How many rows went by."""

    def __init__(self) -> None:
        self.rows = 0

    def counting(self, rows: Iterable[Any], report: Report) -> Iterator[Any]:
        """The rows themselves."""
        for row in rows:
            self.rows += 1
            if self.rows % _REPORT_EVERY == 0:
                report(self.rows, None, "")
            yield row


@contextmanager
def _opened(output: str) -> Iterator[BinaryIO]:
    """Where the bytes go: a file appears under its name whole, or stays as it was."""
    if output == _STANDARD_OUTPUT:
        # A closed standard output is None, and takes what it is given as any other command's does.
        with open(os.devnull, "wb") if sys.stdout is None else nullcontext(sys.stdout.buffer) as file:
            yield file
            file.flush()
        return
    # What a link points at is replaced, not the link; a device or a pipe is written to.
    target = Path(output).resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    if not target.parent.is_dir():
        raise NotFound(f"there is no folder {target.parent}")
    beside = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
