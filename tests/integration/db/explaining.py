"""What each statement costs: its plan before it runs, and how much it really reads.

A plan alone does not tell a list of fifty rows from one that walks an index to its end to find none. So the work is
measured, too: on SQLite the steps of its machine, on PostgreSQL the rows of each node of `EXPLAIN ANALYZE`.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from sublarr.db.unit import Unit
from tests.integration.db.hundred_thousand import FILLINGS

# A table that stays this small may be read whole.
SMALL = 3_000
# Totals stop counting at 10,000.
_MOST_ROWS = 12_000
# The rest of a list that ends soon is sorted where PostgreSQL reckons that cheaper than an index.
_MOST_SORTED = 2_500
_STEPS_AT_A_TIME = 100
_FEW_STEPS = 20_000
_MOST_STEPS = 250_000
_BIG = frozenset(name for name, filling in FILLINGS.items() if filling.rows > SMALL)


@dataclass(slots=True)
class Cost:
    """A statement, its plan as text, and what is wrong with it."""

    statement: str
    plan: str
    steps: int = 0
    faults: list[str] = field(default_factory=list)


@contextmanager
def costs(unit: Unit) -> Iterator[list[Cost]]:
    """The costs of the statements that run inside, filled in at the end."""
    found: list[Cost] = []
    is_sqlite = unit.connection.dialect.name == "sqlite"
    driver: Any = unit.connection.connection.driver_connection

    def step() -> None:
        if found:
            found[-1].steps += _STEPS_AT_A_TIME

    def look(_: Any, __: Any, statement: str, parameters: Any, ___: Any, is_many: bool) -> None:
        values = parameters[0] if is_many else parameters
        if is_sqlite:
            driver.set_progress_handler(None, 0)
            found.append(_of_sqlite(driver, statement, values))
            driver.set_progress_handler(step, _STEPS_AT_A_TIME)
        elif not statement.startswith(("SAVEPOINT", "ROLLBACK", "RELEASE", "LOCK", "SET")):
            found.append(_of_postgresql(driver, statement, values))

    event.listen(unit.connection, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(unit.connection, "before_cursor_execute", look)
        if is_sqlite:
            driver.set_progress_handler(None, 0)
    for cost in found if is_sqlite else ():
        if cost.steps <= _FEW_STEPS:
            # A page in the order of its key ends as soon as it is full.
            cost.faults.clear()
        elif cost.steps > _MOST_STEPS:
            cost.faults.append(f"takes {cost.steps} steps")


def _of_sqlite(driver: Any, statement: str, values: Any) -> Cost:
    rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    lines = [str(row[-1]) for row in rows]
    cost = Cost(statement, "\n".join(lines))
    for line in lines:
        words = line.split()
        if words[0] == "SCAN" and words[1] in _BIG and "USING" not in words:
            cost.faults.append(f"reads all of {words[1]}")
    return cost


def _of_postgresql(driver: Any, statement: str, values: Any) -> Cost:
    # Run for real, and taken back.
    with driver.cursor() as cursor:
        cursor.execute("SAVEPOINT explained")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) {statement}", values)
        plan = cursor.fetchone()[0][0]["Plan"]
        cursor.execute("ROLLBACK TO SAVEPOINT explained")
    cost = Cost(statement, json.dumps(plan, indent=1))
    cost.faults += _faults_of(plan)
    return cost


def _faults_of(node: Mapping[str, Any]) -> Iterator[str]:
    children = node.get("Plans", [])
    loops = node["Actual Loops"]
    removed = node.get("Rows Removed by Filter", 0) * loops
    if (
        "Sort" in node["Node Type"]
        and children[0]["Actual Rows"] * children[0]["Actual Loops"] > _MOST_SORTED
    ):
        yield f"sorts {children[0]['Actual Rows']} rows"
    read = node["Actual Rows"] * loops + removed
    if "Scan" in node["Node Type"] and read > _MOST_ROWS:
        yield f"{node['Node Type']} reads {read} rows of {node.get('Relation Name', 'its own')}"
    for child in children:
        yield from _faults_of(child)
