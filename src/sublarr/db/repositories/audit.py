"""The audit: who changed what people decide, from what to what; and taking a change back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import delete, select

from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.audited import AUDIT, AuditRow, audit_row
from sublarr.db.repositories.base import Repository, UnitContext, beside
from sublarr.db.streams import Stream
from sublarr.vocabulary.errors import Conflict, NotFound


class Undoable(Protocol):
    """A repository that can take back what the audit tells of its things."""

    def undo(self, entry: AuditRow) -> None:
        """Take back one change; raises `StaleRow` or `Conflict` where that is no longer possible."""


class AuditedUnit(UnitContext, Protocol):
    """A unit of work that knows whose things the audit tells of."""

    def audited(self, entity: str) -> Undoable:
        """The repository of a thing; raises `NotFound` for a name nobody has."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which lines a list shows; empty means all. `entity_id` needs its `entity`."""

    entity: str = ""
    entity_id: str = ""
    actor: str = ""


_EVERYTHING = AuditFilter()


class AuditRepository(Repository):
    """The `audit_log` table. Lines are written by the repositories of what was changed."""

    aggregate = "audit"
    _unit: AuditedUnit

    def find(self, line_id: int) -> AuditRow | None:
        """A line, or None."""
        row = self._run("find", select(AUDIT).where(AUDIT.c.id == line_id)).one_or_none()
        return None if row is None else audit_row(row)

    def get(self, line_id: int) -> AuditRow:
        """A line; raises `NotFound`."""
        found = self.find(line_id)
        if found is None:
            raise NotFound(f"there is no line {line_id} in the audit")
        return found

    def page(self, wanted: AuditFilter, request: PageRequest) -> Page[AuditRow]:
        """Lines, the newest first."""
        return self._page(_listing(wanted), request, audit_row)

    def stream(self, wanted: AuditFilter = _EVERYTHING) -> Stream[AuditRow]:
        """All lines that match, the newest first, in flat memory."""
        return self._stream(_listing(wanted), audit_row)

    def undo(self, line_id: int) -> AuditRow:
        """Take a change back and answer the line that tells of it, which can be undone in its turn.

        Raises `NotFound`, `StaleRow` where what was changed has been changed again since, and `Conflict` where
        there is nothing to take back any more.
        """
        entry = self._held(line_id)
        if (earlier := self._undone_by(line_id)) is not None:
            raise Conflict(
                f"line {line_id} of the audit was undone already, by {earlier.actor}",
                remedy=f"Undo line {earlier.id} to have the change again.",
            )
        self._unit.undoing = line_id
        try:
            self._unit.audited(entry.entity).undo(entry)
        finally:
            self._unit.undoing = None
        done = self._undone_by(line_id)
        if done is None:
            raise Conflict(f"line {line_id} of the audit tells of nothing that is different now")
        return done

    def delete_before(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` lines that are older than a moment; answers how many."""
        old = select(AUDIT.c.id).where(AUDIT.c.at < moment).order_by(AUDIT.c.at, AUDIT.c.id).limit(limit)
        return self._run("delete", delete(AUDIT).where(AUDIT.c.id.in_(old.scalar_subquery()))).rowcount

    def _held(self, line_id: int) -> AuditRow:
        """A line, and nobody else undoes it until this transaction ends; raises `NotFound`."""
        # SQLite has one writer at a time anyway, and no such clause.
        self._run("hold", select(AUDIT.c.id).where(AUDIT.c.id == line_id).with_for_update())
        return self.get(line_id)

    def _undone_by(self, line_id: int) -> AuditRow | None:
        """The line that undid this one, as long as it has not been undone itself."""
        statement = select(AUDIT).where(AUDIT.c.undoes_id == line_id).order_by(AUDIT.c.id.desc()).limit(1)
        row = self._run("undone_by", statement).one_or_none()
        if row is None:
            return None
        line = audit_row(row)
        return None if self._undone_by(line.id) is not None else line


def _listing(wanted: AuditFilter) -> Listing:
    statement = select(AUDIT)
    for name in ("entity", "entity_id", "actor"):
        if value := getattr(wanted, name):
            # A thing has few lines, whoever wrote them.
            is_beside = name == "actor" and wanted.entity_id != ""
            statement = statement.where((beside(AUDIT.c[name]) if is_beside else AUDIT.c[name]) == value)
    return Listing("lines", statement, (SortKey(AUDIT.c.id, True),), (wanted,))
