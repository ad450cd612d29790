"""Care of the counters: whether they say what is there, and counting anew where they do not."""

from dataclasses import dataclass

from sqlalchemy import func, select, text

from sublarr.db import counters
from sublarr.db.models.counters import RowCount
from sublarr.db.repositories.base import Repository


@dataclass(frozen=True, slots=True)
class CountProblem:
    """A topic whose kept numbers are not the numbers of its rows, and in how many cells."""

    topic: str
    cells: int


class CounterRepository(Repository):
    """The `row_counts` table and the columns that serve it."""

    aggregate = "counters"

    def check(self) -> tuple[CountProblem, ...]:
        """What the counters have wrong; reads every counted row, never runs by itself."""
        found = (
            CountProblem(topic, self._run("check", text(counters.differences(topic))).scalar_one())
            for topic in counters.TOPICS
        )
        return tuple(problem for problem in found if problem.cells)

    def rebuild(self) -> int:
        """Count everything anew while all others wait to write; answers how many cells there are."""
        self._lock_out_others()
        for statement in (counters.OWN_SOURCES, counters.OWN_OWNERS):
            self._run("rebuild_columns", text(statement))
        self._run("rebuild_clear", text("DELETE FROM row_counts"))
        for topic in counters.TOPICS:
            self._run("rebuild_fill", text(counters.fill(topic)))
        cells: int = self._run("count", select(func.count()).select_from(RowCount)).scalar_one()
        return cells

    def fold(self) -> None:
        """Have loose rows become part of their cells, unless somebody is at it; on SQLite there are none."""
        if self._connection.dialect.name == "postgresql":
            self._run("fold", text("SELECT fold_row_counts()"))

    def _lock_out_others(self) -> None:
        if self._connection.dialect.name == "postgresql":
            tables = ", ".join(topic.table for topic in counters.TOPICS.values())
            self._run("lock", text(f"LOCK TABLE {tables}, media_file_links IN SHARE ROW EXCLUSIVE MODE"))
            self._run("lock_folding", text(f"SELECT pg_advisory_xact_lock({counters.FOLD_LOCK})"))
