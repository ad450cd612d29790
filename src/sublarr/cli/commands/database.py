"""`sublarr db`: the database's state, and bringing it up to date."""

from dataclasses import asdict

import click

from sublarr.cli.opening import opened_database, opened_house
from sublarr.cli.output import json_option, note, print_facts, print_json, say
from sublarr.cli.terminal import Terminal
from sublarr.db import schema, search_care
from sublarr.db.database import Database
from sublarr.db.schema import SchemaCondition
from sublarr.vocabulary.masking import mask_url


@click.group
def command() -> None:
    """The database: its state, and bringing it up to date."""


@command.command("status")
@json_option
@click.pass_obj
def status(terminal: Terminal, /, *, as_json: bool) -> None:
    """Tell where the database is and what it holds, without changing it; exit code 1 unless it is current."""
    with opened_database(terminal) as database:
        state = schema.read_state(database)
        facts = {"dialect": database.dialect, "place": _place(database), **asdict(state)}
    if as_json:
        print_json(facts)
    else:
        print_facts({name.capitalize(): value for name, value in facts.items()})
    match state.condition:
        case SchemaCondition.CURRENT:
            return
        case SchemaCondition.EMPTY | SchemaCondition.BEHIND:
            note("Bring it up to date: sublarr db upgrade")
        case SchemaCondition.AHEAD:
            note("It is a newer Sublarr's: this one will not touch it.")
        case SchemaCondition.FOREIGN:
            note("It is not this Sublarr's: nothing here will touch it.")
    raise click.exceptions.Exit(1)


@command.command("upgrade")
@click.pass_obj
def upgrade(terminal: Terminal, /) -> None:
    """Make the schema, or bring it up to date; `serve` and every other command do so too when they start."""
    with opened_database(terminal) as database:
        before = schema.read_state(database)
        after = schema.prepare(database)
    if before == after:
        say(f"The database is at revision {after.revision} already.")
    else:
        say(f"The database is at revision {after.revision} now.")


@command.command("check")
@click.option("--rebuild-search", is_flag=True, help="Make what is wrong with the search anew.")
@json_option
@click.pass_obj
def check(terminal: Terminal, /, *, rebuild_search: bool, as_json: bool) -> None:
    """Tell whether everything is found by its own words; exit code 1 where it is not."""
    with opened_house(terminal) as house:
        entries = search_care.rebuild_search(house.database) if rebuild_search else None
        problems = search_care.check_search(house.database)
    if as_json:
        print_json({"problems": problems, "rebuilt": entries})
    else:
        if entries is not None:
            say(f"The search is made anew: {entries:,} entries.")
        for problem in problems:
            say(f"{problem.entries:,} {problem.message}" if problem.entries else problem.message)
        if not problems:
            say("The search agrees with the library.")
    if problems:
        note("Put it right: sublarr db check --rebuild-search")
        raise click.exceptions.Exit(1)


def _place(database: Database) -> str:
    return mask_url(database.options.url) if database.path is None else str(database.path)
