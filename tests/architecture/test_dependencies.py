"""What the code imports must be declared: an undeclared library works only until its other user lets it go."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions

from tests.architecture.sources import ROOT, modules, report

# Stubs that type checkers bring along; never imported at run time.
ONLY_TYPES = {"_typeshed"}
KNOWN = sys.stdlib_module_names | {"sublarr"} | ONLY_TYPES
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _required(requirements: list[str]) -> set[str]:
    return {_normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}


def _pinned() -> set[str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return {_normal(line.split("==")[0]) for line in lines if "==" in line}


def _foreign_imports() -> Iterator[tuple[str, str]]:
    for module in modules():
        for node in ast.walk(module.tree):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in {name.split(".")[0] for name in names} - KNOWN:
                yield module.at(getattr(node, "lineno", 1)), name


def test_what_is_imported_is_declared() -> None:
    users = {key: value for key, value in PROJECT["optional-dependencies"].items() if key != "dev"}
    declared = _required(PROJECT["dependencies"]).union(*map(_required, users.values()))
    distributions = packages_distributions()
    findings = [
        f"{place} {name}"
        for place, name in _foreign_imports()
        if not declared & {_normal(distribution) for distribution in distributions.get(name, [name])}
    ]
    assert not findings, report(findings, "imports of what pyproject.toml does not declare:")


def test_every_declared_library_is_pinned() -> None:
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    findings = sorted(set().union(*map(_required, groups)) - _pinned())
    assert not findings, report(findings, "declared in pyproject.toml, but not in constraints.txt:")


def test_a_pin_is_a_name_and_a_version_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    findings = [
        line for line in lines if line and line[0] != "#" and not re.fullmatch(r"[\w.-]+==[\w.!+]+", line)
    ]
    assert not findings, report(findings, "lines of constraints.txt that hold more than name==version:")
