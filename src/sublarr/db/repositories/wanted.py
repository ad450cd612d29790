"""Wanted subtitles: bringing them in line with what files have, listing them, moving them on."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import String, bindparam, delete, select, type_coerce, update
from sqlalchemy.orm import aliased

from sublarr.db.models.catalogue import Media, MediaFile, Source, WantedItem
from sublarr.db.models.counters import RowCount
from sublarr.db.pages import Listing, Page, PageRequest, Query, SortKey
from sublarr.db.repositories import counted, wanted_filters
from sublarr.db.repositories.audited import AuditedRepository, AuditRow
from sublarr.db.repositories.base import beside, chunks
from sublarr.db.repositories.reconciling import Key, Reconciled, WantedWish, compare, is_settled
from sublarr.db.repositories.wanted_filters import WantedFilter
from sublarr.db.repositories.wanted_search import WantedSearches
from sublarr.db.repositories.word_search import WordSearch
from sublarr.db.streams import Stream
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import Conflict, NotFound
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus, wanted_states_before


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

_EVERYTHING = WantedFilter()
_OPEN = (WantedStatus.WANTED, WantedStatus.SEARCHING, WantedStatus.FAILED)
# Rows that no longer being wished for does not remove.
_KEPT = (WantedStatus.IGNORED, WantedStatus.SEARCHING)
# States and kinds as the text they are stored as: a rescan reads a hundred thousand and looks at none.
_STORED = select(
    WantedItem.id,
    WantedItem.file_id,
    WantedItem.target_language,
    type_coerce(WantedItem.subtitle_type, String).label("subtitle_type"),
    type_coerce(WantedItem.status, String).label("status"),
    WantedItem.existing_sub,
    WantedItem.upgrade_candidate,
    WantedItem.media_id,
).where(WantedItem.file_id.in_(bindparam("file_ids", expanding=True)))


class WantedRepository(WantedSearches, AuditedRepository):
    """The `wanted_items` table."""

    aggregate = "wanted"
    entity = "wanted"

    def reconcile(self, file_ids: Sequence[int], wishes: Sequence[WantedWish]) -> Reconciled:
        """Bring the rows of these files in line with what is wished for, touching only what differs.

        A row that is being searched for or that a person ignored is never moved; "ignored" survives even
        where the language is no longer wished for.
        """
        total = Reconciled()
        by_file: dict[int, list[WantedWish]] = {}
        for wish in wishes:
            by_file.setdefault(wish.file_id, []).append(wish)
        # In one order, so that two who bring the same rows in line never wait for each other in a circle.
        for chunk in chunks(sorted(file_ids)):
            total += self._reconcile_chunk(
                chunk, [wish for file_id in chunk for wish in by_file.get(file_id, [])]
            )
        return total

    def _reconcile_chunk(self, file_ids: Sequence[int], wishes: Sequence[WantedWish]) -> Reconciled:
        rows = self._run("stored", _STORED, {"file_ids": list(file_ids)}).all()
        open_wishes: dict[Key, WantedWish] = {wish.key: wish for wish in wishes}
        stored: dict[Key, Any] = {}
        for row in rows:
            key = (row[1], row[2], row[3])
            wish = open_wishes.get(key)
            if wish is not None and is_settled(row, wish):
                # What a rescan finds, nearly always.
                del open_wishes[key]
            else:
                stored[key] = row
        owners = {wish.file_id: wish for wish in wishes} if stored else {}
        plan = compare(stored, open_wishes, owners)
        self._hold(plan.touched)
        added = self._add(plan.missing)
        self._move_failed_back(plan.satisfied)
        return Reconciled(
            added=added,
            satisfied=len(self._move(plan.satisfied, WantedStatus.FOUND)),
            reopened=len(self._move(plan.reopened, WantedStatus.WANTED)),
            removed=self._delete(plan.removed),
            changed=self._update_facts(plan.differing),
            unchanged=len(rows) - len(plan.touched),
        )

    def _hold(self, item_ids: Collection[int]) -> None:
        if item_ids and self._connection.dialect.name == "postgresql":
            rows = select(WantedItem.id).where(WantedItem.id.in_(item_ids))
            self._run("hold", rows.order_by(WantedItem.file_id, WantedItem.id).with_for_update())

    def _add(self, wishes: Sequence[WantedWish]) -> int:
        if not wishes:
            return 0
        now = self._now
        file_ids = {wish.file_id for wish in wishes}
        of_files = select(MediaFile.id, MediaFile.source_id).where(MediaFile.id.in_(file_ids))
        sources: dict[int, int] = dict(self._run("sources", of_files).all())
        rows = [
            {
                "source_id": sources.get(wish.file_id),
                "file_id": wish.file_id,
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
        table = WantedItem.metadata.tables["wanted_items"]
        # Another who looks at the same file may have been faster.
        return self._upsert("add", table, rows, ("file_id", "target_language", "subtitle_type"), ())

    def _move_failed_back(self, item_ids: Sequence[int]) -> None:
        """A subtitle that could not be got turned up after all: failed leads to found through wanted only."""
        for chunk in chunks(item_ids):
            statement = (
                update(WantedItem)
                .where(WantedItem.id.in_(chunk), beside(WantedItem.status) == WantedStatus.FAILED)
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
        # A person may have said "ignored" since they were read.
        may_go = WantedItem.status.not_in(_KEPT)
        return sum(
            self._run("delete", delete(WantedItem).where(WantedItem.id.in_(chunk), may_go)).rowcount
            for chunk in chunks(item_ids)
        )

    def move(self, item_ids: Sequence[int], target: WantedStatus) -> int:
        """Move those of these rows that may enter `target`; answers how many did.

        "Ignored" is a person's word, so that putting it on and taking it off is written down.
        """
        ignored = self._ignored(item_ids) if target is WantedStatus.WANTED else []
        moved = self._move(item_ids, target)
        if target is WantedStatus.IGNORED:
            self._record_many(AuditAction.IGNORED, moved)
        else:
            self._record_many(AuditAction.UNIGNORED, set(ignored) & set(moved))
        return len(moved)

    def _move(self, item_ids: Sequence[int], target: WantedStatus) -> list[int]:
        before = wanted_states_before(target)
        moved: list[int] = []
        for chunk in chunks(sorted(item_ids)):
            statement = (
                update(WantedItem)
                .where(WantedItem.id.in_(chunk), beside(WantedItem.status).in_(before))
                .values(status=target, updated_at=self._now, error="")
                .returning(WantedItem.id)
            )
            moved += self._run(f"move_{target}", statement).scalars()
        return moved

    def _ignored(self, item_ids: Sequence[int]) -> list[int]:
        ignored: list[int] = []
        for chunk in chunks(item_ids):
            statement = select(WantedItem.id).where(
                WantedItem.id.in_(chunk), beside(WantedItem.status) == WantedStatus.IGNORED
            )
            ignored += self._run("ignored", statement.with_for_update()).scalars()
        return ignored

    def undo(self, entry: AuditRow) -> None:
        """Take "ignored" off again, or put it back, where nothing else has happened to a row since."""
        match entry.action:
            case AuditAction.IGNORED:
                self.move(self._ignored(entry.ids), WantedStatus.WANTED)
            case AuditAction.UNIGNORED:
                self.move(entry.ids, WantedStatus.IGNORED)
            case _:
                raise Conflict(f"of a wanted subtitle, {entry.action} cannot be undone")

    def pass_on_ignored(self, file_ids: Sequence[int]) -> int:
        """Have the other files of the same films and episodes inherit these files' "ignored" marks.

        Called before files are forgotten that a source has replaced; answers how many rows are ignored now.
        """
        moved = 0
        for chunk in chunks(sorted(file_ids)):
            marks = select(WantedItem.media_id, WantedItem.target_language, WantedItem.subtitle_type).where(
                WantedItem.file_id.in_(chunk), beside(WantedItem.status) == WantedStatus.IGNORED
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
        return self._page(self._listing(wanted), request, _row)

    def stream(self, wanted: WantedFilter = _EVERYTHING) -> Stream[WantedRow]:
        """All rows that match, the newest first, in flat memory."""
        return self._stream(self._listing(wanted), _row)

    def _listing(self, wanted: WantedFilter) -> Listing:
        if not wanted.words:
            return _listing(wanted)
        search = WordSearch(self._unit)
        return search.narrow(_arranged(wanted), search.seek(wanted.words), WantedItem.media_id)

    def get(self, item_id: int) -> WantedRow:
        """One row; raises `NotFound`."""
        row = self._run("get", _GET, {"item_id": item_id}).one_or_none()
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
            for row in self._run("of_media", _OF_MEDIA, {"media_ids": chunk}):
                found.setdefault(row.media_id, []).append(WantedRow(*row))
        return {media_id: tuple(rows) for media_id, rows in found.items()}

    def file_ids(self, wanted: WantedFilter, limit: int) -> tuple[int, ...]:
        """The files of the rows that match, each once."""
        rows = _present().where(*wanted_filters.conditions(wanted))
        status: Any = WantedItem.status
        if wanted.words:
            search = WordSearch(self._unit)
            sought = search.seek(wanted.words)
            rows = rows.where(search.condition(sought, WantedItem.media_id))
            status = status if sought.is_often else beside(status)
        if wanted.statuses:
            rows = rows.where(status.in_(wanted.statuses))
        statement = rows.with_only_columns(WantedItem.file_id).distinct().limit(limit)
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


def _arranged(wanted: WantedFilter) -> Listing:
    """The list but for words."""
    conditions = wanted_filters.conditions(wanted)
    return Listing(
        "wanted",
        _joined().where(*conditions),
        (SortKey(WantedItem.added_at, True), SortKey(WantedItem.id, True)),
        (wanted,),
        wanted_filters.branches(wanted),
        wanted_filters.counted_total(wanted),
        lean=_present().where(*conditions),
        beside=wanted_filters.states_beside(wanted) if wanted.words else None,
    )


# What people type has no end; everything else that can be asked has few forms.
_listing = lru_cache(maxsize=32)(_arranged)


def _row(row: Any) -> WantedRow:
    return WantedRow(*row[: len(_COLUMNS)])


def _present() -> Query:
    """The rows of sources that are there, in their own table."""
    present = select(Source.id).where(Source.deleted_at.is_(None))
    return select(WantedItem.id).where(WantedItem.source_id.in_(present))


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


_OF_MEDIA = (
    _joined()
    .where(WantedItem.media_id.in_(bindparam("media_ids", expanding=True)))
    .order_by(WantedItem.target_language)
)
_GET = _joined().where(WantedItem.id == bindparam("item_id"))
