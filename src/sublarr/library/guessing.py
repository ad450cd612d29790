"""Names that follow no convention, read by guessit: about 10 ms each, so only for what nothing else can tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sublarr.vocabulary.media import MediaKind


@dataclass(frozen=True, slots=True)
class Guess:
    """What guessit made of a name; empty where it saw nothing."""

    kind: MediaKind
    title: str = ""
    alternative_titles: tuple[str, ...] = ()
    year: int | None = None
    season: int | None = None
    episodes: tuple[int, ...] = ()
    aired_on: date | None = None
    episode_title: str = ""
    group: str = ""
    source: str = ""
    resolution: str = ""
    has_checksum: bool = False


@lru_cache(maxsize=1024)
def guess_name(name: str, kind: MediaKind | None) -> Guess | None:
    """Guessit's reading of a name, held to one kind where it is given; None where guessit gives up."""
    # Loading guessit costs 5 MB and 90 ms, to be paid only by processes that read such names.
    from guessit import guessit  # noqa: PLC0415
    from guessit.api import GuessitException  # noqa: PLC0415

    options = {} if kind is None else {"type": "movie" if kind is MediaKind.MOVIE else "episode"}
    try:
        found: Mapping[str, object] = guessit(name, options)
    except GuessitException:
        return None
    return Guess(
        kind=MediaKind.EPISODE if found.get("type") == "episode" else MediaKind.MOVIE,
        title=_text(found, "title"),
        alternative_titles=tuple(_texts(found, "alternative_title")),
        year=next(_numbers(found, "year"), None),
        season=next(_numbers(found, "season"), None),
        episodes=tuple(_numbers(found, "episode")),
        aired_on=_day(found),
        episode_title=_text(found, "episode_title"),
        group=_text(found, "release_group"),
        source=_text(found, "source"),
        resolution=_text(found, "screen_size"),
        has_checksum="crc32" in found,
    )


def _values(found: Mapping[str, object], key: str) -> list[object]:
    """Guessit gives a list where a name holds several, and a value where it holds one."""
    value = found.get(key)
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _texts(found: Mapping[str, object], key: str) -> Iterator[str]:
    return (text for value in _values(found, key) if (text := str(value).strip()))


def _text(found: Mapping[str, object], key: str) -> str:
    return next(_texts(found, key), "")


def _numbers(found: Mapping[str, object], key: str) -> Iterator[int]:
    return (value for value in _values(found, key) if isinstance(value, int))


def _day(found: Mapping[str, object]) -> date | None:
    return next((value for value in _values(found, "date") if isinstance(value, date)), None)
