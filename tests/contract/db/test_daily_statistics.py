"""Counts per local day, and jobs done with other settings, alike on both databases."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from sublarr.db.column_types import db_now
from sublarr.db.database import Database
from sublarr.db.models.ledger import Job
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.daily_statistics import DayCounts, DayKeyCount, KeyCount
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.statistics import StatisticsDimension as By
from sublarr.vocabulary.statistics import TranslationOutcome, last_days
from tests.contract.db.rows import HOSTILE_TEXTS, a_scan

_TODAY = date(2026, 3, 1)
_YESTERDAY = _TODAY - timedelta(days=1)
_ASS = {By.FORMAT: "ass", By.SOURCE: "embedded", By.BACKEND: "ollama"}
_SRT = {By.FORMAT: "srt", By.SOURCE: "embedded", By.BACKEND: "deepl"}


def _record(unit: Unit, day: date, outcome: TranslationOutcome = TranslationOutcome.TRANSLATED) -> None:
    unit.daily_statistics.record(day, outcome, _ASS)


class TestDailyStatisticsRepository:
    def test_record_counts_outcomes_and_tells_successes_apart(self, database: Database) -> None:
        with database.write() as unit:
            _record(unit, _TODAY)
            unit.daily_statistics.record(_TODAY, TranslationOutcome.TRANSLATED, _SRT)
            unit.daily_statistics.record(_TODAY, TranslationOutcome.TRANSLATED)
            _record(unit, _TODAY, TranslationOutcome.FAILED)
            _record(unit, _TODAY, TranslationOutcome.SKIPPED)
            period = last_days(7, _TODAY)
            assert unit.daily_statistics.days(period) == (DayCounts(_TODAY, 3, 1, 1),)
            assert unit.daily_statistics.by_key(By.SOURCE, period) == (KeyCount("embedded", 2),)
            assert unit.daily_statistics.by_key(By.FORMAT, period) == (KeyCount("ass", 1), KeyCount("srt", 1))

    def test_record_traits_counts_without_a_translation(self, database: Database) -> None:
        with database.write() as unit:
            for provider in ("jimaku", "jimaku", ""):
                unit.daily_statistics.record_traits(_TODAY, {By.PROVIDER: provider, By.LANGUAGE: "de"})
            unit.daily_statistics.record_traits(_YESTERDAY, {})
            period = last_days(7, _TODAY)
            assert unit.daily_statistics.days(period) == (
                DayCounts(_TODAY, 0, 0, 0),
                DayCounts(_YESTERDAY, 0, 0, 0),
            )
            assert unit.daily_statistics.by_key(By.PROVIDER, period) == (
                KeyCount("jimaku", 2),
                KeyCount("unknown", 1),
            )

    @pytest.mark.parametrize("text", [text for text in HOSTILE_TEXTS if text])
    def test_record_traits_takes_any_name(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.daily_statistics.record_traits(_TODAY, {By.PROVIDER: text})
            assert unit.daily_statistics.by_key(By.PROVIDER, last_days(1, _TODAY)) == (KeyCount(text, 1),)

    @pytest.mark.parametrize("length", [7, 30, 90, 365])
    def test_days_hold_exactly_the_range_newest_first(self, database: Database, length: int) -> None:
        with database.write() as unit:
            for back in (0, length - 1, length, -1):
                _record(unit, _TODAY - timedelta(days=back))
            period = last_days(length, _TODAY)
            assert [row.day for row in unit.daily_statistics.days(period)] == [period.last, period.first]
            assert unit.daily_statistics.by_key(By.BACKEND, period) == (KeyCount("ollama", 2),)

    def test_by_key_puts_the_greatest_first_and_keeps_dimensions_apart(self, database: Database) -> None:
        with database.write() as unit:
            for day in (_TODAY, _YESTERDAY):
                unit.daily_statistics.record(day, TranslationOutcome.TRANSLATED, _SRT)
            _record(unit, _TODAY)
            period = last_days(7, _TODAY)
            assert unit.daily_statistics.by_key(By.FORMAT, period) == (KeyCount("srt", 2), KeyCount("ass", 1))
            assert unit.daily_statistics.by_key(By.PROVIDER, period) == ()

    def test_by_day_and_key_tells_each_day(self, database: Database) -> None:
        with database.write() as unit:
            for day in (_YESTERDAY, _TODAY, _TODAY):
                _record(unit, day)
            unit.daily_statistics.record(_TODAY, TranslationOutcome.TRANSLATED, _SRT)
            assert unit.daily_statistics.by_day_and_key(By.FORMAT, last_days(7, _TODAY)) == (
                DayKeyCount(_TODAY, "ass", 2),
                DayKeyCount(_TODAY, "srt", 1),
                DayKeyCount(_YESTERDAY, "ass", 1),
            )
            assert unit.daily_statistics.by_day_and_key(By.FORMAT, last_days(1, _YESTERDAY)) == (
                DayKeyCount(_YESTERDAY, "ass", 1),
            )

    def test_summary_adds_the_range_up(self, database: Database) -> None:
        with database.write() as unit:
            empty = unit.daily_statistics.summary(_TODAY)
            assert (empty.total_translated, empty.today_translated, empty.days) == (0, 0, ())
            for back in (0, 0, 1, 8, 40):
                _record(unit, _TODAY - timedelta(days=back))
            _record(unit, _YESTERDAY, TranslationOutcome.FAILED)
            _record(unit, _YESTERDAY, TranslationOutcome.SKIPPED)
            month = unit.daily_statistics.summary(_TODAY)
            week = unit.daily_statistics.summary(_TODAY, 7)
        assert (month.total_translated, month.total_failed, month.total_skipped) == (4, 1, 1)
        assert (month.today_translated, week.total_translated, len(week.days)) == (2, 3, 2)
        assert month.breakdowns[By.FORMAT] == {"ass": 4}
        assert month.breakdowns[By.PROVIDER] == {}
        assert month.days[1] == DayCounts(_YESTERDAY, 1, 1, 1)

    @pytest.mark.parametrize("days", [0, 8, -7])
    def test_summary_refuses_a_range_that_is_not_offered(self, database: Database, days: int) -> None:
        with database.read() as unit, pytest.raises(InvalidInput):
            unit.daily_statistics.summary(_TODAY, days)


def _a_job(unit: Unit, number: int, config_hash: str, status: JobStatus = JobStatus.COMPLETED) -> str:
    """A job that ended `number` seconds after the first."""
    job_id = unit.jobs.enqueue(a_scan(number)).job_id
    ended = {"status": status, "config_hash": config_hash, "completed_at": db_now(float(number))}
    unit.connection.execute(update(Job).where(Job.id == job_id).values(**ended))
    return job_id


class TestOutdatedJobRepository:
    def test_count_leaves_out_what_is_current_unknown_or_not_completed(self, database: Database) -> None:
        with database.write() as unit:
            for number, config_hash in enumerate(("old", "older", "new", "")):
                _a_job(unit, number, config_hash)
            _a_job(unit, 10, "old", JobStatus.FAILED)
            assert unit.outdated_jobs.count("new") == 2
            assert unit.outdated_jobs.count("old") == 2
            assert unit.outdated_jobs.count("") == 3

    def test_page_begins_with_what_was_completed_last(self, database: Database) -> None:
        with database.write() as unit:
            ids = [_a_job(unit, number, "old") for number in (3, 1, 5, 4, 2)]
            _a_job(unit, 9, "new")
            for number, status in enumerate(set(JobStatus) - {JobStatus.COMPLETED}):
                _a_job(unit, 20 + number, "old", status)
            first = unit.outdated_jobs.page("new", PageRequest(3))
            second = unit.outdated_jobs.page("new", PageRequest(3, first.next))
            back = unit.outdated_jobs.page("new", PageRequest(3, second.prev))
        shown = [row.id for row in (*first.items, *second.items)]
        assert shown == [ids[2], ids[3], ids[0], ids[4], ids[1]]
        assert (back.items, first.total, second.next) == (first.items, 5, None)
        assert (first.items[0].config_hash, first.items[0].kind) == ("old", "scan_folder")

    def test_page_refuses_a_cursor_of_other_settings(self, database: Database) -> None:
        with database.write() as unit:
            for number in range(2):
                _a_job(unit, number, "old")
            cursor = unit.outdated_jobs.page("new", PageRequest(1)).next
            with pytest.raises(InvalidInput):
                unit.outdated_jobs.page("newer", PageRequest(1, cursor))
