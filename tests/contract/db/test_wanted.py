"""Wanted subtitles, alike on both databases."""

from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.reconciling import Reconciled, WantedWish
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import MissingReference, NotFound
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus, wanted_states_before
from tests.contract.db.rows import (
    GREATEST,
    Film,
    a_file,
    a_film,
    a_series,
    a_source,
    a_wish,
    an_episode,
    file_write,
)
from tests.database_fixtures import Clock


def _set_status(unit: Unit, status: WantedStatus) -> None:
    unit.connection.exec_driver_sql(f"UPDATE wanted_items SET status = '{status}'")


def _only(unit: Unit, film: Film) -> tuple[int, WantedStatus]:
    (row,) = unit.wanted.of_media([film.media_id])[film.media_id]
    return row.id, row.status


def _an_episodes_wish(unit: Unit) -> WantedWish:
    series_id = a_series(unit)
    episode = an_episode(unit, series_id, 2, 3)
    file_id = a_file(unit, a_source(unit), "/media/Firefly/s02e03.mkv")
    unit.media.link([(episode, file_id)], [file_id])
    return WantedWish(file_id, episode, series_id, MediaKind.EPISODE, "fr", SubtitleType.FORCED, False)


class TestWantedRepository:
    def test_reconcile_adds_what_is_missing_and_nothing_twice(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            film = a_film(unit)
            wishes = [a_wish(film, "de"), a_wish(film, "fr"), a_wish(film, "en", is_satisfied=True)]
            assert unit.wanted.reconcile([film.file_id], wishes) == Reconciled(added=2)
            added_at = clock.now
        clock.advance(60)
        with database.write() as unit:
            assert unit.wanted.reconcile([film.file_id], wishes) == Reconciled(unchanged=2)
            rows = unit.wanted.of_media([film.media_id])[film.media_id]
            assert [(row.target_language, row.status) for row in rows] == [
                ("de", WantedStatus.WANTED),
                ("fr", WantedStatus.WANTED),
            ]
            assert {row.updated_at for row in rows} == {added_at}
            assert unit.wanted.reconcile([], []) == Reconciled()

    @pytest.mark.parametrize("before", [WantedStatus.WANTED, WantedStatus.FAILED])
    def test_reconcile_notices_a_subtitle_that_turned_up(
        self, database: Database, before: WantedStatus
    ) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            _set_status(unit, before)
            outcome = unit.wanted.reconcile([film.file_id], [a_wish(film, is_satisfied=True)])
            assert outcome == Reconciled(satisfied=1)
            assert _only(unit, film)[1] is WantedStatus.FOUND

    @pytest.mark.parametrize("before", [WantedStatus.FOUND, WantedStatus.EXTRACTED])
    def test_reconcile_wants_again_what_was_deleted(self, database: Database, before: WantedStatus) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            _set_status(unit, before)
            assert unit.wanted.reconcile([film.file_id], [a_wish(film)]) == Reconciled(reopened=1)
            assert _only(unit, film)[1] is WantedStatus.WANTED

    @pytest.mark.parametrize("status", [WantedStatus.IGNORED, WantedStatus.SEARCHING])
    @pytest.mark.parametrize("satisfied", [True, False, None])
    def test_reconcile_never_moves_what_a_person_ignored_or_a_search_holds(
        self, database: Database, status: WantedStatus, satisfied: bool | None
    ) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            _set_status(unit, status)
            wishes = [] if satisfied is None else [a_wish(film, is_satisfied=satisfied)]
            assert unit.wanted.reconcile([film.file_id], wishes) == Reconciled(unchanged=1)
            assert _only(unit, film)[1] is status

    def test_reconcile_removes_what_is_no_longer_wished_for(self, database: Database) -> None:
        with database.write() as unit:
            film, other = a_film(unit), a_film(unit, "Solaris")
            unit.wanted.reconcile([film.file_id, other.file_id], [a_wish(film), a_wish(other)])
            assert unit.wanted.reconcile([film.file_id], []) == Reconciled(removed=1)
            assert set(unit.wanted.of_media([film.media_id, other.media_id])) == {other.media_id}

    def test_reconcile_updates_what_there_is_instead(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            clock.advance(60)
            better = replace(a_wish(film), existing_sub="srt", upgrade_candidate=True)
            assert unit.wanted.reconcile([film.file_id], [better]) == Reconciled(changed=1)
            (row,) = unit.wanted.of_media([film.media_id])[film.media_id]
            assert (row.existing_sub, row.upgrade_candidate, row.updated_at) == ("srt", True, clock.now)

    def test_reconcile_of_more_files_than_fit_one_statement(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.files.upsert_many([file_write(film.source_id, f"/media/{n}.mkv") for n in range(1_100)])
            ids = unit.files.ids_of_source(film.source_id)
            wishes = [replace(a_wish(film), file_id=file_id) for file_id in ids]
            assert unit.wanted.reconcile(ids, wishes).added == 1_101
            assert unit.wanted.reconcile(ids, wishes).unchanged == 1_101
            assert unit.wanted.reconcile(ids, []).removed == 1_101

    def test_reconcile_refuses_a_file_that_is_not_there(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
        with pytest.raises(MissingReference), database.write() as unit:
            unit.wanted.reconcile([99], [replace(a_wish(film), file_id=99)])

    @pytest.mark.parametrize("target", WantedStatus)
    @pytest.mark.parametrize("before", WantedStatus)
    def test_move_allows_what_the_table_of_moves_allows(
        self, sqlite_database: Database, before: WantedStatus, target: WantedStatus
    ) -> None:
        with sqlite_database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            _set_status(unit, before)
            item_id, _ = _only(unit, film)
            may = before in wanted_states_before(target)
            assert unit.wanted.move([item_id], target) == int(may)
            assert _only(unit, film)[1] is (target if may else before)

    def test_move_answers_how_many_did(self, database: Database) -> None:
        with database.write() as unit:
            films = [a_film(unit, f"Film {number}") for number in range(3)]
            unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
            ids = [_only(unit, film)[0] for film in films]
            assert unit.wanted.move(ids[:1], WantedStatus.IGNORED) == 1
            assert unit.wanted.move([*ids, *range(1_000, 2_000)], WantedStatus.SEARCHING) == 2
            assert unit.wanted.move([], WantedStatus.FOUND) == 0

    def test_get_tells_the_series_and_the_numbers_of_an_episode(self, database: Database) -> None:
        with database.write() as unit:
            wish = _an_episodes_wish(unit)
            unit.wanted.reconcile([wish.file_id], [wish])
            (row,) = unit.wanted.of_media([wish.media_id])[wish.media_id]
            assert unit.wanted.get(row.id) == row
        assert (row.series_title, row.season, row.episode) == ("Firefly", 2, 3)
        assert (row.item_type, row.subtitle_type) == (MediaKind.EPISODE, SubtitleType.FORCED)

    @pytest.mark.parametrize("item_id", [0, -1, 99, GREATEST])
    def test_get_of_an_unknown_row_is_not_found(self, database: Database, item_id: int) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.wanted.get(item_id)

    def test_pass_on_ignored_marks_what_takes_the_place_of_a_file(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            better = a_file(unit, film.source_id, "/media/Stalker/Stalker 2160p.mkv")
            unit.media.link([(film.media_id, film.file_id), (film.media_id, better)], [film.file_id, better])
            unit.wanted.reconcile([film.file_id], [a_wish(film, "de"), a_wish(film, "fr")])
            ids = {row.target_language: row.id for row in unit.wanted.of_file(film.file_id)}
            unit.wanted.move([ids["fr"]], WantedStatus.IGNORED)
            wishes = [replace(a_wish(film, language), file_id=better) for language in ("de", "fr")]
            unit.wanted.reconcile([better], wishes)
            assert unit.wanted.pass_on_ignored([film.file_id]) == 1
            assert unit.wanted.pass_on_ignored([]) == 0
            states = {row.target_language: row.status for row in unit.wanted.of_file(better)}
            assert states == {"de": WantedStatus.WANTED, "fr": WantedStatus.IGNORED}

    def test_page_shows_what_the_filter_asks_for(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            film, wish = a_film(unit), _an_episodes_wish(unit)
            unit.wanted.reconcile([film.file_id], [replace(a_wish(film), upgrade_candidate=True)])
            clock.advance(1)
            unit.wanted.reconcile([wish.file_id], [wish])
        filters = {
            "everything": (WantedFilter(), ["fr", "de"]),
            "status": (WantedFilter(statuses=(WantedStatus.WANTED, WantedStatus.FAILED)), ["fr", "de"]),
            "other status": (WantedFilter(statuses=(WantedStatus.FOUND,)), []),
            "kind": (WantedFilter(item_type=MediaKind.MOVIE), ["de"]),
            "language": (WantedFilter(target_language="fr"), ["fr"]),
            "type": (WantedFilter(subtitle_type=SubtitleType.FORCED), ["fr"]),
            "series": (WantedFilter(series_id=wish.series_id), ["fr"]),
            "upgrades": (WantedFilter(upgrades_only=True), ["de"]),
            "series title": (WantedFilter(words="FIREFLY"), ["fr"]),
            "path": (WantedFilter(words="stalker.mkv"), ["de"]),
        }
        with database.read() as unit:
            for name, (wanted, languages) in filters.items():
                page = unit.wanted.page(wanted, PageRequest())
                assert [row.target_language for row in page.items] == languages, name
                assert page.total == len(languages), name

    @pytest.mark.parametrize("words", ["100%", "a_b", "back\\slash", "O'Brien", "🎬", "千尋"])
    def test_page_takes_search_words_literally(self, database: Database, words: str) -> None:
        with database.write() as unit:
            films = [
                a_film(unit, title) for title in (f"An {words} film", "1000", "aXb", "backslash", "OBrien")
            ]
            unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
        with database.read() as unit:
            page = unit.wanted.page(WantedFilter(words=words), PageRequest())
            assert [row.title for row in page.items] == [f"An {words} film"]
            assert unit.wanted.page(WantedFilter(words="\0"), PageRequest()).total == len(films)

    def test_listed_answers_those_that_exist(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            item_id, _ = _only(unit, film)
            rows = unit.wanted.listed([item_id, *range(1_000, 2_000)])
            assert [row.id for row in rows] == [item_id]
            assert unit.wanted.listed([]) == ()

    def test_of_media_leaves_out_those_without_wishes(self, database: Database) -> None:
        with database.write() as unit:
            film, other = a_film(unit), a_film(unit, "Solaris")
            unit.wanted.reconcile([film.file_id], [a_wish(film)])
            asked = [film.media_id, other.media_id, *range(1_000, 2_000)]
            assert set(unit.wanted.of_media(asked)) == {film.media_id}
            assert unit.wanted.of_media([]) == {}

    def test_of_file_tells_every_language(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            unit.wanted.reconcile([film.file_id], [a_wish(film, "de"), a_wish(film, "fr")])
            assert {row.target_language for row in unit.wanted.of_file(film.file_id)} == {"de", "fr"}
            assert unit.wanted.of_file(99) == ()

    def test_file_ids_names_each_file_once(self, database: Database) -> None:
        with database.write() as unit:
            films = [a_film(unit, f"Film {number}") for number in range(3)]
            wishes = [a_wish(film, language) for film in films for language in ("de", "fr")]
            unit.wanted.reconcile([film.file_id for film in films], wishes)
            assert sorted(unit.wanted.file_ids(WantedFilter(), 10)) == sorted(film.file_id for film in films)
            assert len(unit.wanted.file_ids(WantedFilter(), 2)) == 2
            assert unit.wanted.file_ids(WantedFilter(target_language="xx"), 10) == ()

    def test_summary_counts_open_rows_of_folders_that_are_there(self, database: Database) -> None:
        with database.write() as unit:
            film = a_film(unit)
            wishes = [replace(a_wish(film, "de"), upgrade_candidate=True), a_wish(film, "fr")]
            unit.wanted.reconcile([film.file_id], wishes)
            ids = {
                row.target_language: row.id for row in unit.wanted.of_media([film.media_id])[film.media_id]
            }
            unit.wanted.move([ids["fr"]], WantedStatus.IGNORED)
            summary = unit.wanted.summary()
            assert summary.total == 2
            assert summary.by_status == {WantedStatus.WANTED: 1, WantedStatus.IGNORED: 1}
            assert (summary.by_language, summary.upgradeable) == ({"de": 1}, 1)
            folder = unit.folders.listed()[0]
            unit.folders.delete(folder.id, folder.version)
            assert unit.wanted.summary().total == 0
