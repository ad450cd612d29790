"""A household of 100,000 rows in every table that grows, made by the databases themselves in seconds.

Each table is filled by one INSERT from the numbers 1 to n. What a column holds is said below where it matters to a
list or its statistics; every other column holds the empty value of its type.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Column, Connection, Enum, Table, TypeDecorator, text

from sublarr.db import counters, fulltext, models
from sublarr.db.base import Base
from sublarr.db.column_types import JsonDocument, UTCDateTime
from sublarr.db.database import Database

__all__ = ["models"]

ROWS = 100_000
SERIES = 1_000
MOVIES = 5_000
SOURCES = 4
# One in so many wanted rows is searched for.
_SEARCHING = 700
_FIRST_EPISODE = SERIES + MOVIES + 1

_LANGUAGE = "CASE n % 3 WHEN 0 THEN 'de' WHEN 1 THEN 'en' ELSE 'fr' END"
_SERIES_OF_EPISODE = f"CASE WHEN n >= {_FIRST_EPISODE} THEN 1 + n % {SERIES} END"
_JOB_ID = "'J' || (1000000 + n)"
# The first files are those of the films, the others of an episode each.
_MEDIA_OF_FILE = f"n + {SERIES}"
_SERIES_OF_FILE = f"CASE WHEN n > {MOVIES} THEN 1 + (n + {SERIES}) % {SERIES} END"
_SOURCE_OF_FILE = f"1 + coalesce({_SERIES_OF_FILE}, {_MEDIA_OF_FILE}) % {SOURCES}"


@dataclass(frozen=True)
class _Filling:
    """How many rows a table gets, and what its columns hold, as SQL over the number `n`; `{…}` is `_words`'."""

    columns: Mapping[str, str] = field(default_factory=dict)
    rows: int = ROWS


# What people write by hand is never a hundred thousand.
_BY_HAND = 5_000
_SOFT = "CASE WHEN n % 50 = 0 THEN {moment} END"
_PROVIDER = "'provider ' || (n % 12)"

