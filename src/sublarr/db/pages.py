"""Keyset pages: opaque signed cursors, forward and back, at the same cost at any depth.

A page continues behind the last row it showed, by the values of its sort columns and the primary key, so
rows that come or go elsewhere neither repeat nor hide others. The cursor names its list and filters: one
list's cursor is refused by another. OFFSET is never used; it reads everything it skips.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from sublarr.vocabulary.errors import InvalidInput

MAXIMUM_LIMIT = 500
TOTAL_CAP = 10_000
_SIGNATURE_BYTES = 12

Row = TypeVar("Row")
Query = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: how many rows, behind which cursor, and whether to count the whole."""

    limit: int = 50
    cursor: str | None = None
    wants_total: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAXIMUM_LIMIT:
            raise InvalidInput(f"limit must be between 1 and {MAXIMUM_LIMIT}")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows, and the cursors of the pages beside them; `total` stops counting at the cap."""

    items: tuple[Row, ...]
    next: str | None = None
    prev: str | None = None
    total: int | None = None
    total_capped: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: behind these values, or before them when it goes back."""

    values: tuple[Any, ...]
    is_backward: bool


@dataclass(frozen=True, slots=True)
class SortKey:
    """One column of an order; it must not be NULL."""

    column: ColumnElement[Any] | InstrumentedAttribute[Any]
    is_descending: bool = False


