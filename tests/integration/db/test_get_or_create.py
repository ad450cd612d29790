"""What many ask for at once is made once, and everybody gets the same: threads and processes, on both databases."""

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from tests.integration.db import processes
from tests.integration.db.asking import ASKS
from tests.integration.db.threads import in_threads
from tests.integration.db.writing import get_or_create

ROUNDS = 5
PROCESSES = 3
THREADS = 4


@pytest.mark.slow
def test_what_many_ask_for_at_once_exists_once_and_is_the_same_for_all(
    database: Database, prepared_url: str
) -> None:
    before = {name: _count(database, ask.table) for name, ask in ASKS.items()}
    others = processes.start("get_or_create", prepared_url, [ROUNDS] * PROCESSES)
    processes.begin(others)
    answers = in_threads(lambda _: get_or_create(database, ROUNDS), THREADS)
    answers += processes.finish(others)
    assert len(answers) == THREADS + PROCESSES
    for name, ask in ASKS.items():
        rows = 1 if ask.is_one_for_all else ROUNDS
        # The folder under which the entries are is one more.
        rows += ask.table in ("watched_folders", "sources")
        assert _count(database, ask.table) - before[name] == rows, name
        assert all(answer[name] == answers[0][name] for answer in answers), name
        assert len(set(answers[0][name])) == (1 if ask.is_one_for_all else ROUNDS), name


def _count(database: Database, table: str) -> int:
    with database.read() as unit:
        return int(unit.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
