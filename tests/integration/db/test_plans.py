"""No list and no look-up grows with the library: an index serves each, in its order, whatever is filtered."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from sublarr.db.database import Database, DatabaseOptions
from sublarr.db.pages import PageRequest
from tests.contract.db.test_completeness import REPOSITORIES, _methods
from tests.database_fixtures import prepare
from tests.integration.db import asked, hundred_thousand
from tests.integration.db.explaining import Cost, costs

# Filling takes some ten seconds, on a machine that is busy with other things many times that.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def household(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database with 100,000 rows in every table that grows."""
    if request.param == "sqlite":
        url, server = f"sqlite:///{tmp_path_factory.mktemp('household') / 'sublarr.db'}", None
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.create_database()
    prepare(url)
    database = Database(DatabaseOptions(url=url))
    hundred_thousand.fill(database)
    yield database
    database.close()
    if server is not None:
        server.drop_database(url)


def _told(name: str, found: list[Cost]) -> list[str]:
    return [
        f"{name} {', '.join(cost.faults)}:\n{cost.statement}\n{cost.plan}" for cost in found if cost.faults
    ]


@pytest.mark.slow
def test_no_list_reads_more_than_its_page(household: Database) -> None:
    faults: list[str] = []
    with household.read() as unit:
        for name, pages in asked.LISTS.items():
            far = asked.far_cursor(unit, pages)
            with costs(unit) as found:
                asked.lists(unit, pages)
                if far is not None:
                    pages(unit, PageRequest(cursor=far, wants_total=False))
            assert found, name
            faults += _told(name, found)
    assert not faults, "\n\n".join(faults)


@pytest.mark.slow
def test_no_query_reads_more_than_it_answers(household: Database) -> None:
    faults: list[str] = []
    with household.write() as unit:
        for name, query in asked.QUERIES.items():
            step = unit.connection.begin_nested()
            with costs(unit) as found:
                query(unit)
            step.rollback()
            assert found, name
            faults += _told(name, found)
    assert not faults, "\n\n".join(faults)


@pytest.mark.slow
def test_a_claim_reads_the_beginning_of_each_count_of_searches_and_no_more(household: Database) -> None:
    with household.write() as unit:
        step = unit.connection.begin_nested()
        with costs(unit) as found:
            claim = unit.wanted.claim_for_search(50)
        assert {row.search_count for row in unit.wanted.listed(claim.item_ids)} == {0}
        step.rollback()
    assert len(claim.item_ids) == 50
    assert len(found) <= 8, [cost.statement for cost in found]
    assert sum("ix_wanted_items_due" in cost.plan for cost in found) >= 2
    faults = _told("wanted.claim_for_search", found)
    assert not faults, "\n\n".join(faults)


@pytest.mark.slow
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM upgrade_history WHERE new_format = 'srt'",
        "SELECT * FROM jobs ORDER BY kind, request_id LIMIT 50",
        "SELECT * FROM wanted_items WHERE existing_sub = 'x' ORDER BY added_at, id LIMIT 50",
    ],
)
def test_a_slow_statement_is_seen(household: Database, statement: str) -> None:
    with household.read() as unit, costs(unit) as found:
        unit.connection.execute(text(statement)).all()
    assert [bool(cost.faults) for cost in found] == [True]


def test_every_query_is_asked_or_it_is_said_why_not() -> None:
    there = {
        f"{name}.{method}" for name, repository in REPOSITORIES.items() for method in _methods(repository)
    }
    known = {name.partition(" ")[0] for name in (*asked.LISTS, *asked.QUERIES, *asked.UNASKED)}
    missing = {name for name in there - known if not asked.is_writing(name.partition(".")[2])}
    assert not missing, f"say in tests/integration/db/asked.py what these cost: {sorted(missing)}"
    assert not known - there, "these are no more"
