"""Counters lose nothing, however many write at once, and cost a scan little."""

import random
from contextlib import suppress

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from tests.contract.db.rows import a_film, a_source
from tests.database_fixtures import OpenDatabase
from tests.integration.db import processes, writing
from tests.integration.db.threads import in_threads

_FILMS = 12


def _prepare(database: Database) -> None:
    with database.write() as unit:
        a_source(unit, "/media")
        a_source(unit, "/other")
        for number in range(_FILMS):
            a_film(unit, f"Film {number}")


def _assert_counted(database: Database) -> None:
    with database.write() as unit:
        assert unit.counters.check() == ()
        real = unit.connection.execute(text("SELECT count(*) FROM wanted_items")).scalar_one()
        assert unit.wanted.summary().total == real
        unit.counters.fold()
        assert unit.counters.check() == ()
        assert unit.wanted.summary().total == real


def test_eight_threads_and_four_processes_that_write_at_once_are_all_counted(
    prepared_url: str, open_database: OpenDatabase
) -> None:
    database = open_database(prepared_url)
    _prepare(database)
    beside = processes.start("want", prepared_url, [100, 101, 102, 103])
    processes.begin(beside)
    mine = in_threads(lambda number: writing.want(database, number))
    theirs = processes.finish(beside)
    done = [outcome for outcomes in (*mine, *theirs) for outcome in outcomes]
    assert set(done) <= {"done", "undone", "deadlock"}
    assert done.count("done") > len(done) / 2
    assert "undone" in done
    _assert_counted(database)


def test_a_fold_that_is_rolled_back_takes_nothing_with_it(database: Database) -> None:
    _prepare(database)
    writing.want(database, 1)
    with suppress(RuntimeError), database.write() as unit:
        unit.counters.fold()
        raise RuntimeError
    _assert_counted(database)


def test_who_folds_keeps_nobody_from_writing(postgres_database: Database) -> None:
    _prepare(postgres_database)
    with postgres_database.write() as unit:
        unit.counters.fold()
        in_threads(lambda number: writing.want(postgres_database, number), 2)
    _assert_counted(postgres_database)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_changes_is_counted(database: Database, seed: int) -> None:
    _prepare(database)
    chance = random.Random(seed)
    for _ in range(10):
        writing.want(database, chance.randrange(1_000))
        _assert_counted(database)


def test_loose_rows_are_folded_without_anybody_asking(postgres_database: Database) -> None:
    _prepare(postgres_database)
    with postgres_database.write() as unit:
        for _ in range(700):
            unit.connection.execute(
                text(
                    "UPDATE media_files SET source_id = CASE source_id WHEN 1 THEN 2 ELSE 1 END WHERE id = 1"
                )
            )
        loose = unit.connection.execute(text("SELECT count(*) FROM row_counts WHERE NOT is_folded"))
        assert loose.scalar_one() < 1_400
    _assert_counted(postgres_database)
