"""Which wanted rows a list shows: its conditions, the parts it is merged from, and what knows its total."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, text
from sqlalchemy.orm import InstrumentedAttribute

from sublarr.db.models.catalogue import WantedItem
from sublarr.db.models.counters import RowCount
from sublarr.db.pages import Query
from sublarr.db.repositories import counted
from sublarr.db.repositories.base import beside
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus


@dataclass(frozen=True, slots=True)
class WantedFilter:
    """Which rows a list shows; empty means all."""

    statuses: tuple[WantedStatus, ...] = ()
    item_type: MediaKind | None = None
    target_language: str = ""
    subtitle_type: SubtitleType | None = None
    series_id: int | None = None
    upgrades_only: bool = False
    words: str = ""


# In the words of the indexes: with a bound value no database could tell that a partial index holds the rows.
_IS_FORCED = text("wanted_items.subtitle_type = 'forced'")
_IS_UPGRADE = text("wanted_items.upgrade_candidate")
Condition = ColumnElement[bool] | TextClause


def conditions(wanted: WantedFilter) -> list[Condition]:
    """Everything but states, which are `branches`, and words, which `SearchRepository.matching` knows."""
    found: list[Condition] = []
    if wanted.item_type is not None:
        found.append(_column(wanted, WantedItem.item_type) == wanted.item_type)
    if wanted.target_language:
        found.append(_column(wanted, WantedItem.target_language) == wanted.target_language)
    if wanted.subtitle_type is SubtitleType.FORCED:
        found.append(_IS_FORCED)
    elif wanted.subtitle_type is not None:
        found.append(WantedItem.subtitle_type == wanted.subtitle_type)
    if wanted.series_id is not None:
        found.append(WantedItem.series_id == wanted.series_id)
    if wanted.upgrades_only:
        found.append(_IS_UPGRADE)
    return found


def _column(wanted: WantedFilter, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """A series has few rows, which its own index finds."""
    named: ColumnElement[Any] = column.expression if wanted.series_id is None else beside(column)
    return named


def branches(wanted: WantedFilter) -> tuple[ColumnElement[bool], ...]:
    """The parts that make up the list: the indexes hold each state's rows of a kind in order."""
    statuses = wanted.statuses
    if not statuses and not wanted.words and _has_index(wanted):
        statuses = tuple(WantedStatus)
    parts = tuple(WantedItem.status == status for status in statuses)
    is_one_kind = wanted.item_type is not None or wanted.series_id is not None
    if not wanted.target_language or is_one_kind or wanted.words:
        return parts
    return tuple(and_(part, WantedItem.item_type == kind) for part in parts for kind in MediaKind)


def states_beside(wanted: WantedFilter) -> ColumnElement[bool] | None:
    """What the branches say together of rows that something else finds."""
    return beside(WantedItem.status).in_(wanted.statuses) if wanted.statuses else None


def _has_index(wanted: WantedFilter) -> bool:
    """Whether an index begins with the state and goes on with what is filtered by."""
    return (
        wanted.item_type is not None
        or wanted.target_language != ""
        or wanted.subtitle_type is SubtitleType.FORCED
        or wanted.series_id is not None
        or wanted.upgrades_only
    )


def counted_total(wanted: WantedFilter) -> Query | None:
    """What knows how many rows match; None where cells do not tell these rows from others."""
    if wanted.words or wanted.series_id is not None:
        return None
    found: list[ColumnElement[bool]] = []
    if wanted.statuses:
        found.append(RowCount.status.in_(wanted.statuses))
    if wanted.item_type is not None:
        found.append(RowCount.kind == wanted.item_type)
    if wanted.target_language:
        found.append(RowCount.language == wanted.target_language)
    if wanted.subtitle_type is not None:
        found.append(RowCount.subtitle_type == wanted.subtitle_type)
    if wanted.upgrades_only:
        found.append(RowCount.is_upgrade.is_(True))
    return counted.total("wanted", *found)
