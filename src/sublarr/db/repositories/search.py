"""Finding entries by any part of their titles and file names.

What a person types is parted at white space; an entry is found when each part occurs somewhere in its titles or in
the paths and names of its files, whatever the case. Nothing typed has a meaning of its own: quotes, `*`, `%`, `-`,
`AND` are looked for as they stand. `sublarr.db.fulltext` keeps what is searched here.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, false, func, or_, select, text, true
from sqlalchemy.orm import aliased

from sublarr.db import fulltext
from sublarr.db.column_types import Identifier
from sublarr.db.models.catalogue import Media, SearchDocument, Source
from sublarr.db.pages import Query
from sublarr.db.repositories.base import LIKE_ESCAPE, Repository, contains_pattern
from sublarr.vocabulary.errors import DatabaseCorrupt, InvalidInput
from sublarr.vocabulary.media import MediaKind

# What no text holds parts words as white space does.
_SEPARATORS = re.compile(r"[\s\0\ud800-\udfff]+")
_MAXIMUM_TERMS = 12
_MAXIMUM_LETTERS = 100
_MAXIMUM_TYPED = 2_000
_MAXIMUM_LIMIT = 200
# A trigram has three letters; shorter words are looked up as the beginnings of trigrams.
_GRAM = 3
# Words found oftener than this are looked for along the list's own order, where a page of them soon is full.
_OFTEN = 5_000
_LAST_LETTER = "\U0010ffff"
_SPREAD_KINDS = (MediaKind.MOVIE, MediaKind.SERIES)


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An entry that was found; `rank` is 0 for a title that is just what was typed, and goes up from there."""

    media_id: int
    kind: MediaKind
    title: str
    year: int | None
    season: int | None
    episode: int | None
    series_id: int | None
    series_title: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class SearchProblem:
    """Something that does not agree with the catalogue; `entries` is how many, 0 where the index itself is damaged."""

    message: str
    entries: int = 0


# What disagrees, and how it is counted; every row of the view has a document, and the document says the same.
_DISAGREEMENTS = {
    "entries cannot be found": (
        "SELECT count(*) FROM media WHERE NOT EXISTS "
        "(SELECT 1 FROM search_documents WHERE search_documents.media_id = media.id)"
    ),
    "entries are found that do not exist": (
        "SELECT count(*) FROM search_documents WHERE NOT EXISTS "
        "(SELECT 1 FROM media WHERE media.id = search_documents.media_id)"
    ),
    "entries are found by other words than their own": (
        "SELECT count(*) FROM search_documents JOIN search_sources"
        " ON search_sources.media_id = search_documents.media_id"
        " WHERE search_sources.titles <> search_documents.titles OR search_sources.files <> search_documents.files"
    ),
}
_DELETE_STALE = "DELETE FROM search_documents WHERE NOT EXISTS (SELECT 1 FROM media WHERE media.id = search_documents.media_id)"


