"""Transcriptions, alike on both databases."""

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.transcriptions import NewTranscription, TranscriptionRow
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, IllegalMove, InvalidInput, MissingReference, NotFound
from sublarr.vocabulary.transcription import Transcript, TranscriptionStatus
from tests.contract.db.rows import HOSTILE_TEXTS, a_scan
from tests.database_fixtures import Clock

_PHASES = (TranscriptionStatus.EXTRACTING, TranscriptionStatus.TRANSCRIBING, TranscriptionStatus.SAVING)
_TRANSCRIPT = Transcript("1\n…", 12, 5400.5, 1000.0, "faster-whisper", "ja", 0.97)


def _add(unit: Unit, name: str = "t1") -> TranscriptionRow:
    return unit.transcriptions.add(NewTranscription(name, f"/media/{name}.mkv"))


def _complete(unit: Unit, name: str = "t1", transcript: Transcript = _TRANSCRIPT) -> None:
    for phase in _PHASES:
        unit.transcriptions.set_phase(name, phase)
    unit.transcriptions.complete(name, transcript)


class TestTranscriptionRepository:
    def test_add_tells_the_transcription_as_it_was_stored(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            job = unit.jobs.enqueue(a_scan(1))
            added = unit.transcriptions.add(NewTranscription("t1", "/media/a.mkv", "ja", 2, job.job_id))
        with database.read() as unit:
            assert unit.transcriptions.get("t1") == added
        assert (added.job_id, added.file_path, added.language) == (job.job_id, "/media/a.mkv", "ja")
        assert (added.audio_track_index, added.status, added.progress) == (2, TranscriptionStatus.QUEUED, 0.0)
        assert (added.created_at, added.started_at, added.completed_at) == (clock.now, None, None)

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_add_takes_any_path(self, database: Database, text: str) -> None:
        with database.write() as unit:
            row = unit.transcriptions.add(NewTranscription(f"id {text}", text))
            assert unit.transcriptions.get(f"id {text}") == row

    def test_add_refuses_an_id_that_is_taken_and_a_job_that_is_not_there(self, database: Database) -> None:
        with database.write() as unit:
            _add(unit)
        with pytest.raises(Conflict), database.write() as unit:
            _add(unit)
        with pytest.raises(MissingReference), database.write() as unit:
            unit.transcriptions.add(NewTranscription("t2", "/a", job_id="nobody"))

    def test_find_answers_none_for_what_is_missing(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.transcriptions.find("t1") is None

    def test_get_says_what_is_missing(self, database: Database) -> None:
        with database.read() as unit, pytest.raises(NotFound):
            unit.transcriptions.get("t1")

    def test_srt_is_empty_until_there_is_one(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.transcriptions.srt("t1") == ""
            _add(unit)
            assert unit.transcriptions.srt("t1") == ""
            _complete(unit)
            assert unit.transcriptions.srt("t1") == "1\n…"

    def test_page_begins_with_the_newest_and_can_be_of_one_state(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            for name in "abcd":
                _add(unit, name)
                clock.advance(1)
            unit.transcriptions.cancel("b")
            first = unit.transcriptions.page(PageRequest(3))
            second = unit.transcriptions.page(PageRequest(3, first.next))
            assert [row.id for row in (*first.items, *second.items)] == list("dcba")
            queued = unit.transcriptions.page(PageRequest(), TranscriptionStatus.QUEUED)
            assert ([row.id for row in queued.items], queued.total) == (list("dca"), 3)

    def test_set_phase_moves_on_and_remembers_when_work_began(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            _add(unit)
            began = clock.advance(5)
            unit.transcriptions.set_phase("t1", TranscriptionStatus.EXTRACTING)
            unit.transcriptions.set_progress("t1", 0.5)
            clock.advance(5)
            unit.transcriptions.set_phase("t1", TranscriptionStatus.TRANSCRIBING)
            row = unit.transcriptions.get("t1")
        assert (row.status, row.progress, row.started_at) == (TranscriptionStatus.TRANSCRIBING, 0.0, began)

    def test_set_phase_refuses_what_is_no_phase_or_no_move(self, database: Database) -> None:
        with database.write() as unit:
            _add(unit)
            with pytest.raises(InvalidInput):
                unit.transcriptions.set_phase("t1", TranscriptionStatus.COMPLETED)
            with pytest.raises(IllegalMove):
                unit.transcriptions.set_phase("t1", TranscriptionStatus.SAVING)
            with pytest.raises(NotFound):
                unit.transcriptions.set_phase("t2", TranscriptionStatus.SAVING)

    def test_set_progress_holds_while_work_goes_on_only(self, database: Database) -> None:
        with database.write() as unit:
            _add(unit)
            unit.transcriptions.set_progress("t1", 0.5)
            assert unit.transcriptions.get("t1").progress == 0.0
            unit.transcriptions.set_phase("t1", TranscriptionStatus.EXTRACTING)
            unit.transcriptions.set_progress("t1", 0.25)
            assert unit.transcriptions.get("t1").progress == 0.25
            with pytest.raises(InvalidInput):
                unit.transcriptions.set_progress("t1", 1.5)

    def test_complete_keeps_what_came_out(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            _add(unit)
            with pytest.raises(IllegalMove):
                unit.transcriptions.complete("t1", _TRANSCRIPT)
            _complete(unit)
            row = unit.transcriptions.get("t1")
        assert (row.status, row.progress, row.completed_at) == (TranscriptionStatus.COMPLETED, 1.0, clock.now)
        assert (row.segment_count, row.duration_seconds, row.processing_time_ms) == (12, 5400.5, 1000.0)
        assert (row.backend_name, row.detected_language, row.language_probability) == (
            "faster-whisper",
            "ja",
            0.97,
        )

    def test_fail_keeps_the_reason(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            _add(unit)
            unit.transcriptions.fail("t1", "no audio\0")
            row = unit.transcriptions.get("t1")
            assert (row.status, row.error) == (TranscriptionStatus.FAILED, "no audio")
            assert row.completed_at == clock.now
            with pytest.raises(IllegalMove):
                unit.transcriptions.fail("t1", "again")

    def test_cancel_ends_what_is_not_over(self, database: Database) -> None:
        with database.write() as unit:
            _add(unit)
            unit.transcriptions.set_phase("t1", TranscriptionStatus.EXTRACTING)
            unit.transcriptions.cancel("t1")
            assert unit.transcriptions.get("t1").status is TranscriptionStatus.CANCELLED
            with pytest.raises(IllegalMove):
                unit.transcriptions.cancel("t1")
            with pytest.raises(IllegalMove):
                unit.transcriptions.requeue("t1")

    def test_requeue_begins_anew(self, database: Database) -> None:
        with database.write() as unit:
            _add(unit)
            unit.transcriptions.set_phase("t1", TranscriptionStatus.EXTRACTING)
            unit.transcriptions.fail("t1", "busy")
            unit.transcriptions.requeue("t1")
            row = unit.transcriptions.get("t1")
            assert (row.status, row.error, row.progress) == (TranscriptionStatus.QUEUED, "", 0.0)
            assert (row.started_at, row.completed_at) == (None, None)
            _complete(unit)
            with pytest.raises(IllegalMove):
                unit.transcriptions.requeue("t1")

    def test_delete_says_whether_there_was_one(self, database: Database) -> None:
        with database.write() as unit:
            _add(unit)
            assert unit.transcriptions.delete("t1")
            assert not unit.transcriptions.delete("t1")

    def test_delete_finished_before_keeps_what_is_not_over(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for name in "abcd":
                _add(unit, name)
            unit.transcriptions.cancel("a")
            _complete(unit, "b")
            unit.transcriptions.fail("c", "x")
            moment = clock.advance(1)
            _add(unit, "e")
            unit.transcriptions.cancel("e")
            assert unit.transcriptions.delete_finished_before(moment, 1) == 1
            assert unit.transcriptions.delete_finished_before(moment, 10) == 1
            assert {row.id for row in unit.transcriptions.page(PageRequest()).items} == set("cde")

    def test_counts_leave_untimed_ones_out_of_the_mean(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.transcriptions.counts().average_processing_ms == 0.0
            for name, milliseconds in (("a", 100.0), ("b", 200.26), ("c", 0.0)):
                _add(unit, name)
                _complete(unit, name, Transcript("", 0, 0.0, milliseconds))
            _add(unit, "d")
            counts = unit.transcriptions.counts()
        assert (counts.total, counts.average_processing_ms) == (4, 150.1)
        assert counts.by_status == {TranscriptionStatus.COMPLETED: 3, TranscriptionStatus.QUEUED: 1}
