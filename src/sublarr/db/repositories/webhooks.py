"""Webhooks: which address is told when which event happens, and how the deliveries went."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from sublarr.db.models.events import WebhookConfig
from sublarr.db.repositories.edited_rows import named_values
from sublarr.db.repositories.hook_log import loggable
from sublarr.db.repositories.hooks import TriggeredRows
from sublarr.vocabulary.rules.webhooks import NewWebhook, WebhookEdit

_TABLE = WebhookConfig.metadata.tables["webhook_configs"]


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """A webhook, and how its deliveries went."""

    id: int
    name: str
    event_name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    enabled: bool
    retry_count: int
    timeout_seconds: int
    last_triggered_at: datetime | None
    last_status_code: int
    last_error: str
    consecutive_failures: int
    trigger_count: int
    version: int
    created_at: datetime
    updated_at: datetime


_COLUMNS = tuple(_TABLE.c[name] for name in WebhookRow.__slots__)


class WebhookRepository(TriggeredRows):
    """The `webhook_configs` table."""

    aggregate = "webhooks"
    table = _TABLE
    noun = entity = "webhook"
    edited = ("name", "event_name", "url", "secret", "enabled", "retry_count", "timeout_seconds")
    secret_columns = frozenset({"secret"})
    address_columns = frozenset({"url"})

    def find(self, webhook_id: int) -> WebhookRow | None:
        """The webhook, or None where there is none or it was deleted."""
        statement = select(*_COLUMNS).where(_TABLE.c.id == webhook_id, _TABLE.c.deleted_at.is_(None))
        row = self._run("find", statement).one_or_none()
        return None if row is None else WebhookRow(*row)

    def get(self, webhook_id: int) -> WebhookRow:
        """The webhook; raises `NotFound`."""
        row = self.find(webhook_id)
        if row is None:
            raise self._missing(webhook_id)
        return row

    def listed(
        self, event_name: str = "", *, with_every_event: bool = False, enabled_only: bool = False
    ) -> tuple[WebhookRow, ...]:
        """Webhooks by id, of one event where it is named; `with_every_event` adds those of `*`."""
        chosen = self._of_event(event_name, with_every_event=with_every_event, enabled_only=enabled_only)
        statement = select(*_COLUMNS).where(*chosen).order_by(_TABLE.c.id)
        return tuple(WebhookRow(*row) for row in self._run("listed", statement))

    def add(self, webhook: NewWebhook) -> WebhookRow:
        """Have an address told of an event from now on."""
        values = {**named_values(webhook), "created_at": self._now, "updated_at": self._now}
        webhook_id = self._run("add", insert(_TABLE).values(**values).returning(_TABLE.c.id)).scalar_one()
        self._added(webhook_id)
        return self.get(webhook_id)

    def update(self, webhook_id: int, version: int, edit: WebhookEdit) -> WebhookRow:
        """Change what `edit` names; raises `StaleRow` where somebody else was faster."""
        self._change(webhook_id, version, named_values(edit))
        return self.get(webhook_id)

    def record_trigger(
        self, webhook_id: int, *, success: bool, status_code: int = 0, error: str = ""
    ) -> None:
        """Count one delivery; a success ends the run of failures, a failure prolongs it by one.

        Raises `NotFound` for a webhook that was purged.
        """
        failures: Any = 0 if success else _TABLE.c.consecutive_failures + 1
        values = {
            "last_status_code": status_code,
            "last_error": "" if success else loggable(error),
            "consecutive_failures": failures,
        }
        self._count_trigger(webhook_id, values)
