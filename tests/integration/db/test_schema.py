"""Getting a database ready: made, upgraded, left alone, or refused untouched."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text

from sublarr.db import schema
from sublarr.db.base import Base
from sublarr.db.database import CURSOR_SIGNER, Database
from sublarr.db.migrations import freeze
from sublarr.db.schema import HEAD, SchemaCondition
from sublarr.db.search_care import check_search
from sublarr.vocabulary.errors import DiskFull, SchemaMismatch
from tests.database_fixtures import OpenDatabase
from tests.integration.db import processes, snapshots


@pytest.fixture
def empty(database_url: str, open_database: OpenDatabase) -> Database:
    """A database in which nothing is."""
    return open_database(database_url)


@pytest.fixture
def revisions() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def _snapshot(database: Database) -> snapshots.Snapshot:
    with database.read() as unit:
        return snapshots.take(unit.connection)


def _digests(path: Path) -> dict[str, str]:
    """The database and what is beside it, but for an empty log and the shared memory, which are no content."""
    return {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in path.parent.glob(f"{path.name}*")
        if not file.name.endswith(("-shm", ".lock")) and file.stat().st_size
    }


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_new_database_has_the_schema_of_an_upgraded_one(
    dialect: str, tmp_path: Path, request: pytest.FixtureRequest, open_database: OpenDatabase
) -> None:
    if dialect == "sqlite":
        urls = [f"sqlite:///{tmp_path / name}.db" for name in ("fresh", "migrated")]
    else:
        urls = [request.getfixturevalue(name) for name in ("prepared_postgres_url", "postgres_url")]
    fresh, migrated = map(open_database, urls)
    schema.prepare(fresh)
    schema.upgrade(migrated, HEAD)
    made, grown = _snapshot(fresh), _snapshot(migrated)
    assert set(made) == set(grown)
    others = set(made) - set(Base.metadata.tables) - {schema.VERSION_TABLE}
    assert others, "full text has a view at least"
    assert all(name.startswith(("search_", "count_", "fold_")) for name in others)
    for table, lines in made.items():
        assert grown[table] == lines, table


_ANY_TRIGGER = {
    "sqlite": "CREATE TRIGGER extra AFTER DELETE ON jobs BEGIN DELETE FROM workers; END",
    "postgresql": "CREATE TRIGGER extra AFTER DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION search_link_removed()",
}


def test_a_difference_between_two_schemas_is_seen(empty: Database) -> None:
    schema.prepare(empty)
    before = _snapshot(empty)
    changes = (
        "CREATE INDEX extra ON jobs (kind) WHERE status = 'queued'",
        "ALTER TABLE jobs ADD COLUMN extra INTEGER DEFAULT 3 CONSTRAINT ck_extra CHECK (extra > 0)",
        _ANY_TRIGGER[empty.dialect],
    )
    for change in changes:
        with empty.write() as unit:
            unit.connection.exec_driver_sql(change)
        after = _snapshot(empty)
        assert after["jobs"] != before["jobs"], change
        before = after


def test_the_revisions_stand_in_one_line(revisions: ScriptDirectory) -> None:
    line = list(revisions.walk_revisions())
    assert revisions.get_heads() == [HEAD]
    assert len(revisions.get_bases()) == 1
    assert [revision.down_revision for revision in line[:-1]] == [revision.revision for revision in line[1:]]
    assert all(isinstance(revision.down_revision, str | None) for revision in line)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("part", ["tables", "fulltext", "counters"])
def test_who_writes_a_revision_is_told_the_schema_of_either_database(
    dialect: str, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    freeze.main(dialect, part)
    made = {
        "tables": "CREATE TABLE row_counts",
        "fulltext": "VIEW search_sources",
        "counters": "TRIGGER count_",
    }
    assert made[part] in capsys.readouterr().out


def test_the_newest_revision_is_the_one_that_the_program_names(revisions: ScriptDirectory) -> None:
    assert revisions.get_current_head() == HEAD


def test_preparing_twice_changes_nothing(empty: Database) -> None:
    assert schema.read_state(empty).condition is SchemaCondition.EMPTY
    first = schema.prepare(empty)
    assert (first.condition, first.revision) == (SchemaCondition.CURRENT, HEAD)
    with empty.read() as unit:
        secret = unit.secrets.find(CURSOR_SIGNER)
    before = _snapshot(empty)
    assert schema.prepare(empty) == first
    assert _snapshot(empty) == before
    with empty.read() as unit:
        assert unit.secrets.find(CURSOR_SIGNER) == secret


def test_looking_at_a_database_that_is_not_there_does_not_make_one(
    sqlite_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(sqlite_url)
    assert schema.read_state(database).condition is SchemaCondition.EMPTY
    assert database.path is not None
    assert not database.path.exists()


def test_an_upgraded_database_works_like_a_new_one(empty: Database) -> None:
    schema.upgrade(empty, HEAD)
    assert schema.read_state(empty).condition is SchemaCondition.CURRENT
    with empty.write() as unit:
        unit.folders.add("/media")
        assert unit.secrets.find(CURSOR_SIGNER) is not None


_OPEN = """
import sys
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
database = Database(DatabaseOptions(url=sys.argv[1]))
schema.prepare(database)
database.close()
print(sorted(name for name in sys.modules if name.partition(".")[0] in sys.argv[2:]))
"""


def _modules_after_opening(url: str, *names: str) -> str:
    outcome = subprocess.run(
        [sys.executable, "-c", _OPEN, url, *names],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout.strip()


def test_a_database_that_is_as_it_should_be_opens_without_alembic(prepared_url: str) -> None:
    assert _modules_after_opening(prepared_url, "alembic", "mako") == "[]"


def test_those_who_stay_on_sqlite_never_load_the_other_driver(prepared_sqlite_url: str) -> None:
    assert _modules_after_opening(prepared_sqlite_url, "psycopg") == "[]"


@pytest.mark.slow
def test_eight_processes_that_start_at_once_make_one_schema(
    database_url: str, open_database: OpenDatabase
) -> None:
    starting = processes.start("prepare", database_url, range(8))
    processes.begin(starting)
    states = processes.finish(starting)
    assert [state["condition"] for state in states] == ["current"] * 8
    with open_database(database_url).read() as unit:
        rows = unit.statistics.table_rows()
        assert {name for name, count in rows.items() if count} == {"secrets"}
        versions = unit.connection.execute(text(f"SELECT version_num FROM {schema.VERSION_TABLE}"))
        assert versions.scalars().all() == [HEAD]


_PREDECESSOR = (
    "CREATE TABLE jobs (id TEXT PRIMARY KEY, file_path TEXT NOT NULL, status TEXT, created_at TEXT)",
    "CREATE TABLE config_entries (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at TEXT NOT NULL)",
    "INSERT INTO config_entries VALUES ('api_key', 'secret', '2025-01-01 00:00:00')",
)
_OTHERS = (
    "CREATE TABLE schema_version (version_rank INTEGER, script TEXT)",
    "INSERT INTO schema_version VALUES (1, 'V1__init.sql')",
)


@pytest.mark.parametrize("statements", [_PREDECESSOR, _OTHERS], ids=["predecessor", "somebody else"])
@pytest.mark.parametrize("journal", ["delete", "wal", "hot wal"])
def test_a_file_that_is_not_ours_stays_as_it_is_byte_for_byte(
    sqlite_url: str, open_database: OpenDatabase, statements: tuple[str, ...], journal: str
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(f"PRAGMA journal_mode={journal.rsplit(maxsplit=1)[-1]}")
    for statement in statements:
        other.execute(statement)
    if journal == "hot wal":
        path = _as_after_a_crash(path)
    other.close()
    before = _digests(path)
    database = open_database(f"sqlite:///{path}")
    with pytest.raises(SchemaMismatch) as caught:
        schema.prepare(database)
    assert caught.value.remedy
    database.close()
    assert _digests(path) == before


def _as_after_a_crash(path: Path) -> Path:
    """A copy of a database in use: its newest rows are in the log only."""
    crashed = path.with_name("crashed.db")
    crashed.write_bytes(path.read_bytes())
    log = path.with_name(f"{path.name}-wal").read_bytes()
    assert log
    crashed.with_name(f"{crashed.name}-wal").write_bytes(log)
    return crashed


@pytest.mark.parametrize("statements", [_PREDECESSOR, _OTHERS], ids=["predecessor", "somebody else"])
def test_a_server_database_that_is_not_ours_stays_as_it_is(
    postgres_url: str, open_database: OpenDatabase, statements: tuple[str, ...]
) -> None:
    database = open_database(postgres_url)
    with database.write() as unit:
        for statement in statements:
            unit.connection.exec_driver_sql(statement)
    before = _snapshot(database)
    with pytest.raises(SchemaMismatch):
        schema.prepare(database)
    assert schema.read_state(database).condition is SchemaCondition.FOREIGN
    assert _snapshot(database) == before


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ("UPDATE schema_version SET version_num = '9999'", SchemaCondition.AHEAD),
        ("DELETE FROM schema_version", SchemaCondition.FOREIGN),
        ("INSERT INTO schema_version VALUES ('0000')", SchemaCondition.FOREIGN),
    ],
)
def test_a_database_of_a_newer_program_or_with_a_broken_version_is_refused(
    empty: Database, change: str, condition: SchemaCondition
) -> None:
    schema.prepare(empty)
    with empty.write() as unit:
        unit.connection.exec_driver_sql(change)
    before = _snapshot(empty)
    assert schema.read_state(empty).condition is condition
    with pytest.raises(SchemaMismatch) as caught:
        schema.prepare(empty)
    assert caught.value.remedy
    assert _snapshot(empty) == before


def test_a_schema_that_cannot_be_made_whole_is_not_made_at_all(
    sqlite_url: str, open_database: OpenDatabase
) -> None:
    cramped = open_database(sqlite_url)

    @event.listens_for(cramped.write_engine, "connect")
    def allow_few_pages(driver: sqlite3.Connection, _: object) -> None:
        driver.execute("PRAGMA max_page_count=40")

    with pytest.raises(DiskFull):
        schema.prepare(cramped)
    cramped.close()
    database = open_database(sqlite_url)
    with database.look() as connection:
        assert inspect(connection).get_table_names() == []
    assert schema.prepare(database).condition is SchemaCondition.CURRENT


# An entry as revision 0001 held it: the document that nothing filled then is empty.
_ROWS_OF_0001 = (
    (
        "INSERT INTO sources (id, kind, name, url, api_key, enabled, settings, last_problem, version, created_at,"
        " updated_at) VALUES (1, 'folder', 'a', '', '', {true}, '{{}}', '', 1, {now}, {now})"
    ),
    (
        "INSERT INTO media (id, kind, source_id, source_key, title, sort_title, original_title, alternative_titles,"
        " folder_path, is_anime, is_monitored, original_language, tags, poster_url, imdb_id, created_at, updated_at)"
        " VALUES (1, 'movie', 1, 'a', 'Spirited Away', 'spirited away', '', '[\"千と千尋の神隠し\"]', '', {false},"
        " {true}, '', '[]', '', '', {now}, {now})"
    ),
    (
        "INSERT INTO media_files (id, source_id, path, size, mtime_ns, probe_message, container, audio_languages,"
        " release_group, release_source, resolution, scene_name, created_at, updated_at)"
        " VALUES (1, 1, '/media/100% real.mkv', 1, 1, '', '', '[]', '', '', '', '', {now}, {now})"
    ),
    "INSERT INTO media_file_links VALUES (1, 1)",
)


def _words(dialect: str) -> dict[str, str]:
    if dialect == "sqlite":
        return {"true": "1", "false": "0", "now": "'2026-02-18T19:07:10.123456Z'"}
    return {"true": "true", "false": "false", "now": "now()"}


def test_rows_from_before_full_text_are_found_after_the_upgrade_and_stay_through_a_downgrade(
    empty: Database,
) -> None:
    schema.upgrade(empty, "0001")
    first = _snapshot(empty)
    with empty.write() as unit:
        for statement in _ROWS_OF_0001:
            driver_text = statement.format(**_words(empty.dialect))
            is_ours = empty.dialect == "sqlite"
            unit.connection.exec_driver_sql(driver_text if is_ours else driver_text.replace("%", "%%"))
    assert schema.prepare(empty).condition is SchemaCondition.CURRENT
    for _ in range(2):
        assert check_search(empty) == ()
        with empty.write() as unit:
            assert unit.counters.check() == ()
            assert unit.statistics.library().movies == 1
            assert unit.media.counts([1])[1].files == 1
            for words in ("spirited", "千尋", "100%"):
                assert [hit.media_id for hit in unit.search.find(words)] == [1], words
        schema.downgrade(empty, "0001")
        assert _snapshot(empty) == first
        with empty.read() as unit:
            assert unit.media.get(1).title == "Spirited Away"
        schema.upgrade(empty, HEAD)


def test_an_accented_title_of_an_older_database_is_found_without_accents_after_the_upgrade(
    empty: Database,
) -> None:
    schema.upgrade(empty, "0002")
    older = _snapshot(empty)
    with empty.write() as unit:
        for statement in _ROWS_OF_0001:
            driver_text = statement.format(**_words(empty.dialect)).replace("Spirited Away", "Amélie Straße")
            is_ours = empty.dialect == "sqlite"
            unit.connection.exec_driver_sql(driver_text if is_ours else driver_text.replace("%", "%%"))
    assert schema.prepare(empty).condition is SchemaCondition.CURRENT
    assert check_search(empty) == ()
    with empty.read() as unit:
        assert [hit.media_id for hit in unit.search.find("AMELIE strasse")] == [1]
    schema.downgrade(empty, "0002")
    assert _snapshot(empty) == older
    with empty.look() as connection:
        # The documents of that revision are kept by its triggers alone, and filled again.
        titles = connection.execute(text("SELECT titles FROM search_documents")).scalar_one()
    assert "Amélie Straße" in titles
