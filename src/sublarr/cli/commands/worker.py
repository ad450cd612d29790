"""`sublarr worker`: background work without pages."""

import click

from sublarr.cli.choices import WholeNumber
from sublarr.cli.opening import lasting_house
from sublarr.cli.terminal import Terminal
from sublarr.worker import run_worker


@click.command
@click.option("--threads", type=WholeNumber(1), help="Jobs at a time; else as SUBLARR_QUEUE_WORKERS says.")
@click.pass_obj
def command(terminal: Terminal, /, *, threads: int | None) -> None:
    """Run background work alone, on the same database as a `serve` on this or another machine.

    Ends on Ctrl-C or SIGTERM, handing what it was doing back to the queue; a second signal ends it at once.
    """
    with lasting_house(terminal, {}, writes_log_file=False) as house:
        run_worker(house, threads or max(1, house.settings.queue.queue_workers))
