"""What a file's name and folders tell about the film or the episodes it holds.

Files laid out as Sonarr and Radarr do, release names and fansubs are read by the conventions in
`numbering`, `folders` and `films`; what follows none of them goes to `guessing`, which is a thousand
times slower. Everything here is pure: the same path always gives the same facts.
"""

import re

from sublarr.library.films import film_folder, read_film
from sublarr.library.folders import Location, SeriesPlace, locate, place_series
from sublarr.library.guessing import Guess, guess_name
from sublarr.library.numbering import Numbering, bare_number, find_numbering
from sublarr.library.release import read_release
from sublarr.library.titles import (
    clean_title,
    fold_title,
    split_release_title,
    split_title,
    strip_tags,
)
from sublarr.vocabulary.media import FolderContent, MediaKind, NameFacts

# Where the text before an episode's number is more than a title: a site, or a group in front.
_NOT_JUST_A_TITLE = re.compile(r"[\[\]]|www\.|^(?-i:[a-z]{2,8}\d?-[a-z0-9.-]+)$", re.IGNORECASE)

# A later year in a name belongs to its title.
_LAST_YEAR = 2039


def parse_name(path: str, root: str, content: FolderContent = FolderContent.AUTO) -> NameFacts:
    """The facts told by a path below the watched folder `root` (both path text); never raises, title never ''."""
    location = locate(path, root)
    if content is not FolderContent.MOVIE:
        episode = _read_episode(location)
        if episode is not None:
            return episode
    if content is not FolderContent.TV:
        film = read_film(location)
        if film is not None:
            return film
    return _guess(location, content)


def _read_episode(location: Location) -> NameFacts | None:
    numbering = find_numbering(location.stem)
    if numbering is None and location.folders:
        if place_series(location, "").season is not None:
            numbering = bare_number(location.stem)
        else:
            # A release's folder still has the name that an obfuscated file inside it lost.
            folder = location.folders[-1]
            numbering = find_numbering(folder) if read_release(folder).is_marked else None
            if numbering is not None and len(numbering.episodes) > 1:
                numbering = None
    if numbering is None or _NOT_JUST_A_TITLE.search(strip_tags(numbering.before)):
        return None
    return _episode_facts(location, numbering)


def _episode_facts(location: Location, numbering: Numbering) -> NameFacts:
    written = strip_tags(numbering.before).strip()
    title, year = split_release_title(written)
    place = place_series(location, written if title else "")
    release = read_release(numbering.after)
    return NameFacts(
        kind=MediaKind.EPISODE,
        title=_some_title(place.title, title, location),
        year=_year(place, title, year),
        season=numbering.season if numbering.season is not None else place.season,
        episodes=numbering.episodes,
        absolute_number=_absolute_number(numbering, place),
        episode_title=clean_title(release.title.lstrip(" ._-")),
        release_group=numbering.group or release.group,
        release_source=release.source,
        resolution=release.resolution,
        is_anime=numbering.is_anime,
        group_path=place.group_path,
        alternative_titles=_other_titles(place, written, title),
        aired_on=numbering.aired_on,
    )


def _year(place: SeriesPlace, title: str, year: int | None) -> int | None:
    """The folder's year, or the one in the file's name when both call the series the same."""
    if place.year is not None or (place.title and fold_title(place.title) != fold_title(title)):
        return place.year
    return year


def _absolute_number(numbering: Numbering, place: SeriesPlace) -> int | None:
    """A number that counts from a later season's start is not absolute, though it is written the same."""
    counts_from_start = numbering.season is not None or place.season in (None, 1)
    return numbering.absolute_number if counts_from_start else None


def _other_titles(place: SeriesPlace, written: str, title: str) -> tuple[str, ...]:
    """What the file's name calls the series when its folder calls it something else."""
    if not place.title or not title:
        return ()
    known = fold_title(place.title)
    return () if known in (fold_title(title), fold_title(written)) else (title,)


