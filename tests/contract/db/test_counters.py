"""Counters: what pages show at once is what is there, whatever was written and by whom."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import delete, text

from sublarr.db import counters
from sublarr.db.database import Database
from sublarr.db.models.catalogue import Media, MediaFile, Source
from sublarr.db.repositories.counters import CountProblem
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from tests.contract.db.rows import a_film, a_scan, a_series, a_source, a_wish, an_episode

_BROKEN = "UPDATE row_counts SET amount = amount + 5 WHERE topic = 'wanted'"
_LOST = "DELETE FROM row_counts WHERE topic = 'jobs'"
_INVENTED = (
    "INSERT INTO row_counts (topic, source_id, kind, status, language, subtitle_type, is_upgrade, amount, is_folded)"
    " VALUES ('files', 99, '', '', '', '', false, 1, true)"
)


def _fill(unit: Unit) -> None:
    film = a_film(unit)
    unit.wanted.reconcile([film.file_id], [a_wish(film, "de"), a_wish(film, "fr")])
    unit.jobs.enqueue_many([a_scan(number) for number in range(3)])


class TestCounterRepository:
    def test_check_finds_nothing_wrong_with_what_the_program_wrote(self, database: Database) -> None:
        with database.write() as unit:
            _fill(unit)
        with database.write() as unit:
            assert unit.counters.check() == ()

    def test_check_sees_each_way_in_which_a_count_can_be_wrong(self, database: Database) -> None:
        with database.write() as unit:
            _fill(unit)
            for broken in (_BROKEN, _LOST, _INVENTED):
                unit.connection.exec_driver_sql(broken)
            found = set(unit.counters.check())
        assert {CountProblem("jobs", 1), CountProblem("files", 1)} < found
        assert {problem.topic for problem in found} == {"wanted", "jobs", "files"}

    def test_rebuild_puts_right_what_was_broken(self, database: Database) -> None:
        with database.write() as unit:
            _fill(unit)
            for broken in (_BROKEN, _LOST, _INVENTED):
                unit.connection.exec_driver_sql(broken)
            unit.connection.execute(text("UPDATE media_file_links SET owner_id = 77"))
        with database.write() as unit:
            assert unit.counters.rebuild() > 0
            assert unit.counters.check() == ()
            assert unit.wanted.summary().total == 2
            assert unit.statistics.library().files == 1
            assert unit.jobs.counts() == {("scan_folder", JobStatus.QUEUED): 3}
            film = unit.files.owners([unit.files.ids_by_path(["/media/Stalker/Stalker.mkv"]).popitem()[1]])
            media_id = next(iter(film.values())).media_id
            assert unit.media.counts([media_id])[media_id].files == 1

    def test_fold_changes_no_count(self, database: Database) -> None:
        with database.write() as unit:
            _fill(unit)
            before = (unit.wanted.summary(), unit.statistics.library(), unit.jobs.counts())
            unit.counters.fold()
            unit.counters.fold()
            assert (unit.wanted.summary(), unit.statistics.library(), unit.jobs.counts()) == before
            assert unit.counters.check() == ()
            loose = text("SELECT count(*) FROM row_counts WHERE NOT is_folded")
            assert unit.connection.execute(loose).scalar_one() == 0


class _AfterAll(Exception):
    """The transaction is taken back."""


def _deletes_the_file(unit: Unit) -> None:
    unit.connection.execute(delete(MediaFile))


def _deletes_the_entry(unit: Unit) -> None:
    unit.connection.execute(delete(Media))


def _deletes_the_source(unit: Unit) -> None:
    unit.connection.execute(delete(Source))


class TestWhoeverWrites:
    @pytest.mark.parametrize("go", [_deletes_the_file, _deletes_the_entry, _deletes_the_source])
    def test_what_goes_with_something_else_is_no_longer_counted(
        self, database: Database, go: Callable[[Unit], None]
    ) -> None:
        with database.write() as unit:
            _fill(unit)
        with database.write() as unit:
            go(unit)
        with database.write() as unit:
            assert unit.wanted.summary().total == 0
            assert unit.counters.check() == ()

    def test_nothing_is_counted_that_was_rolled_back(self, database: Database) -> None:
        with database.write() as unit:
            _fill(unit)
        with suppress(_AfterAll), database.write() as unit:
            unit.wanted.move([row.id for row in unit.wanted.of_file(1)], WantedStatus.IGNORED)
            unit.jobs.enqueue(a_scan(99))
            raise _AfterAll
        with database.write() as unit:
            assert unit.wanted.summary().by_status == {WantedStatus.WANTED: 2}
            assert unit.counters.check() == ()

    def test_a_removed_folder_is_not_counted_and_counts_again_when_it_is_back(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            _fill(unit)
            folder = unit.folders.listed()[0]
            unit.folders.delete(folder.id, folder.version)
            assert unit.wanted.summary().total == 0
            assert unit.statistics.wanted() == {}
            unit.folders.add("/media")
            assert unit.statistics.wanted() == {(WantedStatus.WANTED, SubtitleType.FULL): 2}

    def test_wanted_rows_follow_a_file_to_its_new_source(self, database: Database) -> None:
        with database.write() as unit:
            _fill(unit)
            other = a_source(unit, "/other")
            unit.connection.execute(text(f"UPDATE media_files SET source_id = {other}"))
            own = set(unit.connection.execute(text("SELECT source_id FROM wanted_items")).scalars())
            assert own == {other}
            assert unit.counters.check() == ()

    def test_files_follow_an_episode_to_another_series(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            series = [a_series(unit, title) for title in ("Firefly", "Serenity")]
            episode = an_episode(unit, series[0], 1, 1)
            unit.media.link([(episode, film.file_id)], [film.file_id])
            assert unit.media.counts(series)[series[0]].files == 1
            unit.connection.execute(
                text("UPDATE media SET series_id = :other WHERE id = :id"),
                {"other": series[1], "id": episode},
            )
            counted = unit.media.counts(series)
            assert [counted[media_id].files for media_id in series] == [0, 1]

    def test_rows_that_another_program_writes_are_counted_like_our_own(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            columns = "media_id, item_type, target_language, subtitle_type, status, existing_sub,"
            rest = "upgrade_candidate, current_score, search_count, error, added_at, updated_at"
            unit.connection.execute(
                text(
                    f"INSERT INTO wanted_items (file_id, {columns} {rest}) SELECT :file, :media, 'movie', 'de',"
                    " 'full', 'wanted', '', :no, 0, 0, '', created_at, updated_at FROM media_files"
                ),
                {"file": film.file_id, "media": film.media_id, "no": False},
            )
            unit.connection.execute(
                text("DELETE FROM media_file_links WHERE file_id = :file"), {"file": film.file_id}
            )
            unit.connection.execute(
                text("INSERT INTO media_file_links (media_id, file_id) VALUES (:media, :file)"),
                {"file": film.file_id, "media": film.media_id},
            )
            assert unit.wanted.summary().by_language == {"de": 1}
            assert unit.media.counts([film.media_id])[film.media_id].files == 1
            assert unit.counters.check() == ()

    def test_every_counted_column_is_followed(self, database: Database) -> None:
        """A change of any of them moves the row to another cell."""
        changes = {
            "item_type": "'episode'",
            "status": "'failed'",
            "target_language": "'it'",
            "subtitle_type": "'forced'",
            "upgrade_candidate": "NOT upgrade_candidate",
        }
        assert set(changes) | {"source_id"} == set(counters.TOPICS["wanted"].columns.values())
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film, "de")])
            for column, value in changes.items():
                unit.connection.execute(text(f"UPDATE wanted_items SET {column} = {value}"))
                assert unit.counters.check() == (), column
