"""Lists that are paged while rows come and go: nothing twice, nothing that stood throughout left out."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, delete, insert, select

from sublarr.db.database import Database
from sublarr.db.models.activity import SubtitleDownload
from sublarr.db.pages import TOTAL_CAP, Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.media import MediaKind
from tests.contract.db.rows import a_film, a_scan, a_series, an_episode

_ID = SortKey(SubtitleDownload.id)
_ORDERS = {
    "one way down": (
        SortKey(SubtitleDownload.downloaded_at, is_descending=True),
        SortKey(_ID.column, is_descending=True),
    ),
    "one way up": (SortKey(SubtitleDownload.language), _ID),
    "mixed": (SortKey(SubtitleDownload.score, is_descending=True), SortKey(SubtitleDownload.language), _ID),
    "mixed twice": (
        SortKey(SubtitleDownload.language),
        SortKey(SubtitleDownload.downloaded_at, is_descending=True),
        _ID,
    ),
}
# Disjoint parts that are paged together; each has an index of its own where the union has none.
_BRANCHES = {"in three parts": tuple(SubtitleDownload.language == language for language in "xyz")}
_ORDERS["in three parts"] = _ORDERS["mixed twice"]
_BEGIN = datetime(2026, 2, 18, tzinfo=UTC)


class _Sorted(Repository):
    """The history in any order."""

    aggregate = "sorted"

    def page(self, order: str, request: PageRequest) -> Page[int]:
        branches = _BRANCHES.get(order, ())
        listing = Listing("any", select(SubtitleDownload.id), _ORDERS[order], (order,), branches)
        return self._page(listing, request, lambda row: int(row[0]))


def _add(unit: Unit, rows: list[tuple[int, int, int]]) -> None:
    """Rows of few different values, so that most ties are left to the primary key."""
    values = [
        {
            "provider_name": "embedded",
            "subtitle_id": "1",
            "file_path": "/a",
            "downloaded_at": _BEGIN + timedelta(microseconds=moment),
            "score": score,
            "language": "xyz"[language],
        }
        for moment, score, language in rows
    ]
    if values:
        unit.connection.execute(insert(SubtitleDownload), values)


def _ids(unit: Unit, order: str) -> list[int]:
    keys = _ORDERS[order]
    columns = [key.column.desc() if key.is_descending else key.column.asc() for key in keys]
    return list(unit.connection.execute(select(SubtitleDownload.id).order_by(*columns)).scalars())


def _walk(database: Database, order: str, limit: int) -> Iterator[Page[int]]:
    cursor: str | None = None
    while True:
        with database.read() as unit:
            page = _Sorted(unit).page(order, PageRequest(limit, cursor, wants_total=False))
        yield page
        cursor = page.next
        if cursor is None:
            return


_FEW = st.tuples(st.integers(0, 3), st.integers(-2, 2), st.integers(0, 2))
_EVENTS = st.lists(
    st.tuples(st.lists(_FEW, max_size=3), st.lists(st.integers(0, 40), max_size=3)), max_size=20
)


@pytest.mark.parametrize("order", _ORDERS)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(rows=st.lists(_FEW, max_size=30), limit=st.integers(1, 7), events=_EVENTS)
def test_rows_that_come_and_go_neither_repeat_nor_hide_others(
    database: Database, order: str, rows: list[tuple[int, int, int]], limit: int, events: list[Any]
) -> None:
    with database.write() as unit:
        unit.connection.execute(delete(SubtitleDownload))
        _add(unit, rows)
        standing = set(_ids(unit, order))
    shown: list[int] = []
    happenings = iter(events)
    for page in _walk(database, order, limit):
        shown.extend(page.items)
        added, removed = next(happenings, ([], []))
        with database.write() as unit:
            _add(unit, added)
            present = _ids(unit, order)
            gone = {present[number % len(present)] for number in removed} if present else set()
            unit.connection.execute(delete(SubtitleDownload).where(SubtitleDownload.id.in_(gone)))
            standing -= gone
    assert len(shown) == len(set(shown))
    assert standing <= set(shown)


@pytest.mark.parametrize("order", _ORDERS)
def test_the_way_back_shows_the_same_pages(database: Database, order: str) -> None:
    with database.write() as unit:
        _add(unit, [(number % 3, number % 5 - 2, number % 2) for number in range(23)])
        expected = _ids(unit, order)
    forward = list(_walk(database, order, 5))
    assert [item for page in forward for item in page.items] == expected
    assert forward[0].prev is None
    page, back = forward[-1], [forward[-1].items]
    while page.prev is not None:
        with database.read() as unit:
            page = _Sorted(unit).page(order, PageRequest(5, page.prev))
        back.append(page.items)
        assert page.next is not None
    assert list(reversed(back)) == [page.items for page in forward]


def test_a_page_of_exactly_all_rows_has_no_next_one(database: Database) -> None:
    with database.write() as unit:
        _add(unit, [(0, 0, 0)] * 5)
        page = _Sorted(unit).page("mixed", PageRequest(5))
    assert (len(page.items), page.next, page.prev, page.total) == (5, None, None, 5)


def test_an_empty_list_has_one_empty_page(database: Database) -> None:
    with database.read() as unit:
        assert _Sorted(unit).page("mixed", PageRequest()) == Page((), None, None, 0)


def test_a_total_is_counted_up_to_its_cap_and_only_where_asked_for(database: Database) -> None:
    with database.write() as unit:
        _add(unit, [(0, 0, 0)] * (TOTAL_CAP + 1))
        page = _Sorted(unit).page("mixed", PageRequest(1))
        assert (page.total, page.total_capped) == (TOTAL_CAP, True)
        assert _Sorted(unit).page("mixed", PageRequest(1, wants_total=False)).total is None


def test_a_cursor_for_another_filter_or_another_list_is_refused(database: Database) -> None:
    with database.write() as unit:
        unit.jobs.enqueue_many([a_scan(1), a_scan(2)])
        cursor = unit.jobs.page(JobFilter(), PageRequest(1)).next
        assert cursor is not None
        assert len(unit.jobs.page(JobFilter(), PageRequest(1, cursor)).items) == 1
        for wanted in (JobFilter(words="x"), JobFilter(statuses=(JobStatus.QUEUED,))):
            with pytest.raises(InvalidInput):
                unit.jobs.page(wanted, PageRequest(1, cursor))
        with pytest.raises(InvalidInput):
            unit.wanted.page(WantedFilter(), PageRequest(1, cursor))
        with pytest.raises(InvalidInput):
            unit.jobs.page(JobFilter(), PageRequest(1, cursor[:-1]))


def test_a_cursor_is_good_in_every_process_of_one_database(database: Database, open_database: Any) -> None:
    with database.write() as unit:
        unit.jobs.enqueue_many([a_scan(1), a_scan(2)])
        cursor = unit.jobs.page(JobFilter(), PageRequest(1)).next
    with open_database(database.options.url).read() as unit:
        assert len(unit.jobs.page(JobFilter(), PageRequest(1, cursor)).items) == 1


def test_the_lists_people_see_page_forth_and_back(database: Database) -> None:
    with database.write() as unit:
        series_id = a_series(unit)
        for number in range(7):
            an_episode(unit, series_id, number % 2, None if number == 3 else number, key=str(number))
            a_film(unit, f"The Film {number // 2} {number}")

    def read(name: str, request: PageRequest) -> Page[Any]:
        with database.read() as unit:
            if name == "films":
                return unit.media.page(MediaKind.MOVIE, "film", request)
            return unit.media.episodes(series_id, request)

    for name in ("films", "episodes"):
        first = read(name, PageRequest(3))
        second = read(name, PageRequest(3, first.next))
        third = read(name, PageRequest(3, second.next))
        items = [*first.items, *second.items, *third.items]
        assert items == list(read(name, PageRequest(100)).items)
        assert (len(items), third.next) == (7, None)
        assert read(name, PageRequest(3, second.prev)).items == first.items


def test_rows_keep_their_type(database: Database) -> None:
    """The order's own columns are read too, and must not end up in a row."""
    with database.write() as unit:
        _add(unit, [(0, 0, 0)])
        row = unit.connection.execute(select(SubtitleDownload.id)).one()
        assert isinstance(row, Row)
        assert _Sorted(unit).page("mixed", PageRequest()).items == tuple(row)
