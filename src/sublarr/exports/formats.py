"""How rows are written: JSON lines, one JSON array, or CSV (RFC 4180) that no spreadsheet mistakes for formulas.

A spreadsheet runs a cell that begins like a formula. In CSV such a text gets an apostrophe in front, and so does a
text that begins with an apostrophe itself: whoever reads the file back takes one leading apostrophe off every
text that has one, and has exactly what was stored. Numbers are written as they are.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sublarr.vocabulary.exports import ExportFormat

MEDIA_TYPES: Mapping[ExportFormat, str] = {
    ExportFormat.JSONL: "application/x-ndjson",
    ExportFormat.CSV: "text/csv",
    ExportFormat.JSON: "application/json",
}
# So many rows go out together: larger pieces cost memory, smaller ones time.
_ROWS = 200
# What Excel, LibreOffice and Google Sheets take for the beginning of a formula, the last four in East Asian locales;
# tab and line ends are skipped by some before they look.
_FORMULA_STARTS = ("'", "=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def encode(form: ExportFormat, columns: Sequence[str], rows: Iterable[Any]) -> Iterator[bytes]:
    """The export piece by piece, in UTF-8; without any rows it is still a whole file."""
    match form:
        case ExportFormat.JSONL:
            return _lines(columns, rows)
        case ExportFormat.CSV:
            return _table(columns, rows)
        case ExportFormat.JSON:
            return _array(columns, rows)


def _lines(columns: Sequence[str], rows: Iterable[Any]) -> Iterator[bytes]:
    for portion in _portions(rows):
        yield "".join(f"{_object(columns, row)}\n" for row in portion).encode()


def _array(columns: Sequence[str], rows: Iterable[Any]) -> Iterator[bytes]:
    before = "[\n"
    for portion in _portions(rows):
        yield (before + ",\n".join(_object(columns, row) for row in portion)).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def _table(columns: Sequence[str], rows: Iterable[Any]) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for portion in _portions(rows):
        writer.writerows([_cell(getattr(row, column)) for column in columns] for row in portion)
        yield _taken(text)
    # The heading of an empty table.
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while portion := list(islice(iterator, _ROWS)):
        yield portion


def _object(columns: Sequence[str], row: Any) -> str:
    return _dump({column: getattr(row, column) for column in columns})


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Mapping():
            return dict(value)
        case _:
            raise TypeError(f"an export has no form for {type(value).__name__}")


# Made once: json.dumps with options builds an encoder for every row.
_dump: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return defused(str(value))
        case int() | float():
            return value
        case datetime() | date():
            return _plain(value)
        case _:
            return defused(_dump(value))


def defused(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
