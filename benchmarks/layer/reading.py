"""Reads: one row by its key, and a page of a list at any depth."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from benchmarks.household import Household, Size, fill
from benchmarks.household.filling import SteppingClock
from benchmarks.layer.stores import Store, medians, run, stores
from benchmarks.runner import Line, at_most
from sublarr.db.column_types import to_utc_text
from sublarr.db.pages import PageRequest, Position
from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.wanted import WantedFilter

_FILES = 5_000
_FILE_COLUMNS = (
    "id, source_id, path, size, mtime_ns, probe_status, probe_message, container, duration_seconds,"
    " audio_languages, release_group, resolution"
)


def lines(*, quick: bool) -> Iterator[Line]:
    """A file by its id, then the list of wanted rows at its beginning and nine tenths down."""
    languages, times = (20, 20) if quick else (200, 300)
    for store in stores():
        household = fill(store.database, Size(10, 100 if quick else _FILES, 0), Path("/media"))
        yield _point(store, household, times * 10)
        yield _page(store, household, languages, times)


def _point(store: Store, household: Household, times: int) -> Line:
    file_id = household.file_ids[len(household.file_ids) // 2]
    statement = f"SELECT {_FILE_COLUMNS} FROM media_files WHERE id = ?"

    def ours() -> None:
        with store.database.read() as unit:
            unit.files.get(file_id)

    seconds, raw = medians(times, ours, lambda: store.read_raw(statement, (file_id,)))
    # PostgreSQL's round trips belong to nobody's target.
    target = at_most(12, of_ratio=True) if store.name == "SQLite" else None
    name = f"{store.name}: a file by its id through a read unit, by {store.driver}"
    return Line(name, seconds * 1e6, "µs", raw * 1e6, target)


def _page(store: Store, household: Household, languages: int, times: int) -> Line:
    rows = _many_wanted(store, household, languages)
    deep = _cursor(store, rows * 9 // 10)

    def page(cursor: str | None) -> None:
        with store.database.read() as unit:
            found = unit.wanted.page(WantedFilter(), PageRequest(50, cursor, wants_total=False))
        if len(found.items) != 50:
            raise AssertionError("a page is not full")

    first, at_depth = medians(times, lambda: page(None), lambda: page(deep))
    name = f"{store.name}: 50 wanted at row {rows * 9 // 10:,} of {rows:,}, by the first 50"
    return Line(name, at_depth * 1000, "ms", first * 1000, at_most(1.2, of_ratio=True))


def _many_wanted(store: Store, household: Household, languages: int) -> int:
    """Every file lacks that many languages, found in chunks as scans find them; objects would take minutes."""
    others = (
        "media_id, series_id, item_type, subtitle_type, status, existing_sub, upgrade_candidate, current_score,"
        " search_count, error"
    )
    statement = f"""INSERT INTO wanted_items (file_id, target_language, added_at, updated_at, {others})
        SELECT file_id, ?, ?, ?, {others} FROM wanted_items
        WHERE target_language = 'de' AND file_id BETWEEN ? AND ?"""
    clock, chunked = SteppingClock(), list(chunks(sorted(household.file_ids)))
    rows = []
    for number in range(languages):
        for file_ids in chunked:
            moment = to_utc_text(clock()) if store.name == "SQLite" else clock()
            rows.append((f"l{number:03}", moment, moment, file_ids[0], file_ids[-1]))
    store.write_raw(statement, rows)
    run(store.database, "DELETE FROM wanted_items WHERE target_language = 'de'")
    run(store.database, "ANALYZE")
    return languages * len(household.file_ids)


def _cursor(store: Store, row: int) -> str:
    """The cursor of the page behind that row, made as the list would make it."""
    place = store.read_raw(
        "SELECT added_at, id FROM wanted_items ORDER BY added_at DESC, id DESC LIMIT 1 OFFSET ?", (row,)
    )
    added_at, item_id = place
    moment = datetime.fromisoformat(added_at) if isinstance(added_at, str) else added_at
    scope = repr(("wanted", "wanted", (WantedFilter(),)))
    with store.database.read() as unit:
        return unit.cursors.encode(scope, Position((moment, item_id), is_backward=False))
