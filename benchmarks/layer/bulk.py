"""Many rows at once: new ones, and ones that are stored already, which is what every scan mostly finds.

The baseline is the driver's own `executemany` of the same upsert: it is given tuples in the driver's own types, where
the repository is given objects and answers what became of each row.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.household import Household, Size, fill
from benchmarks.layer.stores import Store, medians, run, stores
from benchmarks.runner import Line, Target, at_least, at_most
from sublarr.db.repositories.files import FileWrite
from sublarr.vocabulary.media import FoundFile, ProbeStatus

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_WANTED_KEY = ("file_id", "target_language", "subtitle_type")
_WANTED_FACTS = ("existing_sub", "upgrade_candidate", "media_id")
_FILE_FACTS = (
    "source_id",
    "size",
    "mtime_ns",
    "probe_status",
    "container",
    "duration_seconds",
    "audio_languages",
)
_TARGETS: Mapping[str, Target] = {
    "SQLite": at_most(1.6, of_ratio=True),
    "PostgreSQL": at_most(1.4, of_ratio=True),
}


def lines(*, quick: bool) -> Iterator[Line]:
    """New wanted rows, new files, and then both again, unchanged."""
    new, known, times = (500, 1_000, 1) if quick else (10_000, 100_000, 5)
    for store in stores():
        household = fill(store.database, Size(series=10, episodes=new, history=0), Path("/media"))
        yield _new_wanted(store, household, times)
        yield _new_files(store, household, new, times)
        yield _unchanged_files(store, household, new, times)
        yield from _unchanged_wanted(store, household, known, max(1, times // 2))


def _upsert(table: str, columns: Sequence[str], key: Sequence[str], facts: Sequence[str]) -> str:
    updates = ", ".join(f"{name} = excluded.{name}" for name in (*facts, "updated_at"))
    differs = " OR ".join(f"{table}.{name} IS DISTINCT FROM excluded.{name}" for name in facts)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {updates} WHERE {differs}"
    )


def _tuples(rows: Sequence[Mapping[str, Any]], store: Store) -> list[tuple[Any, ...]]:
    if store.name == "SQLite":
        moment = _NOW.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return [tuple(moment if value is _NOW else value for value in row.values()) for row in rows]
    return [tuple(row.values()) for row in rows]


def _wanted_rows(household: Household) -> list[dict[str, Any]]:
    return [
        {
            "file_id": wish.file_id,
            "media_id": wish.media_id,
            "series_id": wish.series_id,
            "item_type": "episode",
            "target_language": wish.target_language,
            "subtitle_type": "full",
            "status": "wanted",
            "existing_sub": "",
            "upgrade_candidate": False,
            "current_score": 0,
            "search_count": 0,
            "error": "",
            "added_at": _NOW,
            "updated_at": _NOW,
        }
        for wish in household.wishes
    ]


def _new_wanted(store: Store, household: Household, times: int) -> Line:
    rows = _wanted_rows(household)
    statement = _upsert("wanted_items", list(rows[0]), _WANTED_KEY, _WANTED_FACTS)
    tuples = _tuples(rows, store)

    def ours() -> None:
        with store.database.write() as unit:
            unit.wanted.reconcile(household.file_ids, household.wishes)

    seconds, raw = medians(
        times,
        ours,
        lambda: store.write_raw(statement, tuples),
        before=lambda: run(store.database, "DELETE FROM wanted_items"),
    )
    name = f"{store.name}: {len(rows):,} new wanted rows, by {store.driver}'s executemany"
    return Line(name, seconds, "s", raw, _TARGETS[store.name])


def _files(household: Household, count: int) -> list[FileWrite]:
    return [
        FileWrite(
            source_id=household.source_id,
            file=FoundFile(f"/media/new/{number:06}.mkv", 700_000_000 + number, number),
            probe_status=ProbeStatus.OK,
            probe_message="",
            container="matroska",
            duration_seconds=2700.0,
            audio_languages=("en",),
        )
        for number in range(count)
    ]


def _file_statement(household: Household, count: int, store: Store) -> tuple[str, list[tuple[Any, ...]]]:
    rows = [
        {
            "source_id": write.source_id,
            "path": write.file.path,
            "size": write.file.size,
            "mtime_ns": write.file.mtime_ns,
            "probe_status": "ok",
            "container": write.container,
            "duration_seconds": write.duration_seconds,
            "audio_languages": json.dumps(write.audio_languages),
            **dict.fromkeys(
                ("probe_message", "release_group", "release_source", "resolution", "scene_name"), ""
            ),
            "created_at": _NOW,
            "updated_at": _NOW,
        }
        for write in _files(household, count)
    ]
    return _upsert("media_files", list(rows[0]), ("path",), _FILE_FACTS), _tuples(rows, store)


def _new_files(store: Store, household: Household, count: int, times: int) -> Line:
    writes = _files(household, count)
    statement, tuples = _file_statement(household, count, store)

    def ours() -> None:
        with store.database.write() as unit:
            unit.files.upsert_many(writes)

    seconds, raw = medians(
        times,
        ours,
        lambda: store.write_raw(statement, tuples),
        before=lambda: run(
            store.database, "DELETE FROM media_files WHERE substr(path, 1, 11) = '/media/new/'"
        ),
    )
    return Line(f"{store.name}: {count:,} new files, by {store.driver}'s executemany", seconds, "s", raw)


def _unchanged_files(store: Store, household: Household, count: int, times: int) -> Line:
    writes = _files(household, count)
    statement, tuples = _file_statement(household, count, store)

    def ours() -> None:
        with store.database.write() as unit:
            if unit.files.upsert_many(writes):
                raise AssertionError("unchanged files were written")

    with store.database.write() as unit:
        unit.files.upsert_many(writes)
    seconds, raw = medians(times, ours, lambda: store.write_raw(statement, tuples))
    run(store.database, "DELETE FROM media_files WHERE substr(path, 1, 11) = '/media/new/'")
    name = f"{store.name}: {count:,} unchanged files, by {store.driver}'s upsert"
    return Line(name, count / seconds, "rows/s", count / raw)


def _unchanged_wanted(store: Store, household: Household, count: int, times: int) -> Iterator[Line]:
    """As many rows as a household ten times as large has: every file lacks several languages."""
    languages = [f"l{number:02}" for number in range(count // len(household.wishes))]
    wishes = [
        type(wish)(
            wish.file_id,
            wish.media_id,
            wish.series_id,
            wish.item_type,
            language,
            wish.subtitle_type,
            is_satisfied=False,
        )
        for wish in household.wishes
        for language in languages
    ]
    rows = [row | {"target_language": name} for row in _wanted_rows(household) for name in languages]
    statement = _upsert("wanted_items", list(rows[0]), _WANTED_KEY, _WANTED_FACTS)
    tuples = _tuples(rows, store)
    with store.database.write() as unit:
        unit.wanted.reconcile(household.file_ids, wishes)

    def ours() -> None:
        with store.database.write() as unit:
            if unit.wanted.reconcile(household.file_ids, wishes).unchanged != len(wishes):
                raise AssertionError("unchanged rows were touched")

    seconds, raw = medians(times, ours, lambda: store.write_raw(statement, tuples))
    name = f"{store.name}: rescan of {len(wishes):,} unchanged wanted rows, by {store.driver}'s upsert"
    yield Line(name, len(wishes) / seconds, "rows/s", len(wishes) / raw, at_least(100_000))
