"""Hooks, webhooks, events and saved values under many hands at once: every count is right, nothing goes out twice."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.anidb import AnidbWrite
from sublarr.db.repositories.hook_log import NewDelivery
from sublarr.db.repositories.hooks import HookEdit, NewHook
from sublarr.db.repositories.standalone import SeriesWrite
from sublarr.db.repositories.webhooks import NewWebhook
from sublarr.vocabulary.errors import StaleRow
from sublarr.vocabulary.events import EventName
from tests.integration.db import processes
from tests.integration.db.writing import trigger

pytestmark = pytest.mark.slow

_THREADS = 8
_TIMES = 100

Answer = TypeVar("Answer")


def _in_threads(call: Callable[[int], Answer]) -> list[Answer]:
    """What `call` answered in each of eight threads that began at the same moment; raises what any raised."""
    start = threading.Barrier(_THREADS)

    def run(number: int) -> Answer:
        start.wait(10)
        return call(number)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(run, range(_THREADS), timeout=100))


def _a_webhook(database: Database) -> int:
    with database.write() as unit:
        return unit.webhooks.add(NewWebhook("Chat", "*", "http://chat.lan")).id


def test_no_run_of_a_hook_goes_uncounted_or_unlogged(database: Database) -> None:
    with database.write() as unit:
        hook = unit.hooks.add(NewHook("Notify", "*", "notify.sh"))

    def run(_: int) -> None:
        for _ in range(_TIMES):
            with database.write() as unit:
                unit.hooks.record_trigger(hook.id, success=True)
                unit.hook_log.add(NewDelivery("job_failed", "script", success=True, hook_id=hook.id))

    _in_threads(run)
    with database.read() as unit:
        counted = unit.hooks.get(hook.id)
        assert (counted.trigger_count, counted.version) == (_THREADS * _TIMES, 1)
        assert unit.hook_log.count() == _THREADS * _TIMES


def test_no_delivery_of_a_webhook_goes_uncounted_by_threads(database: Database) -> None:
    assert _a_webhook(database) == 1
    assert _in_threads(lambda _: trigger(database, _TIMES)) == [[]] * _THREADS
    with database.read() as unit:
        webhook = unit.webhooks.get(1)
    assert (webhook.trigger_count, webhook.consecutive_failures) == (_THREADS * _TIMES,) * 2


def test_no_delivery_of_a_webhook_goes_uncounted_by_processes(database: Database) -> None:
    assert _a_webhook(database) == 1
    writers = processes.start("trigger", database.options.url, [_TIMES] * 4)
    processes.begin(writers)
    assert processes.finish(writers) == [[]] * 4
    with database.read() as unit:
        webhook = unit.webhooks.get(1)
    assert (webhook.trigger_count, webhook.consecutive_failures) == (4 * _TIMES,) * 2


def test_one_of_eight_editors_of_a_hook_is_told_it_was_stored(database: Database) -> None:
    with database.write() as unit:
        hook = unit.hooks.add(NewHook("Notify", "*", "notify.sh"))

    def edit(number: int) -> bool:
        try:
            with database.write() as unit:
                unit.hooks.update(hook.id, hook.version, HookEdit(name=str(number)))
        except StaleRow:
            return False
        return True

    stored = _in_threads(edit)
    assert stored.count(True) == 1
    with database.read() as unit:
        assert unit.hooks.get(hook.id).name == str(stored.index(True))


@pytest.mark.parametrize("version", [0, 1])
def test_one_of_eight_writers_of_a_saved_value_is_told_it_was_stored(
    database: Database, version: int
) -> None:
    if version:
        with database.write() as unit:
            unit.config.save("theme", "before")

    def save(number: int) -> bool:
        try:
            with database.write() as unit:
                unit.config.save("theme", str(number), version=version)
        except StaleRow:
            return False
        return True

    stored = _in_threads(save)
    assert stored.count(True) == 1
    with database.read() as unit:
        assert unit.config.find("theme") == str(stored.index(True))


@pytest.mark.parametrize("lock", [False, True])
def test_no_event_goes_out_twice_or_never_while_others_are_added(database: Database, lock: bool) -> None:
    def add_and_dispatch(number: int) -> tuple[list[int], list[int]]:
        added, mine = [], []
        for step in range(40):
            with database.write() as unit:
                added.append(unit.events.add(EventName.JOB_FAILED, {"thread": number, "step": step}))
            with database.write() as unit:
                pending = unit.events.pending(10, lock=lock)
                mine += unit.events.mark_dispatched([event.id for event in pending])
        return added, mine

    answers = _in_threads(add_and_dispatch)
    added = [event_id for ids, _ in answers for event_id in ids]
    dispatched = Counter(event_id for _, ids in answers for event_id in ids)
    with database.write() as unit:
        dispatched.update(unit.events.mark_dispatched([event.id for event in unit.events.pending(500)]))
    assert set(dispatched.values()) == {1}
    assert sorted(dispatched) == sorted(added)


def test_eight_scans_that_learn_the_same_make_one_row_of_each(database: Database) -> None:
    def learn(number: int) -> None:
        order = range(20) if number % 2 else range(19, -1, -1)
        for _ in range(10):
            with database.write() as unit:
                unit.standalone_series.upsert_many(
                    [SeriesWrite(title=f"{number}", folder_path=f"/{place}") for place in order]
                )
                unit.anidb.upsert_many([AnidbWrite(place, number) for place in order])
                unit.anidb.use(number, 30)
                unit.plugins.save("p", {f"{place}": f"{number}" for place in order})

    _in_threads(learn)
    with database.read() as unit:
        titles = {unit.standalone_series.find_by_folder(f"/{place}") is not None for place in range(20)}
        assert titles == {True}
        assert unit.anidb.counts().total == 20
        assert len(unit.plugins.of_provider("p")) == 20
