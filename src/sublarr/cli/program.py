"""The command `sublarr`: which commands there are, and how an error ends one of them."""

import errno
import gc
import io
import os
import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from sublarr import __version__
from sublarr.cli.terminal import Terminal
from sublarr.vocabulary.errors import InvalidInput, SublarrError
from sublarr.vocabulary.paths import for_display


class Entry(NamedTuple):
    """A command: the module of `commands` that holds it under its own name, and its line in the help."""

    module: str
    summary: str


COMMANDS: Mapping[str, Entry] = {
    "serve": Entry("serve", "Run Sublarr: pages, API and background work."),
    "worker": Entry("worker", "Run background work alone, beside a `serve` elsewhere."),
    "demo": Entry("demo", "Make a sample library to try Sublarr with."),
    "scan": Entry("scan", "Look for new, changed and removed files."),
    "folders": Entry("folders", "Watched folders: list, add, remove."),
    "find": Entry("find", "Find films, series and episodes by words."),
    "wanted": Entry("wanted", "List wanted subtitles."),
    "extract": Entry("extract", "Write embedded subtitles beside their media files."),
    "export": Entry("export", "Take a whole list away: JSON lines, CSV or JSON."),
    "jobs": Entry("jobs", "Background jobs: list, show, retry, cancel, pause, resume."),
    "db": Entry("database", "The database: its state, and bringing it up to date."),
    "config": Entry("config", "Settings: show, set, unset."),
    "audit": Entry("audit", "Who changed what: list, show, undo."),
    "health": Entry("health", "Tell whether all is well."),
}


class Failure(click.ClickException):
    """An error of the tree as a person at the terminal reads it."""

    def __init__(self, error: SublarrError) -> None:
        super().__init__(error.message)
        self.error = error

    def show(self, file: Any = None) -> None:
        """The message, each refused field, and the remedy, on standard error."""
        click.echo(f"sublarr: {for_display(self.error.message)}", err=True)
        if isinstance(self.error, InvalidInput):
            for problem in self.error.problems:
                if problem.message not in self.error.message:
                    click.echo(f"  {for_display(problem.message)}", err=True)
        if self.error.remedy:
            click.echo(for_display(self.error.remedy), err=True)


class Misunderstood(Failure):
    """What was handed in is not acceptable, which counts as usage."""

    exit_code = 2


class Commands(click.Group):
    """A group that imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        # Imports make nothing to collect, and looking for it again and again costs a seventh of the start.
        gc.disable()
        try:
            module = import_module(f"sublarr.cli.commands.{COMMANDS[cmd_name].module}")
        finally:
            gc.freeze()
            gc.enable()
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in the help, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of the tree becomes its message and exit code."""
        try:
            return super().invoke(ctx)
        except SublarrError as error:
            _show_origin(ctx)
            failure = Misunderstood if isinstance(error, InvalidInput) else Failure
            raise failure(error) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                # Whoever read our output has seen enough: Click ends the command without a word.
                raise
            # A folder that may not be written to, a full disk: the system's own words, behind the file's name.
            _show_origin(ctx)
            raise Failure(SublarrError(_in_words(error))) from error


def _in_words(error: OSError) -> str:
    if not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def _show_origin(ctx: click.Context) -> None:
    if ctx.params["debug"]:
        traceback.print_exc()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--debug", is_flag=True, help="Log everything, and show where an error came from.")
@click.version_option(__version__, prog_name="Sublarr")
@click.pass_context
def program(ctx: click.Context, /, *, debug: bool) -> None:
    """Keep a media library subtitled.

    Without any settings Sublarr keeps an SQLite database in the platform's data folder; docs/settings.md lists
    what can be set. Exit codes: 0 done, 1 failed, 2 not understood.
    """
    ctx.obj = Terminal(os.environ, is_debugging=debug)


def main() -> None:
    """The entry point of the command `sublarr`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A title in a script the terminal's encoding lacks must not end a command.
            stream.reconfigure(errors="backslashreplace")
    program()
