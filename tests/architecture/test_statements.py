"""Statement names label metrics: they are written in the code, and no value ever becomes part of one."""

import ast
from collections.abc import Iterator, Mapping

import pytest

from tests.architecture.sources import PACKAGE, modules

# Methods whose first argument is a statement's name.
_RUNNERS = frozenset({"_run", "_run_many", "_upsert", "_insert_many"})


def _unbounded(tree: ast.Module) -> Iterator[ast.Call]:
    """The calls whose statement name is more than words in the code and names handed through."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        known = _handed_through(function) | _members_of_constants(function) | _yielded(function, functions)
        for call in ast.walk(function):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in _RUNNERS
                and not _is_written_down(call.args[0], known)
            ):
                yield call


def _handed_through(function: ast.FunctionDef) -> set[str]:
    """A statement's name is asked for where it is written."""
    return {argument.arg for argument in function.args.args} & {"name"}


def _members_of_constants(function: ast.FunctionDef) -> set[str]:
    """What a loop over a constant names: there are only as many as are written down there."""
    return {
        loop.target.id
        for loop in ast.walk(function)
        if isinstance(loop, ast.For)
        and isinstance(loop.target, ast.Name)
        and isinstance(loop.iter, ast.Name)
        and loop.iter.id.isupper()
    }


def _yielded(function: ast.FunctionDef, functions: Mapping[str, ast.FunctionDef]) -> set[str]:
    """The names that a loop is given together with their statements, where all are written in what gives them."""
    return {
        loop.target.elts[0].id
        for loop in ast.walk(function)
        if isinstance(loop, ast.For)
        and isinstance(loop.target, ast.Tuple)
        and isinstance(loop.target.elts[0], ast.Name)
        and isinstance(loop.iter, ast.Call)
        and isinstance(loop.iter.func, ast.Attribute)
        and _yields_names(functions.get(loop.iter.func.attr))
    }


def _yields_names(function: ast.FunctionDef | None) -> bool:
    found = [node.value for node in ast.walk(function or ast.Module()) if isinstance(node, ast.Yield)]
    return bool(found) and all(
        isinstance(value, ast.Tuple) and isinstance(value.elts[0], ast.Constant) for value in found
    )


def _is_written_down(name: ast.expr, known: set[str]) -> bool:
    match name:
        case ast.Constant(value=str()):
            return True
        case ast.Starred(value=ast.Call(func=ast.Attribute(attr="_saving"))):
            # A method that answers the name together with its statement; both names are written in it.
            return True
        case ast.Name(id="target"):
            # The state something is moved to: one of an enumeration, which mypy sees to.
            return True
        case ast.Name(id=variable):
            return variable in known
        case ast.Attribute(value=ast.Name(id="listing"), attr="name"):
            return True
        case ast.JoinedStr(values=values):
            return all(
                _is_written_down(value.value if isinstance(value, ast.FormattedValue) else value, known)
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
