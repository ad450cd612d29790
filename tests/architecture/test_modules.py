"""Limits on files and functions, and the habits that make a file readable without its neighbours."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Module, modules, report

FILE_LINES = 450
FUNCTION_LINES = 60
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

MUTABLE_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MUTABLE_TYPES = {
    *("list", "dict", "set", "bytearray", "defaultdict", "deque", "OrderedDict", "Counter"),
    *(
        "Lock",
        "RLock",
        "Condition",
        "Event",
        "Semaphore",
        "local",
        "Queue",
        "SimpleQueue",
        "WeakValueDictionary",
    ),
}
MUTATORS = {
    *("append", "extend", "insert", "remove", "pop", "popitem", "clear", "add", "discard", "update"),
    *("setdefault", "sort", "reverse", "appendleft"),
}


def test_a_newcomer_reads_in_each_module_what_it_is_for() -> None:
    findings = [module.at(1) for module in modules() if not ast.get_docstring(module.tree)]
    assert not findings, report(findings, "modules without a docstring:")


def test_a_file_is_one_thing() -> None:
    findings = [f"{m.at(1)} has {len(m.lines)} lines" for m in modules() if len(m.lines) > FILE_LINES]
    assert not findings, report(findings, f"files over {FILE_LINES} lines (aim for 400):")


def test_a_function_fits_on_a_screen() -> None:
    findings = [
        f"{module.at(node.lineno)} {node.name} has {length} lines"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, FUNCTIONS)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not findings, report(findings, f"functions over {FUNCTION_LINES} lines (aim for 40):")


def test_a_file_name_says_what_is_inside() -> None:
    findings = [
        module.at(1)
        for module in modules()
        if FORBIDDEN_NAMES & {*module.path.stem.lower().split("_"), module.path.parent.name.lower()}
    ]
    assert not findings, report(findings, "names that could hold anything:")


def test_an_import_inside_a_function_says_why() -> None:
    findings = []
    for module in modules():
        lines = {
            inner.lineno
            for node in ast.walk(module.tree)
            if isinstance(node, FUNCTIONS)
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        }
        # One comment above a block of imports explains them all.
        heads = {line for line in lines if line - 1 not in lines}
        findings += [module.at(line) for line in sorted(heads) if not module.has_reason(line)]
    assert not findings, report(findings, "imports inside functions without a reason beside them:")


def test_a_wide_except_says_why() -> None:
    findings = [
        module.at(handler.lineno)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Try)
        for handler in node.handlers
        if _is_wide(handler) and not _says_why_it_is_wide(module, node, handler)
    ]
    assert not findings, report(findings, "`except Exception` without a reason beside it:")


def _says_why_it_is_wide(module: Module, whole: ast.Try, handler: ast.ExceptHandler) -> bool:
    """In a comment on or around the `except`, or above its `try`."""
    around = (whole.lineno - 1, handler.lineno - 1, handler.lineno + 1)
    return module.has_reason(handler.lineno) or any(map(module.is_explained, around))


def _is_wide(handler: ast.ExceptHandler) -> bool:
    """Whether it may swallow anything; one that ends by raising again swallows nothing."""
    last = handler.body[-1]
    if isinstance(last, ast.Raise) and last.exc is None:
        return False
    if handler.type is None:
        return True
    return any(
        isinstance(node, ast.Name) and node.id in {"Exception", "BaseException"}
        for node in ast.walk(handler.type)
    )


def test_two_callers_never_meet_in_a_modules_state() -> None:
    findings = [finding for module in modules() for finding in _module_state(module)]
    assert not findings, report(
        findings, "state at module level (let bootstrap build it, arguments carry it):"
    )


def _module_state(module: Module) -> Iterator[str]:
    """Locks and containers assigned at module level: lower-case ones, and constants that something changes."""
    changed = set(_changed_names(module.tree))
    for statement in module.tree.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if not isinstance(target, ast.Name) or target.id == "__all__":
                continue
            is_constant = target.id.strip("_").isupper() and isinstance(value, MUTABLE_DISPLAYS)
            is_suspect = _is_mutable(value) and (not is_constant or target.id in changed)
            if is_suspect and not module.has_reason(statement.lineno):
                yield f"{module.at(statement.lineno)} {target.id}"


def _is_mutable(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in MUTABLE_TYPES
    return isinstance(value, MUTABLE_DISPLAYS)


def _changed_names(tree: ast.Module) -> Iterator[str]:
    """Names of this module on which a mutating method is called, or into which is assigned."""
    for node in ast.walk(tree):
        match node:
            case ast.Global(names=names):
                yield from names
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if method in MUTATORS:
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name


BAD_STATE = "import threading\nqueue = []\nLOCK = threading.Lock()\nSEEN = {}\ndef see(x):\n    SEEN[x] = 1\n"
GOOD_STATE = "WORDS = {'a': 1}\n__all__ = ['x']\nNAMES = frozenset({'a'})\nSIZES: tuple[int, ...] = (1,)\n"


@pytest.mark.parametrize(("source", "names"), [(BAD_STATE, ["queue", "LOCK", "SEEN"]), (GOOD_STATE, [])])
def test_the_check_for_module_state_can_fail(source: str, names: list[str]) -> None:
    module = Module(modules()[0].path, ast.parse(source), source.splitlines())
    assert [finding.split()[-1] for finding in _module_state(module)] == names


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import rq  # noqa: PLC0415", False),
        ("import rq  # noqa: PLC0415, F401", False),
        ("import rq  # noqa: PLC0415 - only where Redis is configured", True),
        ("except Exception:  # the door: one job's failure is that job's", True),
        ("except Exception:", False),
    ],
)
def test_a_bare_noqa_is_no_reason(line: str, *, expected: bool) -> None:
    module = Module(modules()[0].path, ast.parse(""), [line])
    assert module.has_reason(1) is expected
