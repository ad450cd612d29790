"""How values are written on pages: times in the household's zone, sizes, names of languages, counts."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sublarr.vocabulary.language import language_name
from sublarr.vocabulary.paths import for_display

_UNITS = ("B", "KB", "MB", "GB", "TB")


def machine_time(moment: datetime) -> str:
    """The time for `<time datetime>`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def full_time(moment: datetime) -> str:
    """The local time in full, with its zone."""
    return moment.astimezone().strftime("%A, %d %B %Y, %H:%M:%S %Z")


def local_time(moment: datetime, now: datetime | None = None) -> str:
    """The local time as short as it stays clear: `14:05` today, `yesterday 14:05`, `3 Mar 14:05`, `3 Mar 2024`."""
    here = moment.astimezone()
    today = (now or datetime.now(UTC)).astimezone().date()
    clock = here.strftime("%H:%M")
    if here.date() == today:
        return clock
    if here.date() == today - timedelta(days=1):
        return f"yesterday {clock}"
    if here.date() == today + timedelta(days=1):
        return f"tomorrow {clock}"
    day = f"{here.day} {here:%b}"
    return f"{day} {clock}" if here.year == today.year else f"{day} {here.year}"


def file_size(count: float) -> str:
    """Bytes as people write them."""
    size = float(count)
    for unit in _UNITS[:-1]:
        if abs(size) < 1024:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} {_UNITS[-1]}"


def duration(seconds: float) -> str:
    """A span in its two largest units."""
    whole = max(0, int(seconds))
    days, hours, minutes, rest = whole // 86400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "0 s"


def count(number: int) -> str:
    """A whole number with its thousands set apart."""
    return f"{number:,}"


def plural(number: int, one: str, many: str = "") -> str:
    """`1 file`, `3 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def episode_code(season: int | None, episode: int | None) -> str:
    """`S01E02`, `E02`, or '' where there is no number."""
    if episode is None:
        return ""
    return f"S{season:02}E{episode:02}" if season is not None else f"E{episode:02}"


def file_name(path: str) -> str:
    """The last part of a path text, fit to be shown."""
    return for_display(path.rsplit("/", 1)[-1])


# The parts of a job's result worth a line, in the words of people; the job's own page has all of it.
_TOLD = {
    "found": "seen",
    "new": "new",
    "changed": "changed",
    "moved": "moved",
    "removed": "gone",
    "unreadable": "unreadable",
    "wanted_added": "now missing",
    "wanted_satisfied": "no longer missing",
    "extractions": "to extract",
    "written": "written",
    "passed_over": "passed over",
    "scans": "scans asked for",
    "jobs": "jobs forgotten",
    "probes": "probes forgotten",
    "workers": "workers forgotten",
    "entries": "looked at",
    "problems": "problems put right",
}


def told(result: Mapping[str, Any]) -> str:
    """A job's result in one line: what it did anything of."""
    numbers = ((word, result.get(name)) for name, word in _TOLD.items())
    sizes = [(word, len(value) if isinstance(value, list) else value) for word, value in numbers if value]
    return ", ".join(f"{size:,} {word}" for word, size in sizes if isinstance(size, int)) or "nothing to do"


def shown(value: object) -> str:
    """One value of a changed field, for a person."""
    match value:
        case None | "":
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(shown(part) for part in value) or "nothing"
        case _:
            return for_display(str(value))


FILTERS: Mapping[str, Callable[..., Any]] = {
    "machine_time": machine_time,
    "full_time": full_time,
    "local_time": local_time,
    "file_size": file_size,
    "duration": duration,
    "count": count,
    "plural": plural,
    "episode_code": episode_code,
    "file_name": file_name,
    "for_display": for_display,
    "language_name": language_name,
    "told": told,
    "shown": shown,
}
