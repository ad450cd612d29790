"""Rows that contract tests need before they can begin: a folder, a film in it, a series with episodes."""

from dataclasses import dataclass

from sublarr.db.repositories.files import FileWrite
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.reconciling import WantedWish
from sublarr.db.repositories.workers import NewWorker
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import ScanFolder
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleType

# What people and their tools really write into names and search fields.
HOSTILE_TEXTS = (
    "",
    " ",
    'O\'Brien "quoted"',
    "100% _real_ \\ backslash",
    "'; DROP TABLE media; --",
    "千と千尋の神隠し",
    "🎬👩‍👩‍👧‍👦",
    "e\u0301 \u202egnp.exe",
    "line\nbreak\ttab\x01",
    ":name %s %(name)s {}",
)
# Those that fit one line of a list, which is all that names and labels may be.
LINES = tuple(text for text in HOSTILE_TEXTS if text.strip() and not any(c < " " for c in text))
GREATEST = 2**63 - 1


@dataclass(frozen=True)
class Film:
    """A film, and its only file."""

    source_id: int
    media_id: int
    file_id: int
    path: str


def a_source(unit: Unit, path: str = "/media") -> int:
    """The source of a folder that is watched from now on."""
    known = unit.folders.find_by_path(path)
    return (known or unit.folders.add(path)).source_id


def file_write(source_id: int, path: str, size: int = 1_000, mtime_ns: int = 1) -> FileWrite:
    """A readable video with one English audio track."""
    return FileWrite(
        source_id=source_id,
        file=FoundFile(path, size, mtime_ns),
        probe_status=ProbeStatus.OK,
        probe_message="",
        container="matroska",
        duration_seconds=5400.5,
        audio_languages=("en",),
    )


def a_file(unit: Unit, source_id: int, path: str) -> int:
    """The id of a file that was just seen."""
    unit.files.upsert_many([file_write(source_id, path)])
    return unit.files.ids_by_path([path])[path]


def an_entry(unit: Unit, write: MediaWrite) -> int:
    """The id of an entry of the catalogue."""
    unit.media.upsert_many([write])
    return unit.media.ids_by_key(write.source_id, [write.source_key])[write.source_key]


def a_film(unit: Unit, title: str = "Stalker", year: int | None = 1979) -> Film:
    """A film in /media with its file."""
    source_id = a_source(unit)
    path = f"/media/{title}/{title}.mkv"
    media_id = an_entry(unit, MediaWrite(MediaKind.MOVIE, source_id, f"/media/{title}", title, year))
    file_id = a_file(unit, source_id, path)
    unit.media.link([(media_id, file_id)], [file_id])
    return Film(source_id, media_id, file_id, path)


def a_series(unit: Unit, title: str = "Firefly") -> int:
    """The id of a series without episodes."""
    source_id = a_source(unit)
    return an_entry(unit, MediaWrite(MediaKind.SERIES, source_id, f"/media/{title}", title))


def an_episode(unit: Unit, series_id: int, season: int | None, episode: int | None, key: str = "") -> int:
    """The id of an episode without a file."""
    key = key or f"{series_id}:{season}x{episode}"
    return an_entry(
        unit,
        MediaWrite(
            MediaKind.EPISODE,
            a_source(unit),
            key,
            f"Episode {episode}",
            series_id=series_id,
            season=season,
            episode=episode,
        ),
    )


def a_wish(film: Film, language: str = "de", *, is_satisfied: bool = False) -> WantedWish:
    """A film's full subtitle in a language."""
    return WantedWish(
        file_id=film.file_id,
        media_id=film.media_id,
        series_id=None,
        item_type=MediaKind.MOVIE,
        target_language=language,
        subtitle_type=SubtitleType.FULL,
        is_satisfied=is_satisfied,
    )


def a_scan(number: int) -> ScanFolder:
    """A job's payload; another number is another job."""
    return ScanFolder(folder_id=number, folder_path=f"/media/{number}")


def a_worker(unit: Unit, worker_id: str = "worker-1") -> str:
    """The id of a process that has registered."""
    unit.workers.add(NewWorker(worker_id, "host", 4711, "embedded", 2, "1.0", f"{worker_id}.lock"))
    return worker_id
