"""What providers lately answered, alike on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from sublarr.db.database import Database
from sublarr.db.models.providers import ProviderResult
from sublarr.db.repositories.provider_results import NewProviderResult, ProviderResultCounts
from sublarr.vocabulary.errors import InvalidInput
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS
from tests.database_fixtures import Clock

_RESULT = NewProviderResult("opensubtitles", "a" * 64, [{"id": "1", "release": "Stalker.1979"}], 300)


class TestProviderResultRepository:
    def test_upsert_many_takes_the_place_of_the_older_answer(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.provider_results.upsert_many([])
            unit.provider_results.upsert_many([_RESULT])
        clock.advance(60)
        with database.write() as unit:
            unit.provider_results.upsert_many([replace(_RESULT, results=[], ttl_seconds=0.5)])
            row = unit.provider_results.find("opensubtitles", "a" * 64)
            assert unit.connection.execute(select(func.count()).select_from(ProviderResult)).scalar_one() == 1
        assert row is not None
        assert row.results == []
        assert (row.cached_at, row.expires_at) == (clock.now, clock.now + timedelta(seconds=0.5))

    def test_upsert_many_of_the_same_answer_makes_it_good_for_longer(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            unit.provider_results.upsert_many([_RESULT])
            clock.advance(299)
            unit.provider_results.upsert_many([_RESULT])
            clock.advance(299)
            assert unit.provider_results.find("opensubtitles", "a" * 64) is not None

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_upsert_many_keeps_every_character(self, database: Database, text: str) -> None:
        document = {text: [text, 1.5, GREATEST, True, None]}
        with database.write() as unit:
            unit.provider_results.upsert_many([NewProviderResult(text, text, document, 60)])
            row = unit.provider_results.find(text, text)
        assert row is not None
        assert (row.provider_name, row.query_hash, row.results) == (text, text, document)

    @pytest.mark.parametrize("field", ["provider_name", "query_hash"])
    def test_upsert_many_refuses_nul_and_lone_surrogates(self, database: Database, field: str) -> None:
        for text in ("\0", "\udc80"):
            with pytest.raises(InvalidInput), database.write() as unit:
                unit.provider_results.upsert_many([replace(_RESULT, **{field: text})])  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "garbage", [["\0"], ["\udc80"], {"\0": 1}, [float("nan")], [float("-inf")], None]
    )
    def test_upsert_many_refuses_what_one_of_the_databases_cannot_hold(
        self, database: Database, garbage: object
    ) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.provider_results.upsert_many([replace(_RESULT, results=garbage)])

    def test_upsert_many_of_thousands(self, database: Database) -> None:
        with database.write() as unit:
            unit.provider_results.upsert_many([replace(_RESULT, query_hash=str(n)) for n in range(1_100)])
            assert unit.provider_results.stats() == {"opensubtitles": ProviderResultCounts(1_100, 1_100)}

    def test_find_answers_none_for_what_is_unknown_or_too_old(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.provider_results.upsert_many([_RESULT])
            assert unit.provider_results.find("podnapisi", "a" * 64) is None
            assert unit.provider_results.find("opensubtitles", "b" * 64) is None
        clock.advance(299)
        with database.read() as unit:
            assert unit.provider_results.find("opensubtitles", "a" * 64) is not None
        clock.advance(1)
        with database.read() as unit:
            assert unit.provider_results.find("opensubtitles", "a" * 64) is None

    def test_delete_expired_goes_in_chunks_and_keeps_what_is_good(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            unit.provider_results.upsert_many(
                [replace(_RESULT, query_hash=str(n), ttl_seconds=60 * n) for n in range(1, 6)]
            )
        clock.advance(180)
        with database.write() as unit:
            assert [unit.provider_results.delete_expired(2) for _ in range(3)] == [2, 1, 0]
            assert unit.provider_results.stats() == {"opensubtitles": ProviderResultCounts(2, 2)}

    def test_stats_tells_what_is_kept_and_what_is_good(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            assert unit.provider_results.stats() == {}
            unit.provider_results.upsert_many(
                [
                    _RESULT,
                    replace(_RESULT, query_hash="b", ttl_seconds=600),
                    replace(_RESULT, provider_name="jimaku"),
                ]
            )
        clock.advance(300)
        with database.read() as unit:
            stats = unit.provider_results.stats()
        assert list(stats.items()) == [
            ("jimaku", ProviderResultCounts(1, 0)),
            ("opensubtitles", ProviderResultCounts(2, 1)),
        ]

    def test_clear_forgets_one_provider_or_all(self, database: Database) -> None:
        with database.write() as unit:
            unit.provider_results.upsert_many([replace(_RESULT, provider_name=name) for name in "abc"])
            assert unit.provider_results.clear("b") == 1
            assert set(unit.provider_results.stats()) == {"a", "c"}
            assert unit.provider_results.clear() == 2
            assert unit.provider_results.clear() == 0
