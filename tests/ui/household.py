"""A household for the pages' tests: a folder, a series, films, their files, and jobs in every state."""

from dataclasses import dataclass
from pathlib import Path

from sublarr.bootstrap import House, open_house
from sublarr.db.repositories.claims import Claim, Progress
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.files import FileWrite, SubtitleRow
from sublarr.db.repositories.folders import FolderRow
from sublarr.db.repositories.jobs import Asking
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.reconciling import WantedWish
from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.db.repositories.workers import NewWorker
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import ExtractSubtitles, JobPayload, JobPriority, PruneHistory, ScanFolder
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType, WantedStatus

HOSTILE = "<script>alert('x')</script>\n\"&'"


@dataclass(frozen=True)
class Household:
    """The house with its data, and the ids that tests ask for."""

    house: House
    folder: FolderRow
    series_id: int
    movie_id: int
    file_ids: tuple[int, ...]
    wanted_ids: tuple[int, ...]


def open_empty(config: Path, url: str, **settings: str) -> House:
    """A house with nothing in it."""
    return open_house({"SUBLARR_CONFIG_DIR": str(config), "SUBLARR_DATABASE_URL": url, **settings})


def furnish(house: House, media: Path, *, episodes: int = 4, title: str = "Harbour Radio") -> Household:
    """Put a folder, one series, one film and their subtitles into the house."""
    (media / "Harbour Radio").mkdir(parents=True, exist_ok=True)
    with house.database.write() as unit:
        folder = unit.folders.add(str(media), "Everything")
        series_id, episode_ids = _add_series(unit, folder, media, title, episodes)
        movie_id = _add_movie(unit, folder, media)
        file_ids = _add_files(unit, folder, media, (*episode_ids, movie_id))
        _add_wanted(unit, series_id, movie_id, (*episode_ids, movie_id), file_ids)
        unit.folders.record_scan(
            folder.id, mount_points=(), wanted_rules="", problem="2 files were unreadable"
        )
        wanted_ids = tuple(row.id for row in unit.wanted.of_media([episode_ids[0]])[episode_ids[0]])
        unit.downloads.add_many([_download(media)])
    return Household(house, folder, series_id, movie_id, file_ids, wanted_ids)


def _add_series(
    unit: Unit, folder: FolderRow, media: Path, title: str, episodes: int
) -> tuple[int, tuple[int, ...]]:
    place = str(media / "Harbour Radio")
    unit.media.upsert_many([MediaWrite(MediaKind.SERIES, folder.source_id, "s", title, folder_path=place)])
    series_id = unit.media.ids_by_key(folder.source_id, ["s"])["s"]
    keys = [f"e{number}" for number in range(episodes)]
    unit.media.upsert_many(
        [
            MediaWrite(
                MediaKind.EPISODE,
                folder.source_id,
                key,
                f"Part {number + 1}" if number else title,
                series_id=series_id,
                season=1,
                episode=number + 1,
            )
            for number, key in enumerate(keys)
        ]
    )
    ids = unit.media.ids_by_key(folder.source_id, keys)
    return series_id, tuple(ids[key] for key in keys)


def _add_movie(unit: Unit, folder: FolderRow, media: Path) -> int:
    write = MediaWrite(MediaKind.MOVIE, folder.source_id, "m", "Tin Parade", 1998, folder_path=str(media))
    unit.media.upsert_many([write])
    return unit.media.ids_by_key(folder.source_id, ["m"])["m"]


def _add_files(unit: Unit, folder: FolderRow, media: Path, media_ids: tuple[int, ...]) -> tuple[int, ...]:
    paths = [str(media / f"file {media_id}.mkv") for media_id in media_ids]
    unit.files.upsert_many(
        [
            FileWrite(
                folder.source_id, FoundFile(path, 1000, 1), ProbeStatus.OK, "", "matroska", 1300.0, ("en",)
            )
            for path in paths
        ]
    )
    by_path = unit.files.ids_by_path(paths)
    file_ids = tuple(by_path[path] for path in paths)
    unit.media.link(list(zip(media_ids, file_ids, strict=True)), file_ids)
    unit.files.set_subtitles(
        file_ids,
        [
            SubtitleRow(
                file_id=file_id,
                origin=SubtitleOrigin.EMBEDDED,
                track_index=2,
                path="",
                language="en",
                subtitle_type=SubtitleType.FULL,
                format=SubtitleFormat.ASS,
                is_hearing_impaired=True,
                is_default=True,
                title=HOSTILE,
                size=None,
                mtime_ns=None,
            )
            for file_id in file_ids
        ],
    )
    return file_ids


