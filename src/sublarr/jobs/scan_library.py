"""The scheduled scan: ask for one scan of each enabled watched folder."""

from typing import Any

from sublarr.jobs.asking import scan_all
from sublarr.queue.context import JobContext
from sublarr.vocabulary.errors import Rejected
from sublarr.vocabulary.jobs import JobOrigin, ScanLibrary


def scan_library(payload: ScanLibrary, context: JobContext, /) -> dict[str, Any] | None:
    """Queue the scans; a household without a watched folder has nothing to do."""
    try:
        asked = scan_all(context.database, extract=payload.extract, origin=JobOrigin.SCHEDULE)
    except Rejected:
        return {"scans": 0}
    return {"scans": sum(enqueued.is_new for enqueued in asked)}
