"""What goes over the wire, and what is told when much happens at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sublarr.db.repositories.jobs import JobRow
from sublarr.vocabulary.jobs import JobOrigin, JobStatus
from sublarr.web.live import _ROWS, ServerEvent, _Ledger

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JOB = JobRow(
    "1", "k", "t", JobStatus.QUEUED, JobOrigin.PERSON, 0, 0, 3, 0, 0, None, "", False, "", None, "", None,
    NOW, NOW, None, None, NOW,
)  # fmt: skip


@pytest.mark.parametrize(
    ("event", "wire"),
    [
        (ServerEvent("a"), b"data: a\n\n"),
        (ServerEvent("a\r\nb\rc\nd", "job"), b"event: job\ndata: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerEvent("", "counts-changed"), b"event: counts-changed\ndata: \n\n"),
        (ServerEvent('"\u2028"'), 'data: "\u2028"\n\n'.encode()),
    ],
)
def test_no_title_can_end_an_event_early(event: ServerEvent, wire: bytes) -> None:
    assert event.encoded() == wire


def test_a_job_is_told_once_for_each_change_though_the_ledger_is_read_with_an_overlap() -> None:
    ledger = _Ledger(lambda: NOW)
    later = replace(JOB, updated_at=NOW + timedelta(seconds=1))
    assert ledger.news((JOB,)) == (JOB,)
    assert ledger.news((JOB,)) == ()
    assert ledger.news((JOB, later)) == (later,)
    assert ledger.since < NOW


def test_a_change_that_was_committed_late_is_not_missed() -> None:
    ledger = _Ledger(lambda: NOW)
    newest = replace(JOB, id="2", updated_at=NOW + timedelta(seconds=3))
    late = replace(JOB, id="3", updated_at=NOW)
    ledger.news((newest,))
    assert ledger.since <= late.updated_at
    assert ledger.news((late, newest)) == (late,)


def test_thousands_of_changes_at_once_do_not_hold_the_stream_at_the_first_of_them() -> None:
    ledger = _Ledger(lambda: NOW)
    flood = tuple(replace(JOB, id=str(number)) for number in range(_ROWS))
    ledger.news(flood)
    assert ledger.since >= NOW


def test_a_tab_that_comes_later_is_told_what_others_know_already() -> None:
    ledger = _Ledger(lambda: NOW)
    ledger.news((JOB,))
    ledger.forget()
    assert ledger.news((JOB,)) == (JOB,)
