"""The plan of a statement that was slow, asked for afterwards on a connection of its own, without values in it.

Nothing is run: `EXPLAIN QUERY PLAN` on SQLite, `EXPLAIN` without ANALYZE on PostgreSQL, there with the values the
statement had, since a plan for unknown ones may be quite another (a partial index, say), and with every literal
taken out of the answer.
"""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext

from sublarr.db.base import Base
from sublarr.db.errors import map_driver_error
from sublarr.vocabulary.errors import QueryTimeout

_EXPLAINABLE = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "VALUES")
_LOCK_TIMEOUT_MS = 500
_STATEMENT_TIMEOUT_MS = 2_000
_SHAPE_CHARACTERS = 2_000
# SQLite tells of loops only: the rows of a plain INSERT are simply written.
_NO_STEPS = "no search"
_FAILED = "sublarr_failed_statement"

_PLACEHOLDER = r"(?:\?|%\(\w+\)s)(?:::[A-Z]+(?: [A-Z]+)*(?:\(\d+\))?)?"
_PLACEHOLDERS = re.compile(rf"({_PLACEHOLDER})(?:, {_PLACEHOLDER}){{3,}}")
_SPACES = re.compile(r"\s+")
_QUOTED = re.compile(r"'(?:[^']|'')*'")
# "InitPlan 1" is a step's own name.
_NUMBER = re.compile(r"(?<!Plan )(?<![\w.$\"])-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.\"])")


@dataclass(frozen=True, slots=True)
class RanStatement:
    """What the driver was given; the values never leave this object, except back to the driver."""

    sql: str
    parameters: Any = None
    # PostgreSQL cannot plan what the server would not accept, and a broken connection says nothing of the plan.
    is_plannable: bool = True

    @property
    def shape(self) -> str:
        """The SQL on one line, placeholders as they are, long lists of them cut short."""
        return _PLACEHOLDERS.sub(r"\1, …", _SPACES.sub(" ", self.sql).strip())[:_SHAPE_CHARACTERS]

    @property
    def parameter_kinds(self) -> str:
        """How many values there were, and of which types."""
        sets = self.parameters if isinstance(self.parameters, list) else [self.parameters]
        values = _values(sets[0]) if sets else []
        names = [type(value).__name__ for value in values]
        kinds = ", ".join(f"{names.count(name)} {name}" for name in dict.fromkeys(names))
        return f"{len(sets)} × ({kinds})" if len(sets) > 1 else kinds


def _values(parameters: Any) -> list[Any]:
    if isinstance(parameters, dict):
        return list(parameters.values())
    return list(parameters or ())


def remember_failed_statements(engine: Engine) -> None:
    """Have `engine` keep the statement that failed beside its connection; before errors are mapped to ours."""

    @event.listens_for(engine, "handle_error")
    def remember(context: ExceptionContext) -> None:
        if context.connection is None or context.is_disconnect or context.statement is None:
            return
        is_timeout = isinstance(map_driver_error(context.original_exception, Base.metadata), QueryTimeout)
        kept = RanStatement(context.statement, context.parameters, is_plannable=is_timeout)
        context.connection.info[_FAILED] = kept


def failed_statement(connection: Connection) -> RanStatement | None:
    """The statement that just failed on this connection, unless the connection is what failed."""
    if connection.closed or connection.invalidated:
        return None
    kept: RanStatement | None = connection.info.pop(_FAILED, None)
    return kept


def is_explainable(ran: RanStatement) -> bool:
    """Whether the database has a plan for statements of this kind."""
    return ran.is_plannable and ran.sql.lstrip().upper().startswith(_EXPLAINABLE)


def take_plan(connection: Connection, ran: RanStatement) -> str:
    """The plan, a line a step; the connection is a reader's, and nothing of the statement is executed."""
    parameters = ran.parameters[0] if isinstance(ran.parameters, list) else ran.parameters
    if connection.dialect.name == "sqlite":
        steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {ran.sql}", parameters).all()
        return _tree([(step[0], step[1], str(step[3])) for step in steps]) or _NO_STEPS
    # A table locked for good by another program must not make the reporter hang in its turn.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {_STATEMENT_TIMEOUT_MS}")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}")
    lines = connection.exec_driver_sql(f"EXPLAIN {ran.sql}", parameters).scalars().all()
    return "\n".join(without_literals(line) for line in lines)


def without_literals(line: str) -> str:
    """A line of PostgreSQL's plan with `?` for every value; the planner's own figures stay."""
    if "(cost=" in line:
        return line
    return _NUMBER.sub("?", _QUOTED.sub("?", line))


def _tree(steps: list[tuple[int, int, str]]) -> str:
    depths = {0: -1}
    for key, parent, _ in steps:
        depths[key] = depths.get(parent, -1) + 1
    return "\n".join("  " * depths[key] + detail for key, _, detail in steps)
