"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, String, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from sublarr.vocabulary.errors import InvalidInput

# 64 bits everywhere; SQLite gives a primary key its rowid only when it is spelled INTEGER.
Identifier = BigInteger().with_variant(Integer(), "sqlite")

# Text in the order of its code points on both, so that the texts with one beginning are a range of its index.
OrderedText = Text().with_variant(Text(collation="C"), "postgresql")


class JsonDocument(TypeDecorator[Any]):
    """A JSON value: JSONB, or text on SQLite."""

    impl = JSON
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(none_as_null=True)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """JSONB on PostgreSQL, JSON elsewhere."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON(none_as_null=True))
        # The dialect costs 2 MB, which a household on SQLite never needs.
        from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415

        return dialect.type_descriptor(JSONB(none_as_null=True))


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC: TIMESTAMPTZ, or fixed-width ISO text that sorts right on SQLite.

    SQLite's own DateTime drops the offset. The text is always 27 characters,
    `2026-02-18T19:07:10.123456Z`, so comparing text compares time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, TIMESTAMPTZ elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuses a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvalidInput(f"a time without a zone was given to the database: {value.isoformat()}")
        return to_utc_text(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware time in UTC."""
        return _read_text(value) if isinstance(value, str) else _in_utc(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        """The same without the decorator's own calls around it: a page reads 200 times."""
        return _read_text if dialect.name == "sqlite" else _in_utc


def _read_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def to_utc_text(value: datetime) -> str:
    """The fixed-width text of an aware time."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


class PlainText(TypeDecorator[str]):
    """Text of any length; refuses NUL, which SQLite would take and PostgreSQL and C programs would not."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text itself, or `InvalidInput`."""
        if value is not None and "\0" in value:
            raise InvalidInput("text cannot hold a NUL character")
        return value


class PathText(TypeDecorator[str]):
    """Path text (`sublarr.vocabulary.paths`): refuses NUL and lone surrogates, which no store can hold."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text itself, or `InvalidInput`."""
        if value is None or value.isascii():
            if value is not None and "\0" in value:
                raise InvalidInput("a path cannot hold a NUL character")
            return value
        if "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise InvalidInput("a path was not turned into path text before it was stored")
        return value


def enum_column(enum: type[StrEnum], name: str) -> Enum:
    """A VARCHAR of the enum's values with a CHECK of that name."""
    return Enum(
        enum,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class db_now(FunctionElement[datetime]):  # noqa: N801 - reads as the SQL function it is
    """The database's own clock, plus a number of seconds: leases must not trust each machine's."""

    type = UTCDateTime()
    name = "db_now"
    inherit_cache = True

    def __init__(self, seconds: float | ColumnElement[Any] = 0.0) -> None:
        clause = seconds if isinstance(seconds, ColumnElement) else BindParameter(None, float(seconds))
        super().__init__(clause)


@compiles(db_now, "sqlite")
def _sqlite_now(element: db_now, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses.clauses[0], **options)
    # %f has milliseconds; three zeros make it as wide as what Python writes.
    return f"(strftime('%Y-%m-%dT%H:%M:%f', 'now', ({seconds}) || ' seconds') || '000Z')"


@compiles(db_now, "postgresql")
def _postgresql_now(element: db_now, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses.clauses[0], **options)
    return f"(clock_timestamp() + make_interval(secs => CAST({seconds} AS double precision)))"
