"""`sublarr jobs`: background work, and deciding about it."""

from collections.abc import Callable
from dataclasses import asdict

import click

from sublarr.cli.choices import ValueOf
from sublarr.cli.each import for_each
from sublarr.cli.opening import opened_house
from sublarr.cli.output import Column, json_option, paged, print_facts, print_json, print_page, print_rows
from sublarr.cli.terminal import Terminal
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.jobs import DiaryLine, JobFilter, JobRow
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import PAYLOADS, JobStatus


def _progress(job: JobRow) -> str:
    if job.progress_total is None:
        return str(job.progress_done or "")
    return f"{job.progress_done}/{job.progress_total}"


_COLUMNS: tuple[Column[JobRow], ...] = (
    Column("ID", lambda job: job.id),
    Column("Job", lambda job: job.title),
    Column("Status", lambda job: job.status),
    Column("Progress", _progress),
    Column("Created", lambda job: job.created_at),
    Column("Error", lambda job: job.error),
)
_DIARY: tuple[Column[DiaryLine], ...] = (
    Column("At", lambda line: line.at),
    Column("Event", lambda line: line.event),
    Column("Note", lambda line: line.note),
)


@click.group
def command() -> None:
    """Background jobs: list, show, retry, cancel, pause, resume."""


@command.command("list")
@click.option("--status", "statuses", type=ValueOf(JobStatus), multiple=True, help="May be repeated.")
@click.option("--kind", type=click.Choice(sorted(PAYLOADS)), default=None, help="Jobs of one kind alone.")
@paged
@click.pass_obj
def list_jobs(
    terminal: Terminal,
    /,
    *,
    statuses: tuple[JobStatus, ...],
    kind: str | None,
    request: PageRequest,
    as_json: bool,
) -> None:
    """List jobs, the newest first."""
    with opened_house(terminal) as house, house.database.read() as unit:
        page = unit.jobs.page(JobFilter(statuses, kind or ""), request)
    print_page(page, _COLUMNS, as_json=as_json)


@command.command("show")
@click.argument("job_id", metavar="ID")
@json_option
@click.pass_obj
def show(terminal: Terminal, /, *, job_id: str, as_json: bool) -> None:
    """Show a job, and everything that happened to it."""
    with opened_house(terminal) as house, house.database.read() as unit:
        job = unit.jobs.get(job_id)
        detail = unit.jobs.error_detail(job_id)
        diary = unit.jobs.diary(job_id)
    if as_json:
        print_json({**asdict(job), "error_detail": detail, "diary": diary})
        return
    print_facts(
        {
            "Job": job.title,
            "Kind": job.kind,
            "Status": job.status,
            "Progress": " ".join(filter(None, (_progress(job), job.progress_note))),
            "Failed attempts": f"{job.attempts} of {job.max_attempts}",
            "Asked for by": job.origin,
            "Error": job.error,
            "Result": _result(job),
        }
    )
    click.echo()
    print_rows(diary, _DIARY, as_json=False)


def _result(job: JobRow) -> str:
    return ", ".join(f"{name} {value}" for name, value in (job.result or {}).items() if value)


def _deciding(name: str, summary: str, decide: Callable[[Unit, str], str]) -> None:
    """Add the command `name`, which decides about each of the jobs it is given."""

    @command.command(name, help=summary)
    @click.argument("job_ids", metavar="ID...", nargs=-1, required=True)
    @click.pass_obj
    def decide_each(terminal: Terminal, /, *, job_ids: tuple[str, ...]) -> None:
        with opened_house(terminal) as house:

            def decide_one(job_id: str) -> str:
                with house.database.write(urgent=True, durable=True) as unit:
                    title = unit.jobs.get(job_id).title
                    return f"{title}: {decide(unit, job_id)}"

            for_each(job_ids, decide_one)


def _retry(unit: Unit, job_id: str) -> str:
    unit.jobs.retry(job_id)
    return "queued again"


def _resume(unit: Unit, job_id: str) -> str:
    unit.jobs.resume(job_id)
    return "queued again"


def _cancel(unit: Unit, job_id: str) -> str:
    status = unit.jobs.cancel(job_id)
    return "will end at its next safe point" if status is JobStatus.RUNNING else status


def _pause(unit: Unit, job_id: str) -> str:
    status = unit.jobs.pause(job_id)
    return "will pause at its next safe point" if status is JobStatus.RUNNING else status


_deciding("retry", "Give failed jobs a fresh start.", _retry)
_deciding("cancel", "End jobs: waiting ones at once, running ones at their next safe point.", _cancel)
_deciding("pause", "Hold jobs back until they are resumed.", _pause)
_deciding("resume", "Put paused jobs back into the queue.", _resume)
