"""Upserts against a dictionary: what is stored, what is said to have changed, and what was left alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select

from sublarr.db.base import Base
from sublarr.db.database import Database
from sublarr.db.repositories.files import SubtitleRow
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.probes import ProbeWrite
from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.db.repositories.standalone import MovieWrite, SeriesWrite
from sublarr.db.unit import Unit
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeOutcome, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType
from tests.contract.db.rows import a_file, a_source, file_write
from tests.database_fixtures import Clock
from tests.integration.db.stateful.patience import looking

pytestmark = pytest.mark.slow
Pairs = list[tuple[str, int]]


@dataclass(frozen=True)
class Upserted:
    """A table that is upserted: by whom, and in which columns the key, the value and the stamp are seen."""

    table: str
    upsert: Callable[[Unit, Pairs], int | None]
    key: str
    value: str
    stamp: str = "updated_at"


def _save_each(unit: Unit, pairs: Pairs) -> None:
    for key, value in sorted(pairs, key=lambda pair: pair[0]):
        unit.config.save(key, str(value))


def _tracks(unit: Unit, pairs: Pairs) -> int:
    file_id = a_file(unit, a_source(unit), "/media/a.mkv")
    rows = [
        SubtitleRow(
            file_id,
            SubtitleOrigin.SIDECAR,
            None,
            path,
            "de",
            SubtitleType.FULL,
            SubtitleFormat.SRT,
            False,
            True,
            "",
            size,
            1,
        )
        for path, size in pairs
    ]
    # Those of no file are to be replaced, so that what was there before stays.
    return unit.files.set_subtitles([], rows)


UPSERTS: Mapping[str, Upserted] = {
    "config.save": Upserted("config_entries", _save_each, "key", "value"),
    "plugins.save": Upserted(
        "config_entries",
        lambda unit, pairs: unit.plugins.save("p", {key: str(value) for key, value in pairs}),
        "key",
        "value",
    ),
    "files.upsert_many": Upserted(
        "media_files",
        lambda unit, pairs: unit.files.upsert_many(
            [file_write(a_source(unit), key, size=value) for key, value in pairs]
        ),
        "path",
        "size",
    ),
    "files.set_subtitles": Upserted("media_subtitles", _tracks, "origin_key", "size", ""),
    "media.upsert_many": Upserted(
        "media",
        lambda unit, pairs: unit.media.upsert_many(
            [MediaWrite(MediaKind.MOVIE, a_source(unit), key, "Film", value) for key, value in pairs]
        ),
        "source_key",
        "year",
    ),
    "probes.upsert_many": Upserted(
        "ffprobe_cache",
        lambda unit, pairs: unit.probes.upsert_many(
            [ProbeWrite(FoundFile(key, value, 1), ProbeOutcome(key, ProbeStatus.OK)) for key, value in pairs]
        ),
        "file_path",
        "size",
        "cached_at",
    ),
    "schedules.upsert_many": Upserted(
        "job_schedules",
        lambda unit, pairs: unit.schedules.upsert_many(
            tuple(ScheduleSpec(key, "Scan", "scan_library", {}, value) for key, value in pairs)
        ),
        "name",
        "interval_seconds",
    ),
    "standalone_series.upsert_many": Upserted(
        "standalone_series",
        lambda unit, pairs: unit.standalone_series.upsert_many(
            [SeriesWrite(title="x", folder_path=key, year=value) for key, value in pairs]
        ),
        "folder_path",
        "year",
    ),
    "standalone_movies.upsert_many": Upserted(
        "standalone_movies",
        lambda unit, pairs: unit.standalone_movies.upsert_many(
            [MovieWrite(title="x", file_path=key, year=value) for key, value in pairs]
        ),
        "file_path",
        "year",
    ),
}


@dataclass
class Known:
    """What a row must be."""

    value: int
    created_at: datetime
    changed_at: datetime
    version: int = 1


class Upserting(RuleBasedStateMachine):
    """A table is upserted over and over, with keys that repeat within a batch too."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__()
        self.database = database
        self.clock = clock
        self.upserted = UPSERTS["config.save"]
        self.known: dict[str, Known] = {}

    @initialize(name=st.sampled_from(sorted(UPSERTS)))
    def begin(self, name: str) -> None:
        self.upserted = UPSERTS[name]
        with self.database.write() as unit:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name not in ("schema_version", "secrets"):
                    unit.connection.execute(delete(table))

    @rule(
        pairs=st.lists(st.tuples(st.sampled_from(["/a", "/B", "/ä", "/a b"]), st.integers(1, 3)), max_size=7)
    )
    def upsert(self, pairs: Pairs) -> None:
        now = self.clock.advance(1)
        # Some take a mapping, in which a key is once; the others take the last word on each.
        pairs = list(dict(pairs).items()) if self.upserted.value == "value" else pairs
        with self.database.write() as unit:
            changed = self.upserted.upsert(unit, pairs)
        expected = sum(self._learn(key, value, now) for key, value in pairs)
        assert changed in (None, expected)

    def _learn(self, key: str, value: int, now: datetime) -> bool:
        key = f"plugin.p.{key}" if self.upserted is UPSERTS["plugins.save"] else key
        known = self.known.get(key)
        if known is None:
            self.known[key] = Known(value, now, now)
        elif known.value != value:
            self.known[key] = Known(value, known.created_at, now, known.version + 1)
        else:
            return False
        return True

    @invariant()
    def what_is_stored_is_what_was_said_and_no_more_was_touched(self) -> None:
        table = Base.metadata.tables[self.upserted.table]
        with self.database.read() as unit:
            rows = unit.connection.execute(select(table)).mappings().all()
        assert {row[self.upserted.key]: self._of_row(row) for row in rows} == {
            key: self._of_known(known) for key, known in self.known.items()
        }

    def _of_row(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        stamps = [row.get(name) for name in ("created_at", self.upserted.stamp) if name in row]
        return (int(row[self.upserted.value]), row.get("version", 0), *stamps)

    def _of_known(self, known: Known) -> tuple[Any, ...]:
        columns = Base.metadata.tables[self.upserted.table].c
        stamps = [
            moment
            for name, moment in (("created_at", known.created_at), (self.upserted.stamp, known.changed_at))
            if name in columns
        ]
        return (known.value, known.version if "version" in columns else 0, *stamps)


def test_an_upsert_changes_what_differs_and_tells_how_much_that_was(database: Database, clock: Clock) -> None:
    run_state_machine_as_test(lambda: Upserting(database, clock), settings=looking(40, 10))
