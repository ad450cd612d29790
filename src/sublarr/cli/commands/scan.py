"""`sublarr scan`: bring the catalogue in line with what is in the folders now."""

import os
import shlex
from collections.abc import Sequence
from contextlib import suppress

import click

from sublarr.bootstrap import House
from sublarr.cli.following import Hands, finish_kind, follow
from sublarr.cli.opening import opened_house
from sublarr.cli.output import note, say
from sublarr.cli.progress import progress_bar
from sublarr.cli.terminal import Terminal
from sublarr.db.repositories.folders import FolderRow
from sublarr.db.repositories.jobs import Enqueued, JobRow
from sublarr.jobs.asking import scan_all, scan_folder
from sublarr.vocabulary.errors import InvalidInput, SublarrError
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus
from sublarr.vocabulary.paths import is_within, to_text

# What a scan's result counts, in the order in which it is told.
_COUNTS = {
    "found": "found",
    "new": "new",
    "changed": "changed",
    "moved": "moved",
    "removed": "removed",
    "unchanged": "unchanged",
    "kept_unseen": "not seen and kept",
    "unreadable": "unreadable",
    "wanted_added": "wanted added",
    "wanted_satisfied": "wanted satisfied",
    "wanted_removed": "wanted removed",
    "extractions": "to extract from",
}


@click.command
@click.argument("path", required=False)
@click.option(
    "--extract/--no-extract",
    "extracts",
    default=None,
    help="Also write embedded subtitles beside the files; else as SUBLARR_WANTED_AUTO_EXTRACT says.",
)
@click.option("--wait/--no-wait", "waits", default=True, help="Wait for the end, or only ask for the scan.")
@click.pass_obj
def command(terminal: Terminal, /, *, path: str | None, extracts: bool | None, waits: bool) -> None:
    """Scan every watched folder, or PATH: one of them or a directory below.

    Where no Sublarr is running the scan is done here. Ctrl-C ends it then; one that a running Sublarr does
    goes on.
    """
    with opened_house(terminal) as house:
        asked = _ask(house, path, extracts)
        if waits:
            _wait(house, asked)
        else:
            for enqueued in asked:
                say(f"{enqueued.job_id}: {'queued' if enqueued.is_new else 'was queued already'}")


def _ask(house: House, path: str | None, extracts: bool | None) -> tuple[Enqueued, ...]:  # noqa: FBT001 - three-valued: None leaves it to the setting
    with house.database.read() as unit:
        folders = unit.folders.listed()
    if path is None:
        if not any(folder.enabled for folder in folders):
            raise InvalidInput("no folder is watched", remedy="Add one: sublarr folders add PATH")
        return scan_all(house.database, extract=extracts)
    folder, below = _place(path, folders)
    return (scan_folder(house.database, folder.id, below=below, extract=extracts),)


def _place(path: str, folders: Sequence[FolderRow]) -> tuple[FolderRow, str]:
    """The watched folder that PATH is or lies in, and the directory below it."""
    typed = os.path.abspath(os.path.expanduser(path))
    if os.path.isfile(typed):
        raise InvalidInput(f"{to_text(typed)} is a file", remedy="Name the folder it is in.")
    if not os.path.isdir(typed):
        raise InvalidInput(f"there is no folder {to_text(typed)}")
    # A folder may be watched by its own path or by that of a link to it.
    for native in (typed, os.path.realpath(typed)):
        absolute = to_text(native)
        for folder in folders:
            if is_within(absolute, folder.path):
                return folder, "" if absolute == folder.path else absolute
    raise InvalidInput(
        f"{to_text(typed)} is not in a watched folder",
        remedy=f"Add it: sublarr folders add {shlex.quote(to_text(typed))}",
    )


def _wait(house: House, asked: Sequence[Enqueued]) -> None:
    job_ids = [enqueued.job_id for enqueued in asked]
    hands = Hands(house)
    failed_extractions = 0
    try:
        with hands:
            with progress_bar("Scanning") as report:
                jobs = follow(house, hands, job_ids, report)
            # Nobody else would do what these scans asked for.
            if hands.are_own and any(_extractions(job) for job in jobs):
                with progress_bar("Extracting") as report:
                    failed_extractions = finish_kind(house, hands, ExtractSubtitles.kind, report)
    except KeyboardInterrupt:
        _abandon(house, hands, asked)
        raise click.exceptions.Exit(1) from None
    for job in jobs:
        _tell(job, is_over=hands.are_own)
    if failed_extractions:
        note(f"{failed_extractions} extractions failed: sublarr jobs list --status failed")
    if failed_extractions or any(job.status is not JobStatus.COMPLETED for job in jobs):
        raise click.exceptions.Exit(1)


def _tell(job: JobRow, *, is_over: bool) -> None:
    if job.status is not JobStatus.COMPLETED:
        note(f"{job.title}: {job.status}{f': {job.error}' if job.error else ''}")
        return
    result = job.result or {}
    counts = ", ".join(f"{result[name]} {words}" for name, words in _COUNTS.items() if result.get(name))
    say(f"{job.title}: {counts or 'nothing found'}")
    for problem in result.get("problems", ()):
        note(f"  {problem}")
    if _extractions(job) and not is_over:
        note("The extractions go on in the background: sublarr jobs list")


def _extractions(job: JobRow) -> int:
    return int((job.result or {}).get("extractions", 0))


def _abandon(house: House, hands: Hands, asked: Sequence[Enqueued]) -> None:
    """A scan of our own ends with us; one that another process runs, or that others asked for, does not."""
    for enqueued in asked:
        if not (hands.are_own and enqueued.is_new):
            note(f"The scan goes on without this command; to end it: sublarr jobs cancel {enqueued.job_id}")
            continue
        # It may have ended in the same moment, which is as good.
        with suppress(SublarrError), house.database.write(urgent=True) as unit:
            unit.jobs.cancel(enqueued.job_id)
    note("stopped")
