"""The map of operations: every one of them is on it, and leads to a method that is there and tested."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.db.test_completeness import REPOSITORIES, covered_by_tests

MAP = Path(__file__).parents[3] / "docs" / "operations-map.md"
OPERATIONS = Path(__file__).with_name("operations.txt")


@dataclass(frozen=True)
class Line:
    """A line of the map: in which section, for which operations, and what it says of them."""

    section: str
    operations: tuple[str, ...]
    says: str

    @property
    def methods(self) -> tuple[tuple[str, str], ...]:
        return tuple(re.findall(r"unit\.(\w+)\.(\w+)", self.says))


def _lines() -> Iterator[Line]:
    section = ""
    for line in MAP.read_text("utf-8").splitlines():
        if line.startswith("## "):
            section = line[3:].partition(":")[0]
        elif line.startswith("| "):
            left, _, right = line.removeprefix("| ").partition(" | ")
            yield Line(section, tuple(re.findall(r"`(\w+)`", left)), right)


def _operations() -> Iterator[tuple[str, str]]:
    section = ""
    for line in OPERATIONS.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            yield section, line


LINES = tuple(_lines())


@pytest.mark.parametrize(("section", "operation"), list(_operations()))
def test_no_operation_was_forgotten(section: str, operation: str) -> None:
    line = next((line for line in LINES if line.section == section and operation in line.operations), None)
    assert line is not None, f"docs/operations-map.md has no row for {operation} under {section}"
    assert line.methods, f"{operation} leads to no method"


@pytest.mark.parametrize(("repository", "method"), sorted({pair for line in LINES for pair in line.methods}))
def test_who_looks_an_operation_up_finds_it_tested(repository: str, method: str) -> None:
    kind = REPOSITORIES[repository]
    assert hasattr(kind, method)
    assert method in covered_by_tests(kind), f"unit.{repository}.{method} has no contract test"


def test_the_list_of_operations_is_whole() -> None:
    operations = list(_operations())
    assert len(operations) == len(set(operations)) > 150
    assert {section for section, _ in operations} <= {line.section for line in LINES}
