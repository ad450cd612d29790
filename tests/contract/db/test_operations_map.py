"""The map of operations names methods that exist."""

import re
from pathlib import Path

import pytest

from tests.contract.db.test_completeness import REPOSITORIES

MAP = Path(__file__).parents[3] / "docs" / "operations-map.md"


@pytest.mark.parametrize(
    ("repository", "method"), sorted(set(re.findall(r"unit\.(\w+)\.(\w+)", MAP.read_text("utf-8"))))
)
def test_who_looks_an_operation_up_finds_it(repository: str, method: str) -> None:
    assert hasattr(REPOSITORIES[repository], method)
