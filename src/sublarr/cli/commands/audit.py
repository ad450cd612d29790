"""`sublarr audit`: who changed what, and taking it back."""

import click

from sublarr.cli.each import for_each
from sublarr.cli.opening import opened_house
from sublarr.cli.output import Column, as_text, json_option, paged, print_json, print_page, say
from sublarr.cli.terminal import Terminal
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.repositories.audited import MANY, AuditRow
from sublarr.db.unit import AUDITED
from sublarr.vocabulary.audit import AuditAction


def _what(row: AuditRow) -> str:
    if row.ids:
        return f"{len(row.ids)} row{'' if len(row.ids) == 1 else 's'}"
    if row.action in (AuditAction.CHANGED, AuditAction.DEFAULT_MOVED):
        return ", ".join(
            f"{change.field}: {_told(change.before)} → {_told(change.after)}" for change in row.changes
        )
    return row.known_by


def _told(value: object) -> str:
    match value:
        case None | "" | []:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(str(part) for part in value)
        case _:
            return str(value)


def _thing(row: AuditRow) -> str:
    return row.entity.replace("_", " ") + ("" if row.entity_id == MANY else f" {row.entity_id}")


_COLUMNS: tuple[Column[AuditRow], ...] = (
    Column("ID", lambda row: row.id),
    Column("At", lambda row: row.at),
    Column("By", lambda row: row.actor),
    Column("Thing", _thing),
    Column("Action", lambda row: row.action.replace("_", " ")),
    Column("Change", _what),
    Column("Undoes", lambda row: row.undoes_id or ""),
)


@click.group
def command() -> None:
    """Who changed what: list, show, undo."""


@command.command("list")
@click.option(
    "--entity",
    type=click.Choice(sorted(AUDITED)),
    metavar="KIND",
    help="Such as folder, setting, hook, wanted.",
)
@click.option("--id", "entity_id", default="", metavar="ID", help="One thing of that kind.")
@click.option("--by", "actor", default="", metavar="NAME", help="Who did it, exactly as listed.")
@paged
@click.pass_obj
def list_lines(
    terminal: Terminal,
    /,
    *,
    entity: str | None,
    entity_id: str,
    actor: str,
    request: PageRequest,
    as_json: bool,
) -> None:
    """List changes, the newest first."""
    if entity_id and not entity:
        raise click.UsageError("Say of which kind with --entity.")
    with opened_house(terminal) as house, house.database.read() as unit:
        page = unit.audit.page(AuditFilter(entity or "", entity_id, actor), request)
    print_page(page, _COLUMNS, as_json=as_json)


@command.command("show")
@click.argument("line_id", metavar="ID", type=int)
@json_option
@click.pass_obj
def show(terminal: Terminal, /, *, line_id: int, as_json: bool) -> None:
    """Show a change with every field as it was and as it became."""
    with opened_house(terminal) as house, house.database.read() as unit:
        row = unit.audit.get(line_id)
    if as_json:
        print_json(row)
        return
    say(f"{_thing(row)} was {row.action.replace('_', ' ')} by {row.actor} at {as_text(row.at)}")
    for change in row.changes:
        say(f"  {change.field}: {_told(change.before)} → {_told(change.after)}")
    if row.undoes_id is not None:
        say(f"  This took back line {row.undoes_id}.")


@command.command("undo")
@click.argument("line_ids", metavar="ID...", type=int, nargs=-1, required=True)
@click.pass_obj
def undo(terminal: Terminal, /, *, line_ids: tuple[int, ...]) -> None:
    """Take changes back, each unless somebody has built on it since."""
    with opened_house(terminal) as house:

        def undo_one(line_id: int) -> str:
            done = house.undo(line_id)
            return f"undone ({_thing(done)}); undo line {done.id} to have it again"

        for_each(line_ids, undo_one)
