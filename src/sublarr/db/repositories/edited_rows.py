"""Rows that people edit, take away and bring back, all by their id: the public half of `versioned`."""

from datetime import datetime
from typing import Any

from sublarr.db.repositories.versioned import VersionedRepository


class EditedRows(VersionedRepository):
    """A versioned, soft-deleted table whose rows are deleted, restored and purged without conditions of their own."""

    def delete(self, row_id: int, version: int) -> None:
        """Take the row away, restorable until it is purged; raises `StaleRow` where it moved on."""
        self._change(row_id, version, {"deleted_at": self._now})

    def restore(self, row_id: int) -> None:
        """Bring back what was deleted; raises `NotFound` where nothing of that id is deleted."""
        self._bring_back(row_id)

    def purge(self, moment: datetime, limit: int) -> int:
        """Remove for good up to `limit` rows that were deleted before `moment`; answers how many."""
        return self._purge(moment, limit)


def named_values(edit: Any) -> dict[str, Any]:
    """The fields of a slotted edit that are not None, by name."""
    fields = ((name, getattr(edit, name)) for name in edit.__slots__)
    return {name: value for name, value in fields if value is not None}
