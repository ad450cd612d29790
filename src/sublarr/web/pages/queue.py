"""Activity, queue: what runs, what waits, what failed, what just ended, and how to intervene."""

from collections import Counter
from collections.abc import Mapping

from flask import Response, request

from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import JobFilter
from sublarr.vocabulary.errors import NotFound, SublarrError
from sublarr.vocabulary.jobs import UNFINISHED, JobStatus
from sublarr.web.pages.frame import Frame

_ACTIVE = 200
_FAILED = 50
_ENDED = 10
_TOLD: Mapping[str, str] = {
    "cancel": "Cancelled. A job that runs stops at its next safe point.",
    "pause": "Paused. A job that runs stops at its next safe point.",
    "resume": "Back in the queue.",
    "retry": "Back in the queue, with a fresh start.",
}


def add_routes(frame: Frame) -> None:
    """Register the queue, a job's own page, and the actions."""
    frame.get("/activity/queue", show)
    frame.get("/activity/queue/<job_id>", show_one)
    frame.post("/activity/queue/act", act)


def show(frame: Frame) -> Response:
    """The queue as it stands; rows change in place while the stream is open."""
    failed = JobFilter((JobStatus.FAILED,))
    ended = JobFilter((JobStatus.COMPLETED, JobStatus.CANCELLED))
    with frame.house.database.read(stale_ok=True) as unit:
        active = unit.jobs.active(_ACTIVE)
        failures = unit.jobs.page(failed, PageRequest(_FAILED, wants_total=False))
        finished = unit.jobs.page(ended, PageRequest(_ENDED, wants_total=False))
        counts = unit.jobs.counts()
    numbers: Counter[JobStatus] = Counter()
    for (_kind, status), number in counts.items():
        numbers[status] += number
    return frame.render(
        "queue.html",
        running=[job for job in active if job.status is JobStatus.RUNNING],
        waiting=[job for job in active if job.status is not JobStatus.RUNNING],
        failures=failures.items,
        finished=finished.items,
        totals={
            "Running": numbers[JobStatus.RUNNING],
            "Waiting": sum(numbers[status] for status in UNFINISHED if status is not JobStatus.RUNNING),
            "Failed": numbers[JobStatus.FAILED],
        },
    )


def show_one(frame: Frame, job_id: str) -> Response:
    """One job with its diary, its result, and what a failure left behind."""
    with frame.house.database.read(stale_ok=True) as unit:
        job = unit.jobs.get(job_id)
        diary = unit.jobs.diary(job_id)
        detail = unit.jobs.error_detail(job_id)
    return frame.render("job.html", job=job, diary=diary, detail=detail)


def act(frame: Frame) -> Response:
    """Cancel, pause, resume or retry one job."""
    job_id, action = request.form.get("job", ""), request.form.get("action", "")
    back = frame.came_from("/activity/queue")
    try:
        with frame.house.database.write(urgent=True, durable=True) as unit:
            if unit.jobs.find(job_id) is None:
                back = "/activity/queue"
                raise NotFound("that job is not in the ledger any more")
            match action:
                case "cancel":
                    unit.jobs.cancel(job_id)
                case "pause":
                    unit.jobs.pause(job_id)
                case "resume":
                    unit.jobs.resume(job_id)
                case "retry":
                    unit.jobs.retry(job_id)
                case _:
                    return frame.done(back, "That is no action of this page.")
    except SublarrError as problem:
        return frame.refused(back, problem)
    return frame.done(back, _TOLD[action])
