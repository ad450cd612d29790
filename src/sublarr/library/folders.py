"""What the folders between a watched folder and a file say: whose folder it is, and which season.

A season's folder never stands for its series: the folder above it does. A folder of releases thrown
together belongs to nobody, and what lies in it belongs to the watched folder.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sublarr.library.release import read_release
from sublarr.library.selection import stem_of
from sublarr.library.titles import fold_title, split_release_title, split_title
from sublarr.vocabulary.paths import is_within

_SEASON_WORDS = (
    "season|series|staffel|saison|temporada|stagione|seizoen|sezon|sezona|sezóna|säsong|sæson|sesong|kausi|évad"
    "|série|сезон|シーズン|시즌"
)
_SEASON = re.compile(
    rf"(?:{_SEASON_WORDS}|s)[ ._-]?0*(?P<number>\d{{1,4}})(?:$|[\s\[({{._-].*)"
    rf"|0*(?P<before>\d{{1,2}})[.ªº]?[ ._](?:{_SEASON_WORDS})"
    r"|第(?P<cjk>\d{1,3})[季期]",
    re.IGNORECASE | re.DOTALL,
)
_TITLED_SEASON = re.compile(
    rf"(?P<title>.*\S)[ ._-]+(?:(?:{_SEASON_WORDS})[ ._-]?|S)0*(?P<number>\d{{1,4}})",
    re.IGNORECASE | re.DOTALL,
)
_SPECIALS = frozenset({"specials", "special", "season specials"})


@dataclass(frozen=True, slots=True)
class Location:
    """A file's place: its watched folder, the folder names in between, its name without suffix."""

    root: str
    folders: tuple[str, ...]
    stem: str

    def folder_path(self, depth: int) -> str:
        """The path of the folder `depth` levels below the watched one."""
        if depth == 0:
            return self.root
        prefix = self.root if self.root.endswith("/") else self.root + "/"
        return prefix + "/".join(self.folders[:depth])

    def folder_name(self, depth: int) -> str:
        """The name of the folder `depth` levels below the watched one, or of that itself."""
        return self.folders[depth - 1] if depth else self.root.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class SeriesPlace:
    """Where a series' files are; `title` is empty when no folder tells it."""

    group_path: str
    title: str = ""
    year: int | None = None
    season: int | None = None


def locate(path: str, root: str) -> Location:
    """Takes a path apart; one that is not inside `root` counts as lying directly in it."""
    root = root.rstrip("/") or "/"
    if is_within(path, root):
        *folders, name = path[len(root) :].lstrip("/").split("/")
    else:
        folders, name = [], path.rpartition("/")[2]
    return Location(root, tuple(folder for folder in folders if folder), stem_of(name))


@lru_cache(maxsize=8192)
def season_of(folder: str) -> int | None:
    """The season whose folder this is by its name; 0 for specials, None for any other folder."""
    if folder.lower() in _SPECIALS:
        return 0
    found = _SEASON.fullmatch(folder)
    return int(found["number"] or found["before"] or found["cjk"]) if found else None


def is_season_folder(folder: str) -> bool:
    """Whether a folder is a season's (`Season 01`, `S01`, `Staffel 1`, `Specials`)."""
    return season_of(folder) is not None


@lru_cache(maxsize=8192)
def _season_below(folder: str, parent: str) -> int | None:
    """Like `season_of`, and also for `Show Season 1` below `Show`, and `1` below any folder."""
    season = season_of(folder)
    if season is not None:
        return season
    if folder.isdecimal() and len(folder) <= 2:
        return int(folder)
    found = _TITLED_SEASON.fullmatch(folder)
    if found is None or fold_title(split_title(found["title"])[0]) != fold_title(split_title(parent)[0]):
        return None
    return int(found["number"])


@lru_cache(maxsize=8192)
def is_titled(folder: str, written: str) -> bool:
    """Whether a folder bears just the title that a file's name writes, either with its year or without."""
    own, own_year = split_title(folder)
    title, year = split_release_title(written)
    named = fold_title(own)
    if fold_title(title) == named:
        return year is None or own_year is None or year == own_year
    # The title of "Space 1999" or "1984" is not parted from its number.
    return fold_title(written) in (named, f"{named}{own_year}")


def place_series(location: Location, written: str) -> SeriesPlace:
    """The place of the series whose title a file's own name writes ('' where it does not say)."""
    for depth in range(len(location.folders), 0, -1):
        folder = location.folders[depth - 1]
        if written and is_titled(folder, written):
            return SeriesPlace(location.folder_path(depth), *split_title(folder))
        parent = location.folders[depth - 2] if depth > 1 else ""
        season = _season_below(folder, parent) if parent else season_of(folder)
        if season is not None:
            return _above_season(location, depth - 1, season, is_named=bool(written))
    if written:
        return SeriesPlace(location.root)
    depth = len(location.folders)
    return SeriesPlace(location.folder_path(depth), *split_title(location.folder_name(depth)))


def _above_season(location: Location, depth: int, season: int, *, is_named: bool) -> SeriesPlace:
    """The folder a season's folder lies in; of two sources for a title, a release's name is the worse."""
    group_path = location.folder_path(depth)
    folder = location.folder_name(depth)
    if is_named and (depth == 0 or read_release(folder).is_marked):
        return SeriesPlace(group_path, season=season)
    return SeriesPlace(group_path, *split_title(folder), season=season)
