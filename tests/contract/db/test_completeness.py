"""The contract suite covers every public method of every repository, on both dialects; this holds it to that.

By name: `MediaRepository.ids_by_key` is covered by a test `test_ids_by_key_…` of a class `TestMediaRepository`.
"""

import ast
import inspect
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import get_type_hints

import pytest

from sublarr.db import repositories
from sublarr.db.repositories.base import Repository
from sublarr.db.unit import Unit

# Some of the index's classes are named for type checkers only, and loaded when they are asked for.
NAMES = {
    name: member
    for module in iter_modules(repositories.__path__)
    for name, member in vars(import_module(f"{repositories.__name__}.{module.name}")).items()
}
RETURNED = {
    name: get_type_hints(member.func, localns=NAMES)["return"]
    for name, member in vars(Unit).items()
    if isinstance(member, cached_property)
}
REPOSITORIES = {name: kind for name, kind in RETURNED.items() if issubclass(kind, Repository)}


def _tests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in folder.glob("test_*.py"):
        for item in ast.parse(path.read_text("utf-8")).body:
            if isinstance(item, ast.ClassDef):
                for member in item.body:
                    if isinstance(member, ast.FunctionDef):
                        yield item.name, member.name


def _methods(repository: type[Repository]) -> set[str]:
    return {
        name for name, _ in inspect.getmembers(repository, inspect.isfunction) if not name.startswith("_")
    }


def _covered(methods: set[str], tests: set[str]) -> set[str]:
    """The methods that tests are named after; of `find` and `find_by_path` the longer that fits."""
    found = set()
    for test in tests:
        named = [method for method in methods if test.startswith(f"test_{method}_")]
        if named:
            found.add(max(named, key=len))
    return found


def covered_by_tests(repository: type[Repository]) -> set[str]:
    """The public methods of a repository that a contract test is named after."""
    tests = {name for owner, name in _tests(Path(__file__).parent) if owner == f"Test{repository.__name__}"}
    return _covered(_methods(repository), tests)


def test_the_index_of_repositories_is_seen() -> None:
    assert {"config", "folders", "jobs", "claims", "wanted"} <= set(REPOSITORIES)


@pytest.mark.parametrize("repository", REPOSITORIES.values(), ids=REPOSITORIES.keys())
def test_no_query_goes_untested_on_the_other_dialect(repository: type[Repository]) -> None:
    missing = _methods(repository) - covered_by_tests(repository)
    assert not missing, f"{repository.__name__} has no contract test for: {', '.join(sorted(missing))}"


def test_a_longer_name_does_not_count_for_a_shorter_one() -> None:
    assert _covered({"find", "find_by_path"}, {"test_find_by_path_x", "test_finding_x"}) == {"find_by_path"}
