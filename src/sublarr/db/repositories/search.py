"""Search: entries of every kind in the order in which people mean them, and the care of what they are found by.

A title that is what was typed comes first, then titles that begin with it, that hold it as words, then all others in
whose titles it occurs, and last what is found by the names of files alone. Among equals films and series come
before episodes, then titles follow the alphabet. Words that are in thousands of entries are ranked less finely: the
titles that are or begin with them come first, the others as the alphabet has them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    func,
    literal,
    literal_column,
    not_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from sublarr.db import fulltext, indexing
from sublarr.db.folding import key
from sublarr.db.models.catalogue import Media, SearchDocument, SearchPending, Source, WantedItem
from sublarr.db.pages import Listing, Page, PageRequest, Position, Query, SortKey, finish
from sublarr.db.repositories.base import beside
from sublarr.db.repositories.word_search import LAST_LETTER, SEARCH_CAP, Sought, WordSearch
from sublarr.vocabulary.errors import DatabaseCorrupt, InvalidInput
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import WantedStatus

_MAXIMUM_LIMIT = 200
_LAST_ID = 2**63 - 1
_EXACT, _BEGINS, _WORDS, _TITLES, _NAMES = range(5)
_SPREAD, _EPISODES = range(2)
_OPEN = (WantedStatus.WANTED, WantedStatus.SEARCHING, WantedStatus.FAILED)
# What frequent words are ranked by, in the order of the list: rank, then kind.
_PARTS = tuple((rank, order) for rank in (_EXACT, _BEGINS, _NAMES) for order in (_SPREAD, _EPISODES))


@dataclass(frozen=True, slots=True)
class SearchHit:
    """An entry that was found, and how many subtitles it lacks; a series those of its episodes.

    `rank` is 0 for a title that is just what was typed, and goes up to 4 from there.
    """

    media_id: int
    kind: MediaKind
    title: str
    year: int | None
    season: int | None
    episode: int | None
    series_id: int | None
    series_title: str | None
    rank: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A stretch of the catalogue against its documents: where it ended (None at the end), and what disagrees."""

    last_id: int | None
    missing: int = 0
    differing: int = 0
    stale: int = 0


@dataclass(frozen=True, slots=True)
class Renewed:
    """A stretch of the catalogue whose documents are as they should be: where it ended, and how many there are."""

    last_id: int
    entries: int


