"""What is exported can be read again exactly, and no spreadsheet runs any of it."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.exports.formats import MEDIA_TYPES, encode
from sublarr.exports.offers import OFFERS
from sublarr.vocabulary.exports import ExportFormat, ExportName
from sublarr.vocabulary.subtitles import WantedStatus

# Text that a database holds: no NUL, no half of a surrogate pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@dataclass(frozen=True)
class Line:
    text: str
    number: int | None = None
    extra: Any = None


def written(form: ExportFormat, rows: Sequence[Line]) -> str:
    return b"".join(encode(form, [field.name for field in fields(Line)], rows)).decode()


def read_table(text: str) -> list[list[str]]:
    """A CSV as an import reads it: one leading apostrophe is taken off."""
    table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return [[cell.removeprefix("'") for cell in line] for line in table]


@given(st.lists(TEXTS))
def test_a_table_read_again_holds_every_text_as_it_was(texts: list[str]) -> None:
    table = read_table(written(ExportFormat.CSV, [Line(text) for text in texts]))
    assert [line[0] for line in table] == ["text", *texts]


@given(st.lists(TEXTS))
def test_lines_and_arrays_read_again_hold_every_text_as_it_was(texts: list[str]) -> None:
    rows = [Line(text) for text in texts]
    lines = written(ExportFormat.JSONL, rows).split("\n")
    assert [json.loads(line)["text"] for line in lines[:-1]] == texts
    assert lines[-1] == ""
    assert [row["text"] for row in json.loads(written(ExportFormat.JSON, rows))] == texts


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠"])
def test_no_spreadsheet_takes_a_title_for_a_formula(start: str) -> None:
    text = f'{start}HYPERLINK("http://evil.example","click")'
    extra = [text]
    cells = list(csv.reader(io.StringIO(written(ExportFormat.CSV, [Line(text, -5, extra)]), newline="")))[1]
    assert cells[0] == "'" + text
    assert cells[1:] == ["-5", json.dumps(extra, ensure_ascii=False)]


def test_every_kind_of_value_has_one_form() -> None:
    moment = datetime(2026, 2, 18, 20, 7, 10, 5, tzinfo=timezone(timedelta(hours=1)))
    values = [None, True, 1.5, WantedStatus.FOUND, moment, date(2026, 2, 18), ["de"], {"a": None}]
    lines = written(ExportFormat.JSONL, [Line("", extra=value) for value in values]).splitlines()
    assert [json.loads(line)["extra"] for line in lines] == [
        *(None, True, 1.5, "found"),
        *("2026-02-18T19:07:10.000005Z", "2026-02-18", ["de"], {"a": None}),
    ]
    table = read_table(written(ExportFormat.CSV, [Line("", extra=value) for value in values]))
    assert [line[2] for line in table[1:]] == [
        *("", "true", "1.5", "found"),
        *("2026-02-18T19:07:10.000005Z", "2026-02-18", '["de"]', '{"a": null}'),
    ]


def test_an_empty_list_is_a_whole_file() -> None:
    assert written(ExportFormat.JSONL, []) == ""
    assert json.loads(written(ExportFormat.JSON, [])) == []
    assert written(ExportFormat.CSV, []) == "text,number,extra\r\n"


def test_many_rows_come_in_many_pieces() -> None:
    rows = (Line("x" * 100, number) for number in range(10_000))
    pieces = list(encode(ExportFormat.JSONL, ["text", "number"], rows))
    assert max(map(len, pieces)) < 50_000
    assert b"".join(pieces).count(b"\n") == 10_000
    now = datetime.now(UTC)
    assert json.loads(next(iter(encode(ExportFormat.JSONL, ["extra"], [Line("", extra=now)]))))


def test_every_list_is_on_offer_and_every_format_has_its_media_type() -> None:
    assert set(OFFERS) == set(ExportName)
    assert set(MEDIA_TYPES) == set(ExportFormat)
