"""Lines that were translated before, by language pair, normalised text and glossary version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, select, update

from sublarr.db.models.translation import TranslationMemory
from sublarr.db.pages import Listing, SortKey
from sublarr.db.repositories.base import Repository, chunks
from sublarr.db.streams import Stream


@dataclass(frozen=True, slots=True)
class MemoryScope:
    """For what a remembered line is good: a pair of languages and a state of the glossary."""

    source_lang: str
    target_lang: str
    glossary_version: str = ""


@dataclass(frozen=True, slots=True)
class RememberedLine:
    """A normalised line, its hash, and its translation."""

    text_hash: str
    source_text_normalized: str
    translated_text: str


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """A remembered line with all that is known of it."""

    id: int
    source_lang: str
    target_lang: str
    glossary_version: str
    text_hash: str
    source_text_normalized: str
    translated_text: str
    use_count: int
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class MemoryCount:
    """How many lines of a pair are remembered, and how often they were used."""

    source_lang: str
    target_lang: str
    lines: int
    uses: int


_MEMORY = TranslationMemory.metadata.tables["translation_memory"]
_COLUMNS = tuple(_MEMORY.c[name] for name in MemoryRow.__dataclass_fields__)
_KEY = ("source_lang", "target_lang", "text_hash", "glossary_version")


class TranslationMemoryRepository(Repository):
    """The `translation_memory` table."""

    aggregate = "translation_memory"

    def find_many(self, scope: MemoryScope, hashes: Sequence[str]) -> Mapping[str, RememberedLine]:
        """What is remembered of those lines, by hash. Using it is to be told with `record_use`."""
        found: dict[str, RememberedLine] = {}
        columns = (_MEMORY.c.text_hash, _MEMORY.c.source_text_normalized, _MEMORY.c.translated_text)
        for chunk in chunks(dict.fromkeys(hashes)):
            statement = select(*columns).where(_is_of(scope), _MEMORY.c.text_hash.in_(chunk))
            found |= {row[0]: RememberedLine(*row) for row in self._run("find_many", statement)}
        return found

    def upsert_many(self, scope: MemoryScope, lines: Sequence[RememberedLine]) -> None:
        """Remember lines; a line that is known takes the new translation and keeps its uses."""
        now = self._now
        rows = [
            {
                "source_lang": scope.source_lang,
                "target_lang": scope.target_lang,
                "glossary_version": scope.glossary_version,
                "text_hash": line.text_hash,
                "source_text_normalized": line.source_text_normalized,
                "translated_text": line.translated_text,
                "use_count": 0,
                "created_at": now,
                "last_used_at": now,
            }
            # In one order, so that two files that share lines never wait for each other in a circle.
            for line in sorted(lines, key=lambda line: line.text_hash)
        ]
        columns = ("source_text_normalized", "translated_text", "last_used_at")
        self._upsert("upsert", _MEMORY, rows, _KEY, columns)

    def record_use(self, scope: MemoryScope, hashes: Sequence[str]) -> int:
        """Count one use of each of those lines; answers how many are remembered."""
        counted = 0
        for chunk in chunks(sorted(set(hashes))):
            rows = (
                select(_MEMORY.c.id)
                .where(_is_of(scope), _MEMORY.c.text_hash.in_(chunk))
                .order_by(_MEMORY.c.text_hash)
                .with_for_update()
            )
            statement = (
                update(_MEMORY)
                .where(_MEMORY.c.id.in_(rows.scalar_subquery()))
                .values(use_count=_MEMORY.c.use_count + 1, last_used_at=self._now)
            )
            counted += self._run("record_use", statement).rowcount
        return counted

    def delete_unused_since(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` lines that were last used before `moment`, the longest unused first."""
        old = (
            select(_MEMORY.c.id)
            .where(_MEMORY.c.last_used_at < moment)
            .order_by(_MEMORY.c.last_used_at)
            .limit(limit)
        )
        statement = delete(_MEMORY).where(_MEMORY.c.id.in_(old.scalar_subquery()))
        return self._run("delete_unused", statement).rowcount

    def stream(self) -> Stream[MemoryRow]:
        """Every line that is remembered, in the order in which they were learnt, in flat memory."""
        listing = Listing("lines", select(*_COLUMNS), (SortKey(_MEMORY.c.id),))
        return self._stream(listing, lambda row: MemoryRow(*row[: len(_COLUMNS)]))

    def counts(self) -> tuple[MemoryCount, ...]:
        """What is remembered, by pair of languages."""
        pair = (_MEMORY.c.source_lang, _MEMORY.c.target_lang)
        statement = select(*pair, func.count(), func.sum(_MEMORY.c.use_count)).group_by(*pair).order_by(*pair)
        return tuple(
            MemoryCount(source, target, lines, int(uses))
            for source, target, lines, uses in self._run("counts", statement)
        )


def _is_of(scope: MemoryScope) -> ColumnElement[bool]:
    return and_(
        _MEMORY.c.source_lang == scope.source_lang,
        _MEMORY.c.target_lang == scope.target_lang,
        _MEMORY.c.glossary_version == scope.glossary_version,
    )