class Cursors:
    """Makes and reads cursors; `secret` is the database's own, so any process reads them."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def encode(self, scope: str, position: Position) -> str:
        """The cursor for a position in the list named by `scope`."""
        values = [_to_json(value) for value in position.values]
        body = json.dumps([position.is_backward, values], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._sign(scope, body) + body).decode().rstrip("=")

    def decode(self, scope: str, cursor: str) -> Position:
        """The position; raises `InvalidInput` for a forged, damaged or foreign cursor."""
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except ValueError:
            raise InvalidInput("the cursor is damaged") from None
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._sign(scope, body)):
            raise InvalidInput(
                "the cursor is not one of this list and these filters: begin at the first page"
            )
        is_backward, values = json.loads(body)
        return Position(tuple(_from_json(value) for value in values), bool(is_backward))

    def fingerprint(self, text: str) -> str:
        """Six characters that tell whether two hidden texts are the same, to whoever has not the secret nothing else."""
        return self._sign("fingerprint", text.encode("utf-8", "surrogatepass")).hex()[:6]

    def _sign(self, scope: str, body: bytes) -> bytes:
        digest = hmac.new(self._secret, scope.encode() + b"\0" + body, hashlib.sha256)
        return digest.digest()[:_SIGNATURE_BYTES]


def _to_json(value: Any) -> Any:
    return {"t": value.isoformat()} if isinstance(value, datetime) else value


def _from_json(value: Any) -> Any:
    return datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value


def after(keys: Sequence[SortKey], position: Position) -> ColumnElement[bool]:
    """The predicate for rows behind a position (before it, when going back).

    One row value where every column runs the same way, else the bounded OR
    `a <= :a AND (a < :a OR (b > :b ...))`; both are index ranges, the textbook OR is not.
    """
    directions = [key.is_descending != position.is_backward for key in keys]
    if len(set(directions)) == 1:
        left = tuple_(*(key.column for key in keys))
        # Bound with the column's own type: a time must be written as the column writes it.
        right = tuple_(*(_bound(key, value) for key, value in zip(keys, position.values, strict=True)))
        return left < right if directions[0] else left > right
    return _bounded(list(zip(keys, directions, position.values, strict=True)))


def _bound(key: SortKey, value: Any) -> ColumnElement[Any]:
    return value if isinstance(value, BindParameter) else literal(value, key.column.type)


def _bounded(parts: list[tuple[SortKey, bool, Any]]) -> ColumnElement[bool]:
    key, descends, value = parts[0]
    strict: ColumnElement[bool] = key.column < value if descends else key.column > value
    if len(parts) == 1:
        return strict
    bound: ColumnElement[bool] = key.column <= value if descends else key.column >= value
    return and_(bound, or_(strict, _bounded(parts[1:])))


def arrange(
    statement: Query, keys: Sequence[SortKey], position: Position | None, limit: int | BindParameter[int]
) -> Query:
    """`statement` ordered, continued behind `position`, with one row more than `limit` to see if more come."""
    if position is not None:
        statement = statement.where(after(keys, position))
    return _ordered(statement, keys, position).limit(limit + 1)


def _ordered(statement: Query, keys: Sequence[SortKey], position: Position | None) -> Query:
    """`statement` in the order in which it is read from `position` on."""
    is_backward = position is not None and position.is_backward
    order = [key.column.desc() if key.is_descending != is_backward else key.column.asc() for key in keys]
    return statement.order_by(*order)


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list that is paged: its name, the rows, their order, and the filters that shaped it.

    One that is kept keeps its pages' statements, too: making one takes longer than SQLite takes to answer it.

    `branches` cut the list into disjoint parts, such as one for each of several states. An index holds each
    part in the list's order but not their union, so a page is merged from the beginnings of all parts.
    `known_total` is a statement that knows the total without counting, where the counters know it.
    `lean` finds the same rows without the tables that only show them: what is joined to each is then read, and
    planned, for the page only. The total is counted over `counted`, else over `lean`: of several statements one that
    reaches `cap` is enough, and the last is exact.
    """

    name: str
    statement: Query
    keys: tuple[SortKey, ...]
    filters: tuple[Any, ...] = ()
    branches: tuple[ColumnElement[bool], ...] = ()
    known_total: Query | None = None
    lean: Query | None = None
    counted: tuple[Query, ...] = ()
    cap: int = TOTAL_CAP
    # Where no index has the order, the rows of `lean` are sorted before the tables that show them are joined.
    is_sorted: bool = False
    # What all branches say together, in words for which SQLite takes no index: for rows that something else finds.
    beside: ColumnElement[bool] | None = None
    _prepared: dict[bool | None, Query] = field(default_factory=dict, init=False, repr=False)

    def prepared(self, position: Position | None, limit: int) -> tuple[Query, dict[str, Any]]:
        """The statement of a page, with the values of the keys behind everything else; and its parameters."""
        way = None if position is None else position.is_backward
        statement = self._prepared.get(way)
        if statement is None:
            statement = self._prepared[way] = self._prepare(way)
        values = () if position is None else position.values
        return statement, {"page_limit": limit, **{f"place_{n}": value for n, value in enumerate(values)}}

    def _prepare(self, way: bool | None) -> Query:  # noqa: FBT001 - three-valued: None is the first page
        places = (bindparam(f"place_{n}", type_=key.column.type) for n, key in enumerate(self.keys))
        position = None if way is None else Position(tuple(places), is_backward=way)
        return self.arranged(position, bindparam("page_limit", type_=Integer))

    @property
    def countable(self) -> tuple[Query, ...]:
        """What tells how many rows there are."""
        return self.counted or (self.among(self._lean),)

    def among(self, statement: Query) -> Query:
        """A statement over the list's rows, held to the branches."""
        return statement.where(or_(*self.branches)) if self.branches else statement

    @property
    def _lean(self) -> Query:
        return self.statement if self.lean is None else self.lean

    @property
    def whole(self) -> Query:
        """Every row of the list, in no order."""
        return self.among(self.statement)

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        """What the rows are ordered by."""
        return tuple(key.column.desc() if key.is_descending else key.column.asc() for key in self.keys)

    def with_keys(self, statement: Query) -> Query:
        """A statement over the list's rows that tells the values of its keys too, behind everything else."""
        names = self._names
        return statement.add_columns(
            *(key.column.label(name) for key, name in zip(self.keys, names, strict=True))
        )

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(f"_key_{number}" for number in range(len(self.keys)))

    def arranged(self, position: Position | None, limit: int | BindParameter[int]) -> Query:
        """The rows of a page and one more, each with the values of its keys behind its columns."""
        if self.lean is None:
            return self._merged(self.with_keys(self.statement), position, limit)
        lean = self.with_keys(self.lean.with_only_columns())
        if self.is_sorted:
            chosen = arrange(self.among(lean), self.keys, position, limit)
        else:
            chosen = self._merged(lean, position, limit)
        is_chosen = self.keys[-1].column.in_(select(chosen.subquery().c[self._names[-1]]))
        # Without the position: SQLite would walk the list from there and look for the chosen rows.
        return _ordered(self.with_keys(self.statement).where(is_chosen), self.keys, position)

    def _merged(self, labelled: Query, position: Position | None, limit: int | BindParameter[int]) -> Query:
        if len(self.branches) < 2:
            return arrange(labelled.where(*self.branches), self.keys, position, limit)
        parts = [
            arrange(labelled.where(branch), self.keys, position, limit).subquery() for branch in self.branches
        ]
        merged = union_all(*(select(part) for part in parts)).subquery()
        merged_keys = [
            SortKey(merged.c[name], key.is_descending)
            for key, name in zip(self.keys, self._names, strict=True)
        ]
        return arrange(select(merged), merged_keys, position, limit)


def finish(
    rows: Sequence[Row],
    request: PageRequest,
    position: Position | None,
    locate: Callable[[Row], tuple[Any, ...]],
    encode: Callable[[Position], str],
) -> Page[Row]:
    """The page for rows fetched by `arrange`: cut to size, put in order, with both cursors."""
    has_more = len(rows) > request.limit
    kept = list(rows[: request.limit])
    is_backward = position is not None and position.is_backward
    if is_backward:
        kept.reverse()
    has_next = has_more if not is_backward else True
    has_prev = position is not None if not is_backward else has_more
    return Page(
        items=tuple(kept),
        next=encode(Position(locate(kept[-1]), is_backward=False)) if kept and has_next else None,
        prev=encode(Position(locate(kept[0]), is_backward=True)) if kept and has_prev else None,
    )
