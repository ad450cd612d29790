"""Taking wanted rows for a search, alike on both databases.

Leases and back-off follow the database's own clock, so tests move rows into the past rather than time on.
"""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from sublarr.db.column_types import db_now
from sublarr.db.database import Database
from sublarr.db.models.catalogue import Media, Source, WantedItem, WatchedFolder
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import IllegalMove, InvalidInput
from sublarr.vocabulary.searching import NO_BACK_OFF, USUAL_BACK_OFF, BackOff
from sublarr.vocabulary.subtitles import WantedStatus
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS, a_film, a_source, a_wish
from tests.contract.db.test_wanted import _an_episodes_wish

_LANGUAGES = ("de", "fr", "it", "ja", "pt-BR")


def _wanted(unit: Unit, languages: tuple[str, ...] = _LANGUAGES) -> list[int]:
    """The ids of one film's wanted rows, one a language."""
    film = a_film(unit)
    unit.wanted.reconcile([film.file_id], [a_wish(film, language) for language in languages])
    rows = {row.target_language: row.id for row in unit.wanted.of_file(film.file_id)}
    return [rows[language] for language in languages]


def _searched(unit: Unit, item_id: int, count: int, hours_ago: float) -> None:
    values = {"search_count": count, "last_search_at": db_now(-hours_ago * 3600)}
    unit.connection.execute(update(WantedItem).where(WantedItem.id == item_id).values(**values))


def _set(unit: Unit, item_id: int, **values: object) -> None:
    unit.connection.execute(update(WantedItem).where(WantedItem.id == item_id).values(**values))


def _fields(unit: Unit, item_id: int) -> tuple[WantedStatus, int, datetime | None, str]:
    row = unit.wanted.get(item_id)
    return row.status, row.search_count, row.last_search_at, row.error


def _now(unit: Unit) -> datetime:
    moment: datetime = unit.connection.execute(select(db_now())).scalar_one()
    return moment


