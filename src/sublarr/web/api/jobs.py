"""The job ledger: what runs, what waits, what became of it."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import JobEvent, JobOrigin, JobStatus
from sublarr.web.api.shapes import Given, Listed, ListQuery, Shape, Text, present
from sublarr.web.routes import Routes

routes = Routes("jobs", "Background jobs")


class ByJob(Given):
    """The path of one job."""

    id: Text


class JobQuery(ListQuery):
    """Which jobs."""

    status: tuple[JobStatus, ...] = Field((), description="Any of these; may be repeated")
    kind: Text = Field("", description="A kind of job, such as scan_folder")
    q: Text = Field("", description="Words in the title or the path")


class JobShape(Shape):
    """A job; `result` is what a completed one tells, by its kind."""

    id: str
    kind: str
    title: str
    status: JobStatus
    origin: JobOrigin
    priority: int
    attempts: int
    max_attempts: int
    crashes: int
    progress_done: int
    progress_total: int | None
    progress_note: str
    cancel_requested: bool
    error: str
    result: dict[str, Any] | None
    file_path: str
    worker_id: str | None
    run_at: datetime
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime


class JobPage(Listed[JobShape]):
    """Jobs, the newest first."""


class DiaryShape(Shape):
    """One line of what happened to a job."""

    event: JobEvent
    at: datetime
    worker_id: str
    claim_no: int
    note: str


class JobDetail(Shape):
    """A job with its diary, and the traceback where it failed."""

    job: JobShape
    diary: list[DiaryShape]
    error_detail: str


class JobMoved(Shape):
    """The job after the move; one that runs moves at its next safe point."""

    job: JobShape


class QueuedJob(Shape):
    """The job that will do what was asked; not new where one was waiting for it already."""

    job_id: str
    is_new: bool


class QueuedJobs(Shape):
    """The jobs that will do what was asked."""

    jobs: list[QueuedJob]


class NewJobs(Shape):
    """How many jobs were queued; what has nothing to be done, or is queued already, gets none."""

    new_jobs: int


@routes.get("/jobs", JobPage)
def list_jobs(house: House, query: JobQuery) -> JobPage:
    """Jobs, the newest first."""
    wanted = JobFilter(query.status, query.kind, query.q)
    with house.database.read(stale_ok=True) as unit:
        return present(JobPage, unit.jobs.page(wanted, query.page()))


@routes.get("/jobs/<id>", JobDetail, problems=(404,))
def show_job(house: House, path: ByJob) -> JobDetail:
    """One job, everything that happened to it, and why it failed."""
    with house.database.read(stale_ok=True) as unit:
        job = unit.jobs.get(path.id)
        diary, detail = unit.jobs.diary(job.id), unit.jobs.error_detail(job.id)
    return JobDetail(
        job=present(JobShape, job), diary=[present(DiaryShape, line) for line in diary], error_detail=detail
    )


Move = Literal["cancel", "pause", "resume", "retry"]


class ByMove(ByJob):
    """The path of a move of one job."""

    move: Move


@routes.add("POST", "/jobs/<id>/<move>", JobMoved, problems=(404, 409))
def move_job(house: House, path: ByMove) -> JobMoved:
    """Cancel, pause, resume or retry a job."""
    with house.database.write(urgent=True, durable=True) as unit:
        _move(unit, path.id, path.move)
        return JobMoved(job=present(JobShape, unit.jobs.get(path.id)))


def _move(unit: Unit, job_id: str, move: Move) -> None:
    match move:
        case "cancel":
            unit.jobs.cancel(job_id)
        case "pause":
            unit.jobs.pause(job_id)
        case "resume":
            unit.jobs.resume(job_id)
        case "retry":
            unit.jobs.retry(job_id)
