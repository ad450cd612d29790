"""What another commits in the middle of a unit of work: told by what a person loses if it is not seen.

On PostgreSQL, where that can happen; on SQLite nobody writes between the beginning and the end of a writer.
"""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from sublarr.db.repositories.claims import Claim
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import DatabaseBusy
from sublarr.vocabulary.jobs import JobStatus, ScanFolder
from sublarr.vocabulary.subtitles import WantedStatus
from tests.contract.db.rows import a_film, a_scan, a_wish, a_worker
from tests.database_fixtures import CountingObserver, OpenDatabase

Change = Callable[[Unit], object]


class Interrupting(CountingObserver):
    """Has somebody else commit right after a statement of this name."""

    def __init__(self) -> None:
        super().__init__()
        self.database: Database | None = None
        self._name = ""
        self._change: Change | None = None

    def after(self, name: str, change: Change) -> None:
        self._name, self._change = name, change

    def statement(self, name: str, seconds: float) -> None:
        super().statement(name, seconds)
        if name == self._name and self._change is not None:
            change, self._change = self._change, None
            thread = threading.Thread(target=self._commit, args=(change,))
            thread.start()
            thread.join(30)
            assert not thread.is_alive()

    def _commit(self, change: Change) -> None:
        assert self.database is not None
        try:
            with self.database.write() as unit:
                # Whoever is kept off the row will have their turn after us, as if they had come later.
                unit.connection.execute(text("SET LOCAL lock_timeout = 200"))
                change(unit)
        except DatabaseBusy:
            self._change = change

    def finish(self) -> None:
        """Let them go who were kept off."""
        if self._change is not None:
            self._commit(self._change)


@pytest.fixture
def meddler() -> Interrupting:
    return Interrupting()


@pytest.fixture
def database(prepared_postgres_url: str, open_database: OpenDatabase, meddler: Interrupting) -> Database:
    meddler.database = open_database(prepared_postgres_url, observer=meddler)
    return meddler.database


def _running(database: Database) -> Claim:
    with database.write() as unit:
        unit.jobs.enqueue(a_scan(1))
        claim = unit.claims.claim(a_worker(unit), [ScanFolder.kind])
    assert claim is not None
    return claim


@pytest.mark.parametrize(("order", "end"), [("cancel", JobStatus.CANCELLED), ("pause", JobStatus.PAUSED)])
@pytest.mark.parametrize("handing_back", ["hand_back", "retry_later"])
def test_a_job_that_is_handed_back_while_a_person_stops_it_stops(
    database: Database, meddler: Interrupting, order: str, end: JobStatus, handing_back: str
) -> None:
    claim = _running(database)
    arguments = (0.0, "no answer", "") if handing_back == "retry_later" else ()
    first = {"cancel": "jobs.move_cancelled", "pause": "jobs.move_paused"}[order]
    meddler.after(first, lambda unit: getattr(unit.claims, handing_back)(claim, *arguments))
    with database.write() as unit:
        getattr(unit.jobs, order)(claim.job_id)
    meddler.finish()
    with database.read() as unit:
        assert unit.jobs.get(claim.job_id).status is end


def test_a_mark_of_ignored_that_comes_during_a_scan_is_kept(
    database: Database, meddler: Interrupting
) -> None:
    with database.write() as unit:
        film = a_film(unit)
        unit.wanted.reconcile([film.file_id], [a_wish(film)])
        (row,) = unit.wanted.of_file(film.file_id)
    meddler.after("wanted.stored", lambda other: other.wanted.move([row.id], WantedStatus.IGNORED))
    with database.write() as unit:
        removed = unit.wanted.reconcile([film.file_id], []).removed
    meddler.finish()
    with database.read() as unit:
        assert [row.status for row in unit.wanted.of_file(film.file_id)] == [WantedStatus.IGNORED]
    assert removed == 0


def test_two_scans_that_find_the_same_wish_store_it_once_and_neither_fails(
    database: Database, meddler: Interrupting
) -> None:
    with database.write() as unit:
        film = a_film(unit)
    wishes = [a_wish(film, "de"), a_wish(film, "fr")]
    meddler.after("wanted.stored", lambda other: other.wanted.reconcile([film.file_id], wishes[:1]))
    with database.write() as unit:
        added = unit.wanted.reconcile([film.file_id], wishes).added
    meddler.finish()
    assert added == 1
    with database.read() as unit:
        assert len(unit.wanted.of_file(film.file_id)) == 2
