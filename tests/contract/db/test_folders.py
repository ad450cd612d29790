"""Watched folders, alike on both databases."""

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from sublarr.db.repositories.folders import FolderEdit
from sublarr.vocabulary.errors import Conflict, InvalidInput, NotFound, StaleRow
from sublarr.vocabulary.media import FolderContent
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS, LINES, a_film
from tests.database_fixtures import Clock


class TestFolderRepository:
    def test_add_tells_the_folder_as_it_was_stored(self, database: Database) -> None:
        with database.write() as unit:
            added = unit.folders.add("/media/tv", "Series", FolderContent.TV)
        with database.read() as unit:
            assert unit.folders.get(added.id) == added
        assert (added.path, added.label, added.media_type) == ("/media/tv", "Series", FolderContent.TV)
        assert (added.enabled, added.mount_points, added.version) == (True, [], 1)
        assert (added.wanted_rules, added.last_scan_at, added.last_problem) == ("", None, "")

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_add_takes_any_path(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.folders.add(f"/media/{text}x")
        with database.read() as unit:
            assert unit.folders.find_by_path(f"/media/{text}x") is not None

    @pytest.mark.parametrize("text", ["", " ", *LINES])
    def test_add_takes_any_label(self, database: Database, text: str) -> None:
        with database.write() as unit:
            assert unit.folders.add("/media/tv", text).label == text.strip()

    @pytest.mark.parametrize("path", ["", "relative", "/a/../b", "/a/", "/a//b", "/" + "x" * 4096])
    def test_add_refuses_what_is_no_plain_absolute_path(self, database: Database, path: str) -> None:
        with pytest.raises(InvalidInput) as caught, database.write() as unit:
            unit.folders.add(path)
        assert caught.value.problems[0].field == "path"

    @pytest.mark.parametrize("path", ["/a\0b", "/a\ud800b"])
    def test_add_refuses_a_path_that_is_no_path_text(self, database: Database, path: str) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.folders.add(path)
        with database.read() as unit:
            assert unit.folders.listed() == ()

    @pytest.mark.parametrize("other", ["/media", "/media/tv", "/media/tv/anime"])
    def test_add_never_lets_two_folders_hold_the_same_file(self, database: Database, other: str) -> None:
        with database.write() as unit:
            unit.folders.add("/media/tv")
        with pytest.raises(Conflict), database.write() as unit:
            unit.folders.add(other)

    def test_get_or_add_tells_whether_the_folder_is_new(self, database: Database) -> None:
        with database.write() as unit:
            added, is_new = unit.folders.get_or_add("/media/tv", "Series", FolderContent.TV)
            assert is_new
            assert unit.folders.get_or_add("/media/tv", "Other") == (added, False)
            with pytest.raises(Conflict):
                unit.folders.get_or_add("/media")
        assert (added.label, added.media_type) == ("Series", FolderContent.TV)

    def test_add_uses_a_source_that_lost_its_folder(self, database: Database) -> None:
        with database.write() as unit:
            source_id = unit.folders.add("/media").source_id
            unit.connection.execute(text("DELETE FROM watched_folders"))
        with database.write() as unit:
            assert unit.folders.add("/media").source_id == source_id

    def test_add_takes_a_neighbour_whose_name_begins_the_same(self, database: Database) -> None:
        with database.write() as unit:
            unit.folders.add("/media/tv")
            unit.folders.add("/media/tv2")
            assert [folder.path for folder in unit.folders.listed()] == ["/media/tv", "/media/tv2"]

    def test_add_brings_a_removed_folder_back_with_all_it_had(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            folder = unit.folders.listed()[0]
            unit.folders.delete(folder.id, folder.version)
        with database.write() as unit:
            again = unit.folders.add(folder.path, "Again", FolderContent.MOVIE)
            assert (again.id, again.source_id, again.enabled) == (folder.id, folder.source_id, True)
            assert (again.label, again.media_type) == ("Again", FolderContent.MOVIE)
            assert unit.files.get(film.file_id).path == film.path
            assert unit.statistics.library().files == 1

    def test_listed_sorts_by_path_and_leaves_out_what_is_off_or_removed(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.folders.listed() == ()
            for path in ("/c", "/a", "/b"):
                unit.folders.add(path)
            off = unit.folders.listed()[1]
            unit.folders.update(off.id, off.version, FolderEdit(enabled=False))
            gone = unit.folders.listed()[2]
            unit.folders.delete(gone.id, gone.version)
            assert [folder.path for folder in unit.folders.listed()] == ["/a", "/b"]
            assert [folder.path for folder in unit.folders.listed(enabled_only=True)] == ["/a"]

    @pytest.mark.parametrize("folder_id", [0, -1, 99, GREATEST, -GREATEST - 1])
    def test_get_of_an_unknown_folder_is_not_found(self, database: Database, folder_id: int) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.folders.get(folder_id)

    def test_get_of_a_number_beyond_64_bits_is_invalid(self, database: Database) -> None:
        with pytest.raises(InvalidInput), database.read() as unit:
            unit.folders.get(GREATEST + 1)

    def test_find_by_path_takes_no_wildcards(self, database: Database) -> None:
        with database.write() as unit:
            unit.folders.add("/media")
            assert unit.folders.find_by_path("/medi_") is None
            assert unit.folders.find_by_path("/MEDIA") is None
            found = unit.folders.find_by_path("/media")
        assert found is not None

    def test_update_changes_only_what_was_named(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            folder = unit.folders.add("/media", "Films", FolderContent.MOVIE)
            edited = unit.folders.update(folder.id, folder.version, FolderEdit(label=""))
            assert (edited.label, edited.media_type, edited.enabled) == ("", FolderContent.MOVIE, True)
            assert edited.version == folder.version + 1

    def test_update_of_somebody_elses_newer_version_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            folder = unit.folders.add("/media")
            unit.folders.update(folder.id, folder.version, FolderEdit(label="first"))
        with pytest.raises(StaleRow), database.write() as unit:
            unit.folders.update(folder.id, folder.version, FolderEdit(label="second"))
        with database.read() as unit:
            assert unit.folders.get(folder.id).label == "first"

    def test_update_of_an_unknown_folder_is_not_found(self, database: Database) -> None:
        with pytest.raises(NotFound), database.write() as unit:
            unit.folders.update(99, 1, FolderEdit(label="x"))

    def test_delete_hides_the_folder_and_its_library(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            folder = unit.folders.listed()[0]
            unit.folders.delete(folder.id, folder.version)
            assert unit.folders.listed() == ()
            assert unit.folders.find_by_path(folder.path) is None
            assert unit.statistics.library().movies == 0
        with pytest.raises(NotFound), database.write() as unit:
            unit.folders.delete(folder.id, folder.version)

    def test_delete_of_a_changed_folder_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            folder = unit.folders.add("/media")
            unit.folders.update(folder.id, folder.version, FolderEdit(label="kept"))
        with pytest.raises(StaleRow), database.write() as unit:
            unit.folders.delete(folder.id, folder.version)
        with database.read() as unit:
            assert unit.folders.get(folder.id).label == "kept"

    def test_record_scan_keeps_what_was_seen_and_not_the_version(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            folder = unit.folders.add("/media")
            unit.folders.record_scan(
                folder.id, mount_points=["/media/nas ü"], wanted_rules="de:full", problem="/media/x: denied"
            )
        with database.read() as unit:
            seen = unit.folders.get(folder.id)
        assert (seen.mount_points, seen.wanted_rules) == (["/media/nas ü"], "de:full")
        assert (seen.last_problem, seen.last_scan_at) == ("/media/x: denied", clock.now)
        assert seen.version == folder.version, "a person editing it meanwhile must not be refused"

    def test_record_problem_leaves_the_last_real_scan(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            folder = unit.folders.add("/media")
            unit.folders.record_scan(folder.id, mount_points=["/media/a"], wanted_rules="", problem="")
            scanned_at = clock.now
            clock.advance(3600)
            unit.folders.record_problem(folder.id, "the folder is gone")
            seen = unit.folders.get(folder.id)
        assert (seen.last_problem, seen.last_scan_at) == ("the folder is gone", scanned_at)
        assert seen.mount_points == ["/media/a"]
