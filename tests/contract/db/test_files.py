"""Media files and the subtitles they have, alike on both databases."""

from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.files import KnownFile, KnownSidecar, SubtitleRow
from sublarr.vocabulary.errors import Conflict, InvalidInput, MissingReference, NotFound
from sublarr.vocabulary.media import FoundFile, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType
from tests.contract.db.rows import (
    GREATEST,
    HOSTILE_TEXTS,
    a_file,
    a_film,
    a_series,
    a_source,
    a_wish,
    an_episode,
    file_write,
)
from tests.database_fixtures import Clock


def _track(file_id: int, index: int, language: str | None = "en") -> SubtitleRow:
    return SubtitleRow(
        file_id=file_id,
        origin=SubtitleOrigin.EMBEDDED,
        track_index=index,
        path="",
        language=language,
        subtitle_type=SubtitleType.FULL,
        format=SubtitleFormat.ASS,
        is_hearing_impaired=False,
        is_default=index == 2,
        title="Signs & Songs",
        size=None,
        mtime_ns=None,
    )


def _sidecar(file_id: int, path: str) -> SubtitleRow:
    return SubtitleRow(
        file_id=file_id,
        origin=SubtitleOrigin.SIDECAR,
        track_index=None,
        path=path,
        language="de",
        subtitle_type=SubtitleType.FORCED,
        format=SubtitleFormat.SRT,
        is_hearing_impaired=True,
        is_default=False,
        title="",
        size=GREATEST,
        mtime_ns=1_700_000_000_123_456_789,
    )


