"""Every counter and every change of state under eight threads and four processes at once, on both databases.

Nothing is lost, nothing is done twice, nobody is told of a deadlock or of another writer.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from sublarr.db.base import Base
from sublarr.db.database import Database
from tests.contract.db.test_completeness import REPOSITORIES
from tests.integration.db.contests.all_cases import CASES, EXEMPT, LOOKING
from tests.integration.db.contests.case import Case, compete
from tests.integration.db.crew import Crew
from tests.integration.db.threads import THREADS, in_threads

_PROCESSES = 4
_TRIGGERED = frozenset({"row_counts", "search_pending"})
_HANDS = THREADS + _PROCESSES
_CHANGING = {
    f"{name}.{method}"
    for name, repository in REPOSITORIES.items()
    for method in dir(repository)
    if callable(getattr(repository, method)) and not method.startswith("_") and method not in LOOKING
}


@pytest.fixture(scope="session")
def crew_server() -> Iterator[Crew]:
    crew = Crew()
    yield crew
    crew.close()


@pytest.fixture
def crew(crew_server: Crew, database: Database) -> Iterator[Crew]:
    # Even and odd numbers go through what is to be done in opposite orders.
    crew_server.gather(database.options.url, range(THREADS, _HANDS))
    yield crew_server
    crew_server.leave()


def _empty(database: Database) -> None:
    with database.write() as unit:
        tables = list(reversed(Base.metadata.sorted_tables))
        # Triggers count, and note for the search, what is deleted from other tables.
        tables.sort(key=lambda table: table.name in _TRIGGERED)
        for table in tables:
            if table.name not in ("schema_version", "secrets"):
                unit.connection.execute(delete(table))


def _hold(database: Database, crew: Crew, name: str, case: Case) -> str:
    """What is wrong after the contest, '' where nothing is."""
    with database.write() as unit:
        things = case.prepare(unit)
    crew.begin(name, things)
    try:
        answers = in_threads(lambda hand: compete(database, case, things, hand))
    finally:
        answers_of_processes = crew.finish()
    told = sum(answers) + sum(answers_of_processes)
    expected = case.expected(things, _HANDS)
    if told != expected:
        return f"{name}: {told} changes were told of, {expected} there are"
    with database.read() as unit:
        is_right = case.check is None or case.check(unit, things, _HANDS)
    return "" if is_right else f"{name}: what is stored is wrong"


@pytest.mark.slow
@pytest.mark.parametrize("repository", sorted({name.partition(".")[0] for name in CASES}))
def test_twelve_hands_at_once_lose_nothing_and_do_nothing_twice(
    database: Database, crew: Crew, repository: str
) -> None:
    found = []
    for name, case in CASES.items():
        if name.startswith(f"{repository}."):
            found.append(_hold(database, crew, name, case))
            _empty(database)
    assert found
    assert [wrong for wrong in found if wrong] == []


def test_no_change_of_state_goes_untried() -> None:
    missing = _CHANGING - CASES.keys() - EXEMPT.keys()
    assert not missing, (
        "add a contest (tests/integration/db/contests), or the name to LOOKING or EXEMPT: "
        + ", ".join(sorted(missing))
    )


def test_no_contest_is_about_a_method_that_is_gone() -> None:
    assert not (CASES.keys() | EXEMPT.keys()) - _CHANGING
    methods = {method for repository in REPOSITORIES.values() for method in dir(repository)}
    assert not LOOKING - methods
