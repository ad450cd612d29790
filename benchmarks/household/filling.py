"""Fills a database with series, episodes, their files, subtitles, wanted rows, and a history of downloads.

Everything goes through the repositories, triggers included, so what is measured afterwards is what a scan would have
left. The files themselves exist only where a benchmark scans them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sublarr.db.database import Database
from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.files import FileWrite, SubtitleRow
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.reconciling import WantedWish
from sublarr.db.unit import Unit
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType, WantedStatus

_CHUNK = 1000
_EPISODES_A_SEASON = 25
_IGNORED_EACH = 20


@dataclass(frozen=True, slots=True)
class Size:
    """How many series, episodes in all, and lines of history; every episode lacks one subtitle."""

    series: int
    episodes: int
    history: int


@dataclass(frozen=True, slots=True)
class Household:
    """What was written: the watched folder, its source, the series' ids, the files' ids, and what is wished for."""

    folder_id: int
    source_id: int
    series_ids: tuple[int, ...]
    file_ids: tuple[int, ...]
    wishes: tuple[WantedWish, ...]


class SteppingClock:
    """A minute later each time it is asked, so that lists have an order to keep."""

    def __init__(self) -> None:
        self._now = datetime(2025, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The next minute."""
        self._now += timedelta(minutes=1)
        return self._now


def fill(database: Database, size: Size, place: Path, *, is_on_disk: bool = False) -> Household:
    """Write a household whose folder is `place`; with `is_on_disk` its files are made there, empty."""
    with database.write() as unit:
        folder = unit.folders.add(str(place))
        series = [_series(folder.source_id, place, number) for number in range(size.series)]
        unit.media.upsert_many(series)
        by_key = unit.media.ids_by_key(folder.source_id, [write.source_key for write in series])
    series_ids = [by_key[write.source_key] for write in series]
    file_ids: list[int] = []
    wishes: list[WantedWish] = []
    for numbers in chunks(range(size.episodes), _CHUNK):
        found = [_found(place, size.series, number, is_on_disk=is_on_disk) for number in numbers]
        with database.write() as unit:
            ids, wished = _add_episodes(unit, folder.source_id, series_ids, numbers, found)
        file_ids.extend(ids)
        wishes.extend(wished)
    with database.write() as unit:
        unit.wanted.move(_every(_IGNORED_EACH, unit, file_ids), WantedStatus.IGNORED)
    for numbers in chunks(range(size.history), _CHUNK):
        with database.write() as unit:
            unit.downloads.add_many([_download(place, size, number) for number in numbers])
    return Household(folder.id, folder.source_id, tuple(series_ids), tuple(file_ids), tuple(wishes))


def _add_episodes(
    unit: Unit,
    source_id: int,
    series_ids: Sequence[int],
    numbers: Sequence[int],
    found: Sequence[FoundFile],
) -> tuple[list[int], list[WantedWish]]:
    writes = [_episode(source_id, series_ids, number) for number in numbers]
    unit.media.upsert_many(writes)
    media_ids = unit.media.ids_by_key(source_id, [write.source_key for write in writes])
    unit.files.upsert_many([_file_write(source_id, file) for file in found])
    by_path = unit.files.ids_by_path([file.path for file in found])
    ids = [by_path[file.path] for file in found]
    pairs = [(media_ids[write.source_key], file_id) for write, file_id in zip(writes, ids, strict=True)]
    unit.media.link(pairs, ids)
    unit.files.set_subtitles(ids, [row for file_id in ids for row in _tracks(file_id)])
    wishes = [
        WantedWish(
            file_id=file_id,
            media_id=media_ids[write.source_key],
            series_id=write.series_id,
            item_type=MediaKind.EPISODE,
            target_language="de",
            subtitle_type=SubtitleType.FULL,
            is_satisfied=False,
        )
        for write, file_id in zip(writes, ids, strict=True)
    ]
    unit.wanted.reconcile(ids, wishes)
    return ids, wishes


def _every(nth: int, unit: Unit, file_ids: Sequence[int]) -> list[int]:
    return [row.id for file_id in file_ids[::nth] for row in unit.wanted.of_file(file_id)]


def _series(source_id: int, place: Path, number: int) -> MediaWrite:
    title = f"The {'Amber Bitter Copper Distant Early'.split()[number % 5]} Harbour {number:04}"
    folder = f"{place}/{title} ({1970 + number % 55})"
    return MediaWrite(MediaKind.SERIES, source_id, f"series:{number}", title, 1970 + number % 55, folder)


def _episode(source_id: int, series_ids: Sequence[int], number: int) -> MediaWrite:
    position = number // len(series_ids)
    return MediaWrite(
        MediaKind.EPISODE,
        source_id,
        f"episode:{number}",
        f"The Ferry of {number}",
        series_id=series_ids[number % len(series_ids)],
        season=position // _EPISODES_A_SEASON + 1,
        episode=position % _EPISODES_A_SEASON + 1,
    )


def _found(place: Path, series: int, number: int, *, is_on_disk: bool) -> FoundFile:
    path = place / f"Series {number % series:04}" / f"Series {number % series:04} - {number // series:05}.mkv"
    if not is_on_disk:
        return FoundFile(str(path), 700_000_000 + number, 1_700_000_000_000_000_000 + number)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    status = path.stat()
    return FoundFile(str(path), status.st_size, status.st_mtime_ns)


def _file_write(source_id: int, file: FoundFile) -> FileWrite:
    return FileWrite(
        source_id=source_id,
        file=file,
        probe_status=ProbeStatus.OK,
        probe_message="",
        container="matroska",
        duration_seconds=2700.0,
        audio_languages=("en",),
        release_group="LANTERN",
        resolution="1080p",
    )


def _tracks(file_id: int) -> Iterator[SubtitleRow]:
    for index, language in enumerate(("en", "fr"), start=2):
        yield SubtitleRow(
            file_id=file_id,
            origin=SubtitleOrigin.EMBEDDED,
            track_index=index,
            path=f"#{index}",
            language=language,
            subtitle_type=SubtitleType.FULL,
            format=SubtitleFormat.SRT,
            is_hearing_impaired=False,
            is_default=False,
            title="",
            size=None,
            mtime_ns=None,
        )


def _download(place: Path, size: Size, number: int) -> NewDownload:
    return NewDownload(
        provider_name=("embedded", "opensubtitles", "subdl")[number % 3],
        subtitle_id=f"subtitle {number}",
        language=("de", "en")[number % 2],
        format="srt",
        file_path=_found(place, size.series, number % size.episodes, is_on_disk=False).path,
        sidecar_path=f"{place}/{number}.de.srt",
        subtitle_type=SubtitleType.FULL,
        sha256=f"{number:064x}",
        media_id=None,
        job_id="",
        score=number % 400,
    )
