"""Settings used, backends' counters and the translation memory, alike on both databases."""

import math

import pytest

from sublarr.db.database import Database
from sublarr.db.models.translation import TranslationMemory
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.translation_configs import UsedConfig
from sublarr.db.repositories.translation_memory import MemoryCount, MemoryScope, RememberedLine
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import InvalidInput, NotFound
from tests.contract.db.rows import HOSTILE_TEXTS
from tests.database_fixtures import Clock, CountingObserver

_SCOPE = MemoryScope("en", "de", "1")


def _line(text: str, translated: str = "x") -> RememberedLine:
    return RememberedLine(f"hash of {text}", text, translated)


def _uses(unit: Unit) -> dict[str, int]:
    table = TranslationMemory.metadata.tables["translation_memory"]
    return {row.source_text_normalized: row.use_count for row in unit.connection.execute(table.select())}


class TestTranslationConfigRepository:
    def test_record_keeps_the_first_use_and_moves_the_last(self, database: Database, clock: Clock) -> None:
        used = UsedConfig("abc", "qwen", "Translate", "de")
        began = clock.now
        with database.write() as unit:
            unit.translation_configs.record(used)
        clock.advance(60)
        with database.write() as unit:
            unit.translation_configs.record(used)
            row = unit.translation_configs.find("abc")
        assert row is not None
        assert (row.model, row.prompt_template, row.target_language) == ("qwen", "Translate", "de")
        assert (row.first_used_at, row.last_used_at) == (began, clock.now)

    def test_find_answers_none_for_an_unknown_hash(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.translation_configs.find("abc") is None

    def test_page_shows_every_config_once(self, database: Database) -> None:
        with database.write() as unit:
            for name in "abcab":
                unit.translation_configs.record(UsedConfig(name, "", "", ""))
            first = unit.translation_configs.page(PageRequest(2))
            second = unit.translation_configs.page(PageRequest(2, first.next))
        assert [row.config_hash for row in (*first.items, *second.items)] == ["c", "b", "a"]
        assert (first.total, second.next) == (3, None)


class TestBackendStatisticsRepository:
    def test_record_success_keeps_a_running_mean_of_what_was_timed(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            unit.backend_statistics.record_success("ollama", 100, 10)
            unit.backend_statistics.record_failure("ollama", "down")
            unit.backend_statistics.record_success("ollama", 200, 2**40)
            unit.backend_statistics.record_success("ollama", 600, 0)
            row = unit.backend_statistics.get("ollama")
        assert (row.total_requests, row.successful_translations, row.failed_translations) == (4, 3, 1)
        assert (row.avg_response_time_ms, row.last_response_time_ms) == (pytest.approx(300), 600)
        assert (row.total_characters, row.consecutive_failures) == (2**40 + 10, 0)
        assert (row.last_success_at, row.updated_at) == (clock.now, clock.now)

    @pytest.mark.parametrize(("milliseconds", "characters"), [(-1, 0), (math.nan, 0), (math.inf, 0), (1, -1)])
    def test_record_success_refuses_what_would_spoil_the_mean(
        self, database: Database, milliseconds: float, characters: int
    ) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.backend_statistics.record_success("ollama", milliseconds, characters)

    def test_record_failure_counts_in_a_row_and_cuts_the_error(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            unit.backend_statistics.record_failure("deepl", "first")
            unit.backend_statistics.record_failure("deepl", "nul\0" + "x" * 600)
            row = unit.backend_statistics.get("deepl")
        assert (row.total_requests, row.failed_translations, row.consecutive_failures) == (2, 2, 2)
        assert row.last_error == "nul" + "x" * 497
        assert (row.avg_response_time_ms, row.last_success_at) == (0.0, None)
        assert row.last_failure_at == clock.now

    def test_listed_sorts_by_name(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.backend_statistics.listed() == ()
            for name in ("ollama", "deepl"):
                unit.backend_statistics.record_success(name, 1, 1)
            assert [row.backend_name for row in unit.backend_statistics.listed()] == ["deepl", "ollama"]

    @pytest.mark.parametrize("name", HOSTILE_TEXTS)
    def test_find_answers_none_for_a_backend_that_was_never_used(self, database: Database, name: str) -> None:
        with database.write() as unit:
            assert unit.backend_statistics.find(name) is None
            unit.backend_statistics.record_failure(name, name)
            assert unit.backend_statistics.find(name) is not None

    def test_get_says_what_is_missing(self, database: Database) -> None:
        with database.read() as unit, pytest.raises(NotFound):
            unit.backend_statistics.get("ollama")

    def test_reset_begins_anew_for_one_backend_only(self, database: Database) -> None:
        with database.write() as unit:
            for name in ("ollama", "deepl"):
                unit.backend_statistics.record_success(name, 1, 1)
            assert unit.backend_statistics.reset("ollama")
            assert not unit.backend_statistics.reset("ollama")
            assert [row.backend_name for row in unit.backend_statistics.listed()] == ["deepl"]


class TestTranslationMemoryRepository:
    def test_find_many_asks_once_for_a_whole_file(
        self, database: Database, observer: CountingObserver
    ) -> None:
        lines = [_line(str(number), f"t{number}") for number in range(600)]
        with database.write() as unit:
            unit.translation_memory.upsert_many(_SCOPE, lines)
        observer.statements.clear()
        with database.read() as unit:
            hashes = [line.text_hash for line in lines] * 2 + ["unknown"]
            found = unit.translation_memory.find_many(_SCOPE, hashes)
        assert found == {line.text_hash: line for line in lines}
        assert observer.statements == ["translation_memory.find_many"] * 2

    def test_find_many_keeps_pairs_and_glossary_versions_apart(self, database: Database) -> None:
        line = _line("Hello", "Hallo")
        with database.write() as unit:
            unit.translation_memory.upsert_many(_SCOPE, [line])
            for scope in (
                MemoryScope("en", "fr", "1"),
                MemoryScope("ja", "de", "1"),
                MemoryScope("en", "de"),
            ):
                assert unit.translation_memory.find_many(scope, [line.text_hash]) == {}
            assert unit.translation_memory.find_many(_SCOPE, []) == {}

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_upsert_many_takes_any_text(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.translation_memory.upsert_many(_SCOPE, [_line(text, text)])
            assert unit.translation_memory.find_many(_SCOPE, [_line(text).text_hash]) == {
                _line(text).text_hash: _line(text, text)
            }

    def test_upsert_many_takes_the_new_translation_and_keeps_the_uses(self, database: Database) -> None:
        with database.write() as unit:
            unit.translation_memory.upsert_many(_SCOPE, [])
            unit.translation_memory.upsert_many(_SCOPE, [_line("a", "old")])
            unit.translation_memory.record_use(_SCOPE, [_line("a").text_hash])
            unit.translation_memory.upsert_many(_SCOPE, [_line("a", "older"), _line("a", "new")])
            found = unit.translation_memory.find_many(_SCOPE, [_line("a").text_hash])
            assert found[_line("a").text_hash].translated_text == "new"
            assert _uses(unit) == {"a": 1}

    def test_record_use_counts_each_line_once_and_says_how_many_there_are(self, database: Database) -> None:
        with database.write() as unit:
            unit.translation_memory.upsert_many(_SCOPE, [_line("a"), _line("b")])
            unit.translation_memory.upsert_many(MemoryScope("en", "fr"), [_line("a2")])
            hashes = [_line("a").text_hash, _line("a").text_hash, "unknown"]
            assert unit.translation_memory.record_use(_SCOPE, hashes) == 1
            assert unit.translation_memory.record_use(_SCOPE, hashes) == 1
            assert _uses(unit) == {"a": 2, "b": 0, "a2": 0}

    def test_delete_unused_since_keeps_what_is_used(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.translation_memory.upsert_many(_SCOPE, [_line(text) for text in "abcd"])
            moment = clock.advance(10)
            unit.translation_memory.record_use(_SCOPE, [_line("a").text_hash])
            unit.translation_memory.upsert_many(_SCOPE, [_line("b", "again")])
            assert unit.translation_memory.delete_unused_since(moment, 1) == 1
            assert unit.translation_memory.delete_unused_since(moment, 10) == 1
            assert unit.translation_memory.delete_unused_since(moment, 10) == 0
            assert set(_uses(unit)) == {"a", "b"}

    def test_counts_tell_lines_and_uses_by_pair(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.translation_memory.counts() == ()
            unit.translation_memory.upsert_many(_SCOPE, [_line("a"), _line("b")])
            unit.translation_memory.upsert_many(MemoryScope("en", "de", "2"), [_line("a")])
            unit.translation_memory.upsert_many(MemoryScope("en", "fr"), [_line("a")])
            unit.translation_memory.record_use(_SCOPE, [_line("a").text_hash])
            assert unit.translation_memory.counts() == (
                MemoryCount("en", "de", 3, 1),
                MemoryCount("en", "fr", 1, 0),
            )
