"""Terms and their translations: everywhere, or in one series."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select, update

from sublarr.db.models.translation import GlossaryEntry
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import LIKE_ESCAPE, contains_pattern
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.db.streams import Stream
from sublarr.vocabulary.errors import FieldProblem, InvalidInput

# As many terms as a prompt bears without losing the lines it is about.
PROMPT_TERMS = 15


@dataclass(frozen=True, slots=True)
class GlossaryScope:
    """Where a term holds: in a series, by the number it has at its source, or everywhere."""

    source_id: int | None = None
    series_id: int | None = None


EVERYWHERE = GlossaryScope()


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A term to be added; `confidence` is between 0 and 1 where a machine proposed it."""

    source_term: str
    target_term: str
    notes: str = ""
    term_type: str = ""
    confidence: float | None = None
    approved: bool = True


@dataclass(frozen=True, slots=True)
class TermEdit:
    """What a person may change of a term; None leaves a field as it is."""

    source_term: str | None = None
    target_term: str | None = None
    notes: str | None = None
    term_type: str | None = None
    approved: bool | None = None


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

    def add(self, scope: GlossaryScope, term: NewTerm) -> TermRow:
        """Add a term; its texts are stripped. Raises `InvalidInput` where a term is blank."""
        now = self._now
        values = {
            "source_id": scope.source_id,
            "series_id": scope.series_id,
            "source_term": _required("source_term", term.source_term),
            "target_term": _required("target_term", term.target_term),
            "notes": term.notes.strip(),
            "term_type": term.term_type.strip(),
            "confidence": term.confidence,
            "approved": term.approved,
            "created_at": now,
            "updated_at": now,
        }
        statement = insert(_TERMS).values(**values).returning(*_COLUMNS)
        return TermRow(*self._run("add", statement).one())

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
        values: dict[str, Any] = {}
        for name in ("source_term", "target_term"):
            if (text := getattr(edit, name)) is not None:
                values[name] = _required(name, text)
        for name in ("notes", "term_type"):
            if (text := getattr(edit, name)) is not None:
                values[name] = text.strip()
        if edit.approved is not None:
            values["approved"] = edit.approved
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
        statement = (
            update(_TERMS)
            .where(_is_of(scope), _TERMS.c.deleted_at.is_(None))
            .values(deleted_at=self._now, updated_at=self._now, version=_TERMS.c.version + 1)
        )
        return self._run("delete_scope", statement).rowcount

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


def _required(field: str, text: str) -> str:
    stripped = text.strip()
    if not stripped:
        problem = FieldProblem(field, "must not be blank")
        raise InvalidInput("a glossary entry needs both terms", problems=[problem])
    return stripped
