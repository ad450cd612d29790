"""What providers lately answered, each answer good until it expires.

A query's hash stands for everything the answer depends on: ids, languages, forced or not, filters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select

from sublarr.db.models.providers import ProviderResult
from sublarr.db.repositories.base import Repository


@dataclass(frozen=True, slots=True)
class NewProviderResult:
    """A provider's answer to a query: a JSON document, good for so many seconds."""

    provider_name: str
    query_hash: str
    results: object
    ttl_seconds: float


@dataclass(frozen=True, slots=True)
class ProviderResultRow:
    """An answer that is still good."""

    provider_name: str
    query_hash: str
    results: object
    cached_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderResultCounts:
    """How many answers of a provider are kept, and how many of them are still good."""

    total: int
    active: int


class ProviderResultRepository(Repository):
    """The `provider_cache` table."""

    aggregate = "provider_results"

    def upsert_many(self, results: Sequence[NewProviderResult]) -> None:
        """Keep answers, each in the place of an older one to the same query."""
        now = self._now
        rows = [
            {
                "provider_name": result.provider_name,
                "query_hash": result.query_hash,
                "results": result.results,
                "cached_at": now,
                "expires_at": now + timedelta(seconds=result.ttl_seconds),
            }
            for result in results
        ]
        key = ("provider_name", "query_hash")
        table = ProviderResult.metadata.tables["provider_cache"]
        self._upsert("upsert", table, rows, key, ("expires_at", "results"))

    def find(self, provider_name: str, query_hash: str) -> ProviderResultRow | None:
        """The answer, or None where there is none that is still good."""
        statement = select(
            ProviderResult.provider_name,
            ProviderResult.query_hash,
            ProviderResult.results,
            ProviderResult.cached_at,
            ProviderResult.expires_at,
        ).where(
            ProviderResult.provider_name == provider_name,
            ProviderResult.query_hash == query_hash,
            ProviderResult.expires_at > self._now,
        )
        row = self._run("find", statement).one_or_none()
        return None if row is None else ProviderResultRow(*row)

    def delete_expired(self, limit: int) -> int:
        """Forget up to `limit` answers that are good no more, the oldest first."""
        old = (
            select(ProviderResult.id)
            .where(ProviderResult.expires_at <= self._now)
            .order_by(ProviderResult.expires_at)
            .limit(limit)
        )
        statement = delete(ProviderResult).where(ProviderResult.id.in_(old.scalar_subquery()))
        return self._run("delete_expired", statement).rowcount

    def stats(self) -> Mapping[str, ProviderResultCounts]:
        """What is kept of each provider, by name."""
        active = func.count(case((ProviderResult.expires_at > self._now, 1)))
        statement = (
            select(ProviderResult.provider_name, func.count(), active)
            .group_by(ProviderResult.provider_name)
            .order_by(ProviderResult.provider_name)
        )
        return {name: ProviderResultCounts(*counts) for name, *counts in self._run("stats", statement)}

    def clear(self, provider_name: str = "") -> int:
        """Forget every answer, or every one of a provider; answers how many."""
        statement = delete(ProviderResult)
        if provider_name:
            statement = statement.where(ProviderResult.provider_name == provider_name)
        return self._run("clear", statement).rowcount