class SearchRepository(Repository):
    """The `search_documents` table and the index over it."""

    aggregate = "search"

    def find(self, words: str, kinds: Sequence[MediaKind] = (), limit: int = 20) -> tuple[SearchHit, ...]:
        """The entries that match best, of these kinds only where any are given; none where nothing was typed.

        Titles that are or begin with what was typed come first, then titles that hold it, then file names; films
        and series before episodes.
        """
        if not 1 <= limit <= _MAXIMUM_LIMIT:
            raise InvalidInput(f"limit must be between 1 and {_MAXIMUM_LIMIT}")
        terms = split_words(words)
        if not terms:
            return ()
        wanted = tuple(dict.fromkeys(kinds)) or tuple(MediaKind)
        condition, is_often = self._condition(terms, Media.id)
        hits: list[SearchHit] = []
        for part in ([kind for kind in wanted if kind in _SPREAD_KINDS], [MediaKind.EPISODE]):
            chosen = [kind for kind in part if kind in wanted]
            if chosen and len(hits) < limit:
                is_ranked = not is_often or MediaKind.EPISODE not in chosen
                statement = _hits(terms, condition, chosen, limit - len(hits), is_ranked=is_ranked)
                hits.extend(SearchHit(*row) for row in self._run("find", statement))
        return tuple(hits)

    def matching(self, words: str, media_id: Any) -> ColumnElement[bool]:
        """The condition under which the entry in the column `media_id` is found by `words`."""
        terms = split_words(words)
        return self._condition(terms, media_id)[0] if terms else true()

    def _condition(self, terms: tuple[str, ...], media_id: Any) -> tuple[ColumnElement[bool], bool]:
        """The condition, and whether so many entries match that each must be looked at."""
        candidates = self._candidates(terms)
        found = tuple(self._run("candidates", candidates.limit(_OFTEN + 1)).scalars())
        if not found:
            return false(), False
        if len(found) <= _OFTEN:
            return media_id.in_(self._listed(found)), False
        if self._is_sqlite and not "".join(terms).isascii():
            # Its LIKE knows upper and lower case in ASCII only.
            return media_id.in_(candidates), True
        # A scalar subquery is asked row by row; an EXISTS might be turned into a join over everything.
        own = aliased(SearchDocument)
        looked_at = select(_holds(terms, own)).where(own.media_id == media_id)
        return looked_at.scalar_subquery(), True

    def _listed(self, media_ids: Sequence[int]) -> Any:
        """Ids as one bound value: thousands of values would cost more than the search."""
        if self._is_sqlite:
            return select(func.json_each(json.dumps(media_ids)).table_valued("value").c.value)
        texts = func.unnest(func.string_to_array(",".join(map(str, media_ids)), ","))
        return select(cast(texts.column_valued("value"), Identifier))

    def _candidates(self, terms: Sequence[str]) -> Query:
        return self._in_sqlite(terms) if self._is_sqlite else self._in_postgresql(terms)

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
            beginning = "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in first)
            index = text(
                "SELECT DISTINCT doc AS media_id FROM search_terms WHERE term >= :beginning AND term < :end"
            )
            bound = index.bindparams(beginning=beginning, end=beginning + _LAST_LETTER)
        found = bound.columns(SearchDocument.media_id).subquery()
        statement = select(found.c.media_id)
        if short:
            statement = statement.join(SearchDocument, SearchDocument.media_id == found.c.media_id)
            statement = statement.where(_holds(short))
        return statement

    def _in_postgresql(self, terms: Sequence[str]) -> Query:
        grams = func.search_grams(SearchDocument.titles.concat(SearchDocument.files))
        asked = [grams.bool_op("@@")(func.search_query(term)) for term in terms]
        return select(SearchDocument.media_id).where(*asked, _holds(terms))

    def check(self) -> tuple[SearchProblem, ...]:
        """What is wrong with what is searched; needs a unit that writes, reads everything, never runs by itself."""
        self._settle()
        problems: list[SearchProblem] = []
        for message, statement in _DISAGREEMENTS.items():
            count = self._run("check", text(statement)).scalar_one()
            if count:
                problems.append(SearchProblem(message, count))
        if self._is_sqlite:
            problems.extend(self._check_index())
        return tuple(problems)

    def _check_index(self) -> tuple[SearchProblem, ...]:
        # With rank 1 the index is compared with the documents, not only with itself.
        statement = text("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
        try:
            # The unit outlives the statement: what it finds is an answer.
            with self._connection.begin_nested():
                self._run("check_index", statement)
        except DatabaseCorrupt:
            return (SearchProblem("the index disagrees with the documents"),)
        return ()

    def rebuild(self) -> int:
        """Make the index anew, and every document that is not as it should be; answers how many there are."""
        if not self._is_sqlite:
            # All that is to come at once: REINDEX keeps writers out, and two of them each other for ever.
            self._run("lock", text("LOCK TABLE search_documents IN ACCESS EXCLUSIVE MODE"))
        self._settle()
        # The index first: the triggers that then follow changed documents need a sound one.
        again = "INSERT INTO search_index (search_index) VALUES ('rebuild')"
        self._run(
            "rebuild_index",
            text(again if self._is_sqlite else "REINDEX INDEX ix_search_documents_grams"),
        )
        self._run("rebuild_stale", text(_DELETE_STALE))
        self._run("rebuild_documents", text(fulltext.fill(self._connection.dialect.name)))
        count: int = self._run("count", select(func.count()).select_from(SearchDocument)).scalar_one()
        return count

    def _settle(self) -> None:
        """On PostgreSQL the documents follow at COMMIT: have them follow now."""
        if not self._is_sqlite:
            self._run("settle", text("SET CONSTRAINTS ALL IMMEDIATE"))

    @property
    def _is_sqlite(self) -> bool:
        return self._connection.dialect.name == "sqlite"


def split_words(typed: str) -> tuple[str, ...]:
    """The parts that must all occur: the first twelve, of each the first hundred letters, none twice."""
    parts = _SEPARATORS.split(typed[:_MAXIMUM_TYPED])
    terms = dict.fromkeys(part[:_MAXIMUM_LETTERS] for part in parts if part)
    return tuple(terms)[:_MAXIMUM_TERMS]


def _holds(terms: Sequence[str], document: type[SearchDocument] = SearchDocument) -> ColumnElement[bool]:
    return and_(
        *(
            or_(
                _contains(document.titles, contains_pattern(term)),
                _contains(document.files, contains_pattern(term)),
            )
            for term in terms
        )
    )


def _contains(column: Any, pattern: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = column.ilike(pattern, escape=LIKE_ESCAPE)
    return condition


def _hits(
    terms: Sequence[str],
    condition: ColumnElement[bool],
    kinds: Sequence[MediaKind],
    limit: int,
    *,
    is_ranked: bool,
) -> Query:
    series = aliased(Media)
    pattern = contains_pattern(" ".join(terms))
    in_titles = and_(*(_contains(SearchDocument.titles, contains_pattern(term)) for term in terms))
    rank = case(
        (_contains(Media.title, pattern[1:-1]), 0),
        (_contains(Media.title, pattern[1:]), 1),
        (_contains(Media.title, pattern), 2),
        (in_titles, 3),
        else_=4,
    )
    statement = (
        select(
            Media.id,
            Media.kind,
            Media.title,
            Media.year,
            Media.season,
            Media.episode,
            Media.series_id,
            series.title,
            rank.label("rank"),
        )
        .join(Source, Source.id == Media.source_id)
        .join(SearchDocument, SearchDocument.media_id == Media.id)
        .outerjoin(series, series.id == Media.series_id)
        .where(Media.kind.in_(kinds), Source.deleted_at.is_(None), condition)
        .limit(limit)
    )
    return statement.order_by("rank", Media.sort_title, Media.id) if is_ranked else statement
