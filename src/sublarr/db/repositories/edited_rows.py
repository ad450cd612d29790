"""Rows that people edit: a version each writer must name, and a delete that can be taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Table, delete, select, update

from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import NotFound, StaleRow


class EditedRows(Repository):
    """What repositories over a versioned, soft-deleted table with an `id` share."""

    table: ClassVar[Table]
    noun = ""

    def delete(self, row_id: int, version: int) -> None:
        """Take the row away, restorable until it is purged; raises `StaleRow` where it moved on."""
        self._change("delete", row_id, version, {"deleted_at": self._now})

    def restore(self, row_id: int) -> None:
        """Bring back what was deleted; raises `NotFound` where nothing of that id is deleted."""
        columns = self.table.c
        statement = (
            update(self.table)
            .where(columns.id == row_id, columns.deleted_at.is_not(None))
            .values(deleted_at=None, version=columns.version + 1, updated_at=self._now)
        )
        if self._run("restore", statement).rowcount != 1:
            raise NotFound(f"there is no deleted {self.noun} {row_id}")

    def purge(self, moment: datetime, limit: int) -> int:
        """Remove for good up to `limit` rows that were deleted before `moment`; answers how many."""
        columns = self.table.c
        old = select(columns.id).where(columns.deleted_at < moment).order_by(columns.id).limit(limit)
        statement = delete(self.table).where(columns.id.in_(old.scalar_subquery()))
        return self._run("purge", statement).rowcount

    def _change(self, name: str, row_id: int, version: int, values: Mapping[str, Any]) -> None:
        columns = self.table.c
        is_there = (columns.id == row_id, columns.deleted_at.is_(None))
        statement = (
            update(self.table)
            .where(*is_there, columns.version == version)
            .values(**values, version=columns.version + 1, updated_at=self._now)
        )
        if self._run(name, statement).rowcount == 1:
            return
        current = self._run("version", select(columns.version).where(*is_there)).scalar_one_or_none()
        if current is None:
            raise self._missing(row_id)
        raise StaleRow(
            f"the {self.noun} {row_id} was changed meanwhile (version {current}, yours was {version})",
            remedy="Look at it again and repeat the change.",
        )

    def _missing(self, row_id: int) -> NotFound:
        return NotFound(f"there is no {self.noun} {row_id}")


def named_values(edit: Any) -> dict[str, Any]:
    """The fields of a slotted edit that are not None, by name."""
    fields = ((name, getattr(edit, name)) for name in edit.__slots__)
    return {name: value for name, value in fields if value is not None}
