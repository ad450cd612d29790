"""Script hooks: which script runs when which event happens, and how its runs went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update

from sublarr.db.models.events import HookConfig
from sublarr.db.repositories.edited_rows import EditedRows, named_values
from sublarr.vocabulary.rules.hooks import HookEdit, NewHook
from sublarr.vocabulary.rules.kinds import EVERY_EVENT

_TABLE = HookConfig.metadata.tables["hook_configs"]


@dataclass(frozen=True, slots=True)
class HookRow:
    """A hook, and how often and how lastly it ran."""

    id: int
    name: str
    event_name: str
    hook_type: str
    enabled: bool
    script_path: str
    timeout_seconds: int
    last_triggered_at: datetime | None
    last_status: str
    trigger_count: int
    version: int
    created_at: datetime
    updated_at: datetime


_COLUMNS = tuple(_TABLE.c[name] for name in HookRow.__slots__)


class TriggeredRows(EditedRows):
    """What hooks and webhooks share beyond that: their events, and the count of their deliveries."""

    def _of_event(
        self, event_name: str, *, with_every_event: bool, enabled_only: bool
    ) -> list[ColumnElement[bool]]:
        """Which rows are there for an event; every event where it is not named."""
        columns = self.table.c
        conditions: list[ColumnElement[bool]] = [columns.deleted_at.is_(None)]
        if event_name:
            names = {event_name, EVERY_EVENT} if with_every_event else {event_name}
            conditions.append(columns.event_name.in_(sorted(names)))
        if enabled_only:
            conditions.append(columns.enabled)
        return conditions

    def _count_trigger(self, row_id: int, values: Mapping[str, Any]) -> None:
        """One delivery more: a count and not an edit, so the version stays; deleted rows may still end theirs."""
        columns = self.table.c
        statement = (
            update(self.table)
            .where(columns.id == row_id)
            .values(**values, trigger_count=columns.trigger_count + 1, last_triggered_at=self._now)
        )
        if self._run("record_trigger", statement).rowcount != 1:
            raise self._missing(row_id)


class HookRepository(TriggeredRows):
    """The `hook_configs` table."""

    aggregate = "hooks"
    table = _TABLE
    noun = entity = "hook"
    edited = ("name", "event_name", "hook_type", "enabled", "script_path", "timeout_seconds")

    def find(self, hook_id: int) -> HookRow | None:
        """The hook, or None where there is none or it was deleted."""
        statement = select(*_COLUMNS).where(_TABLE.c.id == hook_id, _TABLE.c.deleted_at.is_(None))
        row = self._run("find", statement).one_or_none()
        return None if row is None else HookRow(*row)

    def get(self, hook_id: int) -> HookRow:
        """The hook; raises `NotFound`."""
        row = self.find(hook_id)
        if row is None:
            raise self._missing(hook_id)
        return row

    def listed(
        self, event_name: str = "", *, with_every_event: bool = False, enabled_only: bool = False
    ) -> tuple[HookRow, ...]:
        """Hooks by id, of one event where it is named; `with_every_event` adds those of `*`."""
        chosen = self._of_event(event_name, with_every_event=with_every_event, enabled_only=enabled_only)
        statement = select(*_COLUMNS).where(*chosen).order_by(_TABLE.c.id)
        return tuple(HookRow(*row) for row in self._run("listed", statement))

    def add(self, hook: NewHook) -> HookRow:
        """Have a script run at an event from now on."""
        values = {**named_values(hook), "created_at": self._now, "updated_at": self._now}
        hook_id = self._run("add", insert(_TABLE).values(**values).returning(_TABLE.c.id)).scalar_one()
        self._added(hook_id)
        return self.get(hook_id)

    def update(self, hook_id: int, version: int, edit: HookEdit) -> HookRow:
        """Change what `edit` names; raises `StaleRow` where somebody else was faster."""
        self._change(hook_id, version, named_values(edit))
        return self.get(hook_id)

    def record_trigger(self, hook_id: int, *, success: bool) -> None:
        """Count one run, however many end at once; raises `NotFound` for a hook that was purged."""
        self._count_trigger(hook_id, {"last_status": "success" if success else "failed"})
