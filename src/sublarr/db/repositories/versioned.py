"""What repositories of rows that people edit share: versions that guard changes, soft deletion, audit and undo."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, or_, select, text, update

from sublarr.db.repositories.audited import AuditedRepository, AuditRow, Change, Image, differences
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import Conflict, FieldProblem, NotFound, StaleRow

_REMEDY = "Look at it again and repeat the change."


class VersionedRepository(AuditedRepository):
    """Changes to one table with `version`, `updated_at` and `deleted_at`.

    `edited` names the columns that people edit; they are what the audit holds of a row.
    """

    table: Table
    noun = ""
    edited: tuple[str, ...] = ()
    key_name = "id"

    @property
    def _key(self) -> ColumnElement[Any]:
        return self.table.c[self.key_name]

    def undo(self, entry: AuditRow) -> None:
        """Take back what a line of the audit tells of, unless somebody has built on it since.

        Raises `StaleRow` where the fields in question were changed again, `Conflict` where there is nothing to
        take back or a secret would be needed.
        """
        key = self._key_from(entry.entity_id)
        match entry.action:
            case AuditAction.ADDED | AuditAction.RESTORED:
                self._undo_presence(key, entry)
            case AuditAction.DELETED:
                self._undo_deletion(key)
            case AuditAction.CHANGED:
                self._undo_change(key, entry)
            case _:
                raise Conflict(f"of a {self.noun}, {entry.action} cannot be undone")

    def _undo_presence(self, key: Any, entry: AuditRow) -> None:
        current = self._image(key)
        if current is None:
            raise Conflict(f"the {self.noun} {key} is gone already")
        self._refuse_stale(key, differences(entry.after, current))
        self._take_away(key, current["version"])

    def _undo_deletion(self, key: Any) -> None:
        if self._image(key) is not None:
            raise Conflict(f"the {self.noun} {key} is there again already")
        self._bring_back(key)

    def _undo_change(self, key: Any, entry: AuditRow) -> None:
        current = self._image(key)
        if current is None:
            raise self._missing(key)
        after = entry.after or {}
        fields = {change.field for change in entry.changes}
        self._refuse_stale(
            key, tuple(change for change in differences(after, current) if change.field in fields)
        )
        self._refuse_secrets(entry.changes)
        before = entry.before or {}
        self._put_back(key, current["version"], {name: before[name] for name in sorted(fields)})

    def _refuse_stale(self, key: Any, changes: tuple[Change, ...]) -> None:
        if changes:
            raise StaleRow(
                f"the {self.noun} {key} was changed again since",
                problems=[_as_it_is(change) for change in changes],
                remedy="Undo the later change first.",
            )

    def _take_away(self, key: Any, version: int) -> None:
        """Delete a row softly: what `delete` does, and `undo` of an addition."""
        self._change(key, version, {"deleted_at": self._now})

    def _put_back(self, key: Any, version: int, values: Mapping[str, Any]) -> None:
        """Give fields the values they had before."""
        self._change(key, version, values)

    def _key_from(self, entity_id: str) -> Any:
        return int(entity_id) if self.table.c[self.key_name].type.python_type is int else entity_id

    def _added(self, key: Any) -> None:
        """Write down that a row was added."""
        self._record(AuditAction.ADDED, key, None, self._image(key))

    def _change(self, key: Any, version: int, values: Mapping[str, Any]) -> None:
        """Change a row that is still at `version`; raises `NotFound` or `StaleRow`.

        A row that has these values already is not touched.
        """
        before = self._require(key, version)
        if not values:
            return
        table = self.table
        differs = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
        statement = (
            update(table)
            .where(self._key == key, differs)
            .values(**values, version=table.c.version + 1, updated_at=self._now)
        )
        self._run("update", statement)
        if values.get("deleted_at") is not None:
            self._record(AuditAction.DELETED, key, before, None)
        elif (after := self._image(key)) is not None and differences(before, after):
            self._record(AuditAction.CHANGED, key, before, after)

    def _require(self, key: Any, version: int) -> Image:
        """The row as it is at `version`, held until the transaction ends; raises `NotFound` or `StaleRow`."""
        current = self._image(key)
        if current is None:
            raise self._missing(key)
        if current["version"] != version:
            raise StaleRow(
                f"the {self.noun} {key} was changed meanwhile"
                f" (version {current['version']}, yours was {version})",
                problems=self._what_changed(key, version, current),
                remedy=_REMEDY,
            )
        return current

    def _image(self, key: Any, *, deleted: bool = False) -> Image | None:
        """What the audit holds of a row, or None; locked, for whoever looks is about to change it."""
        table = self.table
        columns = [table.c[name] for name in (*self.edited, "version")]
        is_asked_for = table.c.deleted_at.is_not(None) if deleted else table.c.deleted_at.is_(None)
        # SQLite has one writer at a time anyway, and no such clause.
        statement = select(*columns).where(self._key == key, is_asked_for).with_for_update()
        row = self._run("image", statement).one_or_none()
        return None if row is None else self._shown(row._asdict())

    def _what_changed(self, key: Any, version: int, current: Image) -> list[FieldProblem]:
        """How a row differs from what it was at a version, as far as that was written down."""
        lines = self._lines_of(key)
        images = (image for line in lines for image in (line.before, line.after) if image is not None)
        seen = next((image for image in images if image.get("version") == version), None)
        if seen is None:
            return []
        by = lines[-1].actor
        return [_as_it_is(change, by) for change in differences(seen, current)]

    def _missing(self, key: Any) -> NotFound:
        return NotFound(f"there is no {self.noun} {key}")

    def _lock_name(self, name: str) -> None:
        """Have whoever else saves under this name wait: no row can be locked that is not there yet."""
        if self._connection.dialect.name == "postgresql":
            lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
            self._run("lock_name", lock, {"name": f"{self.entity} {name}"})

    def _bring_back(self, key: Any) -> None:
        """Undo a deletion; raises `NotFound` where there is none to undo."""
        table = self.table
        statement = (
            update(table)
            .where(self._key == key, table.c.deleted_at.is_not(None))
            .values(deleted_at=None, version=table.c.version + 1, updated_at=self._now)
        )
        if self._run("restore", statement).rowcount != 1:
            raise NotFound(f"there is no deleted {self.noun} {key}")
        self._record(AuditAction.RESTORED, key, None, self._image(key))

    def _purge(self, moment: datetime, limit: int) -> int:
        """Remove up to `limit` rows for good that were deleted before `moment`."""
        table = self.table
        old = (
            select(self._key)
            .where(table.c.deleted_at < moment)
            .order_by(table.c.deleted_at, self._key)
            .limit(limit)
        )
        return self._run("purge", delete(table).where(self._key.in_(old.scalar_subquery()))).rowcount


def _as_it_is(change: Change, by: str = "") -> FieldProblem:
    who = f", changed by {by}" if by else ""
    return FieldProblem(change.field, f"it is {change.after!r} now{who}")
