"""`sublarr find`: films, series and episodes by words."""

import click

from sublarr.cli.choices import ValueOf
from sublarr.cli.opening import opened_house
from sublarr.cli.output import Column, paged, print_page
from sublarr.cli.terminal import Terminal
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.search import SearchHit
from sublarr.db.repositories.word_search import split_words
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.media import MediaKind


def _name(hit: SearchHit) -> str:
    if hit.kind is MediaKind.EPISODE:
        season = "" if hit.season is None else f"S{hit.season:02}"
        number = "" if hit.episode is None else f" {season}E{hit.episode:02}"
        title = "" if hit.title == hit.series_title else f" {hit.title}"
        return f"{hit.series_title}{number}{title}"
    return hit.title if hit.year is None else f"{hit.title} ({hit.year})"


_COLUMNS: tuple[Column[SearchHit], ...] = (
    Column("ID", lambda hit: hit.media_id),
    Column("Kind", lambda hit: hit.kind),
    Column("Title", _name),
    Column("Missing", lambda hit: hit.wanted or ""),
)


@click.command
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", "kinds", type=ValueOf(MediaKind), multiple=True, help="May be repeated.")
@paged
@click.pass_obj
def command(
    terminal: Terminal,
    /,
    *,
    words: tuple[str, ...],
    kinds: tuple[MediaKind, ...],
    request: PageRequest,
    as_json: bool,
) -> None:
    """Find films, series and episodes by any part of their titles and file names, the best first.

    All WORDS must occur, in any order, whatever their case and accents.
    """
    typed = " ".join(words)
    if not split_words(typed):
        raise InvalidInput("there is nothing to look for", remedy="Write at least one letter.")
    with opened_house(terminal) as house, house.database.read() as unit:
        page = unit.search.page(typed, kinds, request)
    print_page(page, _COLUMNS, as_json=as_json)
