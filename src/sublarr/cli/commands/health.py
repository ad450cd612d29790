"""`sublarr health`: is all well, and if not, what to do."""

import click

from sublarr.cli.opening import opened_house
from sublarr.cli.output import Column, json_option, note, print_json, print_rows
from sublarr.cli.terminal import Terminal
from sublarr.health import Check, HealthStatus

_COLUMNS: tuple[Column[Check], ...] = (
    Column("Check", lambda check: check.name),
    Column("Status", lambda check: check.status),
    Column("Message", lambda check: check.message),
    Column("What to do", lambda check: check.remedy),
)


@click.command
@click.option(
    "--deep",
    "is_deep",
    is_flag=True,
    help="Also look at values in force, connections, disks, folders and failed jobs.",
)
@json_option
@click.pass_obj
def command(terminal: Terminal, /, *, is_deep: bool, as_json: bool) -> None:
    """Tell whether all is well: exit code 1 where Sublarr cannot work, 0 where something is only missing."""
    with opened_house(terminal) as house:
        report = house.health.deep() if is_deep else house.health.ready()
    if as_json:
        print_json(report)
    else:
        print_rows(report.checks, _COLUMNS, as_json=False)
    match report.status:
        case HealthStatus.DOWN:
            note("down: Sublarr cannot work")
            raise click.exceptions.Exit(1)
        case HealthStatus.DEGRADED:
            note("degraded: Sublarr works, but not everything does")
        case HealthStatus.OK:
            note("ok")
