"""The search put right on request: told what is wrong, and made anew in stretches that nobody waits for."""

from typing import Any

from sublarr.db.search_care import check_search, rebuild_search
from sublarr.queue.context import JobContext
from sublarr.vocabulary.jobs import RebuildSearch


def put_search_right(payload: RebuildSearch, context: JobContext, /) -> dict[str, Any] | None:
    """Check, make anew, and answer what had been wrong; safe to stop and to run again."""
    del payload
    problems = check_search(context.database, context.check)
    entries = rebuild_search(context.database, context.progress)
    return {
        "entries": entries,
        "problems": [{"message": problem.message, "entries": problem.entries} for problem in problems],
    }
