"""Contests over counts, means, caches and what goes out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sublarr.db.repositories.hook_log import NewDelivery
from sublarr.db.repositories.provider_results import NewProviderResult
from sublarr.db.repositories.translation_configs import UsedConfig
from sublarr.db.repositories.translation_memory import MemoryScope, RememberedLine
from sublarr.db.unit import Unit
from sublarr.vocabulary.events import EventName
from sublarr.vocabulary.statistics import StatisticsDimension, TranslationOutcome
from tests.contract.db.rows import a_scan
from tests.integration.db.contests.case import (
    LATER,
    Case,
    Winners,
    count_rows,
    one_row_each,
    row_of_every_hand,
)

_FEW = tuple(range(3))
_MANY = tuple(range(30))
_ROUNDS = 3
_DAY = date(2026, 2, 18)
_DAYS = {number: date(2026, 2, 18 + number) for number in _FEW}
_TRAITS = {StatisticsDimension.FORMAT: "ass", StatisticsDimension.PROVIDER: "jimaku"}
_SCOPE = MemoryScope("en", "de")
Check = Callable[[Unit, Sequence[int], int], bool]


def _lines(numbers: Sequence[int]) -> list[RememberedLine]:
    return [RememberedLine(str(number), "line", "Zeile") for number in numbers]


def _remembered(unit: Unit) -> Sequence[int]:
    unit.translation_memory.upsert_many(_SCOPE, _lines(_MANY))
    return _MANY


def _backends(unit: Unit) -> Sequence[int]:
    for number in _FEW:
        unit.backend_statistics.record_success(str(number), 100, 3)
    return _FEW


def _providers(unit: Unit) -> Sequence[int]:
    for number in _FEW:
        unit.provider_stats.record_failed_search(str(number))
    return _FEW


def _answers(numbers: Sequence[int], ttl_seconds: float = 60) -> list[NewProviderResult]:
    return [NewProviderResult("jimaku", str(number), [number], ttl_seconds) for number in numbers]


def _answered(unit: Unit, ttl_seconds: float = 60) -> Sequence[int]:
    unit.provider_results.upsert_many(_answers(_FEW, ttl_seconds))
    return _FEW


def _pending(unit: Unit) -> list[int]:
    return [unit.events.add(EventName.JOB_FAILED, {"number": number}) for number in _MANY]


def _dispatched(unit: Unit) -> list[int]:
    event_ids = _pending(unit)
    unit.events.mark_dispatched(event_ids)
    return event_ids


def _logged(unit: Unit) -> Sequence[int]:
    for _ in _FEW:
        unit.hook_log.add(NewDelivery("job_failed", "script", success=True))
    return _FEW


def _all_count(table: str, *columns: str) -> Check:
    """Every column of every row counted each hand in each round."""

    def check(unit: Unit, things: Sequence[int], hands: int) -> bool:
        condition = " AND ".join(f"{column} = {_ROUNDS * hands}" for column in columns)
        return count_rows(unit, table, condition) == count_rows(unit, table) == len(things)

    return check


def _counter(do: Callable[[Unit, int], object], check: Check) -> Case:
    # What a counter answers is no count of changes.
    return Case(
        lambda _: _FEW, lambda unit, number: (do(unit, number), 1)[1], Winners.ALL, False, _ROUNDS, check
    )


def _counted_days(unit: Unit) -> Sequence[int]:
    for number in _FEW:
        unit.daily_statistics.record(_DAYS[number], TranslationOutcome.TRANSLATED, _TRAITS)
    return _FEW


def _counted_jobs(unit: Unit) -> Sequence[int]:
    unit.jobs.enqueue_many(a_scan(len(_FEW) + number) for number in _FEW)
    return _FEW


def _miscounted_jobs(unit: Unit) -> Sequence[int]:
    numbers = _counted_jobs(unit)
    unit.connection.exec_driver_sql("UPDATE row_counts SET amount = amount + 5")
    return numbers


def _record_traits(unit: Unit, numbers: Sequence[int]) -> None:
    for number in numbers:
        unit.daily_statistics.record_traits(_DAY, {StatisticsDimension.PROVIDER: str(number)})


CASES: Mapping[str, Case] = {
    "daily_statistics.record": _counter(
        lambda unit, number: unit.daily_statistics.record(
            _DAYS[number], TranslationOutcome.TRANSLATED, _TRAITS
        ),
        lambda unit, things, hands: (
            _all_count("daily_stats", "translated")(unit, things, hands)
            and count_rows(unit, "daily_breakdowns", f"count = {_ROUNDS * hands}") == 2 * len(things)
        ),
    ),
    "daily_statistics.delete_before": Case(
        _counted_days, lambda unit, _: unit.daily_statistics.delete_before(LATER.date(), 2)
    ),
    "counters.fold": Case(
        _counted_jobs,
        # So that there is always something loose, while others add to the same cell.
        lambda unit, number: (unit.counters.fold(), unit.jobs.enqueue(a_scan(number)), unit.counters.fold()),
        Winners.ALL,
        check=lambda unit, things, _: (
            unit.counters.check() == () and sum(unit.jobs.counts().values()) == 2 * len(things)
        ),
    ),
    "counters.rebuild": Case(
        _miscounted_jobs,
        # First: who has written already cannot lock all others out without a circle.
        lambda unit, number: (unit.counters.rebuild(), unit.jobs.enqueue(a_scan(number)))[0] > 0,
        Winners.ALL,
        check=lambda unit, things, _: (
            unit.counters.check() == () and sum(unit.jobs.counts().values()) == 2 * len(things)
        ),
    ),
    "daily_statistics.record_traits": Case(
        lambda _: _FEW,
        _record_traits,
        Winners.ALL,
        whole=True,
        rounds=_ROUNDS,
        check=_all_count("daily_breakdowns", "count"),
    ),
    "backend_statistics.record_success": _counter(
        lambda unit, number: unit.backend_statistics.record_success(str(number), 100, 1),
        _all_count(
            "translation_backend_stats", "total_requests", "successful_translations", "total_characters"
        ),
    ),
    "backend_statistics.record_failure": _counter(
        lambda unit, number: unit.backend_statistics.record_failure(str(number), "busy"),
        _all_count(
            "translation_backend_stats", "total_requests", "failed_translations", "consecutive_failures"
        ),
    ),
    "backend_statistics.reset": Case(
        _backends, lambda unit, number: unit.backend_statistics.reset(str(number))
    ),
    "provider_stats.record_search": _counter(
        lambda unit, number: unit.provider_stats.record_search(str(number), 100),
        _all_count("provider_stats", "total_searches", "timed_responses"),
    ),
    "provider_stats.record_failed_search": _counter(
        lambda unit, number: unit.provider_stats.record_failed_search(str(number)),
        _all_count("provider_stats", "total_searches", "failed_searches", "consecutive_failures"),
    ),
    "provider_stats.record_download": _counter(
        lambda unit, number: unit.provider_stats.record_download(str(number), 100),
        _all_count("provider_stats", "successful_downloads", "scored_downloads"),
    ),
    "provider_stats.record_download_failure": _counter(
        lambda unit, number: unit.provider_stats.record_download_failure(str(number)),
        _all_count("provider_stats", "failed_downloads", "consecutive_failures"),
    ),
    "provider_stats.disable": Case(
        lambda _: _FEW,
        lambda unit, number: unit.provider_stats.disable(str(number)),
        Winners.ALL,
        check=one_row_each("provider_stats", "auto_disabled"),
    ),
    "provider_stats.disable_if_failing": Case(
        _providers, lambda unit, number: unit.provider_stats.disable_if_failing(str(number), failures=1)
    ),
    "provider_stats.enable": Case(
        _providers,
        lambda unit, number: unit.provider_stats.enable(str(number)),
        Winners.ALL,
        check=one_row_each("provider_stats", "consecutive_failures = 0"),
    ),
    "provider_stats.clear": Case(_providers, lambda unit, number: unit.provider_stats.clear(str(number))),
    "provider_results.upsert_many": Case(
        lambda _: _MANY,
        lambda unit, numbers: unit.provider_results.upsert_many(_answers(numbers)),
        Winners.ALL,
        whole=True,
        rounds=_ROUNDS,
        check=one_row_each("provider_cache"),
    ),
    "provider_results.delete_expired": Case(
        lambda unit: _answered(unit, -1), lambda unit, _: unit.provider_results.delete_expired(2)
    ),
    "provider_results.clear": Case(_answered, lambda unit, _: unit.provider_results.clear()),
    "translation_configs.record": Case(
        lambda _: _FEW,
        lambda unit, number: unit.translation_configs.record(UsedConfig(str(number), "qwen", "", "de")),
        Winners.ALL,
        check=one_row_each("translation_config_history"),
    ),
    "translation_memory.upsert_many": Case(
        lambda _: _MANY,
        lambda unit, numbers: unit.translation_memory.upsert_many(_SCOPE, _lines(numbers)),
        Winners.ALL,
        whole=True,
        rounds=_ROUNDS,
        check=one_row_each("translation_memory"),
    ),
    "translation_memory.record_use": Case(
        _remembered,
        lambda unit, numbers: (
            unit.translation_memory.record_use(_SCOPE, [str(number) for number in numbers]) == len(numbers)
        ),
        Winners.ALL,
        whole=True,
        rounds=_ROUNDS,
        check=_all_count("translation_memory", "use_count"),
    ),
    "translation_memory.delete_unused_since": Case(
        _remembered, lambda unit, _: unit.translation_memory.delete_unused_since(LATER, 4)
    ),
    "events.add": Case(
        lambda _: _FEW,
        lambda unit, number: unit.events.add(EventName.JOB_FAILED, {"number": number}) > 0,
        Winners.ALL,
        check=row_of_every_hand("event_outbox"),
    ),
    "events.mark_dispatched": Case(
        _pending, lambda unit, event_ids: len(unit.events.mark_dispatched(event_ids)), whole=True
    ),
    "events.delete_dispatched_before": Case(
        _dispatched, lambda unit, _: unit.events.delete_dispatched_before(LATER, 4)
    ),
    "hook_log.add": Case(
        lambda _: _FEW,
        lambda unit, _: unit.hook_log.add(NewDelivery("job_failed", "script", success=True)),
        Winners.ALL,
        check=row_of_every_hand("hook_log"),
    ),
    "hook_log.clear": Case(_logged, lambda unit, _: unit.hook_log.clear()),
    "hook_log.delete_older_than": Case(_logged, lambda unit, _: unit.hook_log.delete_older_than(LATER, 2)),
}
