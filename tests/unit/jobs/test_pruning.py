import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from sublarr.bootstrap.workers import periods
from sublarr.db.database import Database
from sublarr.jobs import prune_history as pruning
from sublarr.jobs.prune_history import HistoryPruning, paced
from sublarr.jobs.retention import RULES, Periods
from sublarr.queue.context import JobContext
from sublarr.settings import load_settings
from sublarr.vocabulary.errors import HandBack
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus, PruneHistory
from tests.contract.db.rows import a_worker
from tests.database_fixtures import Clock

DAY = 24 * 3600.0


@pytest.fixture
def context(database: Database) -> JobContext:
    with database.write() as unit:
        unit.jobs.enqueue(PruneHistory())
        claim = unit.claims.claim(a_worker(unit, "pruner"), [PruneHistory.kind])
        assert claim is not None
    return JobContext(database, claim, 60.0)


def _prune(context: JobContext, chosen: Periods | None = None) -> dict[str, Any]:
    result = HistoryPruning(lambda: chosen or Periods())(PruneHistory(), context)
    assert result is not None
    json.dumps(result)
    return result


def _jobs(database: Database, clock: Clock) -> dict[JobStatus, str]:
    """One job of each state, all of which ended now."""
    made: dict[JobStatus, str] = {}
    with database.write() as unit:
        for number, status in enumerate(JobStatus):
            job_id = unit.jobs.enqueue(ExtractSubtitles(file_id=number)).job_id
            made[status] = job_id
            unit.connection.execute(
                text("UPDATE jobs SET status = :status, completed_at = created_at WHERE id = :id"),
                {"status": status.value, "id": job_id},
            )
    return made


def test_only_what_ended_well_long_ago_is_removed(
    database: Database, context: JobContext, clock: Clock
) -> None:
    made = _jobs(database, clock)
    clock.advance((Periods().jobs - 1) * DAY)
    assert _prune(context) == {}
    clock.advance(2 * DAY)
    assert _prune(context) == {"jobs": 2}
    with database.read() as unit:
        left = {status for status, job_id in made.items() if unit.jobs.find(job_id) is not None}
        diaries = unit.connection.execute(
            text("SELECT count(*) FROM job_events WHERE job_id NOT IN (SELECT id FROM jobs)")
        ).scalar_one()
    assert left == set(JobStatus) - {JobStatus.COMPLETED, JobStatus.CANCELLED}
    assert diaries == 0


def test_zero_days_keep_for_ever(database: Database, context: JobContext, clock: Clock) -> None:
    _jobs(database, clock)
    clock.advance(40_000 * DAY)
    forever = Periods(jobs=0, deliveries=0, history=0, deleted=0, translation_memory=0)
    assert _prune(context, forever) == {}


def test_workers_that_stopped_are_forgotten_after_a_week(
    database: Database, context: JobContext, clock: Clock
) -> None:
    with database.write() as unit:
        unit.workers.stop([a_worker(unit)])
        a_worker(unit, "alive")
    clock.advance(8 * DAY)
    assert _prune(context)["workers"] == 1
    with database.read() as unit:
        assert {row.id for row in unit.workers.listed()} == {"alive", "pruner"}


def test_a_long_history_is_removed_in_pieces_and_can_be_stopped_between_them(
    database: Database, context: JobContext, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "_FIRST_ROWS", 10)
    monkeypatch.setattr(pruning, "_MOST_ROWS", 10)
    with database.write() as unit:
        unit.jobs.enqueue_many([ExtractSubtitles(file_id=number) for number in range(35)])
        unit.connection.execute(
            text("UPDATE jobs SET status = 'completed', completed_at = created_at WHERE kind = :kind"),
            {"kind": ExtractSubtitles.kind},
        )
    clock.advance(40 * DAY)

    class StoppedSoon(JobContext):
        def rest(self, seconds: float) -> None:
            self.stop()
            super().rest(seconds)

    with pytest.raises(HandBack):
        _prune(StoppedSoon(database, context.claim, 60.0))
    assert _prune(context) == {"jobs": 25}


def test_a_piece_never_grows_beyond_what_holds_others_up() -> None:
    rows, held = pruning._FIRST_ROWS, []
    for _ in range(100):
        # A tenth of a millisecond a row: a large folder's files with all that hangs on them.
        held.append(rows * 0.0001)
        rows = paced(rows, held[-1])
    assert max(held) <= 0.020
    assert max(held[20:]) <= 0.0101
    assert paced(2_000, 10.0) == 5
    assert paced(5, 10.0) == 5
    assert paced(2_000, 0.0) == 2_000


def test_people_choose_how_long_things_are_kept() -> None:
    settings = load_settings(
        {
            "SUBLARR_CONFIG_DIR": "/config",
            "SUBLARR_JOB_RETENTION_DAYS": "1",
            "SUBLARR_DELIVERY_RETENTION_DAYS": "2",
            "SUBLARR_HISTORY_RETENTION_DAYS": "3",
            "SUBLARR_DELETED_RETENTION_DAYS": "4",
            "SUBLARR_TRANSLATION_MEMORY_RETENTION_DAYS": "0",
            "SUBLARR_ANIDB_CACHE_TTL_DAYS": "400",
        }
    )
    assert periods(settings) == Periods(1, 2, 3, 4, 0, 400)
    assert periods(load_settings({"SUBLARR_CONFIG_DIR": "/config"})) == Periods()


def test_the_documentation_tells_what_is_kept_for_how_long() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data-layer.md").read_text("utf-8")
    for rule in RULES:
        days = rule.days(Periods())
        told = {None: "for ever", 0: "until it expires"}.get(days, f"{days} days")
        assert f"| `{rule.name}` | {rule.meaning} | {told} |" in page
    assert page.count("\n| `", page.index("## Retention"), page.index("## The two dialects")) == len(RULES)
