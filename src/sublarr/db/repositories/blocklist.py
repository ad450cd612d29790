"""Subtitles that must never be fetched again: a person's word, or that of a check they failed."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from sublarr.db.models.activity import BlacklistEntry
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository, chunks
from sublarr.vocabulary.errors import Conflict, NotFound

_ADD_TRIES = 3


@dataclass(frozen=True, slots=True)
class NewBlock:
    """A subtitle to be refused from now on, with what it was and why, for people to read."""

    provider_name: str
    subtitle_id: str
    language: str = ""
    file_path: str = ""
    title: str = ""
    reason: str = ""


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


class BlocklistRepository(Repository):
    """The `blacklist_entries` table."""

    aggregate = "blocklist"

    def add(self, block: NewBlock) -> Blocked:
        """Refuse a subtitle; one that is refused already keeps the entry it has."""
        row = asdict(block) | {"added_at": self._now}
        for _ in range(_ADD_TRIES):
            found = self._run("add", self._insert().returning(BlacklistEntry.id), row).scalar_one_or_none()
            if found is not None:
                return Blocked(found, is_new=True)
            statement = select(BlacklistEntry.id).where(
                _is_any_of([(block.provider_name, block.subtitle_id)])
            )
            listed = self._run("find_listed", statement).scalar_one_or_none()
            if listed is not None:
                return Blocked(listed, is_new=False)
        raise Conflict(
            f"{block.subtitle_id} of {block.provider_name} is put on the list and off it all the time"
        )

    def add_many(self, blocks: Iterable[NewBlock]) -> int:
        """Refuse many subtitles; answers how many were not refused before."""
        now = self._now
        # In one order, so that two who refuse the same never wait for each other in a circle.
        blocks = sorted(blocks, key=lambda block: (block.provider_name, block.subtitle_id))
        statement = self._insert().execution_options(preserve_rowcount=True)
        return sum(
            max(0, self._run("add_many", statement, rows).rowcount)
            for rows in chunks(asdict(block) | {"added_at": now} for block in blocks)
        )

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
        statement = select(*_COLUMNS).where(BlacklistEntry.deleted_at.is_not(None) if removed else _IS_LISTED)
        keys = (SortKey(BlacklistEntry.added_at, True), SortKey(BlacklistEntry.id, True))
        listing = Listing("blocklist", statement, keys, (removed,))
        return self._page(listing, request, lambda row: BlockRow(*row[: len(_COLUMNS)]))

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
        statement = update(BlacklistEntry).where(BlacklistEntry.id == entry_id, _IS_LISTED)
        if self._run("delete", statement.values(deleted_at=self._now)).rowcount == 0:
            raise NotFound(f"there is no entry {entry_id} on the blocklist")

    def clear(self) -> int:
        """Take every entry off the list, each restorable; answers how many."""
        return self._run(
            "clear", update(BlacklistEntry).where(_IS_LISTED).values(deleted_at=self._now)
        ).rowcount

    def restore(self, entry_id: int) -> None:
        """Put an entry back; raises `NotFound`, or `Conflict` where its subtitle was refused anew."""
        was_removed = (BlacklistEntry.id == entry_id, BlacklistEntry.deleted_at.is_not(None))
        statement = update(BlacklistEntry).where(*was_removed).values(deleted_at=None)
        if self._run("restore", statement).rowcount == 0:
            raise NotFound(f"no entry {entry_id} was taken off the blocklist")

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` entries for good that were taken off before that moment."""
        old = select(BlacklistEntry.id).where(BlacklistEntry.deleted_at < before).limit(limit)
        statement = delete(BlacklistEntry).where(BlacklistEntry.id.in_(old.scalar_subquery()))
        return self._run("purge", statement).rowcount


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
