"""What repositories of rows that people edit share: versions that guard changes, and soft deletion."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table, delete, select, update

from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import NotFound, StaleRow


class VersionedRepository(Repository):
    """Changes to one table with `version`, `updated_at` and `deleted_at`."""

    table: Table
    noun = ""

    def _change(self, row_id: int, version: int, values: Mapping[str, Any]) -> None:
        """Change a row that is still at `version`; raises `NotFound` or `StaleRow`."""
        table = self.table
        statement = (
            update(table)
            .where(table.c.id == row_id, table.c.version == version, table.c.deleted_at.is_(None))
            .values(**values, version=table.c.version + 1, updated_at=self._now)
        )
        if self._run("update", statement).rowcount == 1:
            return
        self._require(row_id, version)

    def _require(self, row_id: int, version: int) -> None:
        """Raises `NotFound` where the row is not there, `StaleRow` where it is not at `version`."""
        table = self.table
        statement = select(table.c.version).where(table.c.id == row_id, table.c.deleted_at.is_(None))
        current = self._run("version", statement).scalar_one_or_none()
        if current is None:
            raise self._missing(row_id)
        if current != version:
            raise StaleRow(
                f"the {self.noun} {row_id} was changed meanwhile (version {current}, yours was {version})",
                remedy="Look at it again and repeat the change.",
            )

    def _missing(self, row_id: int) -> NotFound:
        return NotFound(f"there is no {self.noun} {row_id}")

    def _bring_back(self, row_id: int) -> None:
        """Undo a deletion; raises `NotFound` where there is none to undo."""
        table = self.table
        statement = (
            update(table)
            .where(table.c.id == row_id, table.c.deleted_at.is_not(None))
            .values(deleted_at=None, version=table.c.version + 1, updated_at=self._now)
        )
        if self._run("restore", statement).rowcount != 1:
            raise NotFound(f"there is no deleted {self.noun} {row_id}")

    def _purge(self, moment: datetime, limit: int) -> int:
        """Remove up to `limit` rows for good that were deleted before `moment`."""
        table = self.table
        old = (
            select(table.c.id)
            .where(table.c.deleted_at < moment)
            .order_by(table.c.deleted_at, table.c.id)
            .limit(limit)
        )
        return self._run("purge", delete(table).where(table.c.id.in_(old.scalar_subquery()))).rowcount
