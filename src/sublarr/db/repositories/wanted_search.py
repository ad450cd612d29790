"""Wanted subtitles as searches see them: taking the rows whose turn it is, and saying how it went.

A claim holds until its lease ends, which is kept in the rows' `retry_after` while they are searched for. Whoever
comes back later than that changes nothing. Leases and back-off run by the database's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all, update

from sublarr.db.column_types import db_now
from sublarr.db.models.catalogue import Media, MediaFile, Source, WantedItem, WatchedFolder
from sublarr.db.repositories.base import Repository, beside, chunks
from sublarr.vocabulary.errors import IllegalMove
from sublarr.vocabulary.searching import USUAL_BACK_OFF, BackOff
from sublarr.vocabulary.subtitles import WANTED_MOVES, WantedStatus

# Enough for the searches of one run at their providers' slowest; a longer run prolongs it.
LEASE_SECONDS = 1800.0
_DIED = "the search ended without a word"
# As many others as may be picking the same rows at the same moment.
_ROUNDS = 16
_LEVELS_AT_ONCE = 100
_RELEASED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class SearchClaim:
    """Rows that are ours to search for until a moment, the most urgent first."""

    item_ids: tuple[int, ...]
    until: datetime


@dataclass(frozen=True, slots=True)
class _Due:
    """A row whose turn it is, and how often it had been searched for when that was found."""

    item_id: int
    search_count: int


class WantedSearches(Repository):
    """The `wanted_items` table between "wanted" and "searching"."""

    def claim_for_search(
        self, limit: int, back_off: BackOff = USUAL_BACK_OFF, lease_seconds: float = LEASE_SECONDS
    ) -> SearchClaim:
        """Take up to `limit` rows whose turn it is; no two callers ever get the same.

        Those that were never searched for come first, then those that waited longest. Left out is what a person
        ignored, what is not monitored, and what belongs to a source or a folder that is switched off.
        """
        clock = select(db_now().label("now"), db_now(lease_seconds).label("until"))
        now, until = self._run("search_clock", clock).one()
        self._release_expired(now, lease_seconds)
        taken: list[int] = []
        passed: set[int] = set()
        for _ in range(_ROUNDS):
            missing = limit - len(taken)
            due = self._due(now, back_off, missing, passed) if missing > 0 else []
            taken += self._take(due, until)
            passed.update(row.item_id for row in due)
            if len(due) < missing or missing <= 0:
                break
        return SearchClaim(tuple(taken), until)

    def mark_search_attempted(
        self,
        claim: SearchClaim,
        item_ids: Sequence[int],
        *,
        outcome: WantedStatus = WantedStatus.WANTED,
        error: str = "",
    ) -> int:
        """A search of these rows of a claim ended: count it, and let them go; answers how many were still ours.

        Raises `IllegalMove` for an outcome that no search has.
        """
        if outcome not in WANTED_MOVES[WantedStatus.SEARCHING]:
            raise IllegalMove(f"a search cannot end as {outcome}")
        counted = {"search_count": WantedItem.search_count + 1, "last_search_at": db_now(), "error": error}
        return self._let_go("mark_search_attempted", claim, item_ids, {"status": outcome, **counted})

    def release_from_search(
        self, claim: SearchClaim, item_ids: Sequence[int], not_before: datetime | None = None
    ) -> int:
        """Give rows of a claim back that were not searched for after all, not to be taken again before a moment.

        Nothing is counted: a provider that is busy is nobody's failed search. Answers how many were still ours.
        """
        values = {"status": WantedStatus.WANTED, "retry_after": not_before}
        return self._let_go("release_from_search", claim, item_ids, values)

    def prolong_search(self, claim: SearchClaim, lease_seconds: float = LEASE_SECONDS) -> SearchClaim:
        """Hold on to what is left of a claim; answers the rows that are still ours, and until when."""
        until = self._run("search_clock", select(db_now(lease_seconds))).scalar_one()
        kept: set[int] = set()
        for chunk in chunks(claim.item_ids):
            statement = update(WantedItem).where(*_is_ours(claim, chunk)).values(retry_after=until)
            kept.update(self._run("prolong_search", statement.returning(WantedItem.id)).scalars())
        return replace(claim, item_ids=tuple(item for item in claim.item_ids if item in kept), until=until)

    def _let_go(self, name: str, claim: SearchClaim, item_ids: Sequence[int], values: dict[str, Any]) -> int:
        freed = {"retry_after": None, "updated_at": self._now, **values}
        return sum(
            self._run(name, update(WantedItem).where(*_is_ours(claim, chunk)).values(**freed)).rowcount
            for chunk in chunks(item_ids)
        )

    def _release_expired(self, now: datetime, lease_seconds: float) -> None:
        """What a search that died was holding. It counts, or rows that kill it would come first for ever."""
        forgotten = now - timedelta(seconds=lease_seconds)
        is_expired = or_(
            WantedItem.retry_after <= now,
            and_(WantedItem.retry_after.is_(None), WantedItem.updated_at <= forgotten),
        )
        values = {
            "status": WantedStatus.WANTED,
            "search_count": WantedItem.search_count + 1,
            "last_search_at": now,
            "error": _DIED,
            "retry_after": None,
            "updated_at": self._now,
        }
        held = (
            select(WantedItem.id)
            .where(WantedItem.status == WantedStatus.SEARCHING, is_expired)
            # An order and a limit that an index serves: SQLite would otherwise read the whole table.
            .order_by(WantedItem.added_at, WantedItem.id)
            .limit(_RELEASED_AT_ONCE)
        )
        # Two who release the same rows would count them twice, or wait for each other.
        expired = held.with_for_update(skip_locked=True).scalar_subquery()
        statement = update(WantedItem).where(WantedItem.id.in_(expired)).values(**values)
        self._run("release_expired", statement)

    def _take(self, due: Sequence[_Due], until: datetime) -> list[int]:
        """Those of these rows that nobody else is taking, or has searched for since they were looked at."""
        taken: list[int] = []
        for chunk in chunks(due):
            free = select(WantedItem.id, WantedItem.search_count).where(
                WantedItem.id.in_([row.item_id for row in chunk]),
                beside(WantedItem.status) == WantedStatus.WANTED,
            )
            counts: dict[int, int] = dict(self._run("lock_due", free.with_for_update(skip_locked=True)).all())
            ours = [row.item_id for row in chunk if counts.get(row.item_id) == row.search_count]
            values = {"status": WantedStatus.SEARCHING, "retry_after": until, "updated_at": self._now}
            statement = update(WantedItem).where(WantedItem.id.in_(ours)).values(**values)
            self._run("claim_for_search", statement)
            taken += ours
        return taken

    def _due(self, now: datetime, back_off: BackOff, limit: int, passed: set[int]) -> list[_Due]:
        """The rows whose turn it is, the most urgent first.

        Each count of searches has a moment of its own before which a row must have been searched for last, and
        the index holds each count's rows in that order: so each is read from its beginning, and no further.
        """
        is_free = self._is_free(now, passed)
        found: list[Any] = []
        for levels in chunks(self._levels(), _LEVELS_AT_ONCE):
            beginnings = [
                select(WantedItem.id, WantedItem.search_count, WantedItem.last_search_at)
                .where(
                    WantedItem.status == WantedStatus.WANTED, WantedItem.search_count == level, turn, is_free
                )
                .order_by(WantedItem.last_search_at, WantedItem.id)
                .limit(limit)
                .subquery()
                for level in levels
                for turn in _turns(now - timedelta(seconds=back_off.seconds_after(level)))
            ]
            found += self._run("due", union_all(*(select(beginning) for beginning in beginnings)))
        found.sort(key=lambda row: (row.last_search_at is not None, row.last_search_at or now, row.id))
        return [_Due(row.id, row.search_count) for row in found[:limit]]

    def _levels(self) -> tuple[int, ...]:
        """Every count of searches that wanted rows have: a step through the index for each, not one for each row."""
        least = func.min(WantedItem.search_count)
        is_wanted = WantedItem.status == WantedStatus.WANTED
        levels = select(least.label("level")).where(is_wanted).cte("levels", recursive=True)
        following = select(least).where(is_wanted, WantedItem.search_count > levels.c.level)
        levels = levels.union_all(
            select(following.scalar_subquery()).select_from(levels).where(levels.c.level.is_not(None))
        )
        statement = select(levels.c.level).where(levels.c.level.is_not(None))
        return tuple(self._run("search_levels", statement).scalars())

    def _is_free(self, now: datetime, passed: set[int]) -> ColumnElement[bool]:
        switched_off = (
            select(Source.id)
            .outerjoin(
                WatchedFolder,
                and_(WatchedFolder.source_id == Source.id, WatchedFolder.deleted_at.is_(None)),
            )
            .where(
                or_(
                    Source.deleted_at.is_not(None),
                    Source.enabled.is_(False),
                    WatchedFolder.enabled.is_(False),
                )
            )
        )
        sources = self._run("switched_off", switched_off).scalars().all()
        # Not joins: a planner could begin with the other side of one, and then sort all that it finds.
        source_id = select(MediaFile.source_id).where(MediaFile.id == WantedItem.file_id).scalar_subquery()
        is_monitored = (
            select(Media.is_monitored).where(Media.id == owner).scalar_subquery().is_not(False)
            for owner in (WantedItem.media_id, WantedItem.series_id)
        )
        return and_(
            or_(WantedItem.retry_after.is_(None), WantedItem.retry_after <= now),
            *is_monitored,
            source_id.not_in(sources),
            WantedItem.id.not_in(passed),
        )


def _turns(before: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Never searched for, and searched for long enough ago: apart, each is one stretch of the index."""
    return WantedItem.last_search_at.is_(None), WantedItem.last_search_at <= before


def _is_ours(claim: SearchClaim, item_ids: Sequence[int]) -> tuple[ColumnElement[bool], ...]:
    return (
        WantedItem.id.in_(item_ids),
        beside(WantedItem.status) == WantedStatus.SEARCHING,
        WantedItem.retry_after == claim.until,
    )
