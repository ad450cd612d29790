"""What repositories share whose changes are written down: the line of the audit, and what it may hold.

A line is written by the very method that changes the row, in the same transaction; nothing listens in. It holds
the *image* of the row before and after: what people edit of it, and its version. Secrets are replaced by a
mark that tells only whether they are still the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import insert, select

from sublarr.db.column_types import to_utc_text
from sublarr.db.models.activity import AuditEntry
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import Conflict, FieldProblem
from sublarr.vocabulary.masking import MASK, mask_url

Image = dict[str, Any]

MANY = "many"
_ARRIVALS = frozenset({AuditAction.ADDED_MANY, AuditAction.IGNORED})

AUDIT = AuditEntry.metadata.tables["audit_log"]
_VERSION = "version"
# By which of its fields a person knows a thing again, the most telling first.
_TELLING = ("value", "path", "name", "source_term", "provider_name", "weight_key", "title")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a line of the audit tells of; None where the thing was not there."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A line of the audit: who did what to which thing."""

    id: int
    at: datetime
    actor: str
    action: AuditAction
    entity: str
    entity_id: str
    before: Image | None
    after: Image | None
    request_id: str
    undoes_id: int | None

    @property
    def ids(self) -> list[int]:
        """What a line of many tells of."""
        return list((self.after or self.before or {}).get("ids", ()))

    @property
    def known_by(self) -> str:
        """By what a person knows the one thing again that came or went: a folder's path, a setting's value."""
        image = self.after or self.before or {}
        telling = (str(image[name]) for name in _TELLING if image.get(name))
        return next((text for text in telling if not text.startswith(MASK)), "")

    @property
    def changes(self) -> tuple[Change, ...]:
        """The fields that differ, without the version."""
        return differences(self.before, self.after)


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[Change, ...]:
    """The fields in which two images differ."""
    old, new = before or {}, after or {}
    return tuple(
        Change(name, old.get(name), new.get(name))
        for name in dict.fromkeys((*old, *new))
        if name != _VERSION and old.get(name) != new.get(name)
    )


class AuditedRepository(Repository):
    """Writes down what its methods change; `entity` is the thing's name in the audit."""

    entity = ""
    # Hidden whole, and addresses that may hold a password or a token.
    secret_columns: frozenset[str] = frozenset()
    address_columns: frozenset[str] = frozenset()

    def _record(
        self,
        action: AuditAction,
        entity_id: object,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> None:
        """Write one line, in the name of whoever this unit of work acts for."""
        actor = self._unit.actor
        values = {
            "at": self._now,
            "actor": actor.name,
            "action": action.value,
            "entity": self.entity,
            "entity_id": str(entity_id),
            "before": before,
            "after": after,
            "request_id": actor.request_id,
            "undoes_id": self._unit.undoing,
        }
        self._run("audit", insert(AUDIT), values)

    def _record_many(self, action: AuditAction, ids: Iterable[int]) -> None:
        """Write one line for what was done to many at once; none where there was nothing to do it to."""
        listed = {"ids": sorted(ids)}
        if not listed["ids"]:
            return
        name = str(listed["ids"][0]) if len(listed["ids"]) == 1 else MANY
        if action in _ARRIVALS:
            self._record(action, name, None, listed)
        else:
            self._record(action, name, listed, None)

    def _shown(self, values: Mapping[str, Any]) -> Image:
        """The image of a row's values: JSON, without secrets."""
        return {name: self._hidden(name, _to_json(value)) for name, value in values.items()}

    def _hidden(self, name: str, value: Any) -> Any:
        if not value or not isinstance(value, str):
            return value
        if name in self.secret_columns:
            return self._marked(MASK, value)
        if name in self.address_columns and (masked := mask_url(value)) != value:
            return self._marked(masked, value)
        return value

    def _marked(self, masked: str, value: str) -> str:
        # Of two hidden values the marks tell whether they are the same, and nothing else.
        return f"{masked} #{self._unit.cursors.fingerprint(value)}"

    def _lines_of(self, entity_id: object) -> tuple[AuditRow, ...]:
        """What is written down of one thing, the oldest first."""
        statement = (
            select(AUDIT)
            .where(AUDIT.c.entity == self.entity, AUDIT.c.entity_id == str(entity_id))
            .order_by(AUDIT.c.id)
        )
        return tuple(audit_row(row) for row in self._run("audited", statement))

    def _refuse_secrets(self, changes: tuple[Change, ...]) -> None:
        """Raises `Conflict` where undoing would need a value that the audit does not hold."""
        hidden = self.secret_columns | self.address_columns
        problems = [
            FieldProblem(change.field, "its former value is a secret, and not kept")
            for change in changes
            if change.field in hidden and MASK in str(change.before)
        ]
        if problems:
            raise Conflict(
                f"the audit keeps no secrets: {problems[0].field} cannot be put back",
                remedy="Set it by hand.",
            )


def audit_row(row: Any) -> AuditRow:
    """A line as it is read from the table, whose columns are in the same order; a list appends its own."""
    line_id, at, actor, action, *rest = row[: len(AUDIT.c)]
    return AuditRow(line_id, at, actor, AuditAction(action), *rest)


def _to_json(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case datetime():
            return to_utc_text(value)
        case _:
            return value
