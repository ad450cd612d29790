"""The slow-query log without a database: what it keeps, when a plan is due, and what it takes out of texts."""

from datetime import UTC, datetime

import pytest

from sublarr.db.call_sites import describe_call_site, describe_stack, find_call_site, thread_name
from sublarr.db.explaining import RanStatement, is_explainable, without_literals
from sublarr.db.slow import PLAN_EVERY_SECONDS, WORST_KEPT, Outcome, SlowQueries

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
RAN = RanStatement("SELECT 1", ())


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def queries(seconds: Seconds) -> SlowQueries:
    return SlowQueries(200, lambda: NOON, lambda name: None, seconds)


def told(queries: SlowQueries, name: str, taken: list[str], seconds: float = 1.0) -> None:
    queries.note(name, Outcome(seconds, 1), RAN)
    queries.settle(lambda ran: taken.append(name) or "SCAN somewhere")  # type: ignore[func-returns-value]


def test_a_plan_is_due_again_after_a_minute(queries: SlowQueries, seconds: Seconds) -> None:
    taken: list[str] = []
    told(queries, "files.known", taken)
    seconds.now += PLAN_EVERY_SECONDS - 1
    told(queries, "files.known", taken)
    told(queries, "jobs.page", taken)
    assert taken == ["files.known", "jobs.page"]
    seconds.now += 1
    told(queries, "files.known", taken)
    assert taken == ["files.known", "jobs.page", "files.known"]


def test_a_failed_plan_is_not_tried_again_at_once(queries: SlowQueries) -> None:
    tries: list[RanStatement] = []

    def fail(ran: RanStatement) -> str:
        tries.append(ran)
        raise TimeoutError

    for _ in range(2):
        queries.note("files.known", Outcome(1.0), RAN)
        queries.settle(fail)
    assert len(tries) == 1
    assert [query.plan for query in queries.latest()] == ["no plan: TimeoutError"] * 2


def test_the_slowest_of_a_name_stays_when_it_has_left_the_latest(queries: SlowQueries) -> None:
    taken: list[str] = []
    told(queries, "files.known", taken, seconds=9.0)
    for _ in range(150):
        told(queries, "files.known", taken, seconds=1.0)
    assert {query.seconds for query in queries.latest()} == {1.0}
    assert [query.seconds for query in queries.worst()] == [9.0]


def test_no_number_of_names_fills_the_memory(queries: SlowQueries) -> None:
    for number in range(WORST_KEPT + 20):
        told(queries, f"name.{number}", [], seconds=float(number + 1))
    worst = queries.worst()
    assert len(worst) == WORST_KEPT
    assert worst[0].seconds == WORST_KEPT + 20


def test_the_threshold_changes_while_the_program_runs(queries: SlowQueries) -> None:
    assert (queries.threshold_ms, queries.threshold_seconds) == (200, 0.2)
    queries.change_threshold(0)
    assert (queries.threshold_ms, queries.threshold_seconds) == (0, float("inf"))


@pytest.mark.parametrize(
    ("line", "without"),
    [
        ("Filter: (value = 'it''s a ''secret'''::text)", "Filter: (value = ?::text)"),
        ("Index Cond: ((id = 42) AND (score > -1.5))", "Index Cond: ((id = ?) AND (score > ?))"),
        ("Filter: (media_1.id = ANY ('{1,2,3}'::bigint[]))", "Filter: (media_1.id = ANY (?::bigint[]))"),
        ("->  Seq Scan on jobs  (cost=0.00..18.50 rows=3 width=4)", None),
        ("InitPlan 1", None),
        ("Index Cond: (number2 = $1)", None),
    ],
)
def test_plans_keep_names_and_lose_values(line: str, without: str | None) -> None:
    assert without_literals(line) == (line if without is None else without)


def test_long_lists_of_values_do_not_fill_the_report() -> None:
    marks = ", ".join(["?"] * 500)
    assert (
        RanStatement(f"SELECT 1\n  FROM t WHERE id IN ({marks})").shape
        == "SELECT 1 FROM t WHERE id IN (?, …)"
    )
    named = ", ".join(f"%(id_1_{number})s::BIGINT" for number in range(500))
    shape = RanStatement(f"SELECT 1 FROM t WHERE id IN ({named}) AND x = %(x)s").shape
    assert shape == "SELECT 1 FROM t WHERE id IN (%(id_1_0)s::BIGINT, …) AND x = %(x)s"


def test_values_are_told_by_number_and_type_alone() -> None:
    assert RanStatement("…", ("secret", "other", 3)).parameter_kinds == "2 str, 1 int"
    assert RanStatement("…", {"a": None}).parameter_kinds == "1 NoneType"
    assert RanStatement("…", [("secret",), ("other",)]).parameter_kinds == "2 × (1 str)"
    assert RanStatement("…", None).parameter_kinds == ""


def test_only_what_has_a_plan_is_asked_for_one() -> None:
    assert is_explainable(RanStatement("  with x as (select 1) select * from x"))
    assert not is_explainable(RanStatement("LOCK TABLE jobs"))
    assert not is_explainable(RanStatement("SELECT 1", is_plannable=False))


def test_a_call_site_is_named_by_module_line_and_function() -> None:
    site = describe_call_site(find_call_site(1))
    assert site.startswith(f"{__name__}:")
    assert site.endswith(" test_a_call_site_is_named_by_module_line_and_function")


def test_a_thread_that_has_ended_has_no_stack() -> None:
    assert describe_stack(-1) == ""
    assert thread_name(-1) == "thread -1"
