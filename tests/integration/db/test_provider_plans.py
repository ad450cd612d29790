"""Lists and look-ups around providers keep their speed however long the history: an index serves each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, text

from sublarr.db.database import Database
from sublarr.db.models.activity import Upgrade
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.provider_results import NewProviderResult
from sublarr.db.unit import Unit
from tests.database_fixtures import Clock

_ROWS = 3_000

_QUERIES: dict[str, Callable[[Unit], object]] = {
    "blocklist": lambda unit: unit.blocklist.page(PageRequest(wants_total=False)),
    "second page of the blocklist": lambda unit: unit.blocklist.page(
        PageRequest(cursor=unit.blocklist.page(PageRequest(wants_total=False)).next, wants_total=False)
    ),
    "blocked of many": lambda unit: unit.blocklist.blocked_of(
        [(f"provider {number % 3}", str(number)) for number in range(60)]
    ),
    "upgrades": lambda unit: unit.upgrades.page(PageRequest(wants_total=False)),
    "upgrades of a file": lambda unit: unit.upgrades.page(PageRequest(wants_total=False), "/media/7.mkv"),
    "an answer": lambda unit: unit.provider_results.find("provider 1", "1"),
    "old answers": lambda unit: unit.provider_results.delete_expired(100),
}


def _fill(database: Database, clock: Clock) -> None:
    with database.write() as unit:
        unit.blocklist.add_many(NewBlock(f"provider {n % 3}", str(n)) for n in range(_ROWS))
        unit.provider_results.upsert_many(
            [NewProviderResult(f"provider {n % 3}", str(n), [], 60 + n) for n in range(_ROWS)]
        )
        upgrades = [
            {"file_path": f"/media/{n}.mkv", "upgraded_at": clock.now + timedelta(seconds=n)}
            for n in range(_ROWS)
        ]
        unit.connection.execute(insert(Upgrade), upgrades)
        unit.connection.execute(text("ANALYZE"))


@contextmanager
def _plans(database: Database, unit: Unit) -> Iterator[list[str]]:
    """The plans of every statement that runs inside."""
    asked: list[tuple[str, Any]] = []
    plans: list[str] = []

    def remember(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        asked.append((statement, parameters))

    event.listen(unit.connection, "before_cursor_execute", remember)
    yield plans
    event.remove(unit.connection, "before_cursor_execute", remember)
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    for statement, parameters in asked:
        rows = unit.connection.exec_driver_sql(explain + statement, parameters).all()
        plans.append("\n".join(str(row[-1]) for row in rows))


def _fault(plan: str) -> str:
    """What makes a plan slow on a long table; sorting the ties of an index's order does not."""
    nodes = [line.strip().removeprefix("->").strip() for line in plan.splitlines()]
    if any(
        node.startswith("Seq Scan") or (node.startswith("SCAN") and "USING" not in node) for node in nodes
    ):
        return "reads a whole table"
    if any(node.startswith(("Sort  ", "USE TEMP B-TREE FOR ORDER BY")) for node in nodes):
        return "sorts a whole list"
    return ""


def test_no_list_reads_or_sorts_a_whole_table(database: Database, clock: Clock) -> None:
    _fill(database, clock)
    faults = []
    with database.write() as unit:
        for name, query in _QUERIES.items():
            with _plans(database, unit) as plans:
                query(unit)
            assert plans
            faults += [f"{name} {_fault(plan)}:\n{plan}" for plan in plans if _fault(plan)]
    assert not faults, "\n\n".join(faults)


def test_a_slow_plan_is_seen(database: Database, clock: Clock) -> None:
    _fill(database, clock)
    with database.read() as unit, _plans(database, unit) as plans:
        unit.connection.execute(text("SELECT * FROM upgrade_history WHERE new_format = 'srt'"))
        unit.connection.execute(text("SELECT * FROM upgrade_history WHERE id > 5 ORDER BY new_score"))
    assert [bool(_fault(plan)) for plan in plans] == [True, True]
