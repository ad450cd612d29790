"""Which AniDB entry a TVDB series is, kept for as long as somebody asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from sublarr.db.models.catalogue import AnidbMapping
from sublarr.db.repositories.base import Repository

_TABLE = AnidbMapping.metadata.tables["anidb_mappings"]


@dataclass(frozen=True, slots=True)
class AnidbWrite:
    """A mapping that was just learnt."""

    tvdb_id: int
    anidb_id: int
    series_title: str = ""


@dataclass(frozen=True, slots=True)
class AnidbRow:
    """A mapping as it is kept."""

    tvdb_id: int
    anidb_id: int
    series_title: str
    created_at: datetime
    last_used: datetime


@dataclass(frozen=True, slots=True)
class AnidbCounts:
    """How many mappings there are, and when the first and the last of them were learnt."""

    total: int
    oldest_created_at: datetime | None
    newest_created_at: datetime | None


class AnidbRepository(Repository):
    """The `anidb_mappings` table."""

    aggregate = "anidb"

    def find(self, tvdb_id: int) -> AnidbRow | None:
        """The mapping however old, or None; looking is not using."""
        columns = (_TABLE.c[name] for name in AnidbRow.__slots__)
        row = self._run("find", select(*columns).where(_TABLE.c.tvdb_id == tvdb_id)).one_or_none()
        return None if row is None else AnidbRow(*row)

    def use(self, tvdb_id: int, max_age_days: float) -> int | None:
        """The AniDB id, which is used as of now, or None where it was last used longer ago than that."""
        now = self._now
        statement = (
            update(_TABLE)
            .where(_TABLE.c.tvdb_id == tvdb_id, _TABLE.c.last_used >= now - timedelta(days=max_age_days))
            .values(last_used=now)
            .returning(_TABLE.c.anidb_id)
        )
        found: int | None = self._run("use", statement).scalar_one_or_none()
        return found

    def upsert_many(self, mappings: Sequence[AnidbWrite]) -> int:
        """Keep mappings, used as of now; of those known already the time they were first learnt stays."""
        now = self._now
        rows = [
            {
                "tvdb_id": mapping.tvdb_id,
                "anidb_id": mapping.anidb_id,
                "series_title": mapping.series_title,
                "created_at": now,
                "last_used": now,
            }
            for mapping in sorted(mappings, key=lambda mapping: mapping.tvdb_id)
        ]
        return self._upsert("upsert", _TABLE, rows, ("tvdb_id",), ("anidb_id", "series_title", "last_used"))

    def delete_unused_since(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` mappings that nobody used since `moment`; answers how many."""
        old = (
            select(_TABLE.c.tvdb_id)
            .where(_TABLE.c.last_used < moment)
            .order_by(_TABLE.c.last_used)
            .limit(limit)
        )
        statement = delete(_TABLE).where(_TABLE.c.tvdb_id.in_(old.scalar_subquery()))
        return self._run("delete_unused", statement).rowcount

    def counts(self) -> AnidbCounts:
        """How many there are, and from when."""
        created_at = _TABLE.c.created_at
        statement = select(func.count(), func.min(created_at), func.max(created_at)).select_from(_TABLE)
        return AnidbCounts(*self._run("counts", statement).one())
