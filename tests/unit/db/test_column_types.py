"""Column types: what a value looks like in each database, and what is refused."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from sublarr.db.column_types import PathText, PlainText, UTCDateTime, to_utc_text
from sublarr.db.sqlite import write_json
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.paths import to_text

_DIALECTS = [sqlite.dialect(), postgresql.dialect()]  # type: ignore[no-untyped-call]
_MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.timezones(),
)
_SURROGATES = st.characters(categories=["Cs"])


@given(_MOMENTS)
def test_a_time_comes_back_from_its_text_as_the_same_moment(moment: datetime) -> None:
    text = to_utc_text(moment)
    assert len(text) == 27
    # Compared in UTC: times of two zones are never equal to Python where a clock is put back.
    assert UTCDateTime().process_result_value(text, _DIALECTS[0]) == moment.astimezone(UTC)


@given(_MOMENTS, _MOMENTS)
def test_times_sort_as_text_as_they_do_as_times(first: datetime, second: datetime) -> None:
    assert (to_utc_text(first) < to_utc_text(second)) is (first.astimezone(UTC) < second.astimezone(UTC))


@pytest.mark.parametrize("dialect", _DIALECTS, ids=["sqlite", "postgresql"])
def test_a_time_without_a_zone_is_refused(dialect: sqlite.base.SQLiteDialect) -> None:
    column = UTCDateTime()
    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None
    with pytest.raises(InvalidInput):
        column.process_bind_param(datetime(2026, 2, 18), dialect)  # noqa: DTZ001 - that is the point


def test_postgresql_answers_in_utc_whatever_the_session_says() -> None:
    moment = datetime(2026, 2, 18, 20, 7, tzinfo=timezone(timedelta(hours=1)))
    answered = UTCDateTime().process_result_value(moment, _DIALECTS[1])
    assert answered is not None
    assert answered.tzinfo is UTC


@pytest.mark.parametrize("dialect", _DIALECTS, ids=["sqlite", "postgresql"])
def test_a_path_that_no_store_can_hold_is_refused(dialect: sqlite.base.SQLiteDialect) -> None:
    column = PathText()
    for path in ("/a\0", "/ä\0", "/\ud800", "/\udcff"):
        with pytest.raises(InvalidInput):
            column.process_bind_param(path, dialect)
    assert column.process_bind_param(None, dialect) is None


@given(st.binary().map(lambda raw: raw.replace(b"\0", b"")))
def test_every_file_name_there_can_be_is_taken_as_path_text(raw: bytes) -> None:
    text = to_text(raw.decode("utf-8", "surrogateescape"))
    assert PathText().process_bind_param(text, _DIALECTS[0]) == text


@given(st.text())
def test_text_is_taken_as_it_is_unless_it_holds_a_nul(text: str) -> None:
    if "\0" in text:
        with pytest.raises(InvalidInput):
            PlainText().process_bind_param(text, _DIALECTS[0])
    else:
        assert PlainText().process_bind_param(text, _DIALECTS[0]) is text


_TEXTS = st.text(st.one_of(st.sampled_from("\\u0\0\"'"), st.characters(exclude_categories=["Cs"])))


@given(st.recursive(_TEXTS, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner)))
def test_json_refuses_a_nul_wherever_it_hides_and_nothing_that_only_looks_like_one(value: object) -> None:
    if _holds_nul(value):
        with pytest.raises(InvalidInput):
            write_json(value)
    else:
        assert json.loads(write_json(value)) == value


def _holds_nul(value: object) -> bool:
    match value:
        case str():
            return "\0" in value
        case dict():
            return any(_holds_nul(item) for pair in value.items() for item in pair)
        case list():
            return any(map(_holds_nul, value))
        case _:
            return False


@given(_SURROGATES)
def test_json_does_not_hide_a_lone_surrogate_in_an_escape(surrogate: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_json([surrogate]).encode()
