"""Many rows at once are what the same rows one by one would be."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, table, text

from sublarr.db.database import Database
from sublarr.db.models.activity import SubtitleDownload
from sublarr.db.models.catalogue import MediaFile
from sublarr.db.repositories.bulk import insert_statement, upsert_statement
from sublarr.vocabulary.errors import InvalidInput

_MOMENT = datetime(2026, 2, 18, 19, 7, 10, 123456, tzinfo=UTC)
_FILES = MediaFile.metadata.tables["media_files"]
_DOWNLOADS = SubtitleDownload.metadata.tables["subtitle_downloads"]


def _file(source_id: int, number: int, languages: list[str]) -> dict[str, object]:
    return {
        "source_id": source_id,
        "path": f"/media/{number}.mkv",
        "size": number,
        "mtime_ns": 1,
        "audio_languages": languages,
        "duration_seconds": 1.5 if number % 2 else None,
        "created_at": _MOMENT,
        "updated_at": _MOMENT,
    }


def test_what_rows_leave_out_has_its_default_and_what_they_say_keeps_its_type(database: Database) -> None:
    with database.write() as unit:
        source_id = unit.folders.add("/media").source_id
        rows = [_file(source_id, number, ["en"] if number % 2 else []) for number in range(4)]
        statement = insert_statement(unit.connection.dialect, _FILES, tuple(rows[0]))
        unit.connection.exec_driver_sql(statement.sql, statement.parameters(rows))
        stored = unit.connection.execute(select(_FILES).order_by(_FILES.c.size)).all()
    assert [row.audio_languages for row in stored] == [[], ["en"], [], ["en"]]
    assert [row.duration_seconds for row in stored] == [None, 1.5, None, 1.5]
    assert {(row.container, row.scene_name, row.created_at) for row in stored} == {("", "", _MOMENT)}


def test_a_list_that_rows_leave_out_is_each_rows_own(database: Database) -> None:
    with database.write() as unit:
        source_id = unit.folders.add("/media").source_id
        rows = [_file(source_id, number, []) for number in range(3)]
        for row in rows:
            del row["audio_languages"]
        statement = insert_statement(unit.connection.dialect, _FILES, tuple(rows[0]))
        unit.connection.exec_driver_sql(statement.sql, statement.parameters(rows))
        stored = unit.connection.execute(select(_FILES.c.audio_languages)).scalars().all()
    assert stored == [[], [], []]


def _store(database: Database, path: str) -> None:
    with database.write() as unit:
        source_id = unit.folders.add("/media").source_id
        rows = [_file(source_id, 1, []), _file(source_id, 2, []) | {"path": path}]
        statement = upsert_statement(unit.connection.dialect, _FILES, tuple(rows[0]), ("path",), ("size",))
        unit.connection.exec_driver_sql(statement.sql, statement.parameters(rows))


@pytest.mark.parametrize("path", ["/media/\0.mkv", "/media/\ud800.mkv"])
def test_what_no_store_can_hold_is_refused_with_nothing_written(database: Database, path: str) -> None:
    with pytest.raises(InvalidInput):
        _store(database, path)
    with database.read() as unit:
        assert unit.connection.execute(select(text("1")).select_from(table("media_files"))).all() == []


def test_a_statement_is_made_once_for_the_same_columns(database: Database) -> None:
    dialect = database.write_engine.dialect
    columns = tuple(column.name for column in _DOWNLOADS.c if column.name != "id")
    assert insert_statement(dialect, _DOWNLOADS, columns) is insert_statement(dialect, _DOWNLOADS, columns)
