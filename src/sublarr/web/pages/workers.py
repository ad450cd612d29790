"""System, workers: the processes that run jobs."""

from flask import Response

from sublarr.vocabulary.jobs import JobStatus
from sublarr.web.pages.frame import Frame


def add_routes(frame: Frame) -> None:
    """Register the list."""
    frame.get("/system/workers", show)


def show(frame: Frame) -> Response:
    """Every process that has not stopped, and what it runs."""
    with frame.house.database.read(stale_ok=True) as unit:
        workers = unit.workers.listed()
        jobs = [job for job in unit.jobs.active() if job.status is JobStatus.RUNNING]
    return frame.render("workers.html", workers=workers, jobs=jobs)
