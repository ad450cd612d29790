from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sublarr.db.repositories.claims import Claim
from sublarr.queue.handing_in import hand_in
from sublarr.vocabulary.errors import DatabaseBusy, DatabaseReadOnly, InvalidInput, SublarrError
from sublarr.vocabulary.jobs import JobStatus

CLAIM = Claim("job", 1, "scan_folder", "Scan", {}, 0, 3, "", 0.0)


class _Flaky:
    """A database that is away a number of times."""

    def __init__(self, *errors: SublarrError) -> None:
        self.errors = list(errors)
        self.recorded = 0
        self.claims = None

    @contextmanager
    def write(self) -> Iterator["_Flaky"]:
        if self.errors:
            raise self.errors.pop(0)
        yield self
        self.recorded += 1


def _hand_in(database: Any, pauses: list[float], stops_after: int = 1000) -> JobStatus:
    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return len(pauses) >= stops_after

    return hand_in(database, CLAIM, JobStatus.COMPLETED, lambda ledger: None, pause)


@pytest.mark.parametrize("error", [DatabaseBusy("busy"), DatabaseReadOnly("read-only")])
def test_the_end_of_a_job_is_recorded_however_long_the_database_is_away(error: SublarrError) -> None:
    database, pauses = _Flaky(*[error] * 20), list[float]()
    assert _hand_in(database, pauses) is JobStatus.COMPLETED
    assert database.recorded == 1
    assert pauses[:6] == [0.5, 1, 2, 4, 8, 8]


def test_a_stopping_process_does_not_wait_for_the_database(caplog: pytest.LogCaptureFixture) -> None:
    database = _Flaky(*[DatabaseBusy("busy")] * 20)
    assert _hand_in(database, [], stops_after=1) is JobStatus.RUNNING
    assert "will be rescued" in caplog.text


def test_what_the_database_refuses_for_good_is_not_tried_again() -> None:
    pauses: list[float] = []
    with pytest.raises(InvalidInput):
        _hand_in(_Flaky(InvalidInput("a NUL")), pauses)
    assert pauses == []
