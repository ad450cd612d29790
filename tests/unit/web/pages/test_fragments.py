"""The numbers on every page."""

from sublarr.db.database import Database
from sublarr.vocabulary.jobs import JobStatus, PruneHistory
from sublarr.web.pages.fragments import KEPT_SECONDS, RecentCounts


def test_numbers_are_counted_anew_after_a_moment_and_after_an_action(database: Database) -> None:
    seconds = [100.0]
    recent = RecentCounts(database, lambda: seconds[0])
    assert recent.read().active_jobs == 0
    with database.write() as unit:
        unit.jobs.enqueue(PruneHistory())
    assert recent.read().active_jobs == 0
    seconds[0] += KEPT_SECONDS + 0.1
    assert recent.read().jobs == {JobStatus.QUEUED: 1}
    with database.write() as unit:
        unit.jobs.cancel(unit.jobs.active()[0].id)
    recent.forget()
    assert recent.read().active_jobs == 0
