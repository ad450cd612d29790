"""Opening the house, or its database alone, for the time of one command."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from typing import Literal

from sublarr.bootstrap import House, open_house
from sublarr.bootstrap.house import database_options
from sublarr.cli.terminal import Terminal
from sublarr.db.database import Database
from sublarr.logs import bind, configure_logging
from sublarr.settings import Settings, load_settings
from sublarr.settings.kinds import LogFormat

_log = logging.getLogger(__name__)
# Settings may stand in a file of the folder a person starts Sublarr from.
_ENV_FILE = Path(".env")


@contextmanager
def opened_house(terminal: Terminal) -> Iterator[House]:
    """The house for a command, which logs only what is wrong, to standard error."""
    with _opened(terminal.environment) as house:
        settings = house.settings
        level = "DEBUG" if terminal.is_debugging else "WARNING"
        output = configure_logging(level, _format(settings), secrets=settings.secret_values())
        try:
            with bind(actor=f"terminal of {_user()}"):
                yield house
        finally:
            output.close()


@contextmanager
def lasting_house(
    terminal: Terminal, overrides: Mapping[str, str], *, writes_log_file: bool
) -> Iterator[House]:
    """The house for a process that stays: `overrides` are laid over the environment, and all is logged as set.

    Only one process may write the log file.
    """
    with _opened({**terminal.environment, **overrides}) as house:
        settings = house.settings
        output = configure_logging(
            "DEBUG" if terminal.is_debugging else settings.logs.log_level,
            _format(settings),
            settings.paths.log_file if writes_log_file else None,
            settings.secret_values(),
        )

        def follow(changed: Settings) -> None:
            output.change_secrets(changed.secret_values())
            if not terminal.is_debugging:
                output.change_level(changed.logs.log_level)

        house.configuration.on_change(follow)
        try:
            _warn_of_idle_settings(settings)
            yield house
        finally:
            output.close()


@contextmanager
def opened_database(terminal: Terminal) -> Iterator[Database]:
    """The database as it stands: nothing saved in it is believed, nothing is made or upgraded."""
    database = Database(database_options(load_settings(terminal.environment, {}, _ENV_FILE)))
    try:
        yield database
    finally:
        database.close()


@contextmanager
def _opened(environment: Mapping[str, str]) -> Iterator[House]:
    house = open_house(environment, env_file=_ENV_FILE)
    try:
        yield house
    finally:
        house.close()


def _user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        # In a container, the number that a process runs under may have no name.
        return f"user {os.getuid()}"


def _format(settings: Settings) -> Literal["text", "json"]:
    return "json" if settings.logs.log_format is LogFormat.JSON else "text"


def _warn_of_idle_settings(settings: Settings) -> None:
    for variable in settings.unknown:
        _log.warning("%s means nothing here and is ignored", variable)
    for name, why in settings.ignored.items():
        _log.warning("%s has no effect: %s", name, why)
