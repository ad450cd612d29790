"""Statement names label metrics: they are written in the code, and no value ever becomes part of one."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import PACKAGE, modules

# Methods whose first argument is a statement's name.
_RUNNERS = frozenset({"_run", "_run_many", "_upsert", "_insert_many"})


def _unbounded(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls whose statement name is more than words in the code and names handed through."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        parameters = {argument.arg for argument in function.args.args}
        for call in ast.walk(function):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in _RUNNERS
                and not _is_written_down(call.args[0], parameters)
            ):
                yield call


def _is_written_down(name: ast.expr, parameters: set[str]) -> bool:
    match name:
        case ast.Constant(value=str()):
            return True
        case ast.Starred(value=ast.Call(func=ast.Attribute(attr="_saving"))):
            # A method that answers the name together with its statement; both names are written in it.
            return True
        case ast.Name(id="target"):
            # The state something is moved to: one of an enumeration, which mypy sees to.
            return True
        case ast.Name(id="name"):
            # Handed through; a statement's name is asked for where it is written.
            return "name" in parameters
        case ast.Attribute(value=ast.Name(id="listing"), attr="name"):
            return True
        case ast.JoinedStr(values=values):
            return all(
                _is_written_down(value.value if isinstance(value, ast.FormattedValue) else value, parameters)
                for value in values
            )
    return False


def test_a_statements_name_never_holds_a_value() -> None:
    found = [
        module.at(call.lineno)
        for module in modules()
        if module.path.is_relative_to(PACKAGE / "db")
        for call in _unbounded(module.tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("argument", "is_bounded"),
    [
        ("'find'", True),
        ("name", True),
        ("f'{listing.name}_page'", True),
        ("f'move_{target}'", True),
        ("f'find {title}'", False),
        ("title", False),
        ("'find ' + title", False),
    ],
)
def test_the_check_for_values_in_names_can_fail(argument: str, *, is_bounded: bool) -> None:
    source = f"def find(self, name, title, listing):\n    self._run({argument}, statement)\n"
    assert (list(_unbounded(ast.parse(source))) == []) is is_bounded
