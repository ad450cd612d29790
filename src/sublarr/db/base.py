"""The declarative base: naming convention, and the columns that many tables share."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, MetaData, TextClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.compiler import DDLCompiler

from sublarr.db.column_types import PlainText, UTCDateTime

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The root of every model; its metadata is the schema."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {str: PlainText}


class Timestamped:
    """When a row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Versioned(Timestamped):
    """Optimistic locking: a writer names the version it read, and is refused if it has moved on."""

    version: Mapped[int] = mapped_column(default=1)


class Deletable:
    """Soft delete: the row stays restorable until it is purged."""

    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class PartialIndex(Index):
    """An index over the rows for which `where` holds.

    SQLAlchemy's own `postgresql_where` imports that dialect wherever it is written; both dialects spell a
    partial index alike, so the condition is added to the statement here.
    """

    def __init__(self, name: str, *columns: str | TextClause, where: str, unique: bool = False) -> None:
        super().__init__(name, *columns, unique=unique, info={"where": where})


@compiles(CreateIndex)
def _create_index(create: CreateIndex, compiler: DDLCompiler, **options: Any) -> str:
    statement: str = compiler.visit_create_index(create, **options)  # type: ignore[no-untyped-call]
    where = create.element.info.get("where")
    return f"{statement} WHERE {where}" if where else statement


def while_deleted(table: str, key: str = "id") -> Index:
    """The index of soft-deleted rows by when they went: what can be restored, and what is purged."""
    return PartialIndex(f"ix_{table}_deleted", "deleted_at", key, where="deleted_at IS NOT NULL")


def unique_while_present(name: str, *columns: str) -> Index:
    """A unique index over rows that are not soft-deleted."""
    return PartialIndex(name, *columns, unique=True, where="deleted_at IS NULL")


def valid_json(*columns: str) -> tuple[CheckConstraint, ...]:
    """CHECKs that a text column holds JSON, where the database has no type for it (SQLite)."""
    return tuple(
        CheckConstraint(f"{column} IS NULL OR json_valid({column})", name=f"{column}_is_json").ddl_if(
            dialect="sqlite"
        )
        for column in columns
    )
