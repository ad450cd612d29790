"""Retention: remove what is past its keeping time, in chunks that hold the database for moments only."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sublarr.db.unit import Unit
from sublarr.queue.context import JobContext
from sublarr.vocabulary.jobs import PruneHistory

FINISHED_JOBS_DAYS = 30
STOPPED_WORKERS_DAYS = 7
ORPHANED_PROBES_DAYS = 90
_CHUNK = 1000


def prune_history(payload: PruneHistory, context: JobContext, /) -> dict[str, Any] | None:
    """Remove old finished jobs, stopped workers and probes of files that are gone. Failed jobs stay."""
    del payload
    with context.database.read() as unit:
        now = unit.clock()
    jobs_before = now - timedelta(days=FINISHED_JOBS_DAYS)
    probes_before = now - timedelta(days=ORPHANED_PROBES_DAYS)
    jobs = _in_chunks(context, lambda unit: unit.jobs.delete_finished_before(jobs_before, _CHUNK))
    probes = _in_chunks(context, lambda unit: unit.probes.delete_older_than(probes_before, _CHUNK))
    workers_before: datetime = now - timedelta(days=STOPPED_WORKERS_DAYS)
    with context.database.write() as unit:
        workers = unit.workers.delete_stopped_before(workers_before)
    return {"jobs": jobs, "probes": probes, "workers": workers}


def _in_chunks(context: JobContext, delete: Callable[[Unit], int]) -> int:
    total = 0
    while True:
        context.check()
        with context.database.write() as unit:
            removed = delete(unit)
        total += removed
        if removed < _CHUNK:
            return total