class SearchRepository(WordSearch):
    """The `search_documents` table and the index over it."""

    def find(self, words: str, kinds: Sequence[MediaKind] = (), limit: int = 20) -> tuple[SearchHit, ...]:
        """The entries that match best, of these kinds only where any are given; none where nothing was typed."""
        if not 1 <= limit <= _MAXIMUM_LIMIT:
            raise InvalidInput(f"limit must be between 1 and {_MAXIMUM_LIMIT}")
        return self.page(words, kinds, PageRequest(limit, wants_total=False)).items

    def page(self, words: str, kinds: Sequence[MediaKind], request: PageRequest) -> Page[SearchHit]:
        """The entries that match, the best first, counted up to a thousand; none where nothing was typed."""
        sought = self.seek(words)
        if not sought.found:
            return Page((), total=0 if request.wants_total else None)
        ranking = _Ranking(self, sought, self._restrictions(kinds), tuple(sorted(set(kinds))))
        bare = replace(request, wants_total=False)
        if sought.is_often:
            page = self._part_by_part(ranking, bare)
        else:
            page = self._page(ranking.listing(), bare, lambda row: (row[0], row[1]))
        total, is_capped = self._count(ranking) if request.wants_total else (None, False)
        return Page(self._hits(page.items), page.next, page.prev, total, is_capped)

    def _restrictions(self, kinds: Sequence[MediaKind]) -> tuple[ColumnElement[bool], ...]:
        """What of the entries is asked beside their words, most often nothing: then they need not be looked at."""
        hidden = tuple(self._run("hidden", select(Source.id).where(Source.deleted_at.is_not(None))).scalars())
        return (
            *((Media.source_id.not_in(hidden),) if hidden else ()),
            *((Media.kind.in_(set(kinds)),) if kinds and set(kinds) != set(MediaKind) else ()),
        )

    def _count(self, ranking: "_Ranking") -> tuple[int, bool]:
        found = len(ranking.sought.found)
        if not ranking.is_restricted and (found > SEARCH_CAP or not ranking.sought.is_often):
            return min(found, SEARCH_CAP), found > SEARCH_CAP
        return self._total(ranking.listing())

    def _part_by_part(self, ranking: "_Ranking", request: PageRequest) -> Page[Any]:
        """A page of a list that no index holds in order, from parts of which one does, one after the other."""
        listing = ranking.listing()
        scope = repr((self.aggregate, listing.name, listing.filters))
        cursors = self._unit.cursors
        position = cursors.decode(scope, request.cursor) if request.cursor else None
        rows: list[Any] = []
        for part in _parts(position):
            missing = request.limit + 1 - len(rows)
            if missing > 0 and ranking.may_hold(part):
                rows.extend(self._run("part", ranking.part(part, position).limit(missing)))
        page = finish(
            rows,
            request,
            position,
            lambda row: tuple(row[1:]),
            lambda place: cursors.encode(scope, place),
        )
        return replace(page, items=tuple((row[0], row[1]) for row in page.items))

    def _hits(self, ranked: Sequence[tuple[int, int]]) -> tuple[SearchHit, ...]:
        if not ranked:
            return ()
        ids = [media_id for media_id, _ in ranked]
        series = aliased(Media)
        statement = (
            select(
                Media.id,
                Media.kind,
                Media.title,
                Media.year,
                Media.season,
                Media.episode,
                Media.series_id,
                series.title.label("series_title"),
            )
            .outerjoin(series, series.id == Media.series_id)
            .where(Media.id.in_(ids))
        )
        rows = {row.id: row for row in self._run("hits", statement)}
        wanted = self._wanted(ids)
        return tuple(
            SearchHit(*rows[media_id], rank, wanted.get(media_id, 0))  # type: ignore[call-arg] # what rows hold
            for media_id, rank in ranked
        )

    def _wanted(self, media_ids: Sequence[int]) -> Mapping[int, int]:
        parts = (
            select(owner, func.count()).where(owner.in_(media_ids), status.in_(_OPEN)).group_by(owner)
            for owner, status in (
                (WantedItem.media_id, beside(WantedItem.status)),
                (WantedItem.series_id, WantedItem.status),
            )
        )
        return {row[0]: row[1] for row in self._run("wanted", union_all(*parts))}

    def compare(self, after_id: int, limit: int) -> Compared:
        """Hold up to `limit` entries behind `after_id` against their documents; changes nothing."""
        ids, end = self._stretch(after_id, limit)
        document = SearchDocument
        statement = select(
            document.media_id, document.kind_order, document.title_key, document.titles, document.files
        ).where(document.media_id > after_id, document.media_id <= end)
        stored = {row[0]: tuple(row) for row in self._run("compare", statement)}
        made = indexing.made(self._connection, ids)
        return Compared(
            last_id=ids[-1] if ids else None,
            missing=sum(each[0] not in stored for each in made),
            differing=sum(each[0] in stored and stored[each[0]] != each for each in made),
            stale=len(stored.keys() - set(ids)),
        )

    def renew(self, after_id: int, limit: int) -> Renewed | None:
        """Make the documents of up to `limit` entries behind `after_id` as they should be; None at the end."""
        ids, end = self._stretch(after_id, limit)
        stale = delete(SearchDocument).where(
            SearchDocument.media_id > after_id,
            SearchDocument.media_id <= end,
            SearchDocument.media_id.not_in(self._listed(ids)),
        )
        self._run("renew_stale", stale)
        indexing.write(self._connection, ids, self._now)
        return Renewed(ids[-1], len(ids)) if ids else None

    def _stretch(self, after_id: int, limit: int) -> tuple[tuple[int, ...], int]:
        """The entries of a stretch, and the id it reaches to: where no entry is left, to the last of all."""
        statement = select(Media.id).where(Media.id > after_id).order_by(Media.id).limit(limit)
        ids = tuple(self._run("stretch", statement).scalars())
        return ids, ids[-1] if ids else _LAST_ID

    def pending(self) -> int:
        """How many notes of changes wait for a unit that writes to the catalogue."""
        return int(self._run("pending", select(func.count()).select_from(SearchPending)).scalar_one())

    def follow(self) -> None:
        """Look after every note that waits, as a unit does by itself before it commits."""
        indexing.follow(self._connection, self._now)

    def clear(self) -> None:
        """Throw the index and all documents away: nothing is found until all are made anew."""
        if self._is_sqlite:
            fulltext.run(self._connection, fulltext.sqlite_emptying())
        else:
            self._run("clear", delete(SearchDocument))

    def is_index_sound(self) -> bool:
        """Whether the index holds just what the documents do; on SQLite the unit must be one that writes."""
        if not self._is_sqlite:
            # PostgreSQL keeps an index of an expression itself.
            return True
        # With rank 1 the index is compared with the documents, not only with itself.
        statement = text("INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)")
        try:
            # The unit outlives the statement: what it finds is an answer.
            with self._connection.begin_nested():
                self._run("check_index", statement)
        except DatabaseCorrupt:
            return False
        return True


