"""Counts over the history of downloads, and the history of upgrades, alike on both databases."""

from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.downloads import DownloadStats, NewDownload, ProviderDownloads
from sublarr.db.repositories.upgrades import NewUpgrade, UpgradeStats
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.subtitles import SubtitleType
from tests.contract.db.rows import HOSTILE_TEXTS
from tests.database_fixtures import Clock

_HOUR = 3600
_DOWNLOAD = NewDownload(
    provider_name="jimaku",
    subtitle_id="1",
    language="de",
    format="srt",
    file_path="/media/a.mkv",
    sidecar_path="/media/a.de.srt",
    subtitle_type=SubtitleType.FULL,
    sha256="",
    media_id=None,
    job_id="",
)
_UPGRADE = NewUpgrade("/media/a.mkv", "srt", 150, "ass", 300, "jimaku", "ASS is preferred")


class TestDownloadRepository:
    def test_stats_counts_by_each_dimension_and_of_late(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            assert unit.downloads.stats() == DownloadStats(0, {}, {}, {}, 0, 0)
            unit.downloads.add_many([replace(_DOWNLOAD, provider_name="", format="", language="")])
            clock.advance(24 * _HOUR)
            unit.downloads.add_many([_DOWNLOAD] * 2)
            clock.advance(6 * 24 * _HOUR + 1)
            unit.downloads.add_many([replace(_DOWNLOAD, format="ass", language="fr")])
            stats = unit.downloads.stats()
        assert stats == DownloadStats(
            total=4,
            by_provider={"jimaku": 3, "unknown": 1},
            by_format={"srt": 2, "unknown": 1, "ass": 1},
            by_language={"de": 2, "unknown": 1, "fr": 1},
            last_24_hours=1,
            last_7_days=3,
        )
        assert next(iter(stats.by_format)) == "srt"

    def test_by_provider_counts_formats(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.downloads.by_provider() == {}
            for provider, name in (("subdl", "srt"), ("jimaku", "ass"), ("jimaku", ""), ("jimaku", "ass")):
                unit.downloads.add_many([replace(_DOWNLOAD, provider_name=provider, format=name)])
            counts = unit.downloads.by_provider()
        assert counts == {
            "jimaku": ProviderDownloads(3, {"ass": 2, "unknown": 1}),
            "subdl": ProviderDownloads(1, {"srt": 1}),
        }

    def test_delete_before_goes_in_chunks_from_the_oldest(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for number in range(4):
                unit.downloads.add_many([replace(_DOWNLOAD, subtitle_id=str(number))])
                limit = clock.now
                clock.advance(1)
            assert unit.downloads.delete_before(limit, 2) == 2
            assert [row.subtitle_id for row in unit.downloads.page(PageRequest()).items] == ["3", "2"]
            assert [unit.downloads.delete_before(limit, 2) for _ in range(2)] == [1, 0]


class TestUpgradeRepository:
    def test_add_tells_the_line_as_it_was_stored(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            upgrade_id = unit.upgrades.add(_UPGRADE)
        with database.read() as unit:
            (row,) = unit.upgrades.page(PageRequest()).items
        assert (row.id, row.file_path, row.upgraded_at) == (upgrade_id, "/media/a.mkv", clock.now)
        assert (row.old_format, row.old_score, row.new_format, row.new_score) == ("srt", 150, "ass", 300)
        assert (row.provider_name, row.upgrade_reason) == ("jimaku", "ASS is preferred")

    def test_add_takes_scores_that_are_not_known(self, database: Database) -> None:
        with database.write() as unit:
            unit.upgrades.add(replace(_UPGRADE, old_score=None, new_score=None))
            (row,) = unit.upgrades.page(PageRequest()).items
        assert (row.old_score, row.new_score) == (None, None)

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_add_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.upgrades.add(NewUpgrade(text, text, 1, text, 2, text, text))
            (row,) = unit.upgrades.page(PageRequest()).items
        assert {row.file_path, row.old_format, row.new_format, row.provider_name, row.upgrade_reason} == {
            text
        }

    @pytest.mark.parametrize("field", ["file_path", "provider_name", "upgrade_reason"])
    def test_add_refuses_nul_and_lone_surrogates(self, database: Database, field: str) -> None:
        for text in ("\0", "\udc80"):
            with pytest.raises(InvalidInput), database.write() as unit:
                unit.upgrades.add(replace(_UPGRADE, **{field: text}))  # type: ignore[arg-type]

    def test_page_shows_the_newest_first_and_one_file_s(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            ids = []
            for path in ("/a", "/b", "/a", "/a%"):
                ids.append(unit.upgrades.add(replace(_UPGRADE, file_path=path)))
                clock.advance(1)
        with database.read() as unit:
            first = unit.upgrades.page(PageRequest(3))
            second = unit.upgrades.page(PageRequest(3, first.next))
            assert [row.id for row in (*first.items, *second.items)] == ids[::-1]
            assert (first.total, second.next) == (4, None)
            assert [row.id for row in unit.upgrades.page(PageRequest(), "/a").items] == [ids[2], ids[0]]

    def test_stats_counts_what_became_ass(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.upgrades.stats() == UpgradeStats(0, 0)
            for old, new in (("srt", "ass"), ("srt", "srt"), ("ass", "ass"), ("", "ass"), ("srt", "ass")):
                unit.upgrades.add(replace(_UPGRADE, old_format=old, new_format=new))
            assert unit.upgrades.stats() == UpgradeStats(total=5, srt_to_ass=2)

    def test_delete_before_goes_in_chunks_from_the_oldest(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            ids = []
            for _ in range(4):
                ids.append(unit.upgrades.add(_UPGRADE))
                limit = clock.now
                clock.advance(1)
            assert unit.upgrades.delete_before(limit, 2) == 2
            assert [row.id for row in unit.upgrades.page(PageRequest()).items] == [ids[3], ids[2]]
            assert [unit.upgrades.delete_before(limit, 2) for _ in range(2)] == [1, 0]
