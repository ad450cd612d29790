"""What decides a write is read from the primary: no function both accepts old rows and writes."""

import ast
from pathlib import Path

import sublarr

SOURCES = Path(sublarr.__file__).parent
_WRITERS = frozenset({"write", "finish", "log_in"})


def _functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def _calls(function: ast.FunctionDef) -> list[ast.Call]:
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def _is_stale_read(call: ast.Call) -> bool:
    return any(keyword.arg == "stale_ok" for keyword in call.keywords) and _name(call) == "read"


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def test_no_function_decides_a_write_on_rows_that_may_be_old() -> None:
    found = 0
    for path in sorted(SOURCES.rglob("*.py")):
        for function in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            calls = _calls(function)
            if any(map(_is_stale_read, calls)):
                found += 1
                written = _WRITERS & set(map(_name, calls))
                assert not written, f"{path.name}: {function.name} reads with stale_ok and calls {written}"
    assert found > 5, "the pages read with stale_ok no more, or this test no longer sees it"
