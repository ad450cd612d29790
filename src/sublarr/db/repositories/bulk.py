"""Many rows at once: statements made once, and values converted column by column.

Core makes the statement anew for each call, and runs every value of every row through its type: that cost more than
SQLite's own work (docs/benchmarks.md). A column of a scan mostly repeats a few values, such as the time, a state or
a language, and each of those is converted once here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Dialect, Table, literal_column, or_
from sqlalchemy.dialects import sqlite

from sublarr.db.column_types import JsonDocument

Converter = Callable[[Any], Any]
Row = Mapping[str, Any]

_STAMPS = frozenset({"updated_at", "cached_at"})


def insertion(dialect: Dialect, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT, which each dialect spells with a class of its own."""
    if dialect.name == "sqlite":
        return sqlite.insert(table)
    # The dialect costs 2 MB, which a household on SQLite never needs.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


@dataclass(frozen=True, slots=True)
class _Place:
    """One value of the statement: whose column, what it becomes on its way, and what it is where a row has none."""

    name: str
    convert: Converter | None
    identify: Converter | None
    default: Converter | None

    def values(self, rows: Sequence[Row]) -> Iterable[Any]:
        """This column of all rows, as the driver takes it."""
        if self.default is None or self.name in rows[0]:
            name = self.name
            given = [row[name] for row in rows]
        else:
            given = [self.default(None) for _ in rows]
        if self.convert is None:
            return given
        keys = given if self.identify is None else [self.identify(value) for value in given]
        known = {key: self.convert(value) for key, value in dict(zip(keys, given, strict=True)).items()}
        return map(known.__getitem__, keys)


@dataclass(frozen=True, slots=True)
class BulkStatement:
    """SQL for `executemany`, and how rows become its parameters."""

    sql: str
    places: tuple[_Place, ...]
    is_positional: bool
    table_name: str

    def parameters(self, rows: Sequence[Row]) -> list[Any]:
        """What the driver is given for these rows; all have the columns of the first."""
        lines = zip(*(place.values(rows) for place in self.places), strict=True)
        if self.is_positional:
            return list(lines)
        names = [place.name for place in self.places]
        return [dict(zip(names, line, strict=True)) for line in lines]


@lru_cache(maxsize=64)
def insert_statement(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> BulkStatement:
    """Plainly inserts rows of these columns; the others have their defaults."""
    return _compiled(insertion(dialect, table), dialect, table, columns)


@lru_cache(maxsize=64)
def upsert_statement(
    dialect: Dialect, table: Table, columns: tuple[str, ...], key: tuple[str, ...], update: tuple[str, ...]
) -> BulkStatement:
    """Inserts rows, or brings those stored under the same key in line where they differ in any of `update`."""
    statement = insertion(dialect, table)
    if not update:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
        return _compiled(statement, dialect, table, columns)
    values = {column: statement.excluded[column] for column in update}
    differs = or_(*(table.c[column].is_distinct_from(statement.excluded[column]) for column in update))
    for stamp in _STAMPS & set(table.c.keys()):
        values[stamp] = statement.excluded[stamp]
    if "version" in table.c:
        values["version"] = table.c.version + literal_column("1")
    statement = statement.on_conflict_do_update(index_elements=list(key), set_=values, where=differs)
    return _compiled(statement, dialect, table, columns)


def _compiled(statement: Any, dialect: Dialect, table: Table, columns: tuple[str, ...]) -> BulkStatement:
    defaults = {column.name: _default(column) for column in table.c if column.name not in columns}
    missing = [name for name, default in defaults.items() if default is not None]
    # Inline: else it would ask for the keys that the database made, which executemany cannot answer.
    compiled = statement.inline().compile(dialect=dialect, column_keys=[*columns, *missing])
    names = compiled.positiontup if compiled.positional else compiled.params
    places = (_place(table.c[name], dialect, defaults.get(name)) for name in names)
    return BulkStatement(str(compiled), tuple(places), bool(compiled.positional), table.name)


def _default(column: Column[Any]) -> Converter | None:
    """What makes the value of a column that rows leave out."""
    default: Any = column.default
    if default is None:
        return None
    if default.is_scalar:
        return lambda _: default.arg
    made: Converter = default.arg
    return made


def _place(column: Column[Any], dialect: Dialect, default: Converter | None) -> _Place:
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    # Lists have no hash; to write one as Python does costs a tenth of what JSON costs.
    identify = repr if isinstance(column.type, JsonDocument) else None
    return _Place(column.name, convert, identify, default)