def _add_wanted(
    unit: Unit, series_id: int, movie_id: int, media_ids: tuple[int, ...], file_ids: tuple[int, ...]
) -> None:
    wishes = [
        WantedWish(
            file_id=file_id,
            media_id=media_id,
            series_id=None if media_id == movie_id else series_id,
            item_type=MediaKind.MOVIE if media_id == movie_id else MediaKind.EPISODE,
            target_language="de",
            subtitle_type=SubtitleType.FULL,
            is_satisfied=False,
            existing_sub="srt" if media_id == movie_id else "",
            upgrade_candidate=media_id == movie_id,
        )
        for media_id, file_id in zip(media_ids, file_ids, strict=True)
    ]
    unit.wanted.reconcile(file_ids, wishes)


def _download(media: Path) -> NewDownload:
    return NewDownload(
        provider_name="embedded",
        subtitle_id="#2",
        language="en",
        format="ass",
        file_path=str(media / "a.mkv"),
        sidecar_path=str(media / "a.en.ass"),
        subtitle_type=SubtitleType.FORCED,
        sha256="0" * 64,
        media_id=None,
        job_id="",
    )


def add_jobs(household: Household) -> dict[str, str]:
    """One job in each state a page shows; their ids by state."""
    database = household.house.database
    person = Asking(priority=JobPriority.PERSON)
    running = start_scan(household)
    failed = _start(household, ExtractSubtitles(file_id=household.file_ids[1], file_path="/media/failed.mkv"))
    payloads = {
        "queued": ScanFolder(folder_id=household.folder.id, folder_path=household.folder.path),
        "paused": PruneHistory(),
        "cancelled": ExtractSubtitles(file_id=household.file_ids[0], file_path=HOSTILE),
    }
    with database.write() as unit:
        ids = {state: unit.jobs.enqueue(payload, person).job_id for state, payload in payloads.items()}
        unit.claims.progress(running, Progress(312, 2000, f"reading {HOSTILE}"))
        unit.claims.fail(failed, f"it broke {HOSTILE}", "Traceback …")
        unit.jobs.pause(ids["paused"])
        unit.jobs.cancel(ids["cancelled"])
        unit.schedules.upsert_many(
            (ScheduleSpec("scan", "Scan all watched folders", "scan_library", {}, interval_seconds=21600),)
        )
    return ids | {"running": running.job_id, "failed": failed.job_id}


def start_scan(household: Household) -> Claim:
    """A scan that runs, as a worker has it."""
    with household.house.database.write() as unit:
        unit.workers.add(NewWorker("W", "den", 42, "serve", 2, household.house.version, ""))
    return _start(household, ScanFolder(folder_id=household.folder.id, folder_path="/media/running"))


def _start(household: Household, payload: JobPayload) -> Claim:
    with household.house.database.write() as unit:
        unit.jobs.enqueue(payload)
        claim = unit.claims.claim("W", [payload.kind])
    assert claim is not None
    return claim


def report_progress(household: Household, running: Claim, done: int) -> None:
    """Have a running job say how far it is."""
    with household.house.database.write() as unit:
        unit.claims.progress(running, Progress(done, 2000, "reading on"))


def complete(household: Household, running: Claim) -> None:
    """Have a running job end well."""
    with household.house.database.write() as unit:
        unit.claims.complete(running, {"found": 2000})


def move_wanted(household: Household, *states: WantedStatus) -> None:
    """Have the first wanted row go through these states."""
    with household.house.database.write() as unit:
        for state in states:
            unit.wanted.move(household.wanted_ids, state)
