"""The outbox: what happened, stored with what caused it and told to others afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from sublarr.db.models.events import OutboxEvent
from sublarr.db.pages import Listing, SortKey
from sublarr.db.repositories.base import Repository, chunks
from sublarr.db.streams import Stream
from sublarr.vocabulary.events import EventName


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened; `job_id` and `request_id` say in the course of what, '' where of neither.

    `name` is text: a newer Sublarr beside this one may know events that this one does not.
    """

    id: int
    name: str
    payload: Mapping[str, Any]
    created_at: datetime
    job_id: str
    request_id: str


_COLUMNS = (
    OutboxEvent.id,
    OutboxEvent.name,
    OutboxEvent.payload,
    OutboxEvent.created_at,
    OutboxEvent.job_id,
    OutboxEvent.request_id,
)


class EventRepository(Repository):
    """The `event_outbox` table."""

    aggregate = "events"

    def add(
        self, name: EventName, payload: Mapping[str, Any], *, job_id: str = "", request_id: str = ""
    ) -> int:
        """Say that something happened, if this transaction commits; answers the event's id."""
        values = {
            "name": name.value,
            "payload": dict(payload),
            "created_at": self._now,
            "job_id": job_id,
            "request_id": request_id,
        }
        statement = insert(OutboxEvent).values(**values).returning(OutboxEvent.id)
        return int(self._run("add", statement).scalar_one())

    def pending(self, limit: int = 100, *, lock: bool = False) -> tuple[EventRow, ...]:
        """What nobody was told of yet, in the order of ids; `lock` takes only what no other dispatcher holds.

        Ids are given out before COMMIT, so a lower one may appear after a higher was dispatched; it is found
        all the same, since nothing here remembers a last id.
        """
        statement = (
            select(*_COLUMNS).where(OutboxEvent.dispatched_at.is_(None)).order_by(OutboxEvent.id).limit(limit)
        )
        if lock:
            # SQLite has one writer at a time anyway, and no such clause.
            statement = statement.with_for_update(skip_locked=True)
        return tuple(EventRow(*row) for row in self._run("pending", statement))

    def mark_dispatched(self, event_ids: Sequence[int]) -> frozenset[int]:
        """Note that these were handed on; answers those that were pending until now, and so are the caller's."""
        marked: set[int] = set()
        for chunk in chunks(sorted(event_ids)):
            statement = (
                update(OutboxEvent)
                .where(OutboxEvent.id.in_(chunk), OutboxEvent.dispatched_at.is_(None))
                .values(dispatched_at=self._now)
                .returning(OutboxEvent.id)
            )
            marked.update(self._run("mark_dispatched", statement).scalars())
        return frozenset(marked)

    def stream(self) -> Stream[EventRow]:
        """Every event that is still kept, told or not, in the order of ids, in flat memory."""
        listing = Listing("events", select(*_COLUMNS), (SortKey(OutboxEvent.id),))
        return self._stream(listing, lambda row: EventRow(*row[: len(_COLUMNS)]))

    def delete_dispatched_before(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` events dispatched before `moment`, oldest first; pending ones stay however old."""
        old = (
            select(OutboxEvent.id)
            # What was dispatched before then happened before then, by which the index narrows the search.
            .where(OutboxEvent.created_at < moment, OutboxEvent.dispatched_at < moment)
            .order_by(OutboxEvent.created_at)
            .limit(limit)
        )
        statement = delete(OutboxEvent).where(OutboxEvent.id.in_(old.scalar_subquery()))
        return self._run("delete_dispatched", statement).rowcount
