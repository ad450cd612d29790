from typing import Any

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from sublarr.jobs import prune_history as pruning
from sublarr.queue.context import JobContext
from sublarr.vocabulary.errors import HandBack
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus, PruneHistory
from tests.contract.db.rows import a_worker
from tests.database_fixtures import Clock

DAY = 24 * 3600.0


@pytest.fixture
def context(sqlite_database: Database) -> JobContext:
    claim: Any = None
    return JobContext(sqlite_database, claim, 60.0)


def _jobs(database: Database) -> dict[JobStatus, list[str]]:
    """One job of each state."""
    made: dict[JobStatus, list[str]] = {}
    with database.write() as unit:
        a_worker(unit)
        for number, status in enumerate(JobStatus):
            job_id = unit.jobs.enqueue(ExtractSubtitles(file_id=number)).job_id
            made[status] = [job_id]
            unit.connection.execute(
                text("UPDATE jobs SET status = :status, completed_at = created_at WHERE id = :id"),
                {"status": status.value, "id": job_id},
            )
    return made


def test_only_what_ended_well_long_ago_is_removed(
    sqlite_database: Database, context: JobContext, clock: Clock
) -> None:
    made = _jobs(sqlite_database)
    clock.advance((pruning.FINISHED_JOBS_DAYS - 1) * DAY)
    assert pruning.prune_history(PruneHistory(), context) == {"jobs": 0, "probes": 0, "workers": 0}
    clock.advance(2 * DAY)
    assert pruning.prune_history(PruneHistory(), context) == {"jobs": 2, "probes": 0, "workers": 0}
    with sqlite_database.read() as unit:
        left = {status for status, ids in made.items() if unit.jobs.find(ids[0]) is not None}
    assert left == set(JobStatus) - {JobStatus.COMPLETED, JobStatus.CANCELLED}


def test_workers_that_stopped_are_forgotten_after_a_week(
    sqlite_database: Database, context: JobContext, clock: Clock
) -> None:
    with sqlite_database.write() as unit:
        unit.workers.stop([a_worker(unit)])
        a_worker(unit, "alive")
    clock.advance((pruning.STOPPED_WORKERS_DAYS + 1) * DAY)
    result = pruning.prune_history(PruneHistory(), context)
    assert result is not None
    assert result["workers"] == 1
    with sqlite_database.read() as unit:
        assert [row.id for row in unit.workers.listed()] == ["alive"]


def test_a_long_history_is_removed_in_pieces_and_can_be_stopped_between_them(
    sqlite_database: Database, context: JobContext, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_CHUNK", 10)
    with sqlite_database.write() as unit:
        unit.jobs.enqueue_many([ExtractSubtitles(file_id=number) for number in range(35)])
        unit.connection.execute(text("UPDATE jobs SET status = 'completed', completed_at = created_at"))
    clock.advance(40 * DAY)
    context.stop()
    with pytest.raises(HandBack):
        pruning.prune_history(PruneHistory(), context)
    again = JobContext(sqlite_database, context.claim, 60.0)
    result = pruning.prune_history(PruneHistory(), again)
    assert result is not None
    assert result["jobs"] == 35
