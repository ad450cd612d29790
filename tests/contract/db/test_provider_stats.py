"""What is counted of providers, alike on both databases."""

from datetime import timedelta

import pytest

from sublarr.db.database import Database
from sublarr.vocabulary.errors import InvalidInput, NotFound
from tests.contract.db.rows import HOSTILE_TEXTS
from tests.database_fixtures import Clock

_NAME = "opensubtitles"


class TestProviderStatRepository:
    @pytest.mark.parametrize("name", HOSTILE_TEXTS)
    def test_record_search_begins_with_one(self, database: Database, clock: Clock, name: str) -> None:
        with database.write() as unit:
            unit.provider_stats.record_search(name, 120.5)
        with database.read() as unit:
            row = unit.provider_stats.get(name)
        assert (row.total_searches, row.failed_searches, row.successful_downloads) == (1, 0, 0)
        assert (row.timed_responses, row.avg_response_time_ms, row.last_response_time_ms) == (1, 120.5, 120.5)
        assert (row.last_success_at, row.last_failure_at, row.updated_at) == (clock.now, None, clock.now)

    def test_record_search_means_over_timed_answers_only(self, database: Database) -> None:
        with database.write() as unit:
            for milliseconds in (100, None, 200, None, 600):
                unit.provider_stats.record_search(_NAME, milliseconds)
            unit.provider_stats.record_failed_search(_NAME)
            row = unit.provider_stats.get(_NAME)
        assert (row.total_searches, row.timed_responses) == (6, 3)
        assert row.avg_response_time_ms == pytest.approx(300.0)
        assert row.last_response_time_ms == 600.0

    def test_record_search_ends_a_row_of_failures(self, database: Database) -> None:
        with database.write() as unit:
            unit.provider_stats.record_failed_search(_NAME)
            unit.provider_stats.record_search(_NAME)
            assert unit.provider_stats.get(_NAME).consecutive_failures == 0
            assert unit.provider_stats.record_failed_search(_NAME) == 1

    @pytest.mark.parametrize("name", ["\0", "\udc80"])
    def test_record_search_refuses_nul_and_lone_surrogates(self, database: Database, name: str) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.provider_stats.record_search(name)

    def test_record_failed_search_is_a_search_and_a_failure(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            assert [unit.provider_stats.record_failed_search(_NAME) for _ in range(3)] == [1, 2, 3]
            row = unit.provider_stats.get(_NAME)
        assert (row.total_searches, row.failed_searches, row.failed_downloads) == (3, 3, 0)
        assert (row.last_failure_at, row.last_success_at) == (clock.now, None)

    def test_record_download_means_over_scored_ones_only(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.provider_stats.record_failed_search(_NAME)
            for score in (100, 0, 300, -5):
                unit.provider_stats.record_download(_NAME, score)
            row = unit.provider_stats.get(_NAME)
        assert (row.successful_downloads, row.scored_downloads, row.avg_score) == (4, 2, 200.0)
        assert (row.total_searches, row.consecutive_failures, row.last_success_at) == (1, 0, clock.now)

    def test_record_download_failure_is_no_search(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.provider_stats.record_failed_search(_NAME) == 1
            assert unit.provider_stats.record_download_failure(_NAME) == 2
            row = unit.provider_stats.get(_NAME)
        assert (row.total_searches, row.failed_downloads, row.consecutive_failures) == (1, 1, 2)

    def test_disable_lasts_until_its_time_has_run_out(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.provider_stats.disable(_NAME, 30)
            until = clock.now + timedelta(minutes=30)
        with database.read() as unit:
            row = unit.provider_stats.get(_NAME)
            assert (row.is_disabled, row.disabled_until, row.total_searches) == (True, until, 0)
        clock.advance(30 * 60)
        with database.read() as unit:
            row = unit.provider_stats.get(_NAME)
            assert (row.is_disabled, row.disabled_until) == (False, until)

    @pytest.mark.parametrize("minutes", [0, -1])
    def test_disable_needs_a_time(self, database: Database, minutes: float) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.provider_stats.disable(_NAME, minutes)

    def test_disable_if_failing_waits_for_enough_failures(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            assert not unit.provider_stats.disable_if_failing("never used", failures=0)
            unit.provider_stats.record_failed_search(_NAME)
            unit.provider_stats.record_failed_search(_NAME)
            assert not unit.provider_stats.disable_if_failing(_NAME, failures=3)
            unit.provider_stats.record_failed_search(_NAME)
            assert unit.provider_stats.disable_if_failing(_NAME, failures=3, cooldown_minutes=5)
            assert not unit.provider_stats.disable_if_failing(_NAME, failures=3)
            until = clock.now + timedelta(minutes=5)
            assert unit.provider_stats.get(_NAME).disabled_until == until
            clock.advance(5 * 60)
            assert unit.provider_stats.disable_if_failing(_NAME, failures=3)

    def test_enable_asks_a_provider_again_at_once(self, database: Database) -> None:
        with database.write() as unit:
            assert not unit.provider_stats.enable(_NAME)
            assert unit.provider_stats.find(_NAME) is None
            unit.provider_stats.record_failed_search(_NAME)
            unit.provider_stats.disable(_NAME)
            assert unit.provider_stats.enable(_NAME)
            row = unit.provider_stats.get(_NAME)
        assert (row.is_disabled, row.disabled_until, row.consecutive_failures) == (False, None, 0)
        assert row.failed_searches == 1

    def test_is_disabled_needs_no_write_to_end(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.provider_stats.disable(_NAME, 1)
            assert unit.provider_stats.is_disabled(_NAME)
        clock.advance(60)
        with database.read() as unit:
            assert not unit.provider_stats.is_disabled(_NAME)
            assert not unit.provider_stats.is_disabled("never used")

    def test_disabled_lists_the_first_to_come_back_first(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for name, minutes in (("late", 60), ("soon", 10), ("over", 1)):
                unit.provider_stats.disable(name, minutes)
            unit.provider_stats.record_search("well")
        clock.advance(120)
        with database.read() as unit:
            assert [row.provider_name for row in unit.provider_stats.disabled()] == ["soon", "late"]
            assert all(row.is_disabled for row in unit.provider_stats.disabled())

    def test_find_answers_none_for_a_provider_that_was_never_used(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.provider_stats.find(_NAME) is None

    def test_get_raises_for_a_provider_that_was_never_used(self, database: Database) -> None:
        with database.read() as unit, pytest.raises(NotFound):
            unit.provider_stats.get(_NAME)

    def test_listed_sorts_by_name_and_can_leave_out_who_is_idle(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            unit.provider_stats.record_search("b")
            unit.provider_stats.record_search("c")
            since = clock.advance(60)
            unit.provider_stats.record_failed_search("a")
            unit.provider_stats.record_download("c")
            assert [row.provider_name for row in unit.provider_stats.listed()] == ["a", "b", "c"]
            assert [row.provider_name for row in unit.provider_stats.listed(since)] == ["a", "c"]

    def test_success_rate_is_downloads_per_search(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.provider_stats.success_rate(_NAME) == 0.0
            unit.provider_stats.record_download(_NAME)
            assert unit.provider_stats.success_rate(_NAME) == 0.0
            for _ in range(3):
                unit.provider_stats.record_search(_NAME)
            unit.provider_stats.record_failed_search(_NAME)
            unit.provider_stats.record_download_failure(_NAME)
            row = unit.provider_stats.get(_NAME)
            assert unit.provider_stats.success_rate(_NAME) == 0.25
        assert (row.answer_rate, row.download_rate) == (0.75, 0.5)

    def test_clear_begins_anew_for_one_provider_or_all(self, database: Database) -> None:
        with database.write() as unit:
            for name in "abc":
                unit.provider_stats.record_search(name)
            unit.provider_stats.disable("a")
            assert unit.provider_stats.clear("a") == 1
            assert not unit.provider_stats.is_disabled("a")
            assert unit.provider_stats.clear("a") == 0
            assert unit.provider_stats.clear() == 2
            assert unit.provider_stats.listed() == ()
