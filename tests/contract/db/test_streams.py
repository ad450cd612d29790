"""Streams tell the same rows in the same order as lists, across portions, on both databases."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from sublarr.db import streams
from sublarr.db.database import Database
from sublarr.db.pages import Page, PageRequest
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.glossary import EVERYWHERE, GlossaryScope, NewTerm
from sublarr.db.repositories.hook_log import DeliveryFilter, NewDelivery
from sublarr.db.repositories.hooks import NewHook
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.repositories.translation_memory import MemoryScope, RememberedLine
from sublarr.db.repositories.upgrades import NewUpgrade
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.db.unit import Unit
from sublarr.vocabulary.events import EventName
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.statistics import StatisticsDimension, TranslationOutcome
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from tests.contract.db.rows import a_film, a_scan, a_series, a_wish, an_episode
from tests.database_fixtures import Clock, CountingObserver

COUNT = 8


@pytest.fixture(autouse=True)
def portions_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "PORTION", 3)


def _paged(page: Callable[[PageRequest], Page]) -> Iterator[object]:
    """Every row of a list, page by page."""
    cursor = None
    while True:
        found = page(PageRequest(2, cursor, wants_total=False))
        yield from found.items
        if found.next is None:
            return
        cursor = found.next


class TestWantedRepository:
    @pytest.mark.parametrize(
        "wanted",
        [
            WantedFilter(),
            WantedFilter(statuses=(WantedStatus.WANTED, WantedStatus.IGNORED)),
            WantedFilter(statuses=(WantedStatus.FOUND,)),
            WantedFilter(target_language="de", words="film"),
        ],
        ids=["all", "two states", "none", "words"],
    )
    def test_stream_tells_what_the_list_tells(
        self, database: Database, clock: Clock, wanted: WantedFilter
    ) -> None:
        with database.write() as unit:
            for number in range(COUNT):
                film = a_film(unit, f"Film {number}")
                unit.wanted.reconcile([film.file_id], [a_wish(film), a_wish(film, "fr")])
                clock.advance(1)
            ids = [row.id for row in unit.wanted.stream()]
            unit.wanted.move(ids[::3], WantedStatus.IGNORED)
        with database.read() as unit:
            expected = list(_paged(lambda request: unit.wanted.page(wanted, request)))
            assert list(unit.wanted.stream(wanted)) == expected
            assert len(expected) == (
                0 if wanted.statuses == (WantedStatus.FOUND,) else COUNT * (1 if wanted.words else 2)
            )


class TestMediaRepository:
    def test_stream_tells_everything_or_one_kind_by_title(self, database: Database) -> None:
        with database.write() as unit:
            films = [a_film(unit, title).media_id for title in ("Zulu", "Alien", "The Matrix", "Brazil")]
            series = a_series(unit)
            episodes = [an_episode(unit, series, 1, number) for number in range(5)]
        with database.read() as unit:
            assert [row.id for row in unit.media.stream()] == sorted([*films, series, *episodes])
            listed = _paged(lambda request: unit.media.page(MediaKind.MOVIE, "", request))
            assert list(unit.media.stream(MediaKind.MOVIE)) == [row.media for row in listed]

    def test_stream_leaves_out_what_was_removed_with_its_folder(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            folder = unit.folders.listed()[0]
            unit.folders.delete(folder.id, folder.version)
            assert list(unit.media.stream()) == []
            assert list(unit.files.stream()) == []


class TestFileRepository:
    def test_stream_tells_every_file_by_path(self, database: Database) -> None:
        with database.write() as unit:
            films = [a_film(unit, f"Film {number}") for number in range(COUNT)]
        with database.read() as unit:
            assert tuple(unit.files.stream()) == unit.files.listed([film.file_id for film in films])


class TestJobRepository:
    def test_stream_tells_what_the_list_tells(self, database: Database) -> None:
        with database.write() as unit:
            unit.jobs.enqueue_many([a_scan(number) for number in range(COUNT)])
            for job in list(unit.jobs.stream())[:2]:
                unit.jobs.pause(job.id)
        filters = (
            JobFilter(),
            JobFilter(statuses=(JobStatus.QUEUED, JobStatus.PAUSED)),
            JobFilter(kind="nothing"),
        )
        with database.read() as unit:
            for wanted in filters:
                expected = list(_paged(lambda request, wanted=wanted: unit.jobs.page(wanted, request)))
                assert list(unit.jobs.stream(wanted)) == expected
            assert len(list(unit.jobs.stream())) == COUNT


class TestDownloadRepository:
    def test_stream_tells_what_the_list_tells(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for number in range(COUNT):
                unit.downloads.add_many([_download(number)])
                clock.advance(number % 2)
        with database.read() as unit:
            for chosen in ({}, {"provider": "p1"}, {"language": "de"}, {"provider": "p0", "language": "de"}):
                listed = _paged(lambda request, chosen=chosen: unit.downloads.page(request, **chosen))
                assert list(unit.downloads.stream(**chosen)) == list(listed)
            assert len(list(unit.downloads.stream())) == COUNT


class TestUpgradeRepository:
    def test_stream_tells_what_the_list_tells(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for number in range(COUNT):
                unit.upgrades.add(NewUpgrade(f"/media/{number % 2}.mkv", "srt", None, "ass", -5))
                clock.advance(1)
        with database.read() as unit:
            for path in ("", "/media/1.mkv"):
                listed = _paged(lambda request, path=path: unit.upgrades.page(request, path))
                assert list(unit.upgrades.stream(path)) == list(listed)


class TestBlocklistRepository:
    def test_stream_tells_what_is_refused_or_can_be_restored(self, database: Database) -> None:
        with database.write() as unit:
            unit.blocklist.add_many(NewBlock("p", str(number)) for number in range(COUNT))
            for row in list(unit.blocklist.stream())[:3]:
                unit.blocklist.delete(row.id)
        with database.read() as unit:
            for removed, count in ((False, COUNT - 3), (True, 3)):
                listed = _paged(lambda request, gone=removed: unit.blocklist.page(request, removed=gone))
                told = list(unit.blocklist.stream(removed=removed))
                assert told == list(listed)
                assert len(told) == count


class TestGlossaryRepository:
    def test_stream_tells_one_scope_or_all_of_them(self, database: Database) -> None:
        with database.write() as unit:
            source_id = a_film(unit).source_id
            scope = GlossaryScope(source_id, 7)
            for number in range(COUNT):
                unit.glossary.add((EVERYWHERE, scope)[number % 2], NewTerm(f"term {9 - number}", "Begriff"))
            gone = unit.glossary.add(EVERYWHERE, NewTerm("gone", "weg"))
            unit.glossary.delete(gone.id, gone.version)
        with database.read() as unit:
            for one in (EVERYWHERE, scope):
                listed = _paged(lambda request, one=one: unit.glossary.page(one, request))
                assert list(unit.glossary.stream(one)) == list(listed)
            told = list(unit.glossary.stream())
            assert [row.source_term for row in told] == [f"term {9 - number}" for number in range(COUNT)]
            assert {row.series_id for row in told} == {None, 7}


class TestTranslationMemoryRepository:
    def test_stream_tells_every_line_with_its_uses(self, database: Database) -> None:
        scope = MemoryScope("en", "de", "v1")
        with database.write() as unit:
            lines = [RememberedLine(f"hash {n}", f"line {n}", f"Zeile {n}") for n in range(COUNT)]
            unit.translation_memory.upsert_many(scope, lines)
            unit.translation_memory.record_use(scope, ["hash 3"])
        with database.read() as unit:
            told = list(unit.translation_memory.stream())
        assert [row.translated_text for row in told] == [f"Zeile {n}" for n in range(COUNT)]
        assert [row.use_count for row in told] == [0, 0, 0, 1, 0, 0, 0, 0]
        assert {(row.source_lang, row.target_lang, row.glossary_version) for row in told} == {
            ("en", "de", "v1")
        }


class TestProviderStatRepository:
    def test_stream_tells_what_the_list_tells(self, database: Database) -> None:
        with database.write() as unit:
            for number in range(COUNT):
                unit.provider_stats.record_search(f"provider {number}", 5.0)
            unit.provider_stats.disable("provider 4")
        with database.read() as unit:
            assert tuple(unit.provider_stats.stream()) == unit.provider_stats.listed()
            assert [row.is_disabled for row in unit.provider_stats.stream()].index(True) == 4


class TestHookLogRepository:
    def test_stream_tells_what_the_list_tells(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(NewHook("Notify", "*", "notify.sh"))
            for number in range(COUNT):
                hook_id = hook.id if number % 2 else None
                unit.hook_log.add(NewDelivery("job_failed", "script", success=True, hook_id=hook_id))
                clock.advance(1)
        with database.read() as unit:
            for wanted in (DeliveryFilter(), DeliveryFilter(hook_id=hook.id)):
                listed = _paged(lambda request, wanted=wanted: unit.hook_log.page(request, wanted))
                assert list(unit.hook_log.stream(wanted)) == list(listed)


class TestEventRepository:
    def test_stream_tells_every_event_whether_told_or_not(self, database: Database) -> None:
        with database.write() as unit:
            ids = [unit.events.add(next(iter(EventName)), {"number": number}) for number in range(COUNT)]
            unit.events.mark_dispatched(ids[:5])
        with database.read() as unit:
            told = list(unit.events.stream())
        assert [row.id for row in told] == ids
        assert [row.payload["number"] for row in told] == list(range(COUNT))


class TestDailyStatisticsRepository:
    def test_stream_tells_every_day_oldest_first(self, database: Database) -> None:
        _count_days(database)
        with database.read() as unit:
            assert [row.day.day for row in unit.daily_statistics.stream()] == list(range(1, COUNT + 1))
            assert {row.translated for row in unit.daily_statistics.stream()} == {1}

    def test_stream_breakdowns_tells_what_each_day_was_made_of(self, database: Database) -> None:
        _count_days(database)
        with database.read() as unit:
            told = list(unit.daily_statistics.stream_breakdowns())
        assert len(told) == COUNT * 2
        assert (told[0].day, told[0].dimension, told[0].key, told[0].count) == (
            date(2026, 1, 1),
            StatisticsDimension.BACKEND,
            "ollama",
            1,
        )

    def test_delete_before_forgets_the_oldest_days_with_what_they_were_made_of(
        self, database: Database
    ) -> None:
        _count_days(database)
        with database.write() as unit:
            assert unit.daily_statistics.delete_before(date(2026, 1, 5), 3) == 3
            assert unit.daily_statistics.delete_before(date(2026, 1, 5), 3) == 1
            assert unit.daily_statistics.delete_before(date(2026, 1, 5), 3) == 0
            assert [row.day.day for row in unit.daily_statistics.stream()] == [5, 6, 7, 8]
            assert {row.day.day for row in unit.daily_statistics.stream_breakdowns()} == {5, 6, 7, 8}


def _count_days(database: Database) -> None:
    traits = {StatisticsDimension.FORMAT: "ass", StatisticsDimension.BACKEND: "ollama"}
    with database.write() as unit:
        for day in range(COUNT, 0, -1):
            unit.daily_statistics.record(date(2026, 1, day), TranslationOutcome.TRANSLATED, traits)


def _download(number: int) -> NewDownload:
    return NewDownload(
        provider_name=f"p{number % 2}",
        subtitle_id=str(number),
        language=("de", "fr", "en")[number % 3],
        format="srt",
        file_path=f"/media/{number}.mkv",
        sidecar_path="",
        subtitle_type=SubtitleType.FULL,
        sha256="",
        media_id=None,
        job_id="",
    )


def _fill_history(unit: Unit, count: int) -> None:
    unit.downloads.add_many([_download(number) for number in range(count)])


class TestStream:
    """What is true of every stream."""

    def test_a_stream_keeps_to_the_snapshot_it_began_with(self, database: Database) -> None:
        with database.write() as unit:
            _fill_history(unit, COUNT)
        with database.read() as unit:
            told = unit.downloads.stream()
            first = next(told)
            with database.write() as other:
                _fill_history(other, COUNT)
                other.downloads.delete_before(other.clock(), 100)
            assert len([first, *told]) == COUNT

    def test_a_stream_outside_its_unit_says_so_rather_than_ending_early(self, database: Database) -> None:
        with database.write() as unit:
            _fill_history(unit, COUNT)
        with database.read() as unit:
            told = unit.downloads.stream()
            next(told)
        with pytest.raises(RuntimeError, match="inside the unit"):
            next(told)

    def test_what_is_abandoned_half_way_leaves_no_cursor_behind(self, database: Database) -> None:
        with database.write() as unit:
            _fill_history(unit, COUNT)
        with database.read() as unit:
            for _ in unit.downloads.stream():
                break
            assert _open_cursors(database, unit) == 0
            kept = unit.downloads.stream()
            next(kept)
        assert database.pool_state().checked_out == 0
        with database.read() as unit:
            assert _open_cursors(database, unit) == 0
            assert len(list(unit.downloads.stream())) == COUNT
        kept.close()

    def test_several_streams_of_one_unit_do_not_disturb_each_other(self, database: Database) -> None:
        with database.write() as unit:
            _fill_history(unit, COUNT)
        with database.read() as unit:
            pairs = list(zip(unit.downloads.stream(), unit.downloads.stream(), strict=True))
            assert len(pairs) == COUNT
            assert all(left == right for left, right in pairs)

    def test_metrics_know_streams_by_name(self, database: Database, observer: CountingObserver) -> None:
        with database.read() as unit:
            list(unit.downloads.stream())
        assert "downloads.downloads_stream" in observer.statements


def _open_cursors(database: Database, unit: Unit) -> int:
    if database.dialect == "sqlite":
        return 0
    statement = "SELECT count(*) FROM pg_cursors WHERE name <> ''"
    return int(unit.connection.exec_driver_sql(statement).scalar_one())
