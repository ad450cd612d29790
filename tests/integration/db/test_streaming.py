"""Exports of any length take the memory of a short one, and the way through an index."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import event, text

from sublarr.db import streams
from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories import word_search
from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.repositories.glossary import EVERYWHERE
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import WantedStatus
from tests.contract.db.rows import a_film, a_scan, a_wish
from tests.contract.db.test_completeness import REPOSITORIES, _methods
from tests.integration.db.alone import in_a_process
from tests.integration.db.many_rows import fill_history

ROWS = 150_000
MOST_MEGABYTES = 20


@pytest.mark.slow
def test_a_history_of_any_length_is_exported_in_flat_memory(database: Database, prepared_url: str) -> None:
    fill_history(database, ROWS)
    told = in_a_process("tests.integration.db.many_rows", prepared_url)
    assert told["rows"] == ROWS
    # What it wrote would not have fitted into what it grew.
    assert told["bytes"] > 2 * MOST_MEGABYTES * 1024 * 1024
    assert told["grown_megabytes"] <= MOST_MEGABYTES


STREAMS: dict[str, Callable[[Unit], Iterator[object]]] = {
    "wanted": lambda unit: unit.wanted.stream(),
    "wanted with words": lambda unit: unit.wanted.stream(WantedFilter(words="film 1")),
    "wanted of two states": lambda unit: unit.wanted.stream(
        WantedFilter(statuses=(WantedStatus.WANTED, WantedStatus.FAILED))
    ),
    "media": lambda unit: unit.media.stream(),
    "films": lambda unit: unit.media.stream(MediaKind.MOVIE),
    "files": lambda unit: unit.files.stream(),
    "jobs": lambda unit: unit.jobs.stream(),
    "jobs of two states": lambda unit: unit.jobs.stream(
        JobFilter(statuses=(JobStatus.QUEUED, JobStatus.FAILED))
    ),
    "downloads": lambda unit: unit.downloads.stream(),
    "downloads of a provider": lambda unit: unit.downloads.stream("provider 1"),
    "downloads in a language": lambda unit: unit.downloads.stream("", "de"),
    "upgrades": lambda unit: unit.upgrades.stream(),
    "blocklist": lambda unit: unit.blocklist.stream(),
    "glossary": lambda unit: unit.glossary.stream(),
    "terms that hold everywhere": lambda unit: unit.glossary.stream(EVERYWHERE),
    "translation memory": lambda unit: unit.translation_memory.stream(),
    "counts of providers": lambda unit: unit.provider_stats.stream(),
    "deliveries": lambda unit: unit.hook_log.stream(),
    "events": lambda unit: unit.events.stream(),
    "audit": lambda unit: unit.audit.stream(),
    "audit of a person": lambda unit: unit.audit.stream(AuditFilter(actor="system")),
    "days": lambda unit: unit.daily_statistics.stream(),
    "breakdowns": lambda unit: unit.daily_statistics.stream_breakdowns(),
}


def _fill(database: Database) -> None:
    fill_history(database, 2_000)
    with database.write() as unit:
        films = [a_film(unit, f"Film {number:03}") for number in range(150)]
        unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
        unit.jobs.enqueue_many([a_scan(number) for number in range(300)])
        unit.connection.execute(text("ANALYZE"))


def _sorts_a_list(plan: Sequence[Any]) -> bool:
    """Whether more is sorted than the rows of a portion, or of the beginnings that a portion is merged from."""
    first: dict[int, str] = {}
    for _, parent, _, node in plan:
        # Rows that were chosen before are found by their key, or stand in a part of the statement.
        if node.startswith(("SCAN", "SEARCH")):
            first.setdefault(parent, node)
        driver = first.get(parent, "")
        if node == "USE TEMP B-TREE FOR ORDER BY" and not (
            driver.endswith("(rowid=?)") or driver.startswith("SCAN anon_") or "(media_id=?)" in driver
        ):
            return True
    return False


@pytest.mark.parametrize(
    "plan",
    [
        [(1, 0, 0, "SCAN jobs"), (2, 0, 0, "USE TEMP B-TREE FOR ORDER BY")],
        [(1, 0, 0, "SCAN anon_1"), (2, 1, 0, "SCAN jobs"), (3, 1, 0, "USE TEMP B-TREE FOR ORDER BY")],
    ],
)
def test_a_sort_of_a_whole_list_is_seen(plan: Sequence[Any]) -> None:
    assert _sorts_a_list(plan)


def test_every_stream_is_looked_at() -> None:
    there = {
        f"{name}.{method}"
        for name, repository in REPOSITORIES.items()
        for method in _methods(repository)
        if method.startswith("stream")
    }
    assert there == {".".join(stream.__code__.co_names[:2]) for stream in STREAMS.values()}


def test_no_portion_of_an_export_sorts_a_whole_list_in_memory(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of SQLite alone: PostgreSQL sorts on the server, where what is large goes to disk."""
    _fill(sqlite_database)
    monkeypatch.setattr(streams, "PORTION", 20)
    faults: dict[str, str] = {}
    for name, stream in STREAMS.items():
        asked: list[tuple[str, object]] = []
        with sqlite_database.read() as unit:
            event.listen(
                unit.connection,
                "before_cursor_execute",
                lambda _, __, statement, parameters, *___, into=asked: into.append((statement, parameters)),
            )
            list(stream(unit))
            for statement, parameters in asked[:2]:
                plan = unit.connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
                if _sorts_a_list(plan):
                    faults[name] = "\n".join(str(row[-1]) for row in plan)
        assert asked, name
    assert not faults, "\n\n".join(f"{name}:\n{plan}" for name, plan in faults.items())


@pytest.mark.parametrize("words", ["film", "film 01", "nothing like that"])
@pytest.mark.parametrize(
    "statuses", [(), (WantedStatus.WANTED,), (WantedStatus.WANTED, WantedStatus.IGNORED)]
)
@pytest.mark.parametrize("most", [20, 2_000])
def test_an_export_by_words_holds_what_the_pages_hold(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    statuses: tuple[WantedStatus, ...],
    most: int,
) -> None:
    """Words in few entries and in many are two ways through the database; so are a page and a portion."""
    monkeypatch.setattr(word_search, "_OFTEN", most)
    monkeypatch.setattr(streams, "PORTION", 7)
    with database.write() as unit:
        films = [a_film(unit, f"Film {number:03}") for number in range(60)]
        unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
        unit.wanted.move([row.id for row in unit.wanted.of_file(films[7].file_id)], WantedStatus.IGNORED)
    wanted = WantedFilter(statuses=statuses, words=words)
    with database.read() as unit:
        streamed = list(unit.wanted.stream(wanted))
        paged, cursor, totals = [], None, set()
        while True:
            page = unit.wanted.page(wanted, PageRequest(9, cursor))
            paged += page.items
            totals.add(page.total)
            if page.next is None:
                break
            cursor = page.next
    assert streamed == paged
    assert totals == {len(paged)}
    ignored = not statuses or WantedStatus.IGNORED in statuses
    assert len(paged) == {"film": 59 + ignored, "film 01": 11}.get(words, 0)
