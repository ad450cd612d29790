"""`sublarr db`: the database's state, and bringing it up to date."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sublarr.cli.opening import opened_database, opened_house
from sublarr.cli.output import Column, json_option, note, print_facts, print_json, print_rows, say
from sublarr.cli.terminal import Terminal
from sublarr.db import schema, search_care
from sublarr.db.database import Database
from sublarr.db.schema import SchemaCondition
from sublarr.vocabulary.masking import mask_url

if TYPE_CHECKING:
    from sublarr.db.replica import ReplicaState
# Only a schema that is ours: to ask for the values of another's database would be to write to it.
_OURS = (SchemaCondition.CURRENT, SchemaCondition.BEHIND)

_VALUES: tuple[Column[tuple[str, str, str]], ...] = (
    Column("Value in force", lambda row: row[0]),
    Column("Writing", lambda row: row[1]),
    Column("Reading", lambda row: row[2]),
)


@click.group
def command() -> None:
    """The database: its state, and bringing it up to date."""


@command.command("status")
@json_option
@click.pass_obj
def status(terminal: Terminal, /, *, as_json: bool) -> None:
    """Tell where the database is, what it holds and the values in force, without changing it; exit code 1 unless
    it is current.
    """
    with opened_database(terminal) as database:
        state = schema.read_state(database)
        facts = {"dialect": database.dialect, "place": _place(database), **asdict(state)}
        if database.replica is not None:
            facts["replica"] = _of_replica(database.replica.look())
        values = database.values_in_force() if state.condition in _OURS else {}
        pool = _pool(database)
    if as_json:
        print_json({**facts, "pool": pool, "values_in_force": values})
    else:
        print_facts({name.capitalize(): value for name, value in facts.items()} | {"Pool": _told(pool)})
        print_rows(_rows(values), _VALUES, as_json=False)
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


def _of_replica(state: "ReplicaState") -> str:
    if not state.is_used:
        return f"passed over: {state.problem}"
    return f"answers reads, {state.lag_bytes or 0} bytes behind"


def _pool(database: Database) -> dict[str, int | None]:
    """How many connections a process keeps and how many more it may open; None: as many as it has threads."""
    limits = database.options.pool
    is_server = database.path is None
    return {
        "size": database.pool_state().size,
        "max_overflow": limits.max_overflow if is_server else None,
        "recycle_seconds": limits.recycle_seconds if is_server else None,
    }


def _told(pool: Mapping[str, int | None]) -> str:
    more = "more for every thread that asks"
    if pool["max_overflow"] is not None:
        more = f"up to {pool['max_overflow']} more, each renewed after {pool['recycle_seconds']} s"
    return f"{pool['size']} connections a process keeps, {more}"


def _rows(values: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, str, str], ...]:
    reading = values.get("read", {})
    return tuple((name, value, reading.get(name, "")) for name, value in values.get("write", {}).items())


def _place(database: Database) -> str:
    return mask_url(database.options.url) if database.path is None else str(database.path)
