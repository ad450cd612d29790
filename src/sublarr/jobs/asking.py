"""Asking for work: pages, API, CLI, watcher and schedules all build the same jobs here."""

from collections.abc import Sequence

from sublarr.db.database import Database
from sublarr.db.repositories.folders import FolderRow
from sublarr.db.repositories.jobs import Asking, Enqueued
from sublarr.db.unit import Unit
from sublarr.jobs.extraction import plan_extraction
from sublarr.vocabulary.errors import Rejected
from sublarr.vocabulary.jobs import JobOrigin, JobPriority, RebuildSearch, ScanFolder

# What the watcher noticed waits a little, so that a season that is being copied is scanned once.
_WATCHER_DELAY_SECONDS = 2.0


def scan_folder(
    database: Database,
    folder_id: int,
    *,
    below: str = "",
    extract: bool | None = None,
    origin: JobOrigin = JobOrigin.PERSON,
    request_id: str = "",
) -> Enqueued:
    """Ask for a scan of a watched folder, or of the directory `below` inside it."""
    with database.write(urgent=origin is JobOrigin.PERSON, durable=True) as unit:
        folder = unit.folders.get(folder_id)
        return _enqueue_scan(unit, _scan(folder, below, extract), _asking(origin, request_id))


def scan_all(
    database: Database,
    *,
    extract: bool | None = None,
    origin: JobOrigin = JobOrigin.PERSON,
    request_id: str = "",
) -> tuple[Enqueued, ...]:
    """Ask for a scan of every enabled watched folder; raises `Rejected` where there is none."""
    with database.write(urgent=origin is JobOrigin.PERSON, durable=True) as unit:
        folders = unit.folders.listed(enabled_only=True)
        if not folders:
            raise Rejected("no folder is watched", remedy="Add one on the page Settings, Sources.")
        asking = _asking(origin, request_id)
        return tuple(_enqueue_scan(unit, _scan(folder, "", extract), asking) for folder in folders)


def extract_files(
    database: Database,
    file_ids: Sequence[int],
    *,
    languages: tuple[str, ...] | None = None,
    request_id: str = "",
) -> int:
    """Ask for these files' embedded text subtitles to be written beside them; how many jobs are new.

    `languages` None means those of each file's profile. A file with nothing to extract gets no job.
    """
    with database.write(urgent=True, durable=True) as unit:
        payloads = plan_extraction(unit, file_ids, languages)
        return unit.jobs.enqueue_many(payloads, _asking(JobOrigin.PERSON, request_id))


def extract_wanted(database: Database, item_ids: Sequence[int], *, request_id: str = "") -> int:
    """Ask for extraction from the files of these wanted rows; how many jobs are new."""
    with database.read() as unit:
        file_ids = sorted({row.file_id for row in unit.wanted.listed(item_ids)})
    return extract_files(database, file_ids, request_id=request_id)


def rebuild_search(database: Database, *, request_id: str = "") -> Enqueued:
    """Ask for the search to be looked through and put right."""
    with database.write(urgent=True, durable=True) as unit:
        return unit.jobs.enqueue(RebuildSearch(), _asking(JobOrigin.PERSON, request_id))


def _enqueue_scan(unit: Unit, payload: ScanFolder, asking: Asking) -> Enqueued:
    # A disk that is away for a week must not leave a failed scan for each look at it.
    unit.jobs.supersede_failed(payload)
    return unit.jobs.enqueue(payload, asking)


def _scan(folder: FolderRow, below: str, extract: bool | None) -> ScanFolder:  # noqa: FBT001 - three-valued: None leaves it to the setting
    inside = "" if below == folder.path else below
    return ScanFolder(folder_id=folder.id, folder_path=folder.path, below=inside, extract=extract)


def _asking(origin: JobOrigin, request_id: str) -> Asking:
    match origin:
        case JobOrigin.PERSON:
            return Asking(origin, JobPriority.PERSON, request_id=request_id)
        case JobOrigin.WATCHER:
            return Asking(origin, JobPriority.NORMAL, delay_seconds=_WATCHER_DELAY_SECONDS)
        case _:
            return Asking(origin, JobPriority.BACKGROUND)
