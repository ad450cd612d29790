"""Cursors and the predicates of keyset pages."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Integer, column, select

from sublarr.db.pages import MAXIMUM_LIMIT, Cursors, Listing, PageRequest, Position, SortKey, after
from sublarr.vocabulary.errors import InvalidInput

_CURSORS = Cursors(b"secret of this database")
_HERE = Position((datetime(2026, 2, 18, 19, 7, tzinfo=UTC), 42), is_backward=False)

_VALUES = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.datetimes(timezones=st.just(UTC)),
    st.booleans(),
)


@given(values=st.lists(_VALUES, min_size=1, max_size=4), is_backward=st.booleans(), scope=st.text())
def test_a_cursor_leads_back_to_where_the_page_ended(
    values: list[object], is_backward: bool, scope: str
) -> None:
    position = Position(tuple(values), is_backward)
    scope = repr(scope)
    assert _CURSORS.decode(scope, _CURSORS.encode(scope, position)) == position


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        _CURSORS.decode("jobs", text)


@given(st.integers(0, 400))
def test_a_cursor_with_one_changed_bit_is_refused(bit: int) -> None:
    cursor = _CURSORS.encode("jobs", _HERE)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[bit // 8 % len(raw)] ^= 1 << bit % 8
    with pytest.raises(InvalidInput):
        _CURSORS.decode("jobs", base64.urlsafe_b64encode(raw).decode().rstrip("="))


def test_a_cursor_of_another_list_or_another_database_is_refused() -> None:
    cursor = _CURSORS.encode("jobs", _HERE)
    with pytest.raises(InvalidInput):
        _CURSORS.decode("wanted", cursor)
    with pytest.raises(InvalidInput):
        Cursors(b"another secret").decode("jobs", cursor)


def test_a_cursor_is_safe_in_an_address() -> None:
    cursor = _CURSORS.encode("jobs", Position(("ÿ" * 50, -1), is_backward=True))
    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("limit", [0, -1, MAXIMUM_LIMIT + 1, 2**63])
def test_a_page_of_no_or_endless_rows_is_refused(limit: int) -> None:
    with pytest.raises(InvalidInput):
        PageRequest(limit=limit)


_A, _B, _C = (column(name, Integer) for name in "abc")


@pytest.mark.parametrize(
    ("directions", "is_backward", "expected"),
    [
        ((False, False), False, "(a, b) > (1, 2)"),
        ((True, True), False, "(a, b) < (1, 2)"),
        ((True, True), True, "(a, b) > (1, 2)"),
        ((True, False), False, "a <= 1 AND (a < 1 OR b > 2)"),
        ((True, False), True, "a >= 1 AND (a > 1 OR b < 2)"),
    ],
)
def test_a_deep_page_is_an_index_range(
    directions: tuple[bool, ...], is_backward: bool, expected: str
) -> None:
    keys = [SortKey(key, descends) for key, descends in zip((_A, _B), directions, strict=True)]
    predicate = after(keys, Position((1, 2), is_backward))
    assert str(predicate.compile(compile_kwargs={"literal_binds": True})) == expected


def test_three_keys_in_mixed_directions_stay_bounded_at_every_level() -> None:
    keys = [SortKey(_A), SortKey(_B, is_descending=True), SortKey(_C)]
    predicate = after(keys, Position((1, 2, 3), is_backward=False))
    text = str(predicate.compile(compile_kwargs={"literal_binds": True}))
    assert text == "a >= 1 AND (a > 1 OR b <= 2 AND (b < 2 OR c > 3))"


def test_a_kept_list_answers_each_page_with_its_own_place() -> None:
    listing = Listing("numbers", select(_A), (SortKey(_A), SortKey(_B)))
    first, _ = listing.prepared(None, 10)
    one, at_one = listing.prepared(Position((1, 2), is_backward=False), 10)
    other, at_other = listing.prepared(Position((3, 4), is_backward=False), 20)
    back, _ = listing.prepared(Position((3, 4), is_backward=True), 20)
    assert one is other
    assert len({id(first), id(one), id(back)}) == 3
    assert (at_one["place_0"], at_one["place_1"], at_one["page_limit"]) == (1, 2, 10)
    assert (at_other["place_0"], at_other["place_1"], at_other["page_limit"]) == (3, 4, 20)
    assert "DESC" in str(back)
    assert "DESC" not in str(one)
