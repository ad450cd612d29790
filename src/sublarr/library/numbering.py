"""Season, episode, absolute numbers and air dates in a file's name.

Only conventions that can be told without doubt are read here; everything else is left to `guessing`.
"""

import re
from dataclasses import dataclass
from datetime import date

_SEASON_EPISODE = re.compile(
    r"(?<![^\W_])S(?P<season>\d{1,4})[ ._-]{0,3}E[Pp]?[ .]?(?P<first>\d{1,4})"
    r"(?P<more>(?:[ ._]?-?[ ._]?(?:S\d{1,4})?EP?\d{1,4}|-\d{1,3}(?!\w))*)(?!\d)"
    r"|(?<![^\W_])(?P<season_x>\d{1,2})x(?P<first_x>\d{2,3})(?P<more_x>(?:-?x\d{2,3}|-\d{2,3}(?!\w))*)(?!\w)",
    re.IGNORECASE,
)
_FURTHER = re.compile(r"(?P<range>-?)[ ._]?(?:S\d{1,4})?(?:[Ex]P?)?(?P<number>\d{1,4})", re.IGNORECASE)
_ABSOLUTE_AFTER = re.compile(r" - (?P<number>\d{2,4})(?:-\d{2,4})?(?= - )")
_AIR_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([ ._-])(\d\d)\2(\d\d)(?!\d)")
_FANSUB_GROUP = re.compile(r"\[(?P<group>[^\[\]]{1,40})\][ ._-]*")
_FANSUB_NUMBER = re.compile(
    r"[ _]-[ _](?:E[Pp]?)?(?P<first>\d{1,4})(?:[-~](?P<last>\d{1,4}))?(?:v\d)?(?:[ _]END)?(?=[ _]*[\[(]|[ _]-[ _]|$)"
)
_FANSUB_SEASON = re.compile(r"(?P<title>.+?)[ _](?:S|Season[ _])(?P<season>\d{1,2})$", re.IGNORECASE)
_CRC = re.compile(r"[\[(][0-9A-Fa-f]{8}[\])]")
_BARE_NUMBER = re.compile(
    r"(?:E|EP|Episode|Folge|Episodio|Épisode|Avsnitt|Odcinek|第)?[ ._-]?(?P<number>\d{1,3})(?:[話话集]|v\d)?"
    r"(?:$|[ ._]-?[ ._]?(?P<title>.*)|-[ ](?P<more>.*))",
    re.IGNORECASE | re.DOTALL,
)
# A range longer than this is two numbers that do not belong together.
_LONGEST_RANGE = 60


@dataclass(frozen=True, slots=True)
class Numbering:
    """Which episodes a name tells of, and the text before and after it says so."""

    before: str
    after: str
    season: int | None = None
    episodes: tuple[int, ...] = ()
    absolute_number: int | None = None
    aired_on: date | None = None
    group: str = ""
    is_anime: bool = False


def find_numbering(stem: str) -> Numbering | None:
    """What a stem says by `S01E02`, `1x02`, an air date, or as fansubbers number; None where it does not."""
    start, group = 0, ""
    if stem.startswith("["):
        leading = _FANSUB_GROUP.match(stem)
        if leading is not None and "." not in leading["group"]:
            start, group = leading.end(), leading["group"]
    found = _SEASON_EPISODE.search(stem, start)
    if found is not None:
        return _by_season(stem, start, found, group)
    if group:
        number = _FANSUB_NUMBER.search(stem, start)
        if number is not None and number.start() > start:
            return _by_absolute_number(stem, start, number, group)
    aired = _AIR_DATE.search(stem, start)
    return _by_air_date(stem, start, aired, group) if aired is not None else None


def bare_number(stem: str) -> Numbering | None:
    """What a stem says that begins with the episode's number, as within a season's folder (`05 - Title`)."""
    found = _BARE_NUMBER.match(stem)
    if found is None:
        return None
    after = found["title"] or found["more"] or ""
    return Numbering("", f" - {after}" if after else "", episodes=(int(found["number"]),))


def _by_season(stem: str, start: int, found: re.Match[str], group: str) -> Numbering:
    season = int(found["season"] or found["season_x"])
    episodes = _episodes(found["first"] or found["first_x"], found["more"] or found["more_x"] or "")
    absolute = _ABSOLUTE_AFTER.match(stem, found.end())
    return Numbering(
        before=stem[start : found.start()],
        after=stem[absolute.end() if absolute else found.end() :],
        season=season,
        episodes=episodes,
        absolute_number=int(absolute["number"]) if absolute else None,
        group=group,
        is_anime=absolute is not None or (bool(group) and _CRC.search(stem, start) is not None),
    )


def _episodes(first: str, more: str) -> tuple[int, ...]:
    """Sonarr's styles: `E01E02` and `E01-E02-E03` name each, `E01-03` and `E01-E03` mean all between."""
    numbers = [int(first)]
    for further in _FURTHER.finditer(more):
        number, last = int(further["number"]), numbers[-1]
        if further["range"] and last < number <= last + _LONGEST_RANGE:
            numbers.extend(range(last + 1, number + 1))
        elif number not in numbers:
            numbers.append(number)
    return tuple(numbers)


def _by_absolute_number(stem: str, start: int, number: re.Match[str], group: str) -> Numbering:
    before, season = stem[start : number.start()], None
    titled = _FANSUB_SEASON.match(before)
    if titled is not None:
        before, season = titled["title"], int(titled["season"])
    episodes = _episodes(number["first"], f"-{number['last']}" if number["last"] else "")
    return Numbering(
        before=before,
        after=stem[number.end() :],
        season=season,
        episodes=episodes,
        absolute_number=episodes[0] if season is None else None,
        group=group,
        is_anime=True,
    )


def _by_air_date(stem: str, start: int, aired: re.Match[str], group: str) -> Numbering | None:
    try:
        day = date(int(aired[1]), int(aired[3]), int(aired[4]))
    except ValueError:
        return None
    before = stem[start : aired.start()]
    if not before.strip(" ._-"):
        # A name that begins with its day is more often a home video's than a show's.
        return None
    return Numbering(before, stem[aired.end() :], aired_on=day, group=group)
