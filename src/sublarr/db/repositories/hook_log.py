"""The log of deliveries: each run of a script hook, each call of a webhook."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from sublarr.db.models.events import HookLogEntry
from sublarr.db.pages import Listing, Page, PageRequest, Query, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.db.repositories.edited_rows import named_values
from sublarr.db.streams import Stream

_KEPT_CHARACTERS = 4_096
_TABLE = HookLogEntry.metadata.tables["hook_log"]


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """How one delivery went; one of `hook_id` and `webhook_id` says whose it was."""

    event_name: str
    hook_type: str
    success: bool
    hook_id: int | None = None
    webhook_id: int | None = None
    exit_code: int | None = None
    status_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    error: str = ""
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A line of the log."""

    id: int
    hook_id: int | None
    webhook_id: int | None
    event_name: str
    hook_type: str
    success: bool
    exit_code: int | None
    status_code: int | None
    stdout: str
    stderr: str
    error: str
    duration_ms: float
    triggered_at: datetime


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Whose deliveries a list shows; None means everybody's."""

    hook_id: int | None = None
    webhook_id: int | None = None


_EVERYBODY = DeliveryFilter()
_COLUMNS = tuple(_TABLE.c[name] for name in DeliveryRow.__slots__)


class HookLogRepository(Repository):
    """The `hook_log` table."""

    aggregate = "hook_log"

    def add(self, delivery: NewDelivery) -> DeliveryRow:
        """Log a delivery; whatever a script printed is kept up to 4,096 characters of each stream."""
        values = {
            **named_values(delivery),
            "stdout": loggable(delivery.stdout),
            "stderr": loggable(delivery.stderr),
            "error": loggable(delivery.error),
            "triggered_at": self._now,
        }
        return DeliveryRow(*self._run("add", insert(_TABLE).values(**values).returning(*_COLUMNS)).one())

    def page(self, request: PageRequest, wanted: DeliveryFilter = _EVERYBODY) -> Page[DeliveryRow]:
        """Deliveries, newest first."""
        return self._page(_listing(wanted), request, lambda row: DeliveryRow(*row[: len(_COLUMNS)]))

    def stream(self, wanted: DeliveryFilter = _EVERYBODY) -> Stream[DeliveryRow]:
        """All deliveries, newest first, in flat memory."""
        return self._stream(_listing(wanted), lambda row: DeliveryRow(*row[: len(_COLUMNS)]))

    def count(self, wanted: DeliveryFilter = _EVERYBODY) -> int:
        """How many deliveries are logged."""
        statement = _filtered(select(func.count()).select_from(_TABLE), wanted)
        return int(self._run("count", statement).scalar_one())

    def clear(self) -> int:
        """Forget every delivery; answers how many there were."""
        return self._run("clear", delete(_TABLE)).rowcount

    def delete_older_than(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` deliveries from before `moment`, oldest first; answers how many."""
        old = (
            select(_TABLE.c.id)
            .where(_TABLE.c.triggered_at < moment)
            .order_by(_TABLE.c.triggered_at, _TABLE.c.id)
            .limit(limit)
        )
        statement = delete(_TABLE).where(_TABLE.c.id.in_(old.scalar_subquery()))
        return self._run("delete_older", statement).rowcount


def loggable(text: str) -> str:
    """Output of somebody's program as text that both databases hold, cut to what is kept.

    A delivery must not go unlogged because a script printed a NUL or bytes that are no text.
    """
    kept = text[:_KEPT_CHARACTERS]
    return "".join("�" if c == "\0" or "\ud800" <= c <= "\udfff" else c for c in kept)


def _listing(wanted: DeliveryFilter) -> Listing:
    return Listing(
        "deliveries",
        _filtered(select(*_COLUMNS), wanted),
        (SortKey(_TABLE.c.triggered_at, True), SortKey(_TABLE.c.id, True)),
        (wanted,),
    )


def _filtered(statement: Query, wanted: DeliveryFilter) -> Query:
    if wanted.hook_id is not None:
        statement = statement.where(_TABLE.c.hook_id == wanted.hook_id)
    if wanted.webhook_id is not None:
        statement = statement.where(_TABLE.c.webhook_id == wanted.webhook_id)
    return statement
