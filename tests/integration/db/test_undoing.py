"""Whatever people did, in whatever order: undone from the end, everything is as it was; redone, as it became."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.folders import FolderEdit
from sublarr.db.repositories.glossary import EVERYWHERE, NewTerm, TermEdit
from sublarr.db.repositories.hooks import HookEdit, NewHook
from sublarr.db.repositories.prompt_presets import PresetEdit
from sublarr.db.repositories.scoring import WeightEdit
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, NotFound
from sublarr.vocabulary.scoring import ScoreType

TEXTS = st.sampled_from(["a", "b", "übel 字幕", "'; --", "x" * 90])
PICKS = st.integers(0, 5)


class _Enough(Exception):
    """Ends a unit of work without a trace."""


def _nth(rows: Any, number: int) -> Any:
    return rows[number % len(rows)] if rows else None


def _hook(unit: Unit, number: int, text: str) -> None:
    row = _nth(unit.hooks.listed(), number)
    if row is None or number == 0:
        unit.hooks.add(NewHook(text, "job_failed", "tell.sh"))
    elif number == 1:
        unit.hooks.delete(row.id, row.version)
    else:
        unit.hooks.update(row.id, row.version, HookEdit(name=text, timeout_seconds=number))


def _setting(unit: Unit, number: int, text: str) -> None:
    if number == 0:
        unit.config.delete("one")
    else:
        unit.config.save("one", text)


def _term(unit: Unit, number: int, text: str) -> None:
    row = _nth(unit.glossary.page(EVERYWHERE, PageRequest()).items, number)
    if row is None or number == 0:
        unit.glossary.add(EVERYWHERE, NewTerm(text, text))
    elif number == 1:
        unit.glossary.delete_scope(EVERYWHERE)
    else:
        unit.glossary.update(row.id, row.version, TermEdit(notes=text, approved=number % 2 == 0))


def _preset(unit: Unit, number: int, text: str) -> None:
    row = _nth(unit.prompt_presets.listed(), number)
    if row is None or number == 0:
        unit.prompt_presets.add(f"{text} {len(unit.prompt_presets.deleted())}", "x", is_default=True)
    elif number == 1:
        unit.prompt_presets.delete(row.id, row.version)
    else:
        unit.prompt_presets.update(
            row.id, row.version, PresetEdit(prompt_template=text, is_default=number % 2 == 0)
        )


def _weight(unit: Unit, number: int, _text: str) -> None:
    if number == 0:
        unit.weights.reset()
    else:
        unit.weights.save([WeightEdit(ScoreType.MOVIE, "title", number)])


def _modifier(unit: Unit, number: int, text: str) -> None:
    if number == 0 and unit.modifiers.find(text):
        unit.modifiers.delete(text)
    else:
        unit.modifiers.save(text, number)


def _block(unit: Unit, number: int, text: str) -> None:
    if number == 0:
        unit.blocklist.clear()
    elif number == 1:
        unit.blocklist.add_many([NewBlock("p", str(n)) for n in range(3)])
    else:
        unit.blocklist.add(NewBlock("p", text))


def _folder(unit: Unit, number: int, text: str) -> None:
    row = _nth(unit.folders.listed(), number)
    if row is None or number == 0:
        unit.folders.add(f"/media/{text[:9]}")
    elif number == 1:
        unit.folders.delete(row.id, row.version)
    else:
        unit.folders.update(row.id, row.version, FolderEdit(label=text, enabled=number % 2 == 0))


DEEDS: list[Callable[[Unit, int, str], None]] = [
    _hook, _setting, _term, _preset, _weight, _modifier, _block, _folder
]  # fmt: skip


def _state(unit: Unit) -> list[Any]:
    """What people see of all that can be edited, but for versions and times."""
    presets = unit.prompt_presets.listed()
    return [
        [(row.id, row.name, row.timeout_seconds) for row in unit.hooks.listed()],
        dict(unit.config.all()),
        sorted((row.id, row.notes, row.approved) for row in _terms(unit)),
        sorted((row.id, row.name, row.prompt_template, row.is_default) for row in presets),
        dict(unit.weights.overrides(ScoreType.MOVIE)),
        {row.provider_name: row.modifier for row in unit.modifiers.listed()},
        sorted(row.id for row in unit.blocklist.page(PageRequest()).items),
        [(row.id, row.label, row.enabled) for row in unit.folders.listed()],
    ]


def _terms(unit: Unit) -> Any:
    return unit.glossary.page(EVERYWHERE, PageRequest(limit=200)).items


def _lines_after(unit: Unit, line_id: int) -> list[int]:
    items = unit.audit.page(AuditFilter(), PageRequest(limit=500)).items
    return [line.id for line in items if line.id > line_id]


def _tried(unit: Unit, call: Callable[[], object]) -> str:
    """Do something that may be refused, which leaves nothing half done; answers the refusal, '' for none."""
    try:
        with unit.connection.begin_nested():
            call()
    except (Conflict, NotFound) as error:
        return error.message
    return ""


def _do_undo_and_redo(unit: Unit, deeds: list[tuple[Callable[[Unit, int, str], None], int, str]]) -> None:
    begin = _state(unit)
    for deed, number, text in deeds:
        _tried(unit, partial(deed, unit, number, text))
    became, done = _state(unit), _lines_after(unit, 0)
    assert done or became == begin
    refusals = [message for line in done if (message := _tried(unit, partial(unit.audit.undo, line)))]
    # The last preset stays, and with it what was written of it before.
    assert all("preset" in message for message in refusals)
    if not refusals:
        assert _state(unit) == begin
    for line_id in _lines_after(unit, max(done, default=0)):
        unit.audit.undo(line_id)
    assert _state(unit) == became


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(st.tuples(st.sampled_from(DEEDS), PICKS, TEXTS), max_size=12))
def test_all_that_was_done_is_undone_from_its_end_and_done_again(
    database: Database, deeds: list[tuple[Callable[[Unit, int, str], None], int, str]]
) -> None:
    with suppress(_Enough), database.write() as unit:
        _do_undo_and_redo(unit, deeds)
        raise _Enough
