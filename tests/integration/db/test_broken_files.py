"""SQLite files that cannot be written, grown, read or trusted."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from sublarr.vocabulary.errors import (
    DatabaseCorrupt,
    DatabaseReadOnly,
    DatabaseUnavailable,
    DiskFull,
    SublarrError,
)
from tests.database_fixtures import OpenDatabase


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def _read_only(path: Path) -> Iterator[None]:
    """For root, whom modes do not hold, the file is made immutable."""
    if os.geteuid() != 0:
        path.chmod(0o444)
        yield
        path.chmod(0o644)
        return
    if _change_attribute("+i", path) != 0:
        pytest.skip("no way to make a file read-only for root here")
    try:
        yield
    finally:
        _change_attribute("-i", path)


def _change_attribute(change: str, path: Path) -> int:
    try:
        return subprocess.run(["chattr", change, str(path)], check=False, capture_output=True).returncode
    except FileNotFoundError:
        return 1


def test_a_read_only_file_can_still_be_read(prepared_sqlite_url: str, open_database: OpenDatabase) -> None:
    with _read_only(_path(prepared_sqlite_url)):
        database = open_database(prepared_sqlite_url)
        with pytest.raises(DatabaseReadOnly), database.write() as unit:
            unit.config.save("theme", "dark")
        assert database.gate is not None
        assert not database.gate.is_held
        with database.read() as unit:
            assert unit.config.all() == {}
        database.close()


def _fill(database: Database) -> None:
    with database.write() as unit:
        for number in range(200):
            unit.config.save(f"key {number}", "x" * 10_000)


def test_a_full_disk_loses_nothing_that_was_stored(sqlite_database: Database) -> None:
    """The file is not allowed to grow, which SQLite reports as it does a full disk."""
    with sqlite_database.write() as unit:
        unit.config.save("theme", "dark")
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
    with pytest.raises(DiskFull):
        _fill(sqlite_database)
    assert sqlite_database.gate is not None
    assert not sqlite_database.gate.is_held
    with sqlite_database.write() as unit:
        assert unit.config.all() == {"theme": "dark"}
        unit.connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
    _fill(sqlite_database)
    with sqlite_database.read() as unit:
        assert len(unit.config.all()) == 201


_ON_A_SMALL_DISK = """
import sys
from pathlib import Path
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from sublarr.vocabulary.errors import DiskFull

folder = Path(sys.argv[1])
database = Database(DatabaseOptions(path=folder / "sublarr.db"))
schema.prepare(database)
calls = []
database.on_ring(lambda: calls.append("ring"))
with database.write() as unit:
    unit.config.save("theme", "dark")
ballast = folder / "ballast"
free = __import__("shutil").disk_usage(folder).free
ballast.write_bytes(b"x" * (free - 100_000))
for durable in (False, True):
    try:
        with database.write(durable=durable) as unit:
            unit.ring()
            unit.after_commit(lambda: calls.append("call"))
            for number in range(200):
                unit.config.save(f"key {number}", "x" * 10_000)
    except DiskFull as error:
        print(error.code)
    assert not database.gate.is_held
assert calls == []
with database.read() as unit:
    assert unit.config.all() == {"theme": "dark"}
ballast.unlink()
with database.write() as unit:
    unit.config.save("theme", "light")
with database.read() as unit:
    assert unit.config.all() == {"theme": "light"}
database.close()
"""


def test_a_disk_that_is_really_full_is_survived_until_there_is_room_again(tmp_path: Path) -> None:
    """On a file system of 16 MB that only the child process sees."""
    command = f'mount -t tmpfs -o size=16m none "{tmp_path}" && exec "$0" "$@"'
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    apart = ["unshare", "--user", "--map-root-user", "--mount"]
    try:
        possible = subprocess.run([*apart, "sh", "-c", command, "true"], check=False, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no file system of one's own here")
    if possible.returncode != 0:
        pytest.skip("no file system of one's own here")
    outcome = subprocess.run(
        [*apart, "sh", "-c", command, sys.executable, "-c", _ON_A_SMALL_DISK, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.split() == ["disk_full", "disk_full"]


def test_a_damaged_file_is_reported_and_not_written_over(
    prepared_sqlite_url: str, open_database: OpenDatabase
) -> None:
    path = _path(prepared_sqlite_url)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    damaged = path.read_bytes()
    database = open_database(prepared_sqlite_url)
    with pytest.raises(DatabaseCorrupt) as caught, database.read() as unit:
        unit.statistics.table_rows()
    assert "restore" in caught.value.remedy
    with pytest.raises(DatabaseCorrupt), database.write() as unit:
        unit.config.save("theme", "dark")
    database.close()
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("content", [b"this is no database, but somebody's notes\n" * 100, b"\x00" * 4096])
def test_a_file_that_is_no_database_is_refused_and_kept(
    tmp_path: Path, open_database: OpenDatabase, content: bytes
) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    database = open_database(f"sqlite:///{path}")
    with pytest.raises(SublarrError):
        schema.prepare(database)
    database.close()
    assert path.read_bytes() == content


def test_a_folder_that_is_not_there_is_said_to_be_missing(
    tmp_path: Path, open_database: OpenDatabase
) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'none' / 'sublarr.db'}")
    with pytest.raises(DatabaseUnavailable):
        database.ping()
    with pytest.raises(DatabaseUnavailable), database.write():
        pass


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable):
        Database(DatabaseOptions(path=tmp_path))
