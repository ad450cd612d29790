"""Starting what runs in the background: job threads, their keeper, schedules, the folder watcher."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from sublarr.bootstrap.house import House
from sublarr.bootstrap.observers import JobMetrics
from sublarr.bootstrap.resting import rest
from sublarr.db.repositories.jobs import new_job_id
from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.jobs.asking import scan_folder
from sublarr.jobs.extract_subtitles import ExtractionOptions, SubtitleExtraction
from sublarr.jobs.prune_history import HistoryPruning
from sublarr.jobs.rebuild_search import put_search_right
from sublarr.jobs.retention import UNUSED_ANIDB_DAYS, Periods
from sublarr.jobs.review_wanted import WantedReview
from sublarr.jobs.scan_folder import FolderScan, ScanOptions
from sublarr.jobs.scan_library import scan_library
from sublarr.library.watch import FolderWatcher
from sublarr.queue.context import Handler
from sublarr.queue.keeper import Chores, Keeper, WorkerIdentity
from sublarr.queue.runner import EmbeddedRunner, RunnerOptions
from sublarr.settings import Settings
from sublarr.vocabulary.jobs import (
    ExtractSubtitles,
    JobOrigin,
    PruneHistory,
    RebuildSearch,
    ReviewWanted,
    ScanFolder,
    ScanLibrary,
)
from sublarr.vocabulary.paths import for_display
from sublarr.wanted.rules import WantedRules

_log = logging.getLogger(__name__)
_PRUNE_AT = "04:10"


@dataclass(frozen=True, slots=True)
class Workers:
    """The background of one process."""

    house: House
    runner: EmbeddedRunner
    keeper: Keeper
    watcher: FolderWatcher | None

    def update_watched_folders(self) -> None:
        """Have the watcher follow what is stored; call after folders were added, changed or removed."""
        if self.watcher is not None:
            self.watcher.update(_watched(self.house))

    def stop(self) -> bool:
        """Stop watching, hand running jobs back, sign off; whether every thread ended in time."""
        if self.watcher is not None:
            self.watcher.stop()
        ended = self.runner.stop()
        self.keeper.stop()
        return ended


def start_workers(house: House, *, kind: str, threads: int, watches: bool) -> Workers:
    """Start `threads` job threads in this process; `kind` says which program it is."""
    identity = WorkerIdentity(
        id=new_job_id(house.clock()),
        kind=kind,
        threads=threads,
        version=house.version,
        lock_folder=house.worker_locks,
    )
    observer = JobMetrics(house.metrics)
    runner = EmbeddedRunner(
        house.database, make_handlers(house), identity.id, RunnerOptions(threads=threads), observer
    )
    house.scheduler.install(schedules(house.settings))
    chores = Chores(
        # What another process saved, the API key for one, holds here within seconds.
        every_few_seconds=lambda: _fresh(house),
        after_work=lambda: rest(house.database),
    )
    keeper = Keeper(house.database, identity, runner, house.scheduler, observer, chores=chores)
    house.database.on_ring(runner.ring)
    keeper.start()
    runner.start()
    watcher = _start_watcher(house) if watches else None
    return Workers(house, runner, keeper, watcher)


def make_handlers(house: House) -> Mapping[str, Handler]:
    """What does each kind of job; settings are looked up anew for each run."""
    return {
        ScanFolder.kind: FolderScan(lambda: scan_options(_fresh(house))),
        ExtractSubtitles.kind: SubtitleExtraction(lambda: extraction_options(_fresh(house))),
        ReviewWanted.kind: WantedReview(lambda: wanted_rules(_fresh(house))),
        ScanLibrary.kind: scan_library,
        PruneHistory.kind: HistoryPruning(lambda: periods(_fresh(house))),
        RebuildSearch.kind: put_search_right,
    }


def scan_options(settings: Settings) -> ScanOptions:
    """What the settings say about scanning."""
    return ScanOptions(
        readers=settings.library.scan_metadata_max_workers,
        timeout_seconds=30.0,
        skip_extras=settings.library.standalone_skip_extras,
        auto_extract=settings.wanted.wanted_auto_extract,
        rules=wanted_rules(settings),
    )


def extraction_options(settings: Settings) -> ExtractionOptions:
    """What the settings say about extraction."""
    return ExtractionOptions(
        timeout_seconds=float(settings.library.ffmpeg_timeout), rules=wanted_rules(settings)
    )


def periods(settings: Settings) -> Periods:
    """What the settings say about how long things are kept."""
    chosen = settings.retention
    return Periods(
        jobs=chosen.job_retention_days,
        deliveries=chosen.delivery_retention_days,
        history=chosen.history_retention_days,
        deleted=chosen.deleted_retention_days,
        translation_memory=chosen.translation_memory_retention_days,
        # What is still good must not be forgotten.
        anidb=max(UNUSED_ANIDB_DAYS, settings.library.anidb_cache_ttl_days),
    )


def wanted_rules(settings: Settings) -> WantedRules:
    """What the settings say about what is wanted."""
    return WantedRules(upgrades_enabled=settings.wanted.upgrade_enabled)


def schedules(settings: Settings) -> tuple[ScheduleSpec, ...]:
    """Everything that recurs; 0 hours means never."""
    hours = settings.library.standalone_scan_interval_hours
    return (
        ScheduleSpec(
            name="scan_library",
            title="Scan all watched folders",
            kind=ScanLibrary.kind,
            payload={},
            interval_seconds=hours * 3600 or None,
        ),
        ScheduleSpec(
            name="prune_history",
            title="Remove what is past its keeping time",
            kind=PruneHistory.kind,
            payload={},
            daily_at=_PRUNE_AT,
        ),
    )


def _fresh(house: House) -> Settings:
    return house.configuration.refresh(house.database)


def _watched(house: House) -> list[str]:
    with house.database.read() as unit:
        return [folder.path for folder in unit.folders.listed(enabled_only=True)]


def _start_watcher(house: House) -> FolderWatcher:
    def on_change(folder: str, directory: str) -> None:
        with house.database.read() as unit:
            row = unit.folders.find_by_path(folder)
        if row is not None and row.enabled:
            scan_folder(house.database, row.id, below=directory, origin=JobOrigin.WATCHER)

    def on_problem(path: str, message: str) -> None:
        _log.warning("cannot watch %s: %s", for_display(path), message)

    debounce = float(house.settings.library.standalone_debounce_seconds)
    watcher = FolderWatcher(
        on_change, on_problem, debounce_seconds=debounce, current_folders=lambda: _watched(house)
    )
    watcher.start(_watched(house))
    return watcher
