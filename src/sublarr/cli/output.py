"""What commands print: listings as a table or as JSON, single things, notes.

Results go to standard output, everything else to standard error. Whatever a name holds, a line stays a line.
"""

import io
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Generic, TextIO, TypeVar

import click

from sublarr.cli.choices import WholeNumber
from sublarr.db.pages import MAXIMUM_LIMIT, Page, PageRequest
from sublarr.vocabulary.paths import for_display

Row = TypeVar("Row")
Command = TypeVar("Command", bound=Callable[..., object])
# Wider than any path: a table in a file or a pipe is not folded to the width of a terminal that is not there.
_PIPE_WIDTH = 10_000


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A table's column: its heading, and what it shows of a row."""

    heading: str
    value: Callable[[Row], object]


def json_option(command: Command) -> Command:
    """`--json`, which every listing takes."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def paged(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a listing that comes in pages; the command is given `request` and `as_json`."""

    @wraps(command)
    def with_request(*arguments: object, limit: int, cursor: str | None, **options: object) -> None:
        command(*arguments, request=PageRequest(limit, cursor), **options)

    limit = click.option(
        "--limit",
        type=WholeNumber(1, MAXIMUM_LIMIT),
        default=50,
        show_default=True,
        help="Rows on a page.",
    )
    cursor = click.option("--cursor", help="The page to go on with, as the page before it told.")
    return limit(cursor(json_option(with_request)))


def print_page(page: Page[Row], columns: Sequence[Column[Row]], *, as_json: bool) -> None:
    """A page: the JSON every door speaks, or a table and where it goes on."""
    if as_json:
        print_json(
            {
                "items": page.items,
                "next": page.next,
                "prev": page.prev,
                "total": page.total,
                "total_capped": page.total_capped,
            }
        )
        return
    _print_table(page.items, columns)
    if page.total is not None:
        note(f"{len(page.items)} of {page.total}{' or more' if page.total_capped else ''}")
    if page.next:
        note(f"Next page: --cursor {page.next}")


def print_rows(rows: Sequence[Row], columns: Sequence[Column[Row]], *, as_json: bool) -> None:
    """A listing that is never long enough to be paged."""
    if as_json:
        print_page(Page(tuple(rows), total=len(rows)), columns, as_json=True)
    else:
        _print_table(rows, columns)


def print_facts(facts: Mapping[str, object]) -> None:
    """One thing: a line for each fact that there is."""
    for name, value in facts.items():
        if value not in (None, ""):
            click.echo(f"{name}: {as_text(value)}")


def print_json(value: object) -> None:
    """A value as indented JSON, in ASCII where the terminal knows no Unicode."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    is_unicode = encoding.startswith(("utf-8", "utf8"))
    click.echo(json.dumps(value, default=_plain, ensure_ascii=not is_unicode, indent=2))


def say(text: str) -> None:
    """A result in a sentence."""
    click.echo(for_display(text))


def note(text: str) -> None:
    """A remark for the person, which is no part of the result."""
    click.echo(for_display(text), err=True)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at it; a closed stream is None."""
    return stream is not None and stream.isatty()


def _print_table(rows: Sequence[Row], columns: Sequence[Column[Row]]) -> None:
    # Rich costs 30 ms and 8 MB, which only commands that print a table pay.
    from rich.console import Console  # noqa: PLC0415 (reason above)
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    if not rows:
        return
    has_viewer = is_terminal(sys.stdout)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.heading, overflow="fold")
    for row in rows:
        # As Text, for `[bold]` in a title is part of the title.
        table.add_row(*(Text(as_text(column.value(row))) for column in columns))
    canvas = io.StringIO()
    width = shutil.get_terminal_size().columns if has_viewer else _PIPE_WIDTH
    Console(file=canvas, force_terminal=has_viewer, width=width).print(table)
    click.echo("\n".join(line.rstrip() for line in canvas.getvalue().splitlines()))


def as_text(value: object) -> str:
    """A value as a table shows it: a moment in the local time, yes or no."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M")
        case _:
            return for_display(str(value))


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Path():
            return str(value)
        case _ if is_dataclass(value):
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case _:
            raise TypeError(f"JSON has no form for {type(value).__name__}")
