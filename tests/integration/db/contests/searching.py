"""Contests over the search index, and over which of the wanted subtitles are searched for by whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from sublarr.db.models.catalogue import Media
from sublarr.db.repositories.wanted_search import SearchClaim
from sublarr.db.unit import Unit
from tests.contract.db.rows import a_film, a_wish
from tests.integration.db.contests.case import Case, Winners, count_rows, one_row_each

_MANY = tuple(range(30))
_LONG_SECONDS = 7200.0


def _films(unit: Unit) -> list[int]:
    return [a_film(unit, f"Film {number}").media_id for number in _MANY]


def _unindexed(unit: Unit) -> list[int]:
    media_ids = _films(unit)
    unit.search.follow()
    unit.search.clear()
    return media_ids


def _rename(unit: Unit, _: object) -> None:
    # In one order: whoever changes all entries as they happen to lie ends in a deadlock.
    unit.connection.execute(select(Media.id).order_by(Media.id).with_for_update()).all()
    unit.connection.execute(update(Media).values(title=Media.title + " again"))
    unit.search.follow()


def _is_indexed(unit: Unit, things: Sequence[Any], _: int) -> bool:
    compared = unit.search.compare(0, 1000)
    agrees = not (compared.missing or compared.differing or compared.stale or unit.search.pending())
    return agrees and count_rows(unit, "search_documents") == len(things)


def _wanted(unit: Unit) -> list[int]:
    films = [a_film(unit, f"Film {number}") for number in _MANY]
    unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
    return [row.id for film in films for row in unit.wanted.of_file(film.file_id)]


def _claimed(unit: Unit) -> list[list[Any]]:
    """Each row, with the moment until which it is claimed."""
    _wanted(unit)
    claim = unit.wanted.claim_for_search(len(_MANY))
    return [[item_id, claim.until.isoformat()] for item_id in claim.item_ids]


def _claim(things: Sequence[Sequence[Any]]) -> SearchClaim:
    until = datetime.fromisoformat(things[0][1])
    return SearchClaim(tuple(item_id for item_id, _ in things), until)


CASES: Mapping[str, Case] = {
    "search.renew": Case(
        _unindexed, lambda unit, _: unit.search.renew(0, 1000), Winners.ALL, whole=True, check=_is_indexed
    ),
    "search.follow": Case(_films, _rename, Winners.ALL, whole=True, check=_is_indexed),
    "search.clear": Case(
        _films,
        lambda unit, _: unit.search.clear(),
        Winners.ALL,
        whole=True,
        check=lambda unit, *_: count_rows(unit, "search_documents") == 0,
    ),
    "wanted.claim_for_search": Case(
        _wanted,
        lambda unit, _: len(unit.wanted.claim_for_search(7).item_ids),
        whole=True,
        check=one_row_each("wanted_items", "status = 'searching'"),
    ),
    "wanted.mark_search_attempted": Case(
        _claimed,
        lambda unit, things: unit.wanted.mark_search_attempted(
            _claim(things), [item_id for item_id, _ in things]
        ),
        whole=True,
        check=one_row_each("wanted_items", "status = 'wanted' AND search_count = 1"),
    ),
    "wanted.release_from_search": Case(
        _claimed,
        lambda unit, things: unit.wanted.release_from_search(
            _claim(things), [item_id for item_id, _ in things]
        ),
        whole=True,
        check=one_row_each("wanted_items", "status = 'wanted' AND search_count = 0"),
    ),
    "wanted.prolong_search": Case(
        _claimed,
        # A claim that was prolonged is another claim.
        lambda unit, things: len(unit.wanted.prolong_search(_claim(things), _LONG_SECONDS).item_ids),
        whole=True,
        check=one_row_each("wanted_items", "status = 'searching'"),
    ),
}
