"""The history of subtitles that were replaced by better ones."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, func, insert, select

from sublarr.db.models.activity import Upgrade
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.db.streams import Stream


@dataclass(frozen=True, slots=True)
class NewUpgrade:
    """A replacement that was just made; a score that is not known is None."""

    file_path: str
    old_format: str
    old_score: int | None
    new_format: str
    new_score: int | None
    provider_name: str = ""
    upgrade_reason: str = ""


@dataclass(frozen=True, slots=True)
class UpgradeRow:
    """A line of the history."""

    id: int
    file_path: str
    old_format: str
    old_score: int | None
    new_format: str
    new_score: int | None
    provider_name: str
    upgrade_reason: str
    upgraded_at: datetime


@dataclass(frozen=True, slots=True)
class UpgradeStats:
    """Counts over the whole history."""

    total: int
    srt_to_ass: int


_COLUMNS = (
    Upgrade.id,
    Upgrade.file_path,
    Upgrade.old_format,
    Upgrade.old_score,
    Upgrade.new_format,
    Upgrade.new_score,
    Upgrade.provider_name,
    Upgrade.upgrade_reason,
    Upgrade.upgraded_at,
)


class UpgradeRepository(Repository):
    """The `upgrade_history` table."""

    aggregate = "upgrades"

    def add(self, upgrade: NewUpgrade) -> int:
        """Record a replacement; answers its id."""
        statement = insert(Upgrade).returning(Upgrade.id)
        return int(self._run("add", statement, asdict(upgrade) | {"upgraded_at": self._now}).scalar_one())

    def page(self, request: PageRequest, file_path: str = "") -> Page[UpgradeRow]:
        """The history, or one file's, the newest first."""
        return self._page(_listing(file_path), request, _row)

    def stream(self, file_path: str = "") -> Stream[UpgradeRow]:
        """The whole history, or one file's, the newest first, in flat memory."""
        return self._stream(_listing(file_path), _row)

    def stats(self) -> UpgradeStats:
        """How many subtitles were replaced, and how many of those went from SRT to ASS."""
        is_srt_to_ass = (Upgrade.old_format == "srt") & (Upgrade.new_format == "ass")
        statement = select(func.count(), func.count(case((is_srt_to_ass, 1)))).select_from(Upgrade)
        return UpgradeStats(*self._run("stats", statement).one())

    def delete_before(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` lines older than `moment`, the oldest first."""
        old = (
            select(Upgrade.id).where(Upgrade.upgraded_at < moment).order_by(Upgrade.upgraded_at).limit(limit)
        )
        return self._run(
            "delete_before", delete(Upgrade).where(Upgrade.id.in_(old.scalar_subquery()))
        ).rowcount


def _listing(file_path: str) -> Listing:
    statement = select(*_COLUMNS)
    if file_path:
        statement = statement.where(Upgrade.file_path == file_path)
    keys = (SortKey(Upgrade.upgraded_at, True), SortKey(Upgrade.id, True))
    return Listing("upgrades", statement, keys, (file_path,))


def _row(row: Any) -> UpgradeRow:
    return UpgradeRow(*row[: len(_COLUMNS)])