def _guess(location: Location, content: FolderContent) -> NameFacts:
    held_to = {FolderContent.TV: MediaKind.EPISODE, FolderContent.MOVIE: MediaKind.MOVIE}.get(content)
    told = _telling_part(location)
    guess = guess_name(told, held_to)
    if guess is not None and held_to is None and _is_film_after_all(guess, location):
        guess = guess_name(told, MediaKind.MOVIE)
    guess = guess or Guess(held_to or MediaKind.MOVIE)
    if guess.kind is MediaKind.EPISODE:
        return _guessed_episode(location, guess)
    return _guessed_film(location, guess)


def _is_film_after_all(guess: Guess, location: Location) -> bool:
    """Guessit takes "Blade Runner 2049" for season 20 and "300" for season 3, and a checksum for an episode's."""
    if guess.kind is MediaKind.MOVIE or place_series(location, guess.title).season is not None:
        return False
    if guess.season is None or not guess.episodes:
        return guess.season is None and not guess.episodes and guess.aired_on is None
    number = f"{guess.season}{guess.episodes[0]:02}"
    if not re.search(rf"(?<!\d){number}(?!\d)", location.stem):
        return False
    is_year = len(number) == 4 and number.startswith(("19", "20"))
    return is_year or (number == location.stem and not location.folders)


def _telling_part(location: Location) -> str:
    """As much of a path as guessit needs: a season's folder with its series', a release's folder, or the name."""
    if not location.folders:
        return location.stem
    folder = location.folders[-1]
    if place_series(location, "").season is not None:
        return "/".join((*location.folders[-2:], location.stem))
    if read_release(folder).is_marked and not read_release(location.stem).is_marked:
        return folder
    return location.stem


def _guessed_episode(location: Location, guess: Guess) -> NameFacts:
    place = place_series(location, guess.title)
    season = guess.season if guess.season is not None else place.season
    is_anime = guess.has_checksum and location.stem.startswith("[")
    is_absolute = is_anime and season is None and bool(guess.episodes)
    return NameFacts(
        kind=MediaKind.EPISODE,
        title=_some_title(place.title, guess.title, location),
        year=_year(place, guess.title, guess.year),
        season=season,
        episodes=guess.episodes,
        absolute_number=guess.episodes[0] if is_absolute else None,
        episode_title=guess.episode_title,
        release_group=guess.group,
        release_source=guess.source,
        resolution=guess.resolution,
        is_anime=is_anime,
        group_path=place.group_path,
        alternative_titles=guess.alternative_titles or _other_titles(place, guess.title, guess.title),
        aired_on=guess.aired_on,
    )


def _guessed_film(location: Location, guess: Guess) -> NameFacts:
    title, year, group_path = guess.title, guess.year, location.root
    folder_title, folder_year = split_title(location.folder_name(len(location.folders)))
    if not title and year is not None and fold_title(location.stem) == str(year):
        # A film whose whole name is a number that could be a year: "1984".
        title, year = str(year), None
    elif year is not None and year > _LAST_YEAR:
        title, year = f"{title} {year}".strip(), None
    if location.folders and folder_year is not None and year in (None, folder_year):
        # "Film (2021)/a-name-that-tells-nothing.mkv": the folder knows better.
        title, year = folder_title, folder_year
        group_path = location.folder_path(len(location.folders))
    elif title:
        group_path = film_folder(location, title, year)
    return NameFacts(
        kind=MediaKind.MOVIE,
        title=_some_title(title, "", location),
        year=year,
        release_group=guess.group,
        release_source=guess.source,
        resolution=guess.resolution,
        group_path=group_path,
        alternative_titles=guess.alternative_titles,
    )


def _some_title(told_by_folder: str, told_by_name: str, location: Location) -> str:
    """The first title there is; names of nothing but signs stand for themselves."""
    return (
        told_by_folder.strip()
        or told_by_name.strip()
        or clean_title(location.stem)
        or location.stem.strip()
        or location.folder_name(len(location.folders)).strip()
        or "Untitled"
    )