class TestWantedRepository:
    def test_claim_for_search_takes_the_never_searched_then_who_waited_longest(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            first, second, third, fourth, fifth = _wanted(unit)
            _searched(unit, first, 1, 30)
            _searched(unit, second, 2, 40)
            _searched(unit, fourth, 9, 200)
            _searched(unit, fifth, 1, 20)
            claim = unit.wanted.claim_for_search(4)
            assert claim.item_ids == (third, fourth, second, first)
            assert {unit.wanted.get(item).status for item in claim.item_ids} == {WantedStatus.SEARCHING}
            assert unit.wanted.get(fifth).status is WantedStatus.WANTED
            assert unit.wanted.claim_for_search(4).item_ids == (fifth,)
            assert unit.wanted.claim_for_search(4).item_ids == ()

    def test_claim_for_search_of_nothing_is_nothing(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.wanted.claim_for_search(50).item_ids == ()
            _wanted(unit)
            assert unit.wanted.claim_for_search(0).item_ids == ()

    @pytest.mark.parametrize(("count", "hours"), [(1, 1), (2, 2), (4, 8), (8, 128), (9, 168), (300, 168)])
    def test_claim_for_search_leaves_alone_what_was_searched_for_lately(
        self, database: Database, count: int, hours: float
    ) -> None:
        with database.write() as unit:
            early, due, *others = _wanted(unit)
            for other in others:
                _set(unit, other, status=WantedStatus.FOUND)
            _searched(unit, early, count, hours - 0.01)
            _searched(unit, due, count, hours + 0.01)
            assert unit.wanted.claim_for_search(10).item_ids == (due,)

    def test_claim_for_search_follows_the_households_own_back_off(self, database: Database) -> None:
        with database.write() as unit:
            item, *others = _wanted(unit)
            for other in others:
                _set(unit, other, status=WantedStatus.FOUND)
            _searched(unit, item, 3, 0.5)
            assert unit.wanted.claim_for_search(10, BackOff(1, 168)).item_ids == ()
            assert unit.wanted.claim_for_search(10, NO_BACK_OFF).item_ids == (item,)

    @pytest.mark.parametrize(
        "status", [WantedStatus.IGNORED, WantedStatus.FOUND, WantedStatus.EXTRACTED, WantedStatus.FAILED]
    )
    def test_claim_for_search_never_takes_what_is_not_wanted(
        self, database: Database, status: WantedStatus
    ) -> None:
        with database.write() as unit:
            item, *others = _wanted(unit)
            for other in others:
                _set(unit, other, status=status)
            assert unit.wanted.claim_for_search(10).item_ids == (item,)

    def test_claim_for_search_passes_over_what_is_held_back(self, database: Database) -> None:
        with database.write() as unit:
            held, past, *_ = _wanted(unit)
            _set(unit, held, retry_after=_now(unit) + timedelta(hours=1))
            _set(unit, past, retry_after=_now(unit) - timedelta(hours=1))
            taken = unit.wanted.claim_for_search(10).item_ids
            assert past in taken
            assert held not in taken

    @pytest.mark.parametrize("paused", ["folder", "source", "removed"])
    def test_claim_for_search_passes_over_what_is_switched_off(self, database: Database, paused: str) -> None:
        with database.write() as unit:
            _wanted(unit)
            source_id = a_source(unit)
            change = {
                "folder": update(WatchedFolder).values(enabled=False),
                "source": update(Source).where(Source.id == source_id).values(enabled=False),
                "removed": update(Source).where(Source.id == source_id).values(deleted_at=unit.clock()),
            }
            unit.connection.execute(change[paused])
            assert unit.wanted.claim_for_search(10).item_ids == ()

    @pytest.mark.parametrize("owner", ["episode", "series"])
    def test_claim_for_search_passes_over_what_nobody_monitors(self, database: Database, owner: str) -> None:
        with database.write() as unit:
            wish = _an_episodes_wish(unit)
            unit.wanted.reconcile([wish.file_id], [wish])
            media_id = wish.media_id if owner == "episode" else wish.series_id
            monitoring = update(Media).where(Media.id == media_id)
            unit.connection.execute(monitoring.values(is_monitored=False))
            assert unit.wanted.claim_for_search(10).item_ids == ()
            unit.connection.execute(monitoring.values(is_monitored=True))
            assert len(unit.wanted.claim_for_search(10).item_ids) == 1

    def test_claim_for_search_is_not_starved_by_rows_that_were_searched_often(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            *often, new = _wanted(unit)
            for item in often:
                _searched(unit, item, 300, 5)
            assert unit.wanted.claim_for_search(1).item_ids == (new,)

    def test_claim_for_search_frees_what_a_dead_search_held_and_counts_it(self, database: Database) -> None:
        with database.write() as unit:
            (item,) = _wanted(unit, ("de",))
            dead = unit.wanted.claim_for_search(1, lease_seconds=-1)
            assert dead.item_ids == (item,)
            assert unit.wanted.claim_for_search(1).item_ids == (), "it has been searched for just now"
            status, count, last, error = _fields(unit, item)
            assert (status, count) == (WantedStatus.WANTED, 1)
            assert last is not None
            assert "without a word" in error
            again = unit.wanted.claim_for_search(1, NO_BACK_OFF)
            assert again.item_ids == (item,)
            assert unit.wanted.mark_search_attempted(dead, [item]) == 0, "the dead one came back too late"
            assert unit.wanted.mark_search_attempted(again, [item]) == 1

    def test_claim_for_search_frees_what_was_moved_to_searching_without_a_claim(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            (item,) = _wanted(unit, ("de",))
            unit.wanted.move([item], WantedStatus.SEARCHING)
            unit.wanted.claim_for_search(1)
            assert unit.wanted.get(item).status is WantedStatus.SEARCHING, "it may still be at work"
            _set(unit, item, updated_at=_now(unit) - timedelta(hours=1))
            unit.wanted.claim_for_search(1)
            assert unit.wanted.get(item).status is WantedStatus.WANTED

    def test_mark_search_attempted_counts_every_row_in_one_statement(
        self, database: Database, observer: object
    ) -> None:
        with database.write() as unit:
            items = _wanted(unit)
            claim = unit.wanted.claim_for_search(10)
            observer.statements.clear()  # type: ignore[attr-defined]
            assert unit.wanted.mark_search_attempted(claim, items, error="no provider had it") == 5
            assert observer.statements == ["wanted.mark_search_attempted"]  # type: ignore[attr-defined]
            for item in items:
                status, count, last, error = _fields(unit, item)
                assert (status, count, error) == (WantedStatus.WANTED, 1, "no provider had it")
                assert last is not None
                assert abs(last - _now(unit)) < timedelta(seconds=30)
            assert unit.wanted.mark_search_attempted(claim, items) == 0, "once is once"
            assert unit.wanted.mark_search_attempted(claim, []) == 0

    @pytest.mark.parametrize("outcome", [WantedStatus.FOUND, WantedStatus.FAILED])
    def test_mark_search_attempted_moves_where_a_search_may_end(
        self, database: Database, outcome: WantedStatus
    ) -> None:
        with database.write() as unit:
            (item,) = _wanted(unit, ("de",))
            claim = unit.wanted.claim_for_search(1)
            assert unit.wanted.mark_search_attempted(claim, [item], outcome=outcome) == 1
            assert unit.wanted.get(item).status is outcome
            assert unit.wanted.get(item).search_count == 1

    @pytest.mark.parametrize(
        "outcome", [WantedStatus.SEARCHING, WantedStatus.EXTRACTED, WantedStatus.IGNORED]
    )
    def test_mark_search_attempted_refuses_what_no_search_ends_as(
        self, database: Database, outcome: WantedStatus
    ) -> None:
        with database.write() as unit:
            (item,) = _wanted(unit, ("de",))
            claim = unit.wanted.claim_for_search(1)
            with pytest.raises(IllegalMove):
                unit.wanted.mark_search_attempted(claim, [item], outcome=outcome)
            assert unit.wanted.get(item).status is WantedStatus.SEARCHING

    @pytest.mark.parametrize("error", HOSTILE_TEXTS)
    def test_mark_search_attempted_keeps_any_error(self, database: Database, error: str) -> None:
        with database.write() as unit:
            (item,) = _wanted(unit, ("de",))
            claim = unit.wanted.claim_for_search(1)
            unit.wanted.mark_search_attempted(claim, [item, GREATEST], error=error)
            assert unit.wanted.get(item).error == error

    def test_mark_search_attempted_refuses_a_nul(self, database: Database) -> None:
        with database.write() as unit:
            (item,) = _wanted(unit, ("de",))
            claim = unit.wanted.claim_for_search(1)
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.wanted.mark_search_attempted(claim, [item], error="a\0b")

    def test_mark_search_attempted_leaves_what_a_person_or_a_scan_settled_meanwhile(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            (item,) = _wanted(unit, ("de",))
            claim = unit.wanted.claim_for_search(1)
            unit.wanted.move([item], WantedStatus.FOUND)
            assert unit.wanted.mark_search_attempted(claim, [item], outcome=WantedStatus.FAILED) == 0
            assert unit.wanted.get(item).status is WantedStatus.FOUND

    def test_release_from_search_counts_nothing(self, database: Database) -> None:
        with database.write() as unit:
            items = _wanted(unit)
            claim = unit.wanted.claim_for_search(10)
            assert unit.wanted.release_from_search(claim, items[:2]) == 2
            assert [_fields(unit, item)[:3] for item in items[:2]] == [(WantedStatus.WANTED, 0, None)] * 2
            later = _now(unit) + timedelta(hours=1)
            assert unit.wanted.release_from_search(claim, items[2:], not_before=later) == 3
            assert unit.wanted.claim_for_search(10).item_ids == tuple(items[:2])

    def test_prolong_search_tells_what_is_still_ours(self, database: Database) -> None:
        with database.write() as unit:
            first, second = _wanted(unit, ("de", "fr"))
            claim = unit.wanted.claim_for_search(10, lease_seconds=60)
            unit.wanted.mark_search_attempted(claim, [first])
            held = unit.wanted.prolong_search(claim)
            assert held.item_ids == (second,)
            assert held.until > claim.until
            assert unit.wanted.release_from_search(claim, [second]) == 0, "the old claim is over"
            assert unit.wanted.release_from_search(held, [second]) == 1
            assert unit.wanted.prolong_search(held).item_ids == ()

    def test_claim_for_search_takes_more_rows_than_fit_one_statement(self, database: Database) -> None:
        with database.write() as unit:
            languages = tuple(f"x{number}" for number in range(1_100))
            items = _wanted(unit, languages)
            claim = unit.wanted.claim_for_search(2_000)
            assert claim.item_ids == tuple(sorted(items))
            assert unit.wanted.mark_search_attempted(claim, claim.item_ids) == 1_100
            count = select(func.count()).where(WantedItem.search_count == 1)
            assert unit.connection.execute(count).scalar_one() == 1_100


def test_the_wait_doubles_up_to_a_week() -> None:
    hours = [USUAL_BACK_OFF.seconds_after(count) / 3600 for count in range(11)]
    assert hours == [0, 1, 2, 4, 8, 16, 32, 64, 128, 168, 168]
    assert USUAL_BACK_OFF.seconds_after(10**9) == 168 * 3600
    assert NO_BACK_OFF.seconds_after(5) == 0
