"""Films, series, episodes, the files that hold them, and what is inside those files."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class SourceKind(StrEnum):
    """Where the catalogue learns of films and episodes."""

    FOLDER = "folder"
    SONARR = "sonarr"
    RADARR = "radarr"


class MediaKind(StrEnum):
    """What an entry of the catalogue is."""

    MOVIE = "movie"
    SERIES = "series"
    EPISODE = "episode"


class FolderContent(StrEnum):
    """What a watched folder holds; AUTO decides per name."""

    AUTO = "auto"
    TV = "tv"
    MOVIE = "movie"


class TrackKind(StrEnum):
    """What a container's track carries."""

    VIDEO = "video"
    AUDIO = "audio"
    SUBTITLE = "subtitle"
    OTHER = "other"


class ProbeStatus(StrEnum):
    """How reading a container ended."""

    OK = "ok"
    BROKEN = "broken"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Track:
    """One stream of a container; `index` is its position in the file, `language` a canonical tag."""

    index: int
    kind: TrackKind
    codec: str
    language: str | None = None
    title: str = ""
    is_default: bool = False
    is_forced: bool = False
    is_hearing_impaired: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """What a container's header says."""

    container: str
    duration_seconds: float | None
    tracks: tuple[Track, ...]


@dataclass(frozen=True, slots=True)
class ProbeOutcome:
    """One file's probe: the result, or why there is none in words for a person."""

    path: str
    status: ProbeStatus
    probe: Probe | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file a walk met: path text, bytes, modification time in nanoseconds."""

    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a file's name and folders tell about the film or the episodes it holds.

    `kind` is MOVIE or EPISODE. `title` is the film's or the series'. `group_path` is the folder that
    belongs to the series alone (path text), or the watched folder itself for a flat one. `aired_on` tells
    the episodes of daily shows apart.
    """

    kind: MediaKind
    title: str
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute_number: int | None = None
    episode_title: str = ""
    release_group: str = ""
    release_source: str = ""
    resolution: str = ""
    is_anime: bool = False
    group_path: str = ""
    alternative_titles: tuple[str, ...] = field(default=())
    aired_on: date | None = None


_ARTICLES = ("the ", "a ", "an ")


def sort_title(title: str) -> str:
    """The title as lists sort it: without case and without an English article in front."""
    folded = title.casefold().strip()
    for article in _ARTICLES:
        if folded.startswith(article) and len(folded) > len(article):
            return folded[len(article) :]
    return folded
