"""The care of full text when somebody asks: what is wrong with it, and making it anew, in short transactions.

Never at boot, never by itself. Other writers wait for one stretch of entries at most; only where SQLite's index itself
is damaged, which `check` tells, is there a time in which searches find less than there is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sublarr.db.database import Database

# A stretch is written in some 50 ms.
_STRETCH = 500
_READ_STRETCH = 2_000


@dataclass(frozen=True, slots=True)
class SearchProblem:
    """Something that does not agree with the catalogue; `entries` is how many, 0 where the index itself is damaged."""

    message: str
    entries: int = 0


def check_search(database: Database, pause: Callable[[], None] | None = None) -> tuple[SearchProblem, ...]:
    """What is wrong with what is searched; reads every entry, and on SQLite the whole index under the write lock.

    `pause` is called between stretches, and may raise to end it.
    """
    missing = differing = stale = 0
    last_id: int | None = 0
    while last_id is not None:
        with database.read() as unit:
            compared = unit.search.compare(last_id, _READ_STRETCH)
        missing, differing = missing + compared.missing, differing + compared.differing
        stale, last_id = stale + compared.stale, compared.last_id
        if pause is not None:
            pause()
    with database.write() as unit:
        waiting, is_sound = unit.search.pending(), unit.search.is_index_sound()
    counted = {
        "entries cannot be found": missing,
        "entries are found by other words than their own": differing,
        "entries are found that do not exist": stale,
        "changes are not looked at yet": waiting,
    }
    problems = [SearchProblem(message, entries) for message, entries in counted.items() if entries]
    return (*problems, *(() if is_sound else (SearchProblem("the index disagrees with the documents"),)))


def rebuild_search(database: Database, told: Callable[[int], None] | None = None) -> int:
    """Make every document that is not as it should be anew, and a damaged index whole; answers how many there are.

    `told` is called after each stretch with the entries looked at so far.
    """
    with database.write() as unit:
        if not unit.search.is_index_sound():
            unit.search.clear()
        unit.search.follow()
    looked_at, last_id = 0, 0
    while True:
        with database.write() as unit:
            renewed = unit.search.renew(last_id, _STRETCH)
        if renewed is None:
            return looked_at
        last_id, looked_at = renewed.last_id, looked_at + renewed.entries
        if told is not None:
            told(looked_at)
