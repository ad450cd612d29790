"""Stable keys of films, series and episodes within one watched folder.

Two files with the same key are the same film, series or episode. A key is text made of a path and
a folded title parted by `//`, which no path holds; keys of films and of series are kept apart by their caller.
"""

from sublarr.library.titles import fold_title
from sublarr.vocabulary.media import NameFacts


def series_key(facts: NameFacts, root: str) -> str:
    """The series' own folder, or the watched folder with the title and year where it has none of its own."""
    if facts.group_path != _trim(root):
        return facts.group_path
    return _titled(facts, root)


def movie_key(facts: NameFacts, root: str) -> str:
    """Title and year wherever the file lies, so that two versions meet; without a year its own folder, else the title."""
    if facts.year is None and facts.group_path != _trim(root):
        return facts.group_path
    return _titled(facts, root)


def episode_keys(facts: NameFacts, root: str, path: str) -> tuple[str, ...]:
    """One key for each episode a file holds, in the order of `facts.episodes`; its path where it has no number."""
    series = series_key(facts, root)
    if facts.episodes and facts.season is not None:
        return tuple(f"{series}//s{facts.season:02}e{number:02}" for number in facts.episodes)
    if facts.aired_on is not None:
        return (f"{series}//{facts.aired_on.isoformat()}",)
    if facts.episodes:
        return tuple(f"{series}//e{number:02}" for number in facts.episodes)
    return (f"{series}//{path}",)


def _titled(facts: NameFacts, root: str) -> str:
    year = f" ({facts.year})" if facts.year is not None else ""
    return f"{_trim(root)}//{fold_title(facts.title)}{year}"


def _trim(root: str) -> str:
    return root.rstrip("/") or "/"
