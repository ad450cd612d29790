"""What containers' headers said, alike on both databases."""

import math
from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.probes import ProbeWrite
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.media import FoundFile, Probe, ProbeOutcome, ProbeStatus, Track, TrackKind
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS, a_film
from tests.database_fixtures import Clock

_TRACKS = (
    Track(0, TrackKind.VIDEO, "h264"),
    Track(1, TrackKind.AUDIO, "aac", "ja", "Original", is_default=True),
    Track(2, TrackKind.SUBTITLE, "ass", "en", "Signs", is_forced=True, is_hearing_impaired=True),
)


def _write(path: str, size: int = 1_000, mtime_ns: int = 1) -> ProbeWrite:
    outcome = ProbeOutcome(path, ProbeStatus.OK, Probe("matroska", 5400.25, _TRACKS))
    return ProbeWrite(FoundFile(path, size, mtime_ns), outcome)


def _broken(path: str, message: str) -> ProbeWrite:
    return ProbeWrite(FoundFile(path, 1, 1), ProbeOutcome(path, ProbeStatus.BROKEN, None, message))


class TestProbeRepository:
    def test_find_many_answers_what_was_stored(self, database: Database) -> None:
        writes = [_write("/a.mkv", GREATEST, GREATEST), _broken("/b.mkv", "no moov atom")]
        with database.write() as unit:
            unit.probes.upsert_many(writes)
        with database.read() as unit:
            found = unit.probes.find_many([write.file for write in writes])
            assert found == {write.file.path: write.outcome for write in writes}
            assert unit.probes.find_many([]) == {}

    @pytest.mark.parametrize("changed", [FoundFile("/a.mkv", 1_001, 1), FoundFile("/a.mkv", 1_000, 2)])
    def test_find_many_forgets_a_file_that_changed(self, database: Database, changed: FoundFile) -> None:
        with database.write() as unit:
            unit.probes.upsert_many([_write("/a.mkv")])
            assert unit.probes.find_many([changed]) == {}

    def test_find_many_of_thousands(self, database: Database) -> None:
        writes = [_write(f"/{number}.mkv") for number in range(1_100)]
        with database.write() as unit:
            assert unit.probes.upsert_many(writes) == 1_100
            assert len(unit.probes.find_many([write.file for write in writes])) == 1_100

    def test_upsert_many_tells_how_many_really_changed(self, database: Database, clock: Clock) -> None:
        writes = [_write("/a.mkv"), _broken("/b.mkv", "cut off")]
        with database.write() as unit:
            assert unit.probes.upsert_many([]) == 0
            assert unit.probes.upsert_many(writes) == 2
        clock.advance(60)
        with database.write() as unit:
            assert unit.probes.upsert_many(writes) == 0
            assert unit.probes.upsert_many([_write("/a.mkv", mtime_ns=2), _write("/b.mkv")]) == 2
            assert unit.probes.find_many([_write("/b.mkv").file])["/b.mkv"].status is ProbeStatus.OK

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_upsert_many_keeps_every_character(self, database: Database, text: str) -> None:
        write = _write(f"/{text}")
        track = replace(_TRACKS[2], title=text)
        outcome = replace(write.outcome, probe=Probe(text, None, (track,)), message=text)
        with database.write() as unit:
            unit.probes.upsert_many([replace(write, outcome=outcome)])
            assert unit.probes.find_many([write.file]) == {write.file.path: outcome}

    @pytest.mark.parametrize(
        "probe", [Probe("nul \0", 1.0, ()), Probe("\ud800", 1.0, ()), Probe("x", math.nan, ())]
    )
    def test_upsert_many_refuses_what_json_cannot_hold_everywhere(
        self, database: Database, probe: Probe
    ) -> None:
        write = _write("/a.mkv")
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.probes.upsert_many([replace(write, outcome=replace(write.outcome, probe=probe))])

    def test_delete_forgets_the_files_it_is_given(self, database: Database) -> None:
        with database.write() as unit:
            unit.probes.upsert_many([_write("/a.mkv"), _write("/b.mkv")])
            assert unit.probes.delete(["/a.mkv", "/none.mkv", *(f"/{n}" for n in range(1_000))]) == 1
            assert unit.probes.delete([]) == 0
            assert set(unit.probes.find_many([_write("/a.mkv").file, _write("/b.mkv").file])) == {"/b.mkv"}

    def test_delete_older_than_spares_files_that_are_there(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.probes.upsert_many([_write(film.path), *(_write(f"/gone/{n}.mkv") for n in range(5))])
            assert unit.probes.delete_older_than(clock.now, 10) == 0
            clock.advance(60)
            unit.probes.upsert_many([_write("/gone/new.mkv")])
            assert unit.probes.delete_older_than(clock.now, 3) == 3
            assert unit.probes.delete_older_than(clock.now, 3) == 2
            assert unit.probes.delete_older_than(clock.now, 3) == 0
            assert set(unit.probes.find_many([_write(film.path).file])) == {film.path}
