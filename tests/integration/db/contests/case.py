"""One state change or counter of a repository under many hands at once, and what must have come of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import func, select, text

from sublarr.db.base import Base
from sublarr.db.database import Database
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, LeaseLost, MissingReference, NotFound

LATER = datetime(2100, 1, 1, tzinfo=UTC)
EARLIER = datetime(2000, 1, 1, tzinfo=UTC)


class Winners(Enum):
    """Who of all hands that do the same to one thing is told that it was they who did it."""

    ONE = auto()
    ALL = auto()


@dataclass(frozen=True)
class Case:
    """What is `prepare`d answers the things that every hand will `do` something to, as plain JSON values.

    `do` answers how many things it changed; what is no number or truth counts as one, a refusal as none. A `whole`
    one is given all things at once, every second hand in the opposite order: who takes rows in another order than
    somebody else ends in a deadlock. `check` looks at what is stored in the end.
    """

    prepare: Callable[[Unit], Sequence[Any]]
    do: Callable[[Unit, Any], Any]
    winners: Winners = Winners.ONE
    whole: bool = False
    rounds: int = 1
    check: Callable[[Unit, Sequence[Any], int], bool] | None = None

    def expected(self, things: Sequence[Any], hands: int) -> int:
        """How many changes all hands together must have been told of."""
        if self.winners is Winners.ONE:
            return len(things)
        return hands * self.rounds * (1 if self.whole else len(things))


def compete(database: Database, case: Case, things: Sequence[Any], hand: int) -> int:
    """Do it all as one of many hands; answers how many changes were this one's."""
    things = list(things)[:: -1 if hand % 2 else 1]
    return sum(
        _do(database, case, thing)
        for _ in range(case.rounds)
        for thing in ([things] if case.whole else things)
    )


def _do(database: Database, case: Case, thing: Any) -> int:
    try:
        with database.write() as unit:
            outcome = case.do(unit, thing)
    except MissingReference:
        raise
    except (Conflict, NotFound, LeaseLost):
        return 0
    return int(outcome) if isinstance(outcome, int) else 1


def count_rows(unit: Unit, table: str, condition: str = "1 = 1") -> int:
    """How many rows of a table fulfil a condition."""
    statement = select(func.count()).select_from(Base.metadata.tables[table]).where(text(condition))
    return int(unit.connection.execute(statement).scalar_one())


def one_row_each(table: str, condition: str = "1 = 1") -> Callable[[Unit, Sequence[Any], int], bool]:
    """A check: the table has one row for each thing."""
    return lambda unit, things, _: count_rows(unit, table, condition) == len(things)


def row_of_every_hand(table: str) -> Callable[[Unit, Sequence[Any], int], bool]:
    """A check: the table has a row for each thing of each hand."""
    return lambda unit, things, hands: count_rows(unit, table) == len(things) * hands
