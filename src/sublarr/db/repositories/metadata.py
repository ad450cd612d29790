"""Answers of metadata services, each good until it expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from sublarr.db.models.catalogue import MetadataRecord
from sublarr.db.repositories.base import Repository

_TABLE = MetadataRecord.metadata.tables["metadata_cache"]


@dataclass(frozen=True, slots=True)
class MetadataWrite:
    """An answer that was just fetched; `response` is any JSON value but null."""

    cache_key: str
    provider: str
    response: Any
    ttl_days: float = 30.0


@dataclass(frozen=True, slots=True)
class MetadataRow:
    """An answer that is still good."""

    cache_key: str
    provider: str
    response: Any
    cached_at: datetime
    expires_at: datetime


class MetadataRepository(Repository):
    """The `metadata_cache` table."""

    aggregate = "metadata"

    def find(self, cache_key: str) -> MetadataRow | None:
        """The answer kept under that key, or None where there is none or it has expired."""
        columns = (_TABLE.c[name] for name in MetadataRow.__slots__)
        statement = select(*columns).where(_TABLE.c.cache_key == cache_key, _TABLE.c.expires_at > self._now)
        row = self._run("find", statement).one_or_none()
        return None if row is None else MetadataRow(*row)

    def upsert_many(self, writes: Sequence[MetadataWrite]) -> int:
        """Keep answers in place of those kept before; answers how many changed."""
        now = self._now
        rows = [
            {
                "cache_key": write.cache_key,
                "provider": write.provider,
                "response": write.response,
                "cached_at": now,
                "expires_at": now + timedelta(days=write.ttl_days),
            }
            for write in sorted(writes, key=lambda write: write.cache_key)
        ]
        return self._upsert("upsert", _TABLE, rows, ("cache_key",), ("provider", "response", "expires_at"))

    def delete_expired(self, limit: int) -> int:
        """Forget up to `limit` answers that have expired, oldest first; answers how many."""
        old = (
            select(_TABLE.c.cache_key)
            .where(_TABLE.c.expires_at <= self._now)
            .order_by(_TABLE.c.expires_at)
            .limit(limit)
        )
        statement = delete(_TABLE).where(_TABLE.c.cache_key.in_(old.scalar_subquery()))
        return self._run("delete_expired", statement).rowcount