FILLINGS: dict[str, _Filling] = {
    "sources": _Filling({"kind": "'folder'", "name": "'/media/' || n", "enabled": "{true}"}, SOURCES),
    "watched_folders": _Filling(
        {"source_id": "n", "path": "'/media/' || n", "media_type": "'auto'", "enabled": "{true}"}, SOURCES
    ),
    "language_profiles": _Filling({"name": "'profile ' || n", "is_default": "n = 1"}, 20),
    "media": _Filling(
        {
            "kind": f"CASE WHEN n <= {SERIES} THEN 'series' WHEN n < {_FIRST_EPISODE} THEN 'movie'"
            " ELSE 'episode' END",
            "source_id": f"1 + coalesce({_SERIES_OF_EPISODE}, n) % {SOURCES}",
            "source_key": "'key ' || n",
            "title": "'Title ' || n",
            "sort_title": "'title ' || (1000000 + n * 7919 % 1000003)",
            "series_id": _SERIES_OF_EPISODE,
            "season": f"CASE WHEN n >= {_FIRST_EPISODE} THEN 1 + n % 9 END",
            "episode": f"CASE WHEN n >= {_FIRST_EPISODE} THEN 1 + n / {SERIES} % 30 END",
            "external_id": "n",
            "tvdb_id": "n",
            "tmdb_id": "n",
            "is_monitored": "{true}",
        },
        ROWS + SERIES,
    ),
    "search_documents": _Filling(
        {
            "media_id": "n",
            "kind_order": f"CASE WHEN n >= {_FIRST_EPISODE} THEN 1 ELSE 0 END",
            "title_key": "'title ' || n",
            "titles": "{line} || 'title ' || n || {line} || {line} || {line}",
            "files": "{line} || '/media/' || n || '.mkv' || {line} || {line}",
        },
        ROWS + SERIES,
    ),
    "series_language_profiles": _Filling(
        {
            "source_id": f"1 + n % {SOURCES}",
            "source_key": "'key ' || n",
            "profile_id": "1 + n % 20",
            "deleted_at": _SOFT,
        },
        SERIES,
    ),
    "movie_language_profiles": _Filling(
        {
            "source_id": f"1 + (n + {SERIES}) % {SOURCES}",
            "source_key": f"'key ' || (n + {SERIES})",
            "profile_id": "1 + n % 20",
            "deleted_at": _SOFT,
        },
        MOVIES,
    ),
    "media_files": _Filling(
        {
            "source_id": _SOURCE_OF_FILE,
            "path": "'/media/' || (n % 4) || '/Title ' || (n / 100) || '/' || n || '.mkv'",
            "probe_status": "'ok'",
        }
    ),
    "media_file_links": _Filling(
        {
            "media_id": _MEDIA_OF_FILE,
            "file_id": "n",
            "owner_id": f"coalesce({_SERIES_OF_FILE}, {_MEDIA_OF_FILE})",
        }
    ),
    "media_subtitles": _Filling(
        {
            "file_id": "n",
            "origin": "CASE n % 2 WHEN 0 THEN 'embedded' ELSE 'sidecar' END",
            "origin_key": "'/media/' || n || '.srt'",
            "language": _LANGUAGE,
            "subtitle_type": "'full'",
            "format": "'srt'",
        },
    ),
    "wanted_items": _Filling(
        {
            "file_id": "n",
            "media_id": _MEDIA_OF_FILE,
            "series_id": _SERIES_OF_FILE,
            "item_type": f"CASE WHEN n <= {MOVIES} THEN 'movie' ELSE 'episode' END",
            "source_id": _SOURCE_OF_FILE,
            "target_language": _LANGUAGE,
            "subtitle_type": "CASE WHEN n % 20 = 0 THEN 'forced' ELSE 'full' END",
            "status": "CASE n % 7 WHEN 0 THEN 'found' WHEN 1 THEN 'failed' WHEN 2 THEN 'ignored'"
            f" WHEN 3 THEN CASE WHEN n % {_SEARCHING} = 3 THEN 'searching' ELSE 'wanted' END ELSE 'wanted' END",
            "upgrade_candidate": "n % 10 = 0",
            "search_count": "CASE WHEN n % 25 = 0 THEN 0 ELSE 1 + n % 10 END",
            "last_search_at": "CASE WHEN n % 25 > 0 THEN {lately} END",
        }
    ),
    "jobs": _Filling(
        {
            "id": _JOB_ID,
            "kind": "CASE n % 4 WHEN 0 THEN 'scan_folder' WHEN 1 THEN 'scan_files' WHEN 2 THEN 'prune_history'"
            " ELSE 'extract_tracks' END",
            "title": "'Job ' || n",
            "origin": "'person'",
            "status": "CASE WHEN n % 100 < 2 THEN 'queued' WHEN n % 1000 = 3 THEN 'running'"
            " WHEN n % 1000 = 4 THEN 'paused' WHEN n % 1000 = 5 THEN 'failed' WHEN n % 20 = 6 THEN 'cancelled'"
            " ELSE 'completed' END",
            "file_path": "'/media/' || (n % 20000) || '.mkv'",
            "unique_key": "'job ' || n",
            "concurrency_key": "'job ' || n",
            "lease_until": "CASE WHEN n % 1000 = 3 THEN {moment} END",
            "worker_id": "CASE WHEN n % 1000 = 3 THEN 'worker ' || (n % 20) END",
            "completed_at": "CASE WHEN n % 100 > 5 THEN {moment} END",
            "config_hash": "'hash ' || (n % 40)",
        }
    ),
    "job_events": _Filling({"job_id": _JOB_ID, "event": "'queued'"}),
    "job_workers": _Filling({"id": "'worker ' || n", "host": "'host'", "kind": "'embedded'"}, 50),
    "job_schedules": _Filling({"name": "'schedule ' || n", "interval_seconds": "60"}, 20),
    "subtitle_downloads": _Filling(
        {
            "provider_name": _PROVIDER,
            "language": _LANGUAGE,
            "file_path": "'/media/' || (n % 20000) || '.mkv'",
            "media_id": "n",
            "subtitle_type": "'full'",
        }
    ),
    "upgrade_history": _Filling({"file_path": "'/media/' || (n % 20000) || '.mkv'"}),
    "blacklist_entries": _Filling(
        {"provider_name": _PROVIDER, "subtitle_id": "'' || n", "deleted_at": _SOFT}
    ),
    "daily_stats": _Filling({"date": "{day}"}, 2_000),
    "daily_breakdowns": _Filling(
        {"date": "{day}", "dimension": "'format'", "key": "'' || (n % 3)", "count": "1"}, 2_000
    ),
    "provider_stats": _Filling({"provider_name": "'provider ' || n"}, 30),
    "provider_cache": _Filling({"provider_name": _PROVIDER, "query_hash": "'' || n"}),
    "ffprobe_cache": _Filling({"file_path": "'/media/' || n", "status": "'ok'", "probe_data": "'{{}}'"}),
    "metadata_cache": _Filling({"cache_key": "'key ' || n"}),
    "anidb_mappings": _Filling({"tvdb_id": "n", "anidb_id": "n"}),
    "standalone_series": _Filling(
        {"title": "'Title ' || n", "folder_path": "'/media/' || n", "media_id": "n"}
    ),
    "standalone_movies": _Filling({"title": "'Title ' || n", "file_path": "'/media/' || n", "media_id": "n"}),
    "translation_config_history": _Filling({"config_hash": "'hash ' || n"}),
    "glossary_entries": _Filling(
        {
            "source_id": f"CASE WHEN n % 10 > 0 THEN 1 + n % {SOURCES} END",
            "series_id": f"CASE WHEN n % 10 > 0 THEN n % {SERIES} END",
            "source_term": "'term ' || (n % 30000)",
            "deleted_at": _SOFT,
        }
    ),
    "prompt_presets": _Filling(
        {"name": "'preset ' || n", "is_default": "n = 1", "deleted_at": _SOFT}, _BY_HAND
    ),
    "translation_memory": _Filling(
        {"source_lang": "'en'", "target_lang": _LANGUAGE, "text_hash": "'hash ' || n"}
    ),
    "translation_backend_stats": _Filling({"backend_name": "'backend ' || n"}, 20),
    "whisper_jobs": _Filling(
        {
            "id": "'T' || (1000000 + n)",
            "status": "CASE WHEN n % 50 = 0 THEN 'queued' WHEN n % 10 = 1 THEN 'failed' ELSE 'completed' END",
            "job_id": _JOB_ID,
            "completed_at": "CASE WHEN n % 50 > 0 THEN {moment} END",
        }
    ),
    "config_entries": _Filling({"key": "'plugin.name' || (n % 50) || '.key' || n", "deleted_at": _SOFT}, 900),
    "scoring_weights": _Filling(
        {"score_type": "'episode'", "weight_key": "'key ' || n", "deleted_at": _SOFT}, _BY_HAND
    ),
    "provider_score_modifiers": _Filling(
        {"provider_name": "'provider ' || n", "deleted_at": _SOFT}, _BY_HAND
    ),
    "audit_log": _Filling(
        {
            "actor": "CASE WHEN n % 1000 = 0 THEN 'ada' ELSE 'person' END",
            "action": "'changed'",
            "entity": "CASE WHEN n % 700 = 0 THEN 'hook' ELSE 'wanted' END",
            "entity_id": "'' || (n % 5000)",
        }
    ),
    "event_outbox": _Filling({"dispatched_at": "CASE WHEN n % 100 > 0 THEN {moment} END"}),
    "hook_configs": _Filling(
        {"name": "'hook ' || n", "event_name": "'event ' || (n % 3000)", "deleted_at": _SOFT}, _BY_HAND
    ),
    "webhook_configs": _Filling(
        {"name": "'webhook ' || n", "event_name": "'event ' || (n % 3000)", "deleted_at": _SOFT}, _BY_HAND
    ),
    "hook_log": _Filling(
        {
            "hook_id": "CASE WHEN n % 2 = 0 THEN 1 + n % 200 END",
            "webhook_id": "CASE WHEN n % 2 = 1 THEN 1 + n % 200 END",
        }
    ),
}


