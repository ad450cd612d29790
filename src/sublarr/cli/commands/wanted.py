"""`sublarr wanted`: which subtitles are missing."""

import click

from sublarr.cli.choices import ValueOf
from sublarr.cli.opening import opened_house
from sublarr.cli.output import Column, paged, print_page
from sublarr.cli.terminal import Terminal
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.wanted import WantedFilter, WantedRow
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus

_OPEN = (WantedStatus.WANTED, WantedStatus.SEARCHING, WantedStatus.FAILED)


def _name(row: WantedRow) -> str:
    if row.item_type is MediaKind.EPISODE:
        season = "" if row.season is None else f"S{row.season:02}"
        number = "" if row.episode is None else f" {season}E{row.episode:02}"
        return f"{row.series_title or row.title}{number}"
    return row.title if row.year is None else f"{row.title} ({row.year})"


_COLUMNS: tuple[Column[WantedRow], ...] = (
    Column("ID", lambda row: row.id),
    Column("Title", _name),
    Column("Language", lambda row: row.target_language),
    Column("Type", lambda row: row.subtitle_type),
    Column("Status", lambda row: row.status),
    Column("Added", lambda row: row.added_at),
)


@click.command
@click.option("--status", "statuses", type=ValueOf(WantedStatus), multiple=True, help="May be repeated.")
@click.option("--all", "wants_all", is_flag=True, help="Also those that were found, extracted or ignored.")
@click.option("--language", default="", metavar="LANGUAGE", help="As a tag or a name: de, pt-BR, German.")
@click.option("--type", "subtitle_type", type=ValueOf(SubtitleType), help="Full or forced subtitles alone.")
@click.option(
    "--kind", type=ValueOf((MediaKind.EPISODE, MediaKind.MOVIE)), help="Those of episodes or films alone."
)
@click.option("--search", "words", default="", metavar="WORDS", help="Words of a title or a path.")
@paged
@click.pass_obj
def command(  # noqa: PLR0913 - one for each option
    terminal: Terminal,
    /,
    *,
    statuses: tuple[WantedStatus, ...],
    wants_all: bool,
    language: str,
    subtitle_type: SubtitleType | None,
    kind: MediaKind | None,
    words: str,
    request: PageRequest,
    as_json: bool,
) -> None:
    """List the subtitles that are missing, or with --all or --status others too."""
    if wants_all and statuses:
        raise click.UsageError("Say either --all or --status.")
    chosen = WantedFilter(
        statuses=statuses or (() if wants_all else _OPEN),
        item_type=kind,
        target_language=_tag(language),
        subtitle_type=subtitle_type,
        words=words,
    )
    with opened_house(terminal) as house, house.database.read() as unit:
        page = unit.wanted.page(chosen, request)
    print_page(page, _COLUMNS, as_json=as_json)


def _tag(language: str) -> str:
    if not language:
        return ""
    tag = parse_language(language)
    if tag is None:
        raise InvalidInput(
            f"{language} names no language", remedy="Write a tag (de, pt-BR) or an English name."
        )
    return tag
