"""The history of downloads and the counts over everything, alike on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.file_history import HistoryAction
from sublarr.db.repositories.files import SubtitleRow
from sublarr.db.repositories.statistics import LibraryCounts
from sublarr.vocabulary.errors import InvalidInput, MissingReference
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType, WantedStatus
from tests.contract.db.rows import HOSTILE_TEXTS, a_film, a_series, a_wish, an_episode
from tests.database_fixtures import Clock

_DOWNLOAD = NewDownload(
    provider_name="embedded",
    subtitle_id="#2",
    language="de",
    format="srt",
    file_path="/media/a.mkv",
    sidecar_path="/media/a.de.srt",
    subtitle_type=SubtitleType.FULL,
    sha256="0" * 64,
    media_id=None,
    job_id="",
)


class TestDownloadRepository:
    def test_add_many_records_each_with_its_time(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.downloads.add_many([replace(_DOWNLOAD, media_id=film.media_id, score=95)])
            unit.downloads.add_many([])
        with database.read() as unit:
            (row,) = unit.downloads.page(PageRequest()).items
        assert (row.downloaded_at, row.score, row.sidecar_path) == (clock.now, 95, "/media/a.de.srt")

    def test_add_many_keeps_the_history_when_the_film_goes(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.downloads.add_many([replace(_DOWNLOAD, media_id=film.media_id)] * 1_100)
            unit.files.delete([film.file_id])
            unit.media.delete_without_files(film.source_id)
            assert unit.downloads.page(PageRequest()).total == 1_100

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_add_many_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.downloads.add_many([replace(_DOWNLOAD, subtitle_id=text, file_path=text)])
            (row,) = unit.downloads.page(PageRequest()).items
        assert (row.subtitle_id, row.file_path) == (text, text)

    @pytest.mark.parametrize("field", ["provider_name", "subtitle_id", "file_path", "sidecar_path", "sha256"])
    def test_add_many_refuses_nul_and_lone_surrogates(self, database: Database, field: str) -> None:
        for text in ("\0", "\udc80"):
            with pytest.raises(InvalidInput), database.write() as unit:
                unit.downloads.add_many([replace(_DOWNLOAD, **{field: text})])  # type: ignore[arg-type]

    def test_add_many_needs_the_entry_it_names(self, database: Database) -> None:
        with pytest.raises(MissingReference), database.write() as unit:
            unit.downloads.add_many([_DOWNLOAD, replace(_DOWNLOAD, media_id=99)])
        with database.read() as unit:
            assert unit.downloads.page(PageRequest()).total == 0

    def test_page_shows_the_newest_first_and_filters(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for provider, language in (("embedded", "de"), ("opensubtitles", "de"), ("embedded", "fr")):
                unit.downloads.add_many([replace(_DOWNLOAD, provider_name=provider, language=language)])
                clock.advance(1)
        with database.read() as unit:

            def shown(**filters: str) -> list[tuple[str, str]]:
                page = unit.downloads.page(PageRequest(), **filters)
                assert page.total == len(page.items)
                return [(row.provider_name, row.language) for row in page.items]

            assert shown() == [("embedded", "fr"), ("opensubtitles", "de"), ("embedded", "de")]
            assert shown(provider="embedded") == [("embedded", "fr"), ("embedded", "de")]
            assert shown(provider="embedded", language="de") == [("embedded", "de")]
            assert shown(language="%") == []


class TestStatisticsRepository:
    def test_library_counts_what_folders_hold(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.statistics.library() == LibraryCounts(0, 0, 0, 0)
            a_film(unit)
            an_episode(unit, a_series(unit), 1, 1)
            assert unit.statistics.library() == LibraryCounts(movies=1, series=1, episodes=1, files=1)

    def test_wanted_counts_by_status_and_type(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.statistics.wanted() == {}
            film = a_film(unit)
            forced = replace(a_wish(film), subtitle_type=SubtitleType.FORCED)
            unit.wanted.reconcile([film.file_id], [a_wish(film), a_wish(film, "fr"), forced])
            assert unit.statistics.wanted() == {
                (WantedStatus.WANTED, SubtitleType.FULL): 2,
                (WantedStatus.WANTED, SubtitleType.FORCED): 1,
            }

    def test_table_rows_names_every_table(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            rows = unit.statistics.table_rows()
        assert (rows["media"], rows["media_files"], rows["jobs"], rows["secrets"]) == (1, 1, 0, 1)


class TestFileHistoryRepository:
    def test_of_file_tells_subtitles_and_jobs_of_the_video_and_its_sidecars(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            film = a_film(unit)
            kept, gone = "/media/Stalker/Stalker.de.srt", "/media/Stalker/Stalker.fr.srt"
            sidecar = SubtitleRow(
                file_id=film.file_id,
                origin=SubtitleOrigin.SIDECAR,
                track_index=None,
                path=kept,
                language="de",
                subtitle_type=SubtitleType.FULL,
                format=SubtitleFormat.SRT,
                is_hearing_impaired=False,
                is_default=False,
                title="",
                size=1,
                mtime_ns=1,
            )
            unit.files.set_subtitles([film.file_id], [sidecar])
            unit.downloads.add_many(
                [replace(_DOWNLOAD, file_path=film.path, sidecar_path=gone, job_id="01", score=7)]
            )
            for path in (film.path, kept, gone):
                unit.jobs.enqueue(ExtractSubtitles(file_id=1, file_path=path, languages=(path[-6:],)))
            clock.advance(-60)
            unit.downloads.add_many([replace(_DOWNLOAD, provider_name="adopted", file_path=kept)])
            lines = unit.file_history.of_file(film.path)
        subtitles = [line for line in lines if line.action is HistoryAction.SUBTITLE]
        jobs = [line for line in lines if line.action is HistoryAction.JOB]
        assert [(line.provider_name, line.file_path) for line in subtitles] == [
            ("embedded", film.path),
            ("adopted", kept),
        ]
        newest = subtitles[0]
        assert (newest.language, newest.format, newest.score, newest.job_id) == ("de", "srt", 7, "01")
        assert newest.at - subtitles[1].at == timedelta(seconds=60)
        assert {line.file_path for line in jobs} == {film.path, kept, gone}
        assert {(line.kind, line.status, line.error) for line in jobs} == {
            ("extract_subtitles", JobStatus.QUEUED, "")
        }
        assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)

    def test_of_file_takes_no_wildcards_and_no_neighbours(self, database: Database) -> None:
        with database.write() as unit:
            for path in ("/a_b.mkv", "/axb.mkv", "/a_b.mkv.de.srt", "/a_b", "/A_B.mkv", "/%"):
                unit.downloads.add_many([replace(_DOWNLOAD, file_path=path, sidecar_path="")])
                unit.jobs.enqueue(ExtractSubtitles(file_id=1, file_path=path, languages=(path,)))
            for path in ("/a_b.mkv", "/%"):
                assert {line.file_path for line in unit.file_history.of_file(path)} == {path}
                assert len(unit.file_history.of_file(path)) == 2

    def test_of_file_stops_at_the_newest_fifty(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for number in range(60):
                clock.advance(1)
                unit.downloads.add_many([replace(_DOWNLOAD, score=number, sidecar_path=f"/{number}.srt")])
            unit.downloads.add_many([replace(_DOWNLOAD, file_path="/59.srt", score=99)])
            scores = [line.score for line in unit.file_history.of_file("/media/a.mkv")]
            assert sorted(scores[:2]) == [59, 99]
            assert scores[2:] == list(range(58, 10, -1))
            assert len(unit.file_history.of_file("/media/a.mkv", 5)) == 5

    def test_of_file_of_a_file_with_a_thousand_sidecars(self, database: Database) -> None:
        with database.write() as unit:
            unit.downloads.add_many([replace(_DOWNLOAD, sidecar_path=f"/{n}.srt") for n in range(1_100)])
            unit.jobs.enqueue(ExtractSubtitles(file_id=1, file_path="/999.srt"))
            lines = unit.file_history.of_file("/media/a.mkv", 2_000)
        assert (len(lines), sum(line.action is HistoryAction.JOB for line in lines)) == (1_101, 1)

    def test_of_file_without_a_path_is_invalid(self, database: Database) -> None:
        with pytest.raises(InvalidInput), database.read() as unit:
            unit.file_history.of_file("")