def _words(dialect: str) -> dict[str, str]:
    if dialect == "sqlite":
        moment = "strftime('%Y-%m-%dT%H:%M:%f', '2026-01-01', n || ' seconds') || '000Z'"
        lately = "strftime('%Y-%m-%dT%H:%M:%f', 'now', '-' || (n * 7 % 400) || ' hours') || '000Z'"
        words = {"day": "date('2020-01-01', n || ' days')", "false": "0", "true": "1", "line": "char(10)"}
        return {"moment": moment, "lately": lately, **words}
    moment = "timestamptz '2026-01-01 00:00:00+00' + n * interval '1 second'"
    lately = "clock_timestamp() - make_interval(hours => CAST(n * 7 % 400 AS integer))"
    words = {
        "day": "date '2020-01-01' + CAST(n AS integer)",
        "false": "false",
        "true": "true",
        "line": "chr(10)",
    }
    return {"moment": moment, "lately": lately, **words}


def _empty_value(column: Column[object], words: Mapping[str, str]) -> str:
    """What a column holds that nothing was said of."""
    kind = column.type
    if isinstance(kind, UTCDateTime):
        return "NULL" if column.nullable else words["moment"]
    if column.nullable:
        return "NULL"
    if isinstance(kind, JsonDocument):
        return "'[]'"
    if isinstance(kind, Enum):
        assert column.default is not None, f"say what {column} holds"
        return f"'{column.default.arg.value}'"
    if isinstance(kind, TypeDecorator):
        return "''"
    return words["false"] if kind.python_type is bool else "0"


