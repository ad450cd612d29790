"""Reading the counters: the statements that add up `row_counts`, for every repository that counts."""

from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from sublarr.db.column_types import Identifier
from sublarr.db.counters import TOPICS
from sublarr.db.models.catalogue import Source
from sublarr.db.models.counters import RowCount
from sublarr.db.pages import Query

_AMOUNT: ColumnElement[int] = cast(func.coalesce(func.sum(RowCount.amount), 0), Identifier)


def counts(topic: str, *by: InstrumentedAttribute[Any]) -> Query:
    """How many rows a topic has by these parts of its cells, those of removed sources left out."""
    statement: Query = select(*by, _AMOUNT)
    return _present(statement, topic).group_by(*by).having(func.sum(RowCount.amount) != 0)


def total(topic: str, *conditions: ColumnElement[bool]) -> Query:
    """How many rows of a topic lie in the cells that meet the conditions, those of removed sources left out."""
    statement: Query = select(_AMOUNT)
    return _present(statement, topic).where(*conditions)


def _present(statement: Query, topic: str) -> Query:
    counted: Select[*tuple[Any, ...]] = statement.select_from(RowCount).where(RowCount.topic == topic)
    if "source_id" not in TOPICS[topic].columns:
        return counted
    is_present = Source.deleted_at.is_(None)
    return counted.join(Source, Source.id == RowCount.source_id).where(is_present)
