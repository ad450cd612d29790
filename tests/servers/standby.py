"""A streaming standby of a PostgreSQL of ours, made by `pg_basebackup` from the same wheel."""

import functools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.servers.postgres import (
    PostgresServer,
    command,
    database_name,
    find_binaries,
    is_answering,
    start_postgres,
    within_reach,
)
from tests.servers.process import GuardedProcess, free_port


class Standby:
    """A running standby; whoever started it ends it with `process.stop()`."""

    def __init__(self, url: str, process: GuardedProcess) -> None:
        self.url = url
        self.process = process

    def url_of(self, primary_url: str) -> str:
        """The URL under which this standby has a database of the primary's."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database_name(primary_url)}"))

    def pause(self) -> None:
        """Go on receiving, but replay nothing more."""
        self.run("SELECT pg_wal_replay_pause()")
        self.wait_for("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        """Replay again."""
        self.run("SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_replay_resume() END")

    def promote(self) -> None:
        """Become a primary of its own, which cannot be undone."""
        self.run("SELECT pg_promote(true)")

    def run(self, statement: str) -> object:
        """The first value a statement answers, if any."""
        return _first_value(self.url, statement)

    def wait_for(self, question: str) -> None:
        deadline = time.monotonic() + 30
        while not self.run(question):
            assert time.monotonic() < deadline, f"never came true: {question}"
            time.sleep(0.01)


@dataclass(frozen=True)
class Replicated:
    """A primary and a standby of it."""

    primary: PostgresServer
    standby: Standby

    def catch_up(self) -> None:
        """Return once all that is on the primary now can be seen on the standby."""
        position = _first_value(self.primary.url, "SELECT pg_current_wal_insert_lsn()::text")
        self.standby.wait_for(f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn")

    def freeze(self) -> None:
        """Have the standby show what is on the primary now, and nothing later."""
        self.catch_up()
        self.standby.pause()

    def kill(self) -> None:
        """End the standby at once, to be started again by `standby.process.start()`."""
        # Else it would replay its whole life when it comes back.
        _first_value(self.primary.url, "CHECKPOINT")
        self.catch_up()
        self.standby.run("CHECKPOINT")
        self.standby.process.stop(keep=True)


def _first_value(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
        cursor = connection.execute(statement.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


@contextmanager
def running_pair() -> Iterator[Replicated]:
    """A primary with a standby; raises `ServerMissing` where there is no wheel."""
    primary = start_postgres()
    assert primary.process is not None
    try:
        standby = start_standby(primary)
        try:
            yield Replicated(primary, standby)
        finally:
            standby.process.stop()
    finally:
        primary.process.stop()


def start_standby(primary: PostgresServer) -> Standby:
    """A new standby that streams from `primary`."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="sublarr-standby-"))
    user = "nobody" if os.geteuid() == 0 else None
    try:
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
            binaries = within_reach(binaries, folder)
        _copy(binaries, primary.url, folder / "data", user)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    port = free_port()
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    process = GuardedProcess(
        command=command(binaries, folder / "data", port),
        folder=folder,
        answers=functools.partial(is_answering, url),
        stop_signal="SIGQUIT",
        user=user,
    )
    process.start()
    return Standby(url, process)


def _copy(binaries: Path, primary_url: str, data: Path, user: str | None) -> None:
    arguments = ["-d", primary_url, "-D", str(data), "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
    outcome = subprocess.run(
        [str(binaries / "pg_basebackup"), *arguments],
        user=user,
        check=False,
        capture_output=True,
        text=True,
        cwd=data.parent,
    )
    if outcome.returncode != 0:
        raise RuntimeError(f"pg_basebackup failed:\n{outcome.stdout}{outcome.stderr}")
