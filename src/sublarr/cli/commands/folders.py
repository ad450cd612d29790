"""`sublarr folders`: which folders are watched."""

import os
import shlex

import click

from sublarr.cli.choices import ValueOf
from sublarr.cli.each import for_each
from sublarr.cli.opening import opened_house
from sublarr.cli.output import Column, json_option, note, print_json, print_rows, say
from sublarr.cli.terminal import Terminal
from sublarr.db.repositories.folders import FolderRow
from sublarr.library.service import add_folder
from sublarr.vocabulary.media import FolderContent
from sublarr.vocabulary.paths import to_text

_COLUMNS: tuple[Column[FolderRow], ...] = (
    Column("ID", lambda folder: folder.id),
    Column("Path", lambda folder: folder.path),
    Column("Label", lambda folder: folder.label),
    Column("Type", lambda folder: folder.media_type),
    Column("Enabled", lambda folder: folder.enabled),
    Column("Last scan", lambda folder: folder.last_scan_at or "never"),
    Column("Problem", lambda folder: folder.last_problem),
)


@click.group
def command() -> None:
    """Watched folders: list, add, remove."""


@command.command("list")
@json_option
@click.pass_obj
def list_folders(terminal: Terminal, /, *, as_json: bool) -> None:
    """List watched folders."""
    with opened_house(terminal) as house, house.database.read() as unit:
        folders = unit.folders.listed()
    print_rows(folders, _COLUMNS, as_json=as_json)
    if not folders:
        note("No folder is watched. Add one: sublarr folders add PATH")


@command.command("add")
@click.argument("path")
@click.option("--label", default="", help="A name of your own for it.")
@click.option(
    "--type",
    "media_type",
    type=ValueOf(FolderContent),
    default=FolderContent.AUTO,
    show_default=FolderContent.AUTO.value,
    help="What it holds; auto tells by each name.",
)
@json_option
@click.pass_obj
def add(terminal: Terminal, /, *, path: str, label: str, media_type: FolderContent, as_json: bool) -> None:
    """Watch the folder PATH."""
    # Here a path is meant from where the person stands, which the house cannot know.
    absolute = to_text(os.path.abspath(os.path.expanduser(path)))
    with opened_house(terminal) as house:
        folder = add_folder(house.database, absolute, label=label, media_type=media_type)
    if as_json:
        print_json(folder)
    else:
        say(f"Folder {folder.id} is watched: {folder.path}")
        note(f"Scan it now: sublarr scan {shlex.quote(folder.path)}")


@command.command("remove")
@click.argument("folder_ids", metavar="ID...", type=int, nargs=-1, required=True)
@click.pass_obj
def remove(terminal: Terminal, /, *, folder_ids: tuple[int, ...]) -> None:
    """Stop watching folders; their files stay, and adding one again brings back what was known of it."""
    with opened_house(terminal) as house:

        def remove_one(folder_id: int) -> str:
            with house.database.write(urgent=True) as unit:
                folder = unit.folders.get(folder_id)
                unit.folders.delete(folder_id, folder.version)
            return f"{folder.path} is not watched any more"

        for_each(folder_ids, remove_one)
