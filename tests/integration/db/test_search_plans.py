"""Choosing what to search for next keeps its speed at a hundred thousand wanted rows."""

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from tests.contract.db.rows import a_source, file_write
from tests.database_fixtures import CountingObserver
from tests.integration.db.test_provider_plans import _plans

pytestmark = pytest.mark.slow

_FILES = 1_000
_LANGUAGES = 100
# Every twentieth was never searched for; the others were, up to ten times, at some hour of the last 400.
_ROWS = """
INSERT INTO wanted_items (file_id, media_id, item_type, target_language, subtitle_type, status, existing_sub,
    upgrade_candidate, current_score, search_count, last_search_at, error, added_at, updated_at)
SELECT f.id, (SELECT min(id) FROM media), 'movie', 'x' || n.n, 'full', 'wanted', '', false, 0,
    CASE WHEN (f.id + n.n) % 20 = 0 THEN 0 ELSE 1 + (f.id + n.n) % 10 END,
    CASE WHEN (f.id + n.n) % 20 = 0 THEN NULL ELSE {moment} END,
    '', m.created_at, m.created_at
FROM media_files f, media m, numbers n
"""
_NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)"
_MOMENTS = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%f', 'now', '-' || ((f.id * 7 + n.n) % 400) || ' hours') || '000Z'",
    "postgresql": "clock_timestamp() - make_interval(hours => CAST((f.id * 7 + n.n) % 400 AS int))",
}


def _fill(database: Database) -> None:
    with database.write() as unit:
        source_id = a_source(unit)
        unit.files.upsert_many([file_write(source_id, f"/media/{n}.mkv") for n in range(_FILES)])
        one = text(
            "INSERT INTO media (kind, source_id, source_key, title, sort_title, original_title,"
            " alternative_titles, folder_path, is_anime, is_monitored, original_language, tags, poster_url,"
            " imdb_id, created_at, updated_at) SELECT 'movie', id, 'k', 'A', 'a', '', '[]', '', false, true,"
            " '', '[]', '', '', created_at, updated_at FROM sources"
        )
        unit.connection.execute(one)
        numbers = _NUMBERS + "\n" if database.dialect == "postgresql" else ""
        statement = _ROWS.format(moment=_MOMENTS[database.dialect])
        if database.dialect == "sqlite":
            unit.connection.exec_driver_sql(
                statement.replace("SELECT f.id", f"{_NUMBERS} SELECT f.id", 1), {"count": _LANGUAGES}
            )
        else:
            unit.connection.execute(text(numbers + statement), {"count": _LANGUAGES})
        unit.connection.execute(text("ANALYZE"))


def _reads_all(plan: str) -> bool:
    """Whether wanted rows are read without their index, or in another order than it has."""
    nodes = [line.strip().removeprefix("->").strip() for line in plan.splitlines()]
    return any(
        node.startswith(("Seq Scan on wanted_items", "Sort  ", "USE TEMP B-TREE FOR ORDER BY"))
        or (node.startswith("SCAN wanted_items") and "USING" not in node)
        for node in nodes
    )


def test_a_claim_reads_the_beginning_of_each_count_of_searches_and_no_more(
    database: Database, observer: CountingObserver
) -> None:
    _fill(database)
    with database.write() as unit:
        with _plans(database, unit) as plans:
            observer.statements.clear()
            claim = unit.wanted.claim_for_search(50)
        assert len(observer.statements) <= 8, observer.statements
        assert {row.search_count for row in unit.wanted.listed(claim.item_ids)} == {0}
    assert len(claim.item_ids) == 50
    about_rows = [plan for plan in plans if "wanted_items" in plan]
    assert len(about_rows) >= 4
    faults = [plan for plan in about_rows if _reads_all(plan)]
    assert not faults, "\n\n".join(faults)
