"""The job ledger as people see it, alike on both databases."""

from datetime import timedelta

import pytest

from sublarr.db.column_types import db_now
from sublarr.db.database import Database
from sublarr.db.models.ledger import Job
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import Asking, JobFilter, new_job_id
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import IllegalMove, InvalidInput, MissingReference, NotFound
from sublarr.vocabulary.jobs import (
    ExtractSubtitles,
    JobEvent,
    JobOrigin,
    JobPriority,
    JobStatus,
    PruneHistory,
    ScanFolder,
)
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS, a_scan, a_worker
from tests.database_fixtures import Clock

_KINDS = ("scan_folder", "extract_subtitles", "prune_history")


def _extraction(number: int) -> ExtractSubtitles:
    return ExtractSubtitles(file_id=number, file_path=f"/media/{number}.mkv")


def _events(unit: Unit, job_id: str) -> list[JobEvent]:
    return [line.event for line in unit.jobs.diary(job_id)]


def _run_one(unit: Unit) -> str:
    claim = unit.claims.claim(a_worker(unit), _KINDS)
    assert claim is not None
    return claim.job_id


class TestJobRepository:
    def test_enqueue_tells_the_job_as_it_was_stored(self, database: Database) -> None:
        asking = Asking(JobOrigin.WEBHOOK, JobPriority.PERSON, request_id="r-1")
        with database.write() as unit:
            asked = unit.jobs.enqueue(_extraction(GREATEST), asking)
            assert asked.is_new
        with database.read() as unit:
            job = unit.jobs.get(asked.job_id)
            assert _events(unit, asked.job_id) == [JobEvent.QUEUED]
        assert (job.kind, job.status, job.origin) == (
            "extract_subtitles",
            JobStatus.QUEUED,
            JobOrigin.WEBHOOK,
        )
        assert (job.priority, job.max_attempts, job.attempts) == (JobPriority.PERSON, 3, 0)
        assert job.file_path == f"/media/{GREATEST}.mkv"
        assert job.title.endswith(f"{GREATEST}.mkv")

    def test_enqueue_of_what_waits_already_answers_the_waiting_job(self, database: Database) -> None:
        with database.write() as unit:
            first = unit.jobs.enqueue(a_scan(1))
            again = unit.jobs.enqueue(a_scan(1))
            other = unit.jobs.enqueue(a_scan(2))
            assert (again.job_id, again.is_new) == (first.job_id, False)
            assert other.is_new
            assert _events(unit, first.job_id) == [JobEvent.QUEUED]

    def test_enqueue_of_what_runs_waits_behind_it_only_where_the_kind_may(self, database: Database) -> None:
        with database.write() as unit:
            scan, extraction = unit.jobs.enqueue(a_scan(1)), unit.jobs.enqueue(_extraction(1))
            worker = a_worker(unit)
            assert unit.claims.claim(worker, _KINDS) is not None
            assert unit.claims.claim(worker, _KINDS) is not None
            behind, same = unit.jobs.enqueue(a_scan(1)), unit.jobs.enqueue(_extraction(1))
            assert behind.is_new
            assert behind.job_id != scan.job_id
            assert (same.job_id, same.is_new) == (extraction.job_id, False)

    def test_enqueue_again_after_the_end_makes_a_new_job(self, database: Database) -> None:
        with database.write() as unit:
            first = unit.jobs.enqueue(PruneHistory())
            unit.jobs.cancel(first.job_id)
            assert unit.jobs.enqueue(PruneHistory()).is_new

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_enqueue_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            asked = unit.jobs.enqueue(ScanFolder(folder_id=1, below=f"/{text}"))
            claim = unit.claims.claim(a_worker(unit), _KINDS)
            assert unit.jobs.get(asked.job_id).title == f"Scan /{text}"
        assert claim is not None
        assert claim.payload["below"] == f"/{text}"

    @pytest.mark.parametrize("text", ["/nul\0", "/lone\ud800"])
    def test_enqueue_refuses_what_is_no_path_text(self, database: Database, text: str) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.jobs.enqueue(ScanFolder.model_construct(folder_id=1, folder_path="/a", below=text))
        with database.read() as unit:
            assert unit.jobs.counts() == {}

    def test_enqueue_needs_the_parent_it_names(self, database: Database) -> None:
        with pytest.raises(MissingReference), database.write() as unit:
            unit.jobs.enqueue(a_scan(1), Asking(parent_id="none"))

    def test_enqueue_with_a_delay_is_not_due_yet(self, database: Database) -> None:
        with database.write() as unit:
            unit.jobs.enqueue(a_scan(1), Asking(delay_seconds=3600.5))
            assert not unit.claims.has_due(_KINDS)
            unit.jobs.enqueue(a_scan(2), Asking(delay_seconds=-1))
            assert unit.claims.has_due(_KINDS)

    def test_enqueue_many_counts_the_new_ones_in_the_order_asked(self, database: Database) -> None:
        with database.write() as unit:
            unit.jobs.enqueue(a_scan(5))
            assert unit.jobs.enqueue_many(a_scan(number) for number in range(1_100)) == 1_099
            assert unit.jobs.enqueue_many([a_scan(1), a_scan(1), a_scan(2_000)]) == 1
            assert unit.jobs.enqueue_many([]) == 0
            waiting = [job.title for job in unit.jobs.active(limit=4)]
            assert waiting == [f"Scan /media/{number}" for number in (5, 0, 1, 2)]
            assert unit.jobs.counts() == {("scan_folder", JobStatus.QUEUED): 1_101}

    @pytest.mark.parametrize("job_id", ["", "none", "%", "🎬", "x" * 10_000])
    def test_find_answers_none_for_an_unknown_job(self, database: Database, job_id: str) -> None:
        with database.read() as unit:
            assert unit.jobs.find(job_id) is None

    def test_get_of_an_unknown_job_is_not_found(self, database: Database) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.jobs.get("none")

    def test_error_detail_is_empty_where_nothing_failed(self, database: Database) -> None:
        with database.write() as unit:
            unit.jobs.enqueue(a_scan(1))
            claim = unit.claims.claim(a_worker(unit), _KINDS)
            assert claim is not None
            assert unit.jobs.error_detail(claim.job_id) == unit.jobs.error_detail("none") == ""
            unit.claims.fail(claim, "broken", "Traceback …")
            assert unit.jobs.error_detail(claim.job_id) == "Traceback …"

    def test_diary_tells_what_happened_in_order(self, database: Database) -> None:
        with database.write() as unit:
            job_id = unit.jobs.enqueue(a_scan(1)).job_id
            unit.jobs.pause(job_id)
            unit.jobs.resume(job_id)
            unit.jobs.cancel(job_id)
            lines = unit.jobs.diary(job_id)
            assert unit.jobs.diary("none") == ()
        events = [JobEvent.QUEUED, JobEvent.PAUSED, JobEvent.RESUMED, JobEvent.CANCELLED]
        assert [line.event for line in lines] == events
        assert [line.at for line in lines] == sorted(line.at for line in lines)

    def test_page_shows_what_the_filter_asks_for(self, database: Database) -> None:
        with database.write() as unit:
            unit.jobs.enqueue_many([a_scan(1), _extraction(7)])
            job_id = unit.jobs.enqueue(ScanFolder(folder_id=2, below="/media/100%_a\\b")).job_id
            unit.jobs.cancel(job_id)
            filters = {
                "all": (JobFilter(), 3),
                "status": (JobFilter(statuses=(JobStatus.QUEUED, JobStatus.RUNNING)), 2),
                "kind": (JobFilter(kind="extract_subtitles"), 1),
                "title": (JobFilter(words="100%_a\\b"), 1),
                "path": (JobFilter(words="/MEDIA/7"), 1),
                "none": (JobFilter(words="%%"), 0),
            }
            for name, (wanted, count) in filters.items():
                page = unit.jobs.page(wanted, PageRequest())
                assert (len(page.items), page.total) == (count, count), name
            assert unit.jobs.page(JobFilter(), PageRequest()).items[0].id == job_id

    def test_active_begins_with_what_runs_then_with_what_is_urgent(self, database: Database) -> None:
        with database.write() as unit:
            running = unit.jobs.enqueue(a_scan(1)).job_id
            assert _run_one(unit) == running
            later = unit.jobs.enqueue(a_scan(2)).job_id
            urgent = unit.jobs.enqueue(a_scan(3), Asking(priority=JobPriority.PERSON)).job_id
            ended = unit.jobs.enqueue(a_scan(4)).job_id
            unit.jobs.cancel(ended)
            assert [job.id for job in unit.jobs.active()] == [running, urgent, later]
            assert [job.id for job in unit.jobs.active(limit=1)] == [running]

    def test_changed_since_tells_only_what_is_newer(self, database: Database) -> None:
        with database.write() as unit:
            job = unit.jobs.get(unit.jobs.enqueue(a_scan(1)).job_id)
            just_before = job.updated_at - timedelta(milliseconds=1)
            assert [row.id for row in unit.jobs.changed_since(just_before)] == [job.id]
            assert unit.jobs.changed_since(job.updated_at) == ()
            assert unit.jobs.changed_since(just_before, limit=0) == ()

    def test_counts_by_kind_and_status(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.jobs.counts() == {}
            unit.jobs.enqueue_many([a_scan(1), a_scan(2), _extraction(1)])
            _run_one(unit)
            assert unit.jobs.counts() == {
                ("scan_folder", JobStatus.RUNNING): 1,
                ("scan_folder", JobStatus.QUEUED): 1,
                ("extract_subtitles", JobStatus.QUEUED): 1,
            }

    def test_failed_count_counts_what_waits_for_a_person(self, database: Database) -> None:
        with database.write() as unit:
            unit.jobs.enqueue(a_scan(1))
            claim = unit.claims.claim(a_worker(unit), _KINDS)
            assert claim is not None
            assert unit.jobs.failed_count() == 0
            unit.claims.fail(claim, "broken", "")
            assert unit.jobs.failed_count() == 1

    def test_oldest_due_seconds_of_an_idle_ledger_is_nothing(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.jobs.oldest_due_seconds() == 0
            unit.jobs.enqueue(a_scan(1), Asking(delay_seconds=60))
            assert unit.jobs.oldest_due_seconds() == 0
            unit.jobs.enqueue(a_scan(2), Asking(delay_seconds=-600))
            assert 599 < unit.jobs.oldest_due_seconds() < 660

    def test_cancel_of_a_waiting_job_ends_it_at_once(self, database: Database) -> None:
        with database.write() as unit:
            job_id = unit.jobs.enqueue(a_scan(1)).job_id
            assert unit.jobs.cancel(job_id) is JobStatus.CANCELLED
            assert unit.jobs.get(job_id).completed_at is not None
            with pytest.raises(IllegalMove):
                unit.jobs.cancel(job_id)
            with pytest.raises(NotFound):
                unit.jobs.cancel("none")

    def test_cancel_and_pause_of_a_running_job_are_only_asked_for(self, database: Database) -> None:
        with database.write() as unit:
            unit.jobs.enqueue(a_scan(1))
            job_id = _run_one(unit)
            assert unit.jobs.pause(job_id) is JobStatus.RUNNING
            assert unit.jobs.cancel(job_id) is JobStatus.RUNNING
            assert unit.jobs.get(job_id).cancel_requested
            asked = [JobEvent.PAUSE_REQUESTED, JobEvent.CANCEL_REQUESTED]
            assert _events(unit, job_id)[-2:] == asked

    def test_pause_keeps_a_job_from_being_claimed(self, database: Database) -> None:
        with database.write() as unit:
            job_id = unit.jobs.enqueue(a_scan(1)).job_id
            assert unit.jobs.pause(job_id) is JobStatus.PAUSED
            assert not unit.claims.has_due(_KINDS)
            with pytest.raises(IllegalMove):
                unit.jobs.pause(job_id)

    def test_resume_puts_a_paused_job_back(self, database: Database) -> None:
        with database.write() as unit:
            job_id = unit.jobs.enqueue(a_scan(1)).job_id
            with pytest.raises(IllegalMove):
                unit.jobs.resume(job_id)
            unit.jobs.pause(job_id)
            unit.jobs.resume(job_id)
            assert unit.claims.has_due(_KINDS)
            with pytest.raises(NotFound):
                unit.jobs.resume("none")

    def test_retry_gives_a_failed_job_a_fresh_start(self, database: Database) -> None:
        with database.write() as unit:
            job_id = unit.jobs.enqueue(a_scan(1)).job_id
            with pytest.raises(IllegalMove):
                unit.jobs.retry(job_id)
            claim = unit.claims.claim(a_worker(unit), _KINDS)
            assert claim is not None
            unit.claims.fail(claim, "broken", "Traceback …")
            unit.jobs.retry(job_id)
            job = unit.jobs.get(job_id)
            assert (job.status, job.attempts, job.error) == (JobStatus.QUEUED, 0, "")
            assert _events(unit, job_id)[-1] is JobEvent.REPLAYED

    def test_supersede_failed_cancels_only_what_failed_at_the_same_work(self, database: Database) -> None:
        with database.write() as unit:
            worker = a_worker(unit)
            failed, other = (unit.jobs.enqueue(a_scan(number)).job_id for number in (1, 2))
            for _ in (failed, other):
                claim = unit.claims.claim(worker, _KINDS)
                assert claim is not None
                unit.claims.fail(claim, "the disk is away", "")
            assert unit.jobs.supersede_failed(a_scan(1)) == 1
            assert unit.jobs.supersede_failed(a_scan(1)) == 0
            states = [unit.jobs.get(job_id).status for job_id in (failed, other)]
            assert states == [JobStatus.CANCELLED, JobStatus.FAILED]
            assert _events(unit, failed)[-1] is JobEvent.CANCELLED

    def test_delete_finished_before_spares_what_failed_or_waits(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            ended = [unit.jobs.enqueue(a_scan(number)).job_id for number in range(5)]
            for job_id in ended:
                unit.jobs.cancel(job_id)
            child = unit.jobs.enqueue(a_scan(10), Asking(parent_id=ended[0])).job_id
            unit.connection.execute(
                Job.__table__.update().where(Job.id != child).values(completed_at=db_now(-60))  # type: ignore[attr-defined]
            )
            moment = clock.now - timedelta(seconds=30)
            assert unit.jobs.delete_finished_before(moment - timedelta(hours=1), 10) == 0
            assert unit.jobs.delete_finished_before(moment, 2) == 2
            assert unit.jobs.delete_finished_before(moment, 10) == 3
            assert unit.jobs.diary(ended[0]) == ()
            assert unit.jobs.get(child).status is JobStatus.QUEUED


def test_job_ids_sort_by_the_time_they_were_made(clock: Clock) -> None:
    ids = [new_job_id(clock.advance(0.002)) for _ in range(100)]
    assert ids == sorted(ids)
    assert {len(job_id) for job_id in ids} == {26}
