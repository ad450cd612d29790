"""Subtitles that must never be fetched again: a person's word, or that of a check they failed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from sublarr.db.models.activity import BlacklistEntry
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.audited import AuditedRepository, AuditRow
from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.edited_rows import named_values
from sublarr.db.streams import Stream
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import Conflict, NotFound
from sublarr.vocabulary.rules.blocklist import NewBlock


@dataclass(frozen=True, slots=True)
class Blocked:
    """The entry that refuses a subtitle, and whether it is new."""

    entry_id: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class BlockRow:
    """A line of the blocklist; `deleted_at` is set where it was taken off the list."""

    id: int
    provider_name: str
    subtitle_id: str
    language: str
    file_path: str
    title: str
    reason: str
    added_at: datetime
    deleted_at: datetime | None


_COLUMNS = (
    BlacklistEntry.id,
    BlacklistEntry.provider_name,
    BlacklistEntry.subtitle_id,
    BlacklistEntry.language,
    BlacklistEntry.file_path,
    BlacklistEntry.title,
    BlacklistEntry.reason,
    BlacklistEntry.added_at,
    BlacklistEntry.deleted_at,
)
_IS_LISTED = BlacklistEntry.deleted_at.is_(None)


class BlocklistRepository(AuditedRepository):
    """The `blacklist_entries` table."""

    aggregate = "blocklist"
    entity = "block"

    def add(self, block: NewBlock) -> Blocked:
        """Refuse a subtitle; one that is refused already keeps the entry it has."""
        row = named_values(block) | {"added_at": self._now}
        insertion = self._insert().returning(BlacklistEntry.id)
        listed = select(BlacklistEntry.id).where(_is_any_of([(block.provider_name, block.subtitle_id)]))
        entry_id, is_new = self._get_or_add(
            f"the entry of {block.subtitle_id} of {block.provider_name}",
            lambda: self._run("add", insertion, row).scalar_one_or_none(),
            lambda: self._run("find_listed", listed).scalar_one_or_none(),
        )
        if is_new:
            self._record(AuditAction.ADDED, entry_id, None, self._shown(named_values(block)))
        return Blocked(entry_id, is_new)

    def add_many(self, blocks: Iterable[NewBlock]) -> int:
        """Refuse many subtitles; answers how many were not refused before."""
        now = self._now
        # In one order, so that two who refuse the same never wait for each other in a circle.
        blocks = sorted(blocks, key=lambda block: (block.provider_name, block.subtitle_id))
        added: list[int] = []
        for rows in chunks(named_values(block) | {"added_at": now} for block in blocks):
            added += self._run("add_many", self._insert().returning(BlacklistEntry.id), rows).scalars()
        self._record_many(AuditAction.ADDED_MANY, added)
        return len(added)

    def _insert(self) -> Any:
        return self._insert_into(BlacklistEntry.__table__).on_conflict_do_nothing()

    def find(self, entry_id: int) -> BlockRow | None:
        """The entry, or None where there is none or it was taken off."""
        statement = select(*_COLUMNS).where(BlacklistEntry.id == entry_id, _IS_LISTED)
        row = self._run("find", statement).one_or_none()
        return None if row is None else BlockRow(*row)

    def get(self, entry_id: int) -> BlockRow:
        """The entry; raises `NotFound`."""
        row = self.find(entry_id)
        if row is None:
            raise NotFound(f"there is no entry {entry_id} on the blocklist")
        return row

    def page(self, request: PageRequest, *, removed: bool = False) -> Page[BlockRow]:
        """The entries, or those that were taken off and can be restored; the newest first."""
        return self._page(_listing(removed=removed), request, _row)

    def stream(self, *, removed: bool = False) -> Stream[BlockRow]:
        """All entries, or all that can be restored, the newest first, in flat memory."""
        return self._stream(_listing(removed=removed), _row)

    def count(self) -> int:
        """How many subtitles are refused."""
        statement = select(func.count()).select_from(BlacklistEntry).where(_IS_LISTED)
        return int(self._run("count", statement).scalar_one())

    def is_blocked(self, provider_name: str, subtitle_id: str) -> bool:
        """Whether this subtitle is refused."""
        return bool(self.blocked_of([(provider_name, subtitle_id)]))

    def blocked_of(self, subtitles: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Those of these subtitles, each a provider's name and its id there, that are refused."""
        columns = (BlacklistEntry.provider_name, BlacklistEntry.subtitle_id)
        return frozenset(
            (row.provider_name, row.subtitle_id)
            for chunk in chunks(dict.fromkeys(subtitles))
            for row in self._run("blocked_of", select(*columns).where(_is_any_of(chunk)))
        )

    def delete(self, entry_id: int) -> None:
        """Take an entry off the list, restorable until it is purged; raises `NotFound`."""
        row = self.get(entry_id)
        if not self._mark([entry_id], self._now):
            raise NotFound(f"there is no entry {entry_id} on the blocklist")
        self._record(AuditAction.DELETED, entry_id, self._shown(_told(row)), None)

    def clear(self) -> int:
        """Take every entry off the list, each restorable; answers how many."""
        statement = update(BlacklistEntry).where(_IS_LISTED).values(deleted_at=self._now)
        ids = self._run("clear", statement.returning(BlacklistEntry.id)).scalars().all()
        self._record_many(AuditAction.CLEARED, ids)
        return len(ids)

    def restore(self, entry_id: int) -> None:
        """Put an entry back; raises `NotFound`, or `Conflict` where its subtitle was refused anew."""
        if not self._mark([entry_id], None):
            raise NotFound(f"no entry {entry_id} was taken off the blocklist")
        self._record(AuditAction.RESTORED, entry_id, None, self._shown(_told(self.get(entry_id))))

    def undo(self, entry: AuditRow) -> None:
        """Take back what a line of the audit tells of; raises `NotFound` or `Conflict` where that cannot be."""
        match entry.action:
            case AuditAction.ADDED | AuditAction.RESTORED:
                self.delete(int(entry.entity_id))
            case AuditAction.DELETED:
                self.restore(int(entry.entity_id))
            case AuditAction.CLEARED:
                self._record_many(AuditAction.ADDED_MANY, self._mark(entry.ids, None))
            case AuditAction.ADDED_MANY:
                self._record_many(AuditAction.CLEARED, self._mark(entry.ids, self._now))
            case _:
                raise Conflict(f"of the blocklist, {entry.action} cannot be undone")

    def _mark(self, ids: Sequence[int], deleted_at: datetime | None) -> list[int]:
        """Take those of these entries off that are listed, or put back those that are not; answers which.

        Of many, one whose subtitle was refused anew stays off; of one alone, that is a `Conflict`.
        """
        is_other: ColumnElement[bool] = (
            BlacklistEntry.deleted_at.is_not(None) if deleted_at is None else _IS_LISTED
        )
        if deleted_at is None and len(ids) > 1:
            is_other = and_(is_other, ~_is_refused_anew())
        marked: list[int] = []
        for chunk in chunks(ids):
            statement = update(BlacklistEntry).where(BlacklistEntry.id.in_(chunk), is_other)
            returning = statement.values(deleted_at=deleted_at).returning(BlacklistEntry.id)
            marked += self._run("mark", returning).scalars()
        return marked

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` entries for good that were taken off before that moment."""
        old = select(BlacklistEntry.id).where(BlacklistEntry.deleted_at < before).limit(limit)
        statement = delete(BlacklistEntry).where(BlacklistEntry.id.in_(old.scalar_subquery()))
        return self._run("purge", statement).rowcount


def _is_refused_anew() -> ColumnElement[bool]:
    """Whether another entry that is listed refuses the same subtitle."""
    other = aliased(BlacklistEntry)
    return exists().where(
        other.provider_name == BlacklistEntry.provider_name,
        other.subtitle_id == BlacklistEntry.subtitle_id,
        other.deleted_at.is_(None),
    )


def _told(row: BlockRow) -> dict[str, Any]:
    """What the audit tells of an entry."""
    return {name: getattr(row, name) for name in NewBlock.__dataclass_fields__}


def _listing(*, removed: bool) -> Listing:
    statement = select(*_COLUMNS).where(BlacklistEntry.deleted_at.is_not(None) if removed else _IS_LISTED)
    keys = (SortKey(BlacklistEntry.added_at, True), SortKey(BlacklistEntry.id, True))
    return Listing("blocklist", statement, keys, (removed,))


def _row(row: Any) -> BlockRow:
    return BlockRow(*row[: len(_COLUMNS)])


def _is_any_of(subtitles: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    """Grouped by provider, which both databases look up in the unique index; not so a list of pairs."""
    by_provider: dict[str, list[str]] = {}
    for provider_name, subtitle_id in subtitles:
        by_provider.setdefault(provider_name, []).append(subtitle_id)
    groups = (
        and_(
            BlacklistEntry.provider_name == provider_name,
            BlacklistEntry.subtitle_id.in_(subtitle_ids),
            _IS_LISTED,
        )
        for provider_name, subtitle_ids in by_provider.items()
    )
    return or_(*groups)