class _Ranking:
    """The order of what was sought, as statements of pages."""

    def __init__(
        self,
        words: WordSearch,
        sought: Sought,
        restrictions: tuple[ColumnElement[bool], ...],
        kinds: tuple[MediaKind, ...],
    ) -> None:
        self._words = words
        self.sought = sought
        self._condition = words.condition(sought, SearchDocument.media_id)
        self._restrictions = restrictions
        self._kinds = kinds
        self._typed = " ".join(sought.terms)
        # Cut as the column is, so that a long title can be typed whole.
        self._key = key(self._typed)[: indexing.TITLE_LETTERS]

    @property
    def is_restricted(self) -> bool:
        """Whether not every entry that holds the words is in the list."""
        return bool(self._restrictions)

    def listing(self) -> Listing:
        """Everything that was found, by rank."""
        rank = self._rank()
        keys = (SearchDocument.kind_order, SearchDocument.title_key, SearchDocument.media_id)
        return Listing(
            "search",
            self._entries().where(self._condition).add_columns(rank),
            (SortKey(rank), *(SortKey(key) for key in keys)),
            (self.sought.terms, self._kinds),
            lean=self._entries().where(self._condition),
            cap=SEARCH_CAP,
        )

    def may_hold(self, part: tuple[int, int]) -> bool:
        """Whether entries of these kinds stand in a part, which would else be read to its end to find none."""
        return not self._kinds or any(
            (kind is MediaKind.EPISODE) == (part[1] == _EPISODES) for kind in self._kinds
        )

    def part(self, part: tuple[int, int], position: Position | None) -> Query:
        """The rows of one rank and kind in the order of an index, continued behind `position` if it lies in it."""
        rank, order = part
        is_backward = position is not None and position.is_backward
        is_here = position is not None and tuple(position.values[:2]) == part
        # In this very row, whose order is that of the walk.
        statement = self._entries().where(
            SearchDocument.kind_order == order,
            *self._is_of(rank, is_begun=is_here and not is_backward, is_ended=is_here and is_backward),
            self._words.holding(self.sought.terms),
        )
        place = tuple_(SearchDocument.title_key, SearchDocument.media_id)
        if position is not None and is_here:
            title_key, media_id = position.values[2:]
            there = tuple_(
                literal(title_key, SearchDocument.title_key.type),
                literal(media_id, SearchDocument.media_id.type),
            )
            statement = statement.where(place < there if is_backward else place > there)
        columns = (SearchDocument.title_key, SearchDocument.media_id)
        return statement.add_columns(literal_column(str(rank)), SearchDocument.kind_order, *columns).order_by(
            *(column.desc() if is_backward else column.asc() for column in columns)
        )

    def _entries(self) -> Query:
        statement = select(SearchDocument.media_id)
        if self._restrictions:
            statement = statement.join(Media, Media.id == SearchDocument.media_id).where(*self._restrictions)
        return statement

    def _rank(self) -> Any:
        document, words = SearchDocument, self._words
        spaced = literal(" ").concat(document.title_key).concat(" ")
        is_title = words.within(document.titles, f"\n{self._typed}\n")
        in_titles = and_(*(words.within(document.titles, term) for term in self.sought.terms))
        return case(
            (document.title_key == self._key, _EXACT),
            (self._is_beginning(), _BEGINS),
            # Another title of a film or a series; an episode has those of its series.
            (and_(document.kind_order == _SPREAD, is_title), _BEGINS),
            (words.within(spaced, f" {self._key} "), _WORDS),
            (in_titles, _TITLES),
            else_=_NAMES,
        )

    def _is_beginning(self) -> ColumnElement[bool]:
        title_key = SearchDocument.title_key
        return and_(title_key >= self._key, title_key < self._key + LAST_LETTER)

    def _is_of(self, rank: int, *, is_begun: bool, is_ended: bool) -> tuple[ColumnElement[bool], ...]:
        """The conditions of a rank; a side that a place in it bounds already is left to that.

        Of two bounds of one side SQLite seeks by the first, and walks to the other.
        """
        title_key = SearchDocument.title_key
        match rank:
            case 0:
                return (title_key == self._key,)
            case 1:
                first = () if is_begun else (title_key >= self._key,)
                last = () if is_ended else (title_key < self._key + LAST_LETTER,)
                return (*first, *last, title_key != self._key)
            case _:
                return (not_(self._is_beginning()),)


def _parts(position: Position | None) -> tuple[tuple[int, int], ...]:
    """The parts that a page may have rows of, in its direction."""
    if position is None:
        return _PARTS
    here = tuple(position.values[:2])
    if position.is_backward:
        return tuple(part for part in reversed(_PARTS) if part <= here)
    return tuple(part for part in _PARTS if part >= here)
