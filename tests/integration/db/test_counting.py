"""Counters, means and "only one" rules under many writers at once: nothing lost, nothing doubled."""

import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.daily_statistics import KeyCount
from sublarr.db.repositories.prompt_presets import PresetEdit
from sublarr.db.repositories.transcriptions import NewTranscription
from sublarr.db.repositories.translation_configs import UsedConfig
from sublarr.db.repositories.translation_memory import MemoryCount, MemoryScope, RememberedLine
from sublarr.vocabulary.errors import Conflict, IllegalMove
from sublarr.vocabulary.statistics import StatisticsDimension, last_days
from sublarr.vocabulary.transcription import TranscriptionStatus
from tests.integration.db import processes
from tests.integration.db.writing import count_days

pytestmark = pytest.mark.slow

_THREADS = 8
_TIMES = 30
_WEEK = last_days(7, date(2026, 2, 19))


def _in_threads(call: Callable[[int], Any]) -> list[Any]:
    """What `call` answered in each of eight threads that began at the same moment."""
    answers: list[Any] = [None] * _THREADS
    start = threading.Barrier(_THREADS)

    def run(number: int) -> None:
        start.wait(10)
        try:
            answers[number] = call(number)
        except BaseException as failure:  # noqa: BLE001 - the test's own thread looks at it
            answers[number] = failure

    threads = [threading.Thread(target=run, args=(number,)) for number in range(_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
        assert not thread.is_alive()
    return answers


def _assert_counted(database: Database, count: int) -> None:
    with database.read() as unit:
        assert [row.translated for row in unit.daily_statistics.days(_WEEK)] == [count // 2] * 2
        for dimension, key in ((StatisticsDimension.FORMAT, "ass"), (StatisticsDimension.BACKEND, "ollama")):
            assert unit.daily_statistics.by_key(dimension, _WEEK) == (KeyCount(key, count),)


def test_eight_threads_that_count_days_lose_nothing(database: Database) -> None:
    assert _in_threads(lambda _: count_days(database, _TIMES)) == [[]] * _THREADS
    _assert_counted(database, _THREADS * _TIMES)


def test_four_processes_that_count_days_lose_nothing(database: Database) -> None:
    writers = processes.start("count_days", database.options.url, [_TIMES] * 4)
    processes.begin(writers)
    assert processes.finish(writers) == [[]] * 4
    _assert_counted(database, 4 * _TIMES)


def test_eight_threads_that_count_downloads_in_any_order_never_lock_each_other_out(
    database: Database,
) -> None:
    day, names = _WEEK.last, ("jimaku", "subdl", "embedded")

    def download(number: int) -> None:
        for _ in range(10):
            with database.write() as unit:
                for name in names if number % 2 else names[::-1]:
                    unit.daily_statistics.record_traits(day, {StatisticsDimension.PROVIDER: name})

    assert _in_threads(download) == [None] * _THREADS
    with database.read() as unit:
        counts = unit.daily_statistics.by_key(StatisticsDimension.PROVIDER, _WEEK)
    assert counts == tuple(KeyCount(name, 10 * _THREADS) for name in sorted(names))


def test_eight_threads_that_time_a_backend_lose_neither_counts_nor_the_mean(database: Database) -> None:
    def translate(number: int) -> None:
        for _ in range(_TIMES):
            with database.write() as unit:
                unit.backend_statistics.record_success("ollama", number * 100.0, 3)
            with database.write() as unit:
                unit.backend_statistics.record_failure("ollama", "busy")

    assert _in_threads(translate) == [None] * _THREADS
    with database.read() as unit:
        row = unit.backend_statistics.get("ollama")
    count = _THREADS * _TIMES
    assert (row.total_requests, row.successful_translations) == (2 * count, count)
    assert (row.failed_translations, row.total_characters) == (count, 3 * count)
    assert row.avg_response_time_ms == pytest.approx(350.0)


def test_eight_threads_that_share_lines_lose_no_use_and_never_lock_each_other_out(database: Database) -> None:
    scope = MemoryScope("en", "de")
    lines = [RememberedLine(f"hash {number}", f"line {number}", "x") for number in range(20)]
    hashes = [line.text_hash for line in lines]

    def use(number: int) -> None:
        turned = number % 2 == 1
        for _ in range(10):
            with database.write() as unit:
                unit.translation_memory.upsert_many(scope, lines[::-1] if turned else lines)
            with database.write() as unit:
                assert unit.translation_memory.record_use(scope, hashes[::-1] if turned else hashes) == 20

    assert _in_threads(use) == [None] * _THREADS
    with database.read() as unit:
        assert unit.translation_memory.counts() == (MemoryCount("en", "de", 20, 20 * 10 * _THREADS),)


def test_one_config_is_remembered_once_by_eight_who_use_it_first(database: Database) -> None:
    def record(_: int) -> None:
        with database.write() as unit:
            unit.translation_configs.record(UsedConfig("abc", "qwen", "", "de"))

    assert _in_threads(record) == [None] * _THREADS
    with database.read() as unit:
        assert unit.translation_configs.page(PageRequest()).total == 1


def test_eight_who_choose_a_default_prompt_leave_exactly_one(database: Database) -> None:
    with database.write() as unit:
        rows = [unit.prompt_presets.add(f"old {number}", "x") for number in range(_THREADS)]

    def choose(number: int) -> None:
        with database.write() as unit:
            unit.prompt_presets.add(f"new {number}", "x", is_default=True)
        with database.write() as unit:
            unit.prompt_presets.update(rows[number].id, 1, PresetEdit(is_default=True))

    assert _in_threads(choose) == [None] * _THREADS
    with database.read() as unit:
        presets = unit.prompt_presets.listed()
    assert [preset.is_default for preset in presets].count(True) == 1
    assert len(presets) == 2 * _THREADS


def test_eight_who_remove_the_last_prompts_leave_one(database: Database) -> None:
    with database.write() as unit:
        rows = [unit.prompt_presets.add(f"preset {number}", "x") for number in range(_THREADS)]

    def remove(number: int) -> str:
        try:
            with database.write() as unit:
                unit.prompt_presets.delete(rows[number].id, 1)
        except Conflict:
            return "refused"
        return "removed"

    assert sorted(_in_threads(remove)) == ["refused"] + ["removed"] * (_THREADS - 1)
    with database.read() as unit:
        assert len(unit.prompt_presets.listed()) == 1


def test_one_of_eight_workers_begins_a_transcription(database: Database) -> None:
    names = [f"t{number}" for number in range(20)]
    with database.write() as unit:
        for name in names:
            unit.transcriptions.add(NewTranscription(name, f"/media/{name}.mkv"))

    def begin(_: int) -> int:
        begun = 0
        for name in names:
            try:
                with database.write() as unit:
                    unit.transcriptions.set_phase(name, TranscriptionStatus.EXTRACTING)
                begun += 1
            except IllegalMove:
                pass
        return begun

    assert sum(_in_threads(begin)) == len(names)
