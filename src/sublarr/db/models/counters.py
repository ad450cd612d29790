"""How many rows there are of each sort, kept by triggers; `sublarr.db.counters` says how."""

from sqlalchemy.orm import Mapped, mapped_column

from sublarr.db.base import Base, PartialIndex
from sublarr.db.column_types import Identifier

# What tells one cell from another; '' and 0 where a topic does not ask for it.
CELL = ("topic", "source_id", "kind", "status", "language", "subtitle_type", "is_upgrade")


class RowCount(Base):
    """A part of a count: all parts of a cell together are the number of its rows.

    A cell has one folded part. Loose parts are what transactions added since, on PostgreSQL only.
    """

    __tablename__ = "row_counts"
    __table_args__ = (
        PartialIndex("uq_row_counts_cell", *CELL, unique=True, where="is_folded"),
        PartialIndex("ix_row_counts_loose", "id", where="NOT is_folded"),
    )

    id: Mapped[int] = mapped_column(Identifier, primary_key=True)
    topic: Mapped[str]
    source_id: Mapped[int] = mapped_column(Identifier, default=0)
    kind: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    subtitle_type: Mapped[str] = mapped_column(default="")
    is_upgrade: Mapped[bool] = mapped_column(default=False)
    amount: Mapped[int] = mapped_column(Identifier)
    is_folded: Mapped[bool]
