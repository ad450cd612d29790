"""Providers that are counted, scored and blocked by many at once: nothing lost, nothing twice.

The predecessor read a count, added one and wrote it back: of 1,600 it kept 229.
"""

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.provider_results import NewProviderResult, ProviderResultCounts
from sublarr.db.repositories.provider_stats import ProviderStatRow
from sublarr.db.repositories.scoring import UNSET, WeightEdit
from sublarr.vocabulary.errors import StaleRow
from sublarr.vocabulary.scoring import ScoreType
from tests.integration.db import processes
from tests.integration.db.threads import THREADS, in_threads
from tests.integration.db.writing import PROVIDER, use_provider

pytestmark = pytest.mark.slow

_TIMES = 100


def _counted(database: Database) -> ProviderStatRow:
    with database.read() as unit:
        return unit.provider_stats.get(PROVIDER)


def _assert_nothing_is_lost(row: ProviderStatRow, total: int) -> None:
    assert (row.total_searches, row.failed_searches) == (2 * total, total)
    assert (row.successful_downloads, row.failed_downloads) == (total, total)
    assert (row.scored_downloads, row.timed_responses) == (total, total)
    assert row.avg_response_time_ms == pytest.approx((_TIMES - 1) / 2)
    assert row.avg_score == pytest.approx((_TIMES + 1) / 2)


def test_eight_threads_lose_no_search_and_no_download(database: Database) -> None:
    assert in_threads(lambda _: use_provider(database, _TIMES)) == [[]] * THREADS
    _assert_nothing_is_lost(_counted(database), THREADS * _TIMES)


def test_four_processes_lose_no_search_and_no_download(database: Database) -> None:
    writers = processes.start("use_provider", database.options.url, [_TIMES] * 4)
    processes.begin(writers)
    assert processes.finish(writers) == [[]] * 4
    _assert_nothing_is_lost(_counted(database), 4 * _TIMES)


def test_every_failure_in_a_row_has_its_own_number_and_one_disables(database: Database) -> None:
    def fail(_: int) -> list[tuple[int, bool]]:
        seen = []
        for _ in range(20):
            with database.write() as unit:
                count = unit.provider_stats.record_failed_search(PROVIDER)
            with database.write() as unit:
                seen.append((count, unit.provider_stats.disable_if_failing(PROVIDER, failures=100)))
        return seen

    seen = [answer for answers in in_threads(fail) for answer in answers]
    assert sorted(count for count, _ in seen) == list(range(1, 161))
    assert [was_disabled for _, was_disabled in seen].count(True) == 1


def test_eight_people_who_block_one_subtitle_make_one_entry(database: Database) -> None:
    def block(_: int) -> list[tuple[int, bool]]:
        found = []
        for number in range(20):
            with database.write() as unit:
                added = unit.blocklist.add(NewBlock(PROVIDER, str(number)))
            found.append((added.entry_id, added.is_new))
        return found

    answers = in_threads(block)
    for number in range(20):
        asked = [answer[number] for answer in answers]
        assert len({entry_id for entry_id, _ in asked}) == 1
        assert [is_new for _, is_new in asked].count(True) == 1


def test_one_of_eight_people_who_saw_the_same_weight_changes_it(database: Database) -> None:
    def change(number: int) -> int:
        changed = 0
        for attempt, version in enumerate((UNSET, 1, 2, 3)):
            # Never what is there already: that would be no change, and no new version.
            points = attempt * 10 + number
            try:
                with database.write() as unit:
                    unit.weights.save([WeightEdit(ScoreType.MOVIE, "hash", points, version)])
                    unit.modifiers.save(PROVIDER, points, version)
                changed += 1
            except StaleRow:
                pass
        return changed

    total = sum(in_threads(change))
    with database.read() as unit:
        (weight,), (modifier,) = unit.weights.listed(), unit.modifiers.listed()
    assert (weight.version, modifier.version) == (total, total)
    assert 1 <= total <= 4


def test_eight_searches_that_keep_one_answer_keep_it_once(database: Database) -> None:
    def keep(number: int) -> None:
        for query in range(20):
            with database.write() as unit:
                unit.provider_results.upsert_many([NewProviderResult(PROVIDER, str(query), [number], 60)])

    in_threads(keep)
    with database.read() as unit:
        assert unit.provider_results.stats() == {PROVIDER: ProviderResultCounts(20, 20)}
