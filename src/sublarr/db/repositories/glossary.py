"""Terms and their translations: everywhere, or in one series."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from sublarr.db.models.translation import GlossaryEntry
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.audited import AuditRow
from sublarr.db.repositories.base import LIKE_ESCAPE, chunks, contains_pattern
from sublarr.db.repositories.edited_rows import named_values
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.db.streams import Stream
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.rules.glossary import GlossaryScope, NewTerm, TermEdit

# As many terms as a prompt bears without losing the lines it is about.
PROMPT_TERMS = 15


EVERYWHERE = GlossaryScope()


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term of the glossary."""

    id: int
    source_id: int | None
    series_id: int | None
    source_term: str
    target_term: str
    notes: str
    term_type: str
    confidence: float | None
    approved: bool
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


_TERMS = GlossaryEntry.metadata.tables["glossary_entries"]
_COLUMNS = tuple(_TERMS.c[name] for name in TermRow.__dataclass_fields__)


class GlossaryRepository(VersionedRepository):
    """The `glossary_entries` table."""

    aggregate = "glossary"
    table = _TERMS
    noun = "glossary entry"
    entity = "glossary_entry"
    edited = (
        "source_id",
        "series_id",
        "source_term",
        "target_term",
        "notes",
        "term_type",
        "confidence",
        "approved",
    )

    def add(self, scope: GlossaryScope, term: NewTerm) -> TermRow:
        """Add a term."""
        now = self._now
        values = {
            "source_id": scope.source_id,
            "series_id": scope.series_id,
            **named_values(term),
            "created_at": now,
            "updated_at": now,
        }
        statement = insert(_TERMS).values(**values).returning(*_COLUMNS)
        row = TermRow(*self._run("add", statement).one())
        self._added(row.id)
        return row

    def find(self, entry_id: int) -> TermRow | None:
        """A term that is not deleted, or None."""
        statement = select(*_COLUMNS).where(_TERMS.c.id == entry_id, _TERMS.c.deleted_at.is_(None))
        row = self._run("find", statement).one_or_none()
        return None if row is None else TermRow(*row)

    def get(self, entry_id: int) -> TermRow:
        """A term; raises `NotFound`."""
        found = self.find(entry_id)
        if found is None:
            raise self._missing(entry_id)
        return found

    def page(self, scope: GlossaryScope, request: PageRequest, words: str = "") -> Page[TermRow]:
        """The terms of a series, or those that hold everywhere, by source term.

        `words` leaves those that contain it, taken literally, in either language.
        """
        statement = select(*_COLUMNS).where(_is_of(scope), _TERMS.c.deleted_at.is_(None))
        if words:
            pattern = contains_pattern(words)
            statement = statement.where(
                or_(
                    _TERMS.c.source_term.ilike(pattern, escape=LIKE_ESCAPE),
                    _TERMS.c.target_term.ilike(pattern, escape=LIKE_ESCAPE),
                )
            )
        keys = (SortKey(_TERMS.c.source_term), SortKey(_TERMS.c.id))
        listing = Listing("terms", statement, keys, (scope, words))
        return self._page(listing, request, lambda row: TermRow(*row[: len(_COLUMNS)]))

    def stream(self, scope: GlossaryScope | None = None) -> Stream[TermRow]:
        """The terms of one scope by source term, or all there are, wherever they hold; in flat memory."""
        statement = select(*_COLUMNS).where(_TERMS.c.deleted_at.is_(None))
        keys: tuple[SortKey, ...] = (SortKey(_TERMS.c.id),)
        if scope is not None:
            statement = statement.where(_is_of(scope))
            keys = (SortKey(_TERMS.c.source_term), SortKey(_TERMS.c.id))
        listing = Listing("terms", statement, keys, (scope,))
        return self._stream(listing, lambda row: TermRow(*row[: len(_COLUMNS)]))

    def newest(self, scope: GlossaryScope, limit: int = PROMPT_TERMS) -> tuple[TermRow, ...]:
        """The approved terms that a person touched last."""
        statement = (
            select(*_COLUMNS)
            .where(_is_of(scope), _TERMS.c.deleted_at.is_(None), _TERMS.c.approved)
            .order_by(_TERMS.c.updated_at.desc(), _TERMS.c.created_at.desc(), _TERMS.c.id.desc())
            .limit(limit)
        )
        return tuple(TermRow(*row) for row in self._run("newest", statement))

    def effective(self, scope: GlossaryScope) -> Mapping[str, str]:
        """Every approved term that holds in a series and its translation; the series' own word wins."""
        reach = _is_of(scope) if scope == EVERYWHERE else or_(_is_of(EVERYWHERE), _is_of(scope))
        is_own = _TERMS.c.series_id.is_not(None)
        statement = (
            select(_TERMS.c.source_term, _TERMS.c.target_term)
            .where(reach, _TERMS.c.deleted_at.is_(None), _TERMS.c.approved)
            .order_by(is_own, _TERMS.c.id)
        )
        return {row.source_term: row.target_term for row in self._run("effective", statement)}

    def update(self, entry_id: int, version: int, edit: TermEdit) -> TermRow:
        """Change what `edit` names; raises `StaleRow` where somebody else was faster."""
        values = named_values(edit)
        if values:
            self._change(entry_id, version, values)
        else:
            self._require(entry_id, version)
        return self.get(entry_id)

    def delete(self, entry_id: int, version: int) -> None:
        """Take a term out; it stays restorable until it is purged."""
        self._change(entry_id, version, {"deleted_at": self._now})

    def delete_scope(self, scope: GlossaryScope) -> int:
        """Take out all terms of a series, or all that hold everywhere; answers how many."""
        now = self._now
        statement = (
            update(_TERMS)
            .where(_is_of(scope), _TERMS.c.deleted_at.is_(None))
            .values(deleted_at=now, updated_at=now, version=_TERMS.c.version + 1)
            .returning(_TERMS.c.id)
        )
        ids = self._run("delete_scope", statement).scalars().all()
        self._record_many(AuditAction.CLEARED, ids)
        return len(ids)

    def undo(self, entry: AuditRow) -> None:
        """Take back a change, or what was done to many terms at once."""
        match entry.action:
            case AuditAction.CLEARED:
                self._record_many(AuditAction.ADDED_MANY, self._mark(entry.ids, None))
            case AuditAction.ADDED_MANY:
                self._record_many(AuditAction.CLEARED, self._mark(entry.ids, self._now))
            case _:
                super().undo(entry)

    def _mark(self, ids: Sequence[int], deleted_at: datetime | None) -> list[int]:
        """Delete those of these terms that are there, or bring back those that are not; answers which."""
        is_other = _TERMS.c.deleted_at.is_not(None) if deleted_at is None else _TERMS.c.deleted_at.is_(None)
        values = {"deleted_at": deleted_at, "updated_at": self._now}
        marked: list[int] = []
        for chunk in chunks(ids):
            statement = update(_TERMS).where(_TERMS.c.id.in_(chunk), is_other).returning(_TERMS.c.id)
            marked += self._run("mark", statement.values(**values, version=_TERMS.c.version + 1)).scalars()
        return marked

    def deleted(self, limit: int = 100) -> tuple[TermRow, ...]:
        """What can be restored, the latest first."""
        statement = (
            select(*_COLUMNS)
            .where(_TERMS.c.deleted_at.is_not(None))
            .order_by(_TERMS.c.deleted_at.desc(), _TERMS.c.id.desc())
            .limit(limit)
        )
        return tuple(TermRow(*row) for row in self._run("deleted", statement))

    def restore(self, entry_id: int) -> TermRow:
        """Bring a deleted term back; raises `NotFound`."""
        self._bring_back(entry_id)
        return self.get(entry_id)

    def purge_deleted_before(self, moment: datetime, limit: int) -> int:
        """Remove up to `limit` terms for good that were deleted before `moment`."""
        return self._purge(moment, limit)


def _is_of(scope: GlossaryScope) -> ColumnElement[bool]:
    return and_(
        _TERMS.c.source_id.is_(None) if scope.source_id is None else _TERMS.c.source_id == scope.source_id,
        _TERMS.c.series_id.is_(None) if scope.series_id is None else _TERMS.c.series_id == scope.series_id,
    )
