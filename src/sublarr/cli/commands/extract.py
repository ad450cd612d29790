"""`sublarr extract`: embedded subtitles become files beside their media files."""

from collections.abc import Sequence

import click

from sublarr.bootstrap import House
from sublarr.cli.following import Hands, finish_kind
from sublarr.cli.opening import opened_house
from sublarr.cli.output import note, say
from sublarr.cli.progress import progress_bar
from sublarr.cli.terminal import Terminal
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.jobs.asking import extract_files, extract_wanted
from sublarr.vocabulary.jobs import ExtractSubtitles
from sublarr.vocabulary.subtitles import WantedStatus

_EVERY_FILE = 1_000_000_000


@click.command
@click.option("--wanted", "what", flag_value="wanted", help="Each ID is a row of `sublarr wanted`.")
@click.option("--file", "what", flag_value="file", help="Each ID is a media file's.")
@click.option("--all", "what", flag_value="all", help="The files of all wanted subtitles; takes no IDs.")
@click.option("--wait/--no-wait", "waits", default=True, help="Wait for the end, or only ask for it.")
@click.argument("ids", metavar="[ID]...", type=int, nargs=-1)
@click.pass_obj
def command(terminal: Terminal, /, *, what: str | None, waits: bool, ids: tuple[int, ...]) -> None:
    """Write embedded text subtitles beside their media files.

    Nothing that is there is overwritten. Say whose: `--wanted ID...`, `--file ID...` or `--all`.
    """
    if what is None or (what == "all") == bool(ids):
        raise click.UsageError("Say whose: --wanted ID..., --file ID... or --all.")
    with opened_house(terminal) as house:
        has_missing = _tell_missing(house, what, ids)
        new = _ask(house, what, ids)
        say(f"{new} files to extract from" if new else "Nothing to extract.")
        failed = _wait(house) if new and waits else 0
    if failed:
        note(f"{failed} extractions failed: sublarr jobs list --status failed")
    if failed or has_missing:
        raise click.exceptions.Exit(1)


def _tell_missing(house: House, what: str, ids: Sequence[int]) -> bool:
    with house.database.read() as unit:
        rows = unit.wanted.listed(ids) if what == "wanted" else unit.files.listed(ids)
    missing = sorted(set(ids) - {row.id for row in rows})
    for row_id in missing:
        note(f"{row_id}: there is no {'wanted subtitle' if what == 'wanted' else 'media file'} of this id")
    return bool(missing)


def _ask(house: House, what: str, ids: Sequence[int]) -> int:
    if what == "wanted":
        return extract_wanted(house.database, ids)
    if what == "all":
        with house.database.read() as unit:
            ids = unit.wanted.file_ids(WantedFilter(statuses=(WantedStatus.WANTED,)), _EVERY_FILE)
    return extract_files(house.database, ids)


def _wait(house: House) -> int:
    try:
        with Hands(house) as hands, progress_bar("Extracting") as report:
            return finish_kind(house, hands, ExtractSubtitles.kind, report)
    except KeyboardInterrupt:
        note("What is left waits for the next worker; to end it: sublarr jobs cancel ID...")
        raise click.exceptions.Exit(1) from None
