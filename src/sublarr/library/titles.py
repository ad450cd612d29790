"""Titles as they stand in file and folder names: cleaned for people, folded for comparing."""

import re
import unicodedata
from functools import lru_cache

# Ids and editions that Sonarr, Radarr, Plex, Jellyfin and Emby put into names: {tmdb-603}, [tvdbid=79168].
_TAG = re.compile(
    r"\s*[\[{(](?:imdb|tmdb|tvdb|tvmaze|anidb|anilist|mal|edition)(?:id)?[-= ][^\]})]*[\]})]",
    re.IGNORECASE,
)
_TITLE_AND_YEAR = re.compile(r"(?P<title>.*\S)\s*[\[(](?P<year>(?:18|19|20)\d\d)[\])]", re.DOTALL)
# "S.H.I.E.L.D." within a name whose words are parted by dots; the last dot parts it from the next word.
_ACRONYM = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}(?:[^\W\d_](?=\.|$))?")
# Release names put the year behind the title without brackets; names with spaces do not.
_RELEASE_YEAR = re.compile(r"(?P<title>.*[^\W_][._])(?P<year>19\d\d|20[0-3]\d)[._-]*", re.DOTALL)
_PLAIN = re.compile(r"[^0-9a-z]+")
_MARKS = re.compile("[\u0300-\u036f]+")


def strip_tags(text: str) -> str:
    """The name without ids and editions in brackets."""
    return _TAG.sub("", text)


@lru_cache(maxsize=8192)
def split_title(text: str) -> tuple[str, int | None]:
    """The cleaned title and the year in brackets of a name such as `Show Title (2008) {tvdb-1}`."""
    bare = strip_tags(text)
    found = _TITLE_AND_YEAR.match(bare)
    if found is None:
        return clean_title(bare), None
    return clean_title(found["title"]), int(found["year"])


@lru_cache(maxsize=8192)
def split_release_title(text: str) -> tuple[str, int | None]:
    """Like `split_title`, and also for `Show.Title.2008.`, where nothing but dots parts the words."""
    title, year = split_title(text)
    found = _RELEASE_YEAR.fullmatch(text) if year is None and " " not in text else None
    return (clean_title(found["title"]), int(found["year"])) if found else (title, year)


def clean_title(text: str) -> str:
    """A name's words with spaces between them; '' where there is nothing but separators."""
    if " " not in text.strip():
        text = _ACRONYM.sub(lambda found: found[0].replace(".", "\0") + ".", text)
        text = text.replace(".", " ").replace("_", " ").replace("\0", ".")
        return " ".join(text.split()).strip("- ")
    return " ".join(text.split()).strip("-_ ")


@lru_cache(maxsize=16384)
def fold_title(text: str) -> str:
    """The letters and digits of a title, without case, accents or separators; never '' for a title with any sign.

    "Grey's Anatomy" and "Greys.Anatomy" fold to the same text. Vowel signs of scripts that write them
    as marks are kept, because titles differ by them.
    """
    if text.isascii():
        folded = _PLAIN.sub("", text.lower().replace("&", " and "))
    else:
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold().replace("&", " and ")
        folded = "".join(c for c in plain if unicodedata.category(c)[0] in "LNM")
    return folded or " ".join(text.casefold().split())
