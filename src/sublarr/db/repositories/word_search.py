"""Looking words up: which entries hold them, as a condition that any list of entries may take.

What a person types is parted at white space; an entry is found when each part occurs somewhere in its titles or in
the paths and names of its files, whatever the case and the accents. Nothing typed has a meaning of its own: quotes,
`*`, `%`, `-`, `AND` are looked for as they stand. `sublarr.db.fulltext` keeps what is searched here.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, false, func, or_, select, tablesample, text, true
from sqlalchemy.orm import aliased

from sublarr.db.column_types import Identifier
from sublarr.db.folding import fold
from sublarr.db.models.catalogue import SearchDocument
from sublarr.db.pages import Listing, Query
from sublarr.db.repositories.base import Repository

# What no text holds parts words as white space does.
_SEPARATORS = re.compile(r"[\s\0\ud800-\udfff]+")
_MAXIMUM_TERMS = 12
_MAXIMUM_LETTERS = 100
_MAXIMUM_TYPED = 2_000
# A trigram has three letters; shorter words are looked up as the beginnings of trigrams.
_GRAM = 3
# Words found oftener than this are looked for along the list's own order, where a page of them soon is full.
_OFTEN = 2_000
# What is in such a share of a sample of the documents is read from them, as is everything where there are but few.
_SAMPLE_PERCENT = 4
_SAMPLE_MOST = 1_000
_SAMPLE_LEAST = 200
_SAMPLE_SHARE = 0.2
LAST_LETTER = "\U0010ffff"
# Nobody counts more results than this; a list that is searched is counted no further.
SEARCH_CAP = 1_000


@dataclass(frozen=True, slots=True)
class Sought:
    """Words, folded, and the entries that hold them: all, or the first thousands where there are more."""

    terms: tuple[str, ...]
    found: tuple[int, ...]
    is_often: bool


class WordSearch(Repository):
    """The index over the `search_documents` table, as a condition on other tables."""

    aggregate = "search"

    def matching(self, words: str, media_id: Any) -> ColumnElement[bool]:
        """The condition under which the entry in the column `media_id` is found by `words`."""
        return self.condition(self.seek(words), media_id)

    def seek(self, words: str) -> Sought:
        """Look words up: one answer of the index makes the conditions of several statements."""
        terms = split_words(words)
        if not terms:
            return Sought(terms, (), is_often=False)
        found = tuple(self._run("candidates", self._candidates(terms).limit(_OFTEN + 1)).scalars())
        return Sought(terms, found, is_often=len(found) > _OFTEN)

    def condition(self, sought: Sought, media_id: Any) -> ColumnElement[bool]:
        """The condition under which the entry in the column `media_id` is one that was sought."""
        if not sought.terms:
            return true()
        if not sought.is_often:
            return self._among(sought.found, media_id)
        # A scalar subquery is asked row by row; an EXISTS might be turned into a join over everything.
        own = aliased(SearchDocument)
        return select(self.holding(sought.terms, own)).where(own.media_id == media_id).scalar_subquery()

    def narrow(self, listing: Listing, sought: Sought, media_id: Any) -> Listing:
        """A list as the words leave it; `media_id` is the column of its entries."""
        if not sought.terms:
            return listing
        lean = listing.statement if listing.lean is None else listing.lean
        is_among = self._among(sought.found, media_id)
        # The entries lead to their rows. SQLite, which knows no figures, would read all rows of a state instead.
        beside = listing.branches if listing.beside is None else (listing.beside,)
        if not sought.is_often:
            return replace(
                listing,
                statement=listing.statement.where(is_among),
                lean=lean.where(is_among),
                branches=beside,
                cap=SEARCH_CAP,
                is_sorted=True,
            )
        condition = self.condition(sought, media_id)
        # Mostly the first thousands are enough to know that there are too many to count.
        first = lean.where(is_among, *((or_(*beside),) if beside else ()))
        return replace(
            listing,
            statement=listing.statement.where(condition),
            lean=lean.where(condition),
            counted=(first, listing.among(lean.where(condition))),
            cap=SEARCH_CAP,
        )

    def _among(self, media_ids: Sequence[int], media_id: Any) -> ColumnElement[bool]:
        """Whether a column is one of many ids."""
        within: ColumnElement[bool] = media_id.in_(self._listed(media_ids)) if media_ids else false()
        return within

    def holding(self, terms: Sequence[str], document: Any = SearchDocument) -> ColumnElement[bool]:
        """The condition under which a document holds every one of these words."""
        return and_(
            *(or_(self.within(document.titles, term), self.within(document.files, term)) for term in terms)
        )

    def within(self, text: Any, part: str | ColumnElement[str]) -> ColumnElement[bool]:
        """Whether a folded text holds another, byte for byte on both databases."""
        position = func.instr if self._is_sqlite else func.strpos
        return position(text, part) > 0

    def _listed(self, media_ids: Sequence[int]) -> Any:
        """Ids as one bound value: thousands of values would cost more than the search."""
        if self._is_sqlite:
            return select(func.json_each(json.dumps(media_ids)).table_valued("value").c.value)
        texts = func.unnest(func.string_to_array(",".join(map(str, media_ids)), ","))
        return select(cast(texts.column_valued("value"), Identifier))

    def _candidates(self, terms: Sequence[str]) -> Query:
        if self._is_sqlite:
            return self._in_sqlite(terms)
        # Its index lists every find before it hands out the first.
        return self._in_documents(terms) if self._is_quickly_read(terms) else self._in_postgresql(terms)

    def _is_quickly_read(self, terms: Sequence[str]) -> bool:
        sampled = tablesample(SearchDocument, func.system(_SAMPLE_PERCENT))
        some = select(sampled.c.titles, sampled.c.files).limit(_SAMPLE_MOST).subquery()
        statement = select(func.count(), func.count().filter(self.holding(terms, some.c)))
        looked_at, hits = self._run("sample", statement.select_from(some)).one()
        return bool(looked_at < _SAMPLE_LEAST or hits >= looked_at * _SAMPLE_SHARE)

    def _in_documents(self, terms: Sequence[str]) -> Query:
        return select(SearchDocument.media_id).where(self.holding(terms))

    def _in_sqlite(self, terms: Sequence[str]) -> Query:
        long = [term for term in terms if len(term) >= _GRAM]
        short = [term for term in terms if len(term) < _GRAM]
        if long:
            # A phrase of trigrams is the very text; within the quotes only a quote means anything.
            phrases = " ".join('"' + term.replace('"', '""') + '"' for term in long)
            index = text("SELECT rowid AS media_id FROM search_index WHERE search_index MATCH :phrases")
            bound = index.bindparams(phrases=phrases)
        else:
            first, *short = sorted(short, key=len, reverse=True)
            index = text(
                "SELECT DISTINCT doc AS media_id FROM search_terms WHERE term >= :beginning AND term < :end"
            )
            bound = index.bindparams(beginning=first, end=first + LAST_LETTER)
        found = bound.columns(SearchDocument.media_id).subquery()
        statement = select(found.c.media_id)
        if short:
            statement = statement.join(SearchDocument, SearchDocument.media_id == found.c.media_id)
            statement = statement.where(self.holding(short))
        return statement

    def _in_postgresql(self, terms: Sequence[str]) -> Query:
        grams = func.search_grams(SearchDocument.titles.concat(SearchDocument.files))
        asked = [grams.bool_op("@@")(func.search_query(term)) for term in terms]
        return select(SearchDocument.media_id).where(*asked, self.holding(terms))

    @property
    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"


def split_words(typed: str) -> tuple[str, ...]:
    """The folded parts that must all occur: the first twelve, of each the first hundred letters, none twice."""
    # Folded before it is parted: some single letters fold to several words.
    parts = _SEPARATORS.split(fold(_SEPARATORS.sub(" ", typed[:_MAXIMUM_TYPED])))
    terms = dict.fromkeys(part[:_MAXIMUM_LETTERS] for part in parts if part)
    return tuple(terms)[:_MAXIMUM_TERMS]