def _insert(table: Table, filling: _Filling, dialect: str) -> str:
    words = _words(dialect)
    names: list[str] = []
    values: list[str] = []
    for column in table.columns:
        if column.name in filling.columns:
            value = filling.columns[column.name].format(**words)
        elif column.name == "id":
            value = "n"
        elif column.name == "version":
            value = "1"
        else:
            value = _empty_value(column, words)
        is_json = dialect == "postgresql" and isinstance(column.type, JsonDocument)
        names.append(f'"{column.name}"')
        values.append(f"CAST({value} AS jsonb)" if is_json else value)
    return (
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {filling.rows})"
        f" INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)} FROM numbers"
        if dialect == "sqlite"
        else f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {', '.join(values)}"
        f" FROM generate_series(1, {filling.rows}) AS n"
    )


@contextmanager
def _without_triggers(connection: Connection) -> Iterator[None]:
    """Full text and counters would follow every single row, and so would the foreign keys: all of that at the end."""
    if connection.dialect.name == "postgresql":
        # The server's own role may do without foreign keys, too; where it is another's, they cost ten seconds.
        is_free = connection.execute(text("SELECT current_setting('is_superuser') = 'on'")).scalar_one()
        kind = "ALL" if is_free else "USER"
        for name in FILLINGS:
            connection.exec_driver_sql(f"ALTER TABLE {name} DISABLE TRIGGER {kind}")
        yield
        for name in FILLINGS:
            connection.exec_driver_sql(f"ALTER TABLE {name} ENABLE TRIGGER {kind}")
        return
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)


# Full text has an index of its own, which no model tells.
_GRAMS = "ix_search_documents_grams"
_BEFORE = {("search_documents", "postgresql"): f"DROP INDEX {_GRAMS}"}
_AFTER = {
    ("search_documents", "postgresql"): next(each for each in fulltext.ddl("postgresql") if _GRAMS in each),
    ("search_documents", "sqlite"): "INSERT INTO search_index (search_index) VALUES ('rebuild')",
}


def _fill(connection: Connection, table: Table) -> None:
    """An index is made in a third of the time in which it grows."""
    which = (table.name, connection.dialect.name)
    for index in table.indexes:
        index.drop(connection)
    fill = _insert(table, FILLINGS[table.name], connection.dialect.name)
    fulltext.run(connection, [statement for statement in (_BEFORE.get(which), fill) if statement])
    for index in table.indexes:
        index.create(connection)
    if which in _AFTER:
        fulltext.run(connection, [_AFTER[which]])
    if connection.dialect.name == "postgresql" and isinstance(table.c.get("id"), Column):
        last = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :rows)")
        if not isinstance(table.c["id"].type, TypeDecorator):
            connection.execute(last, {"name": table.name, "rows": FILLINGS[table.name].rows})


def fill(database: Database) -> None:
    """Fill an empty database, and have it know what it holds, as its own housekeeping would."""
    with database.write() as unit:
        with _without_triggers(unit.connection):
            for table in Base.metadata.sorted_tables:
                if table.name in FILLINGS:
                    _fill(unit.connection, table)
        for name in counters.TOPICS:
            fulltext.run(unit.connection, [counters.fill(name)])
    if database.dialect == "postgresql":
        # As autovacuum does by itself; nobody does so for SQLite, which must find its way without figures.
        with database.write_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