class TestFileRepository:
    def test_known_tells_every_file_of_a_source_by_path(self, database: Database) -> None:
        with database.write() as unit:
            source_id, other = a_source(unit, "/a"), a_source(unit, "/b")
            assert unit.files.known(source_id) == {}
            a_file(unit, other, "/b/x.mkv")
            unit.files.upsert_many([file_write(source_id, "/a/x.mkv", GREATEST, GREATEST)])
            file_id = unit.files.ids_by_path(["/a/x.mkv"])["/a/x.mkv"]
            known = KnownFile(file_id, "/a/x.mkv", GREATEST, GREATEST, ProbeStatus.OK)
            assert unit.files.known(source_id) == {"/a/x.mkv": known}

    @pytest.mark.parametrize("name", ["a%", "a_", "a\\", "🎬", "千", "O'B"])
    def test_known_below_a_directory_takes_its_name_literally(self, database: Database, name: str) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            for path in (f"/media/{name}/x.mkv", f"/media/{name}b/x.mkv", "/media/ab/x.mkv", "/media/A/x"):
                a_file(unit, source_id, path)
            assert set(unit.files.known(source_id, f"/media/{name}")) == {f"/media/{name}/x.mkv"}
            assert set(unit.files.known(source_id, f"/media/{name}/")) == {f"/media/{name}/x.mkv"}

    def test_known_sidecars_leaves_out_tracks_inside_files(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            sidecar = _sidecar(film.file_id, "/media/Stalker/Stalker.de.srt")
            unit.files.set_subtitles([film.file_id], [_track(film.file_id, 2), sidecar])
            known = KnownSidecar(film.file_id, sidecar.path, GREATEST, 1_700_000_000_123_456_789)
            assert unit.files.known_sidecars(film.source_id) == {film.file_id: (known,)}
            assert unit.files.known_sidecars(film.source_id, "/media/Stalker") == {film.file_id: (known,)}
            assert unit.files.known_sidecars(film.source_id, "/media/Other") == {}

    def test_upsert_many_tells_how_many_really_changed(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            writes = [file_write(source_id, f"/media/{number}.mkv") for number in range(1_100)]
            assert unit.files.upsert_many([]) == 0
            assert unit.files.upsert_many(writes) == 1_100
        clock.advance(60)
        writes[3] = replace(writes[3], audio_languages=("en", "de"))
        writes[4] = replace(writes[4], file=FoundFile("/media/4.mkv", 1_000, 2))
        with database.write() as unit:
            assert unit.files.upsert_many(writes) == 2
            statement = "SELECT path FROM media_files WHERE updated_at <> created_at ORDER BY path"
            changed = unit.connection.exec_driver_sql(statement).scalars().all()
        assert changed == ["/media/3.mkv", "/media/4.mkv"]

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_upsert_many_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            write = replace(file_write(source_id, f"/media/{text}.mkv"), probe_message=text)
            unit.files.upsert_many([write])
            file_id = unit.files.ids_by_path([write.file.path])[write.file.path]
            assert unit.files.get(file_id).probe_message == text

    def test_upsert_many_refuses_a_path_that_is_no_path_text(self, database: Database) -> None:
        for path in ("/a\0", "/a\udc80"):
            with pytest.raises(InvalidInput), database.write() as unit:
                unit.files.upsert_many([file_write(a_source(unit), path)])

    def test_upsert_many_needs_the_source(self, database: Database) -> None:
        with pytest.raises(MissingReference), database.write() as unit:
            unit.files.upsert_many([file_write(99, "/media/a.mkv")])

    def test_ids_by_path_tells_those_there_are(self, database: Database) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            paths = [f"/media/{number}.mkv" for number in range(1_100)]
            unit.files.upsert_many([file_write(source_id, path) for path in paths])
            found = unit.files.ids_by_path([*paths, "/media/none.mkv", "/media/%"])
            assert set(found) == set(paths)
            assert len(set(found.values())) == 1_100
            assert unit.files.ids_by_path([]) == {}

    def test_move_keeps_the_id_and_what_hangs_on_it(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            unit.files.move(film.file_id, "/media/renamed.mkv")
            assert unit.files.get(film.file_id).path == "/media/renamed.mkv"
            assert unit.wanted.of_media([film.media_id])[film.media_id][0].file_path == "/media/renamed.mkv"

    def test_move_onto_another_file_is_a_conflict(self, database: Database) -> None:
        with database.write() as unit:
            film, other = a_film(unit), a_film(unit, "Solaris")
        with pytest.raises(Conflict) as caught, database.write() as unit:
            unit.files.move(film.file_id, other.path)
        assert caught.value.constraint == "uq_media_files_path"

    def test_delete_takes_subtitles_wishes_and_links_along(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.files.set_subtitles([film.file_id], [_track(film.file_id, 2)])
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            assert unit.files.delete([film.file_id, 99, *range(1_000, 2_000)]) == 1
            assert unit.files.delete([film.file_id]) == 0
            assert unit.files.delete([]) == 0
            rows = unit.statistics.table_rows()
        assert rows["media"] == 1
        assert not any(rows[name] for name in ("media_subtitles", "wanted_items", "media_file_links"))

    @pytest.mark.parametrize("file_id", [0, -1, 99, GREATEST])
    def test_get_of_an_unknown_file_is_not_found(self, database: Database, file_id: int) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.files.get(file_id)

    def test_get_tells_what_was_stored(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.files.get(a_film(unit).file_id)
        assert (row.duration_seconds, row.audio_languages, row.probe_status) == (
            5400.5,
            ["en"],
            ProbeStatus.OK,
        )

    def test_listed_answers_those_that_exist(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            rows = unit.files.listed([film.file_id, *range(1_000, 2_000)])
            assert [row.path for row in rows] == [film.path]
            assert unit.files.listed([]) == ()

    def test_of_media_tells_both_versions_of_a_film(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            second = a_file(unit, film.source_id, "/media/Stalker/A 4K.mkv")
            unit.media.link([(film.media_id, second)], [second])
            found = unit.files.of_media([film.media_id, 99, *range(1_000, 2_000)])
            assert [row.id for row in found[film.media_id]] == [second, film.file_id]
            assert set(found) == {film.media_id}
            assert unit.files.of_media([]) == {}

    def test_owners_tells_the_first_episode_of_a_double_one(self, database: Database) -> None:
        with database.write() as unit:
            series_id = a_series(unit)
            second, first = an_episode(unit, series_id, 1, 2), an_episode(unit, series_id, 1, 1)
            file_id = a_file(unit, a_source(unit), "/media/double.mkv")
            unit.media.link([(second, file_id), (first, file_id)], [file_id])
            owners = unit.files.owners([file_id, *range(1_000, 2_000)])
            assert set(owners) == {file_id}
            owner = owners[file_id]
            assert (owner.media_id, owner.series_id, owner.is_anime) == (first, series_id, False)
            assert unit.files.owners([]) == {}

    def test_subtitles_come_as_they_were_stored_tracks_first(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            rows = (
                _track(film.file_id, 2, None),
                _track(film.file_id, 10),
                _sidecar(film.file_id, "/media/Stalker/Stalker.de.srt"),
            )
            unit.files.set_subtitles([film.file_id], tuple(reversed(rows)))
            assert unit.files.subtitles([film.file_id, *range(1_000, 2_000)]) == {film.file_id: rows}
            assert unit.files.subtitles([]) == {}

    def test_set_subtitles_touches_only_what_differs(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            track, sidecar = _track(film.file_id, 2), _sidecar(film.file_id, "/media/a.srt")
            assert unit.files.set_subtitles([film.file_id], [track, sidecar]) == 2
            assert unit.files.set_subtitles([film.file_id], [track, sidecar]) == 0
            assert unit.files.set_subtitles([film.file_id], [replace(track, language="ja"), sidecar]) == 1
            assert unit.files.set_subtitles([film.file_id], [track]) == 2
            assert unit.files.subtitles([film.file_id]) == {film.file_id: (track,)}
            assert unit.files.set_subtitles([film.file_id], []) == 1
            assert unit.files.set_subtitles([], []) == 0

    def test_set_subtitles_of_one_origin_leaves_the_other(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            track, sidecar = _track(film.file_id, 2), _sidecar(film.file_id, "/media/a.srt")
            unit.files.set_subtitles([film.file_id], [track, sidecar])
            unit.files.set_subtitles([film.file_id], [], origin=SubtitleOrigin.SIDECAR)
            assert unit.files.subtitles([film.file_id]) == {film.file_id: (track,)}

    def test_set_subtitles_of_many_files_at_once(self, database: Database) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            unit.files.upsert_many([file_write(source_id, f"/media/{n}.mkv") for n in range(700)])
            ids = unit.files.ids_of_source(source_id)
            rows = [_track(file_id, index) for file_id in ids for index in (2, 3)]
            assert unit.files.set_subtitles(ids, rows) == 1_400
            assert unit.files.set_subtitles(ids, rows[::2]) == 700

    def test_set_subtitles_of_an_unknown_file_is_refused(self, database: Database) -> None:
        with pytest.raises(MissingReference), database.write() as unit:
            unit.files.set_subtitles([99], [_track(99, 2)])

    def test_ids_after_goes_through_all_files_of_sources_that_are_there(self, database: Database) -> None:
        with database.write() as unit:
            ids = [a_file(unit, a_source(unit, "/a"), f"/a/{number}.mkv") for number in range(5)]
            a_file(unit, a_source(unit, "/gone"), "/gone/x.mkv")
            folder = unit.folders.find_by_path("/gone")
            assert folder is not None
            unit.folders.delete(folder.id, folder.version)
            assert unit.files.ids_after(0, 3) == tuple(ids[:3])
            assert unit.files.ids_after(ids[2], 3) == tuple(ids[3:])
            assert unit.files.ids_after(GREATEST, 3) == ()

    def test_ids_under_tells_the_files_of_films_and_of_every_episode(self, database: Database) -> None:
        with database.write() as unit:
            film, other, series_id = a_film(unit), a_film(unit, "Solaris"), a_series(unit)
            episodes = [an_episode(unit, series_id, 1, number) for number in (1, 2)]
            double = a_file(unit, film.source_id, "/media/double.mkv")
            unit.media.link([(episode, double) for episode in episodes], [double])
            assert unit.files.ids_under([film.media_id, series_id]) == tuple(sorted([film.file_id, double]))
            assert unit.files.ids_under([episodes[1]]) == (double,)
            assert unit.files.ids_under([*range(10_000, 12_000), other.media_id]) == (other.file_id,)
            assert unit.files.ids_under([]) == ()

    def test_ids_of_source_may_be_narrowed_to_a_directory(self, database: Database) -> None:
        with database.write() as unit:
            source_id = a_source(unit)
            first, second = (a_file(unit, source_id, f"/media/{name}/x.mkv") for name in ("a", "b"))
            assert set(unit.files.ids_of_source(source_id)) == {first, second}
            assert unit.files.ids_of_source(source_id, "/media/b") == (second,)
            assert unit.files.ids_of_source(99) == ()
