"""Films named as Radarr and release groups name them: `Title (2021)`, `Title.2021.1080p.BluRay-GROUP`."""

import re
from dataclasses import dataclass

from sublarr.library.folders import Location
from sublarr.library.release import read_release
from sublarr.library.titles import clean_title, fold_title, split_title, strip_tags
from sublarr.vocabulary.media import MediaKind, NameFacts

_BRACKETED_YEAR = re.compile(r"(?P<title>[^\[\]]*[^\[\]\s._])[\s._-]*[\[(](?P<year>(?:18|19|20)\d\d)[\])]")
# What release groups put between the year and the marks that `release` knows.
_RELEASE_WORDS = (
    "german|french|truefrench|vff|vostfr|italian|ita|spanish|english|eng|nordic|swedish|danish|norwegian|finnish"
    "|polish|pl|russian|rus|japanese|korean|hindi|chinese|multi|dl|dual|dubbed|subbed|internal|proper|real|complete"
    "|extended|uncut|unrated|limited|remastered|restored|directors|final|theatrical|cut|edition|dc|imax|hybrid|criterion"
)
_RELEASE_YEAR = re.compile(
    r"(?P<title>[^\[\]]*[^\W_])[ ._-]+(?P<year>19\d\d|20[0-3]\d)"
    rf"(?:[ ._-]+(?:{_RELEASE_WORDS}))*[ ._-]*",
    re.DOTALL | re.IGNORECASE,
)
_ALSO_KNOWN_AS = re.compile(r"(?<=\S) aka (?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Named:
    """A title, its year, and what stands behind them."""

    title: str
    year: int
    rest: str


def read_film(location: Location) -> NameFacts | None:
    """The film that a file's own folder or name tells by these conventions; None where neither does."""
    stem = strip_tags(location.stem)
    folder_title, folder_year = split_title(location.folder_name(len(location.folders)))
    if location.folders and folder_year is not None:
        head = f"{fold_title(folder_title)}{folder_year}"
        if fold_title(stem).startswith(head):
            at = stem.find(str(folder_year), len(folder_title))
            return _film_facts(location, _Named(folder_title, folder_year, stem[at + 4 :] if at >= 0 else ""))
    named = _read_stem(stem)
    return _film_facts(location, named) if named is not None else None


def _film_facts(location: Location, named: _Named) -> NameFacts:
    release = read_release(named.rest)
    title, *other_titles = _ALSO_KNOWN_AS.split(named.title)
    return NameFacts(
        kind=MediaKind.MOVIE,
        title=title,
        year=named.year,
        release_group=release.group,
        release_source=release.source,
        resolution=release.resolution,
        group_path=film_folder(location, named.title, named.year),
        alternative_titles=tuple(other_titles),
    )


def film_folder(location: Location, title: str, year: int | None) -> str:
    """The path of a film's own folder, or of the watched folder where it has none."""
    if location.folders:
        folder = fold_title(strip_tags(location.folders[-1]))
        folded = fold_title(title)
        if folder == folded or (year is not None and folder.startswith(f"{folded}{year}")):
            return location.folder_path(len(location.folders))
    return location.root


def _read_stem(stem: str) -> _Named | None:
    found = _BRACKETED_YEAR.match(stem)
    if found is not None:
        rest_at = found.end()
    else:
        # Only the year right before the release's marks is the film's: "Blade.Runner.2049.2017.1080p".
        release = read_release(stem)
        found = _RELEASE_YEAR.fullmatch(release.title) if release.is_marked else None
        rest_at = len(release.title)
    title = clean_title(found["title"]) if found is not None else ""
    return _Named(title, int(found["year"]), stem[rest_at:]) if found is not None and title else None
