"""Wanted subtitles: bringing them in line with what files have, listing them, moving them on."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import aliased

from sublarr.db.models.catalogue import Media, MediaFile, Source, WantedItem
from sublarr.db.models.counters import RowCount
from sublarr.db.pages import Listing, Page, PageRequest, Query, SortKey
from sublarr.db.repositories import counted, wanted_filters
from sublarr.db.repositories.base import Repository, chunks
from sublarr.db.repositories.search import SearchRepository
from sublarr.db.repositories.wanted_filters import WantedFilter
from sublarr.vocabulary.errors import NotFound
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus, wanted_states_before


@dataclass(frozen=True, slots=True)
class WantedWish:
    """One subtitle a file should have, whether it has it, and what there is instead."""

    file_id: int
    media_id: int
    series_id: int | None
    item_type: MediaKind
    target_language: str
    subtitle_type: SubtitleType
    is_satisfied: bool
    existing_sub: str = ""
    upgrade_candidate: bool = False

    @property
    def key(self) -> tuple[int, str, SubtitleType]:
        """What makes it one wish."""
        return (self.file_id, self.target_language, self.subtitle_type)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What bringing rows in line did."""

    added: int = 0
    satisfied: int = 0
    reopened: int = 0
    removed: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Reconciled") -> "Reconciled":
        return Reconciled(
            self.added + other.added,
            self.satisfied + other.satisfied,
            self.reopened + other.reopened,
            self.removed + other.removed,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


@dataclass(frozen=True, slots=True)
class WantedRow:
    """A wanted subtitle with what it belongs to."""

    id: int
    status: WantedStatus
    item_type: MediaKind
    target_language: str
    subtitle_type: SubtitleType
    existing_sub: str
    upgrade_candidate: bool
    search_count: int
    last_search_at: datetime | None
    error: str
    added_at: datetime
    updated_at: datetime
    file_id: int
    file_path: str
    media_id: int
    title: str
    year: int | None
    season: int | None
    episode: int | None
    series_id: int | None
    series_title: str | None


@dataclass(frozen=True, slots=True)
class WantedSummary:
    """Counts over all rows; `upgradeable` are those that have something to be replaced."""

    total: int
    by_status: Mapping[WantedStatus, int]
    by_language: Mapping[str, int]
    upgradeable: int


_series = aliased(Media)
_COLUMNS = (
    WantedItem.id,
    WantedItem.status,
    WantedItem.item_type,
    WantedItem.target_language,
    WantedItem.subtitle_type,
    WantedItem.existing_sub,
    WantedItem.upgrade_candidate,
    WantedItem.search_count,
    WantedItem.last_search_at,
    WantedItem.error,
    WantedItem.added_at,
    WantedItem.updated_at,
    WantedItem.file_id,
    MediaFile.path,
    WantedItem.media_id,
    Media.title,
    Media.year,
    Media.season,
    Media.episode,
    WantedItem.series_id,
    _series.title,
)
__all__ = ["WantedFilter"]

_OPEN = (WantedStatus.WANTED, WantedStatus.SEARCHING, WantedStatus.FAILED)
_ENDED_WELL = (WantedStatus.FOUND, WantedStatus.EXTRACTED)


class WantedRepository(Repository):
    """The `wanted_items` table."""

    aggregate = "wanted"

    def reconcile(self, file_ids: Sequence[int], wishes: Sequence[WantedWish]) -> Reconciled:
        """Bring the rows of these files in line with what is wished for, touching only what differs.

        A row that is being searched for or that a person ignored is never moved; "ignored" survives even
        where the language is no longer wished for.
        """
        total = Reconciled()
        by_file: dict[int, list[WantedWish]] = {}
        for wish in wishes:
            by_file.setdefault(wish.file_id, []).append(wish)
        for chunk in chunks(file_ids):
            total += self._reconcile_chunk(
                chunk, [wish for file_id in chunk for wish in by_file.get(file_id, [])]
            )
        return total

    def _reconcile_chunk(self, file_ids: Sequence[int], wishes: Sequence[WantedWish]) -> Reconciled:
        statement = select(
            WantedItem.id,
            WantedItem.file_id,
            WantedItem.target_language,
            WantedItem.subtitle_type,
            WantedItem.status,
            WantedItem.existing_sub,
            WantedItem.upgrade_candidate,
            WantedItem.media_id,
        ).where(WantedItem.file_id.in_(file_ids))
        stored = {
            (row.file_id, row.target_language, row.subtitle_type): row
            for row in self._run("stored", statement)
        }
        plan = _compare(stored, wishes)
        self._add(plan.missing)
        self._move_failed_back(plan.satisfied)
        return Reconciled(
            added=len(plan.missing),
            satisfied=self.move(plan.satisfied, WantedStatus.FOUND),
            reopened=self.move(plan.reopened, WantedStatus.WANTED),
            removed=self._delete(plan.removed),
            changed=self._update_facts(plan.differing),
            unchanged=len(stored) - len(plan.touched),
        )

    def _add(self, wishes: Sequence[WantedWish]) -> None:
        now = self._now
        rows = [
            {
                "file_id": wish.file_id,
                "own_file_id": wish.file_id,
                "media_id": wish.media_id,
                "series_id": wish.series_id,
                "item_type": wish.item_type,
                "target_language": wish.target_language,
                "subtitle_type": wish.subtitle_type,
                "status": WantedStatus.WANTED,
                "existing_sub": wish.existing_sub,
                "upgrade_candidate": wish.upgrade_candidate,
                "added_at": now,
                "updated_at": now,
            }
            for wish in wishes
        ]
        if rows:
            own_file = MediaFile.id == bindparam("own_file_id")
            source = select(MediaFile.source_id).where(own_file).scalar_subquery()
            self._run(
                "add", insert(WantedItem.metadata.tables["wanted_items"]).values(source_id=source), rows
            )

    def _move_failed_back(self, item_ids: Sequence[int]) -> None:
        """A subtitle that could not be got turned up after all: failed leads to found through wanted only."""
        for chunk in chunks(item_ids):
            statement = (
                update(WantedItem)
                .where(WantedItem.id.in_(chunk), WantedItem.status == WantedStatus.FAILED)
                .values(status=WantedStatus.WANTED, error="")
            )
            self._run("failed_back", statement)

    def _update_facts(self, rows: Sequence[dict[str, Any]]) -> int:
        if rows:
            table = WantedItem.metadata.tables["wanted_items"]
            for row in rows:
                values = {name: value for name, value in row.items() if name != "row_id"}
                statement = update(table).where(table.c.id == row["row_id"])
                self._run("update_facts", statement.values(**values, updated_at=self._now))
        return len(rows)

    def _delete(self, item_ids: Sequence[int]) -> int:
        return sum(
            self._run("delete", delete(WantedItem).where(WantedItem.id.in_(chunk))).rowcount
            for chunk in chunks(item_ids)
        )

    def move(self, item_ids: Sequence[int], target: WantedStatus) -> int:
        """Move those of these rows that may enter `target`; answers how many did."""
        before = wanted_states_before(target)
        moved = 0
        for chunk in chunks(item_ids):
            statement = (
                update(WantedItem)
                .where(WantedItem.id.in_(chunk), WantedItem.status.in_(before))
                .values(status=target, updated_at=self._now, error="")
            )
            moved += self._run(f"move_{target}", statement).rowcount
        return moved

    def pass_on_ignored(self, file_ids: Sequence[int]) -> int:
        """Have the other files of the same films and episodes inherit these files' "ignored" marks.

        Called before files are forgotten that a source has replaced; answers how many rows are ignored now.
        """
        moved = 0
        for chunk in chunks(file_ids):
            marks = select(WantedItem.media_id, WantedItem.target_language, WantedItem.subtitle_type).where(
                WantedItem.file_id.in_(chunk), WantedItem.status == WantedStatus.IGNORED
            )
            for media_id, language, subtitle_type in self._run("ignored_marks", marks).all():
                heirs = select(WantedItem.id).where(
                    WantedItem.media_id == media_id,
                    WantedItem.target_language == language,
                    WantedItem.subtitle_type == subtitle_type,
                    WantedItem.file_id.not_in(chunk),
                )
                moved += self.move(self._run("heirs", heirs).scalars().all(), WantedStatus.IGNORED)
        return moved

    def page(self, wanted: WantedFilter, request: PageRequest) -> Page[WantedRow]:
        """Rows, the newest first."""
        listing = Listing(
            "wanted",
            _joined(),
            (SortKey(WantedItem.added_at, True), SortKey(WantedItem.id, True)),
            (wanted,),
            wanted_filters.branches(wanted),
            wanted_filters.counted_total(wanted),
            self._filtered(wanted),
        )
        return self._page(listing, request, lambda row: WantedRow(*row[: len(_COLUMNS)]))

    def _filtered(self, wanted: WantedFilter) -> Query:
        present = select(Source.id).where(Source.deleted_at.is_(None))
        is_there = WantedItem.source_id.in_(present)
        statement: Query = select(WantedItem.id).where(is_there, *wanted_filters.conditions(wanted))
        if wanted.words:
            is_found = SearchRepository(self._unit).matching(wanted.words, WantedItem.media_id)
            statement = statement.where(is_found)
        return statement

    def get(self, item_id: int) -> WantedRow:
        """One row; raises `NotFound`."""
        row = self._run("get", _joined().where(WantedItem.id == item_id)).one_or_none()
        if row is None:
            raise NotFound(f"there is no wanted item {item_id}")
        return WantedRow(*row)

    def listed(self, item_ids: Sequence[int]) -> tuple[WantedRow, ...]:
        """Those of these rows that exist."""
        rows: list[WantedRow] = []
        for chunk in chunks(item_ids):
            rows.extend(
                WantedRow(*row) for row in self._run("listed", _joined().where(WantedItem.id.in_(chunk)))
            )
        return tuple(rows)

    def of_file(self, file_id: int) -> tuple[WantedRow, ...]:
        """The rows of a file."""
        statement = _joined().where(WantedItem.file_id == file_id)
        return tuple(WantedRow(*row) for row in self._run("of_file", statement))

    def of_media(self, media_ids: Sequence[int]) -> Mapping[int, tuple[WantedRow, ...]]:
        """The rows of each of these films or episodes."""
        found: dict[int, list[WantedRow]] = {}
        for chunk in chunks(media_ids):
            statement = _joined().where(WantedItem.media_id.in_(chunk)).order_by(WantedItem.target_language)
            for row in self._run("of_media", statement):
                found.setdefault(row.media_id, []).append(WantedRow(*row))
        return {media_id: tuple(rows) for media_id, rows in found.items()}

    def file_ids(self, wanted: WantedFilter, limit: int) -> tuple[int, ...]:
        """The files of the rows that match, each once."""
        is_any = [WantedItem.status.in_(wanted.statuses)] if wanted.statuses else []
        statement = (
            self._filtered(wanted)
            .where(*is_any)
            .with_only_columns(WantedItem.file_id)
            .distinct()
            .limit(limit)
        )
        return tuple(self._run("file_ids", statement).scalars())

    def summary(self) -> WantedSummary:
        """Counts over all rows of sources that are there."""
        statement = counted.counts("wanted", RowCount.status, RowCount.language, RowCount.is_upgrade)
        by_status: Counter[WantedStatus] = Counter()
        by_language: Counter[str] = Counter()
        upgradeable = 0
        for name, language, is_upgrade, count in self._run("summary", statement):
            status = WantedStatus(name)
            by_status[status] += count
            if status in _OPEN:
                by_language[language] += count
                upgradeable += count if is_upgrade else 0
        return WantedSummary(by_status.total(), dict(by_status), dict(by_language.most_common()), upgradeable)


@dataclass(slots=True)
class _Plan:
    """What must happen to rows so that they say what is wished for."""

    missing: list[WantedWish]
    satisfied: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    differing: list[dict[str, Any]] = field(default_factory=list)

    @property
    def touched(self) -> set[int]:
        """The stored rows that change."""
        changed = (row["row_id"] for row in self.differing)
        return {*self.satisfied, *self.reopened, *self.removed, *changed}


def _compare(stored: Mapping[tuple[int, str, SubtitleType], Any], wishes: Sequence[WantedWish]) -> _Plan:
    plan = _Plan([wish for wish in wishes if wish.key not in stored and not wish.is_satisfied])
    for wish in wishes:
        row = stored.get(wish.key)
        if row is None:
            continue
        if wish.is_satisfied and row.status in (WantedStatus.WANTED, WantedStatus.FAILED):
            plan.satisfied.append(row.id)
        elif not wish.is_satisfied and row.status in _ENDED_WELL:
            plan.reopened.append(row.id)
        facts = (wish.existing_sub, wish.upgrade_candidate, wish.media_id)
        if (row.existing_sub, row.upgrade_candidate, row.media_id) != facts:
            plan.differing.append(_facts(row.id, wish))
    owners = {wish.file_id: wish for wish in wishes}
    for key in stored.keys() - {wish.key for wish in wishes}:
        row = stored[key]
        if row.status not in (WantedStatus.IGNORED, WantedStatus.SEARCHING):
            plan.removed.append(row.id)
        elif row.file_id in owners and owners[row.file_id].media_id != row.media_id:
            # A kept mark follows its file to the entry that the file belongs to now.
            plan.differing.append(_owner(row.id, owners[row.file_id]))
    return plan


def _owner(row_id: int, wish: WantedWish) -> dict[str, Any]:
    return {
        "row_id": row_id,
        "media_id": wish.media_id,
        "series_id": wish.series_id,
        "item_type": wish.item_type,
    }


def _facts(row_id: int, wish: WantedWish) -> dict[str, Any]:
    return _owner(row_id, wish) | {
        "existing_sub": wish.existing_sub,
        "upgrade_candidate": wish.upgrade_candidate,
    }


def _joined() -> Query:
    return (
        select(*_COLUMNS)
        .select_from(WantedItem)
        .join(MediaFile, MediaFile.id == WantedItem.file_id)
        .join(Source, Source.id == MediaFile.source_id)
        .join(Media, Media.id == WantedItem.media_id)
        .outerjoin(_series, _series.id == WantedItem.series_id)
        .where(Source.deleted_at.is_(None))
    )
