"""`sublarr config`: what is set, where it comes from, and changing it."""

import sys

import click

from sublarr.cli.opening import opened_database, opened_house
from sublarr.cli.output import Column, json_option, note, print_facts, print_json, print_rows, say
from sublarr.cli.terminal import Terminal
from sublarr.db import schema
from sublarr.settings import Origin, SettingInfo
from sublarr.settings.model import PREFIX
from sublarr.vocabulary.errors import NotFound

_COLUMNS: tuple[Column[SettingInfo], ...] = (
    Column("Name", lambda setting: setting.name),
    Column("Value", lambda setting: setting.value),
    Column("From", lambda setting: setting.origin),
)


@click.group
def command() -> None:
    """Settings: show, set, unset. docs/settings.md says what each means."""


@command.command("show")
@click.argument("name", required=False)
@json_option
@click.pass_obj
def show(terminal: Terminal, /, *, name: str | None, as_json: bool) -> None:
    """List every setting in force and where it comes from, or show all about NAME; secrets are masked."""
    with opened_house(terminal) as house:
        settings = house.settings
    described = settings.describe()
    if name is None:
        print_rows(described, _COLUMNS, as_json=as_json)
        for variable in settings.unknown:
            note(f"{variable} means nothing here")
        for ignored, why in settings.ignored.items():
            note(f"{ignored} has no effect: {why}")
        return
    setting = _find(described, name)
    if as_json:
        print_json(setting)
        return
    print_facts(
        {
            "Name": setting.name,
            "Value": setting.value,
            "From": setting.origin,
            "Default": setting.default,
            "Allowed": setting.expected,
            "Environment": setting.environment_name,
            "Meaning": setting.meaning,
        }
    )


# A negative number is a value, not an option.
@command.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("name")
@click.argument("value")
@click.pass_obj
def set_value(terminal: Terminal, /, *, name: str, value: str) -> None:
    """Save VALUE as the setting NAME, which takes effect within five seconds in a running server.

    With - as VALUE it is read from standard input, where no other program sees it.
    """
    text = sys.stdin.readline().rstrip("\r\n") if value == "-" else value
    with opened_house(terminal) as house:
        setting = _find(house.save_setting(_own_name(name), text).describe(), name)
    say(f"{setting.name} is {setting.value or 'empty'}")


@command.command("unset")
@click.argument("name")
@click.pass_obj
def unset(terminal: Terminal, /, *, name: str) -> None:
    """Forget the saved value of NAME, so that the environment or the default holds again."""
    # Not through the house: a saved value that is no longer acceptable keeps it from opening.
    with opened_database(terminal) as database:
        schema.prepare(database)
        with database.write(urgent=True) as unit:
            was_saved = unit.config.delete(_own_name(name))
    if not was_saved:
        raise NotFound(
            f"no value is saved for {_own_name(name)}",
            remedy=f"Those that are say {Origin.SAVED} under From in: sublarr config show",
        )
    say(f"{_own_name(name)} is not saved any more")


def _find(described: list[SettingInfo], name: str) -> SettingInfo:
    found = next((setting for setting in described if setting.name == _own_name(name)), None)
    if found is None:
        raise NotFound(f"there is no setting {name}", remedy="List them: sublarr config show")
    return found


def _own_name(name: str) -> str:
    """The setting's name, however it was written; that of its environment variable serves too."""
    return name.lower().removeprefix(PREFIX.lower())
