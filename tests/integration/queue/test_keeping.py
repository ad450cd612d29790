"""The keeper: leases live on under long jobs, the dead are found out, and no mishap ends its thread."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from sublarr.db.database import Database
from sublarr.db.repositories.workers import NewWorker
from sublarr.queue import keeper as keeping
from sublarr.queue.liveness import LifeLock, is_proven_dead
from sublarr.vocabulary.errors import DatabaseUnavailable
from sublarr.vocabulary.jobs import ExtractSubtitles, JobEvent, JobStatus
from tests.integration.queue.bench import (
    Bench,
    Held,
    ask,
    claim,
    events,
    extraction,
    get,
    let_lease_run_out,
    until,
    until_status,
)

KIND = ExtractSubtitles.kind


def _worker(database: Database, worker_id: str, host: str, lock_name: str) -> None:
    with database.write() as unit:
        unit.workers.add(NewWorker(worker_id, host, 1, "test", 1, "1.0", lock_name))


def _died_holding(folder: Path, name: str) -> None:
    """Have a real process hold that lock and be killed."""
    code = (
        "import os, signal, sys; from pathlib import Path; from sublarr.queue.liveness import LifeLock\n"
        f"LifeLock(Path({str(folder)!r}), {name!r}).hold(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == -9


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keeper in a hurry."""
    monkeypatch.setattr(keeping, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(keeping, "HEARTBEAT_SECONDS", 0.02)
    monkeypatch.setattr(keeping, "RESCUE_SECONDS", 0.02)
    monkeypatch.setattr(keeping, "SCHEDULE_SECONDS", 0.02)


def test_a_long_job_keeps_its_lease(bench: Bench, database: Database, quick: None) -> None:
    held = Held()
    bench.worker({KIND: held})
    job_id = ask(database, extraction(1))
    assert held.has_begun.wait(20)
    for _ in range(3):
        let_lease_run_out(database, job_id)

        def has_new_lease() -> bool:
            with database.read() as unit:
                return not unit.claims.has_expired()

        until(has_new_lease)
    held.may_end.set()
    until_status(database, job_id, JobStatus.COMPLETED, JobStatus.QUEUED)
    assert held.runs >= 1


def test_what_a_killed_process_of_this_machine_ran_is_taken_back_at_the_next_start(
    bench: Bench, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "workers"
    _died_holding(folder, "dead")
    _worker(database, "dead", platform.node(), "dead.lock")
    job_id = ask(database, extraction(1))
    claim(database, "dead")
    bench.worker({KIND: lambda payload, context: {}})
    until_status(database, job_id, JobStatus.COMPLETED)
    assert JobEvent.RESCUED in events(database, job_id)
    assert get(database, job_id).attempts == 0
    assert not (folder / "dead.lock").exists()
    with database.read() as unit:
        assert "dead" not in {row.id for row in unit.workers.listed()}


def test_a_process_that_lives_keeps_its_job(bench: Bench, database: Database, tmp_path: Path) -> None:
    alive = LifeLock(tmp_path / "workers", "alive")
    alive.hold()
    try:
        _worker(database, "alive", platform.node(), alive.name)
        job_id = ask(database, extraction(1))
        claim(database, "alive")
        bench.worker({KIND: lambda payload, context: {}})
        assert get(database, job_id).worker_id == "alive"
    finally:
        alive.release()


def test_another_machines_lock_proves_nothing_here(bench: Bench, database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    _died_holding(folder, "elsewhere")
    _worker(database, "elsewhere", "another-machine", "elsewhere.lock")
    job_id = ask(database, extraction(1))
    claim(database, "elsewhere")
    _, keeper = bench.worker({KIND: lambda payload, context: {}})
    assert get(database, job_id).worker_id == "elsewhere"
    let_lease_run_out(database, job_id)
    keeper._rescue()
    until_status(database, job_id, JobStatus.COMPLETED)


def test_without_a_lock_file_only_the_lease_tells(tmp_path: Path) -> None:
    assert not is_proven_dead(tmp_path, "never-there.lock")
    assert not is_proven_dead(tmp_path, "")
    assert not (tmp_path / "never-there.lock").exists()


@pytest.mark.parametrize("task", ["_beat", "_rescue"])
def test_a_mishap_of_the_keeper_does_not_end_its_thread(
    bench: Bench, database: Database, quick: None, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = Held()
    _, keeper = bench.worker({KIND: held})
    mishaps = []

    def fail() -> None:
        mishaps.append(1)
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(keeper, task, fail)
    job_id = ask(database, extraction(1))
    assert held.has_begun.wait(20)
    until(lambda: len(mishaps) >= 3)
    assert keeper._thread.is_alive()
    monkeypatch.undo()
    with database.write() as unit:
        unit.jobs.cancel(job_id)
    # At its usual pace again, so the heartbeat is asked for.
    keeper._beat()
    until_status(database, job_id, JobStatus.CANCELLED)


def test_a_schedule_that_cannot_be_fired_does_not_keep_jobs_from_being_claimed(
    bench: Bench, database: Database, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, keeper = bench.worker({KIND: lambda payload, context: {}})

    def fail() -> int:
        raise RuntimeError("no schedule today")

    monkeypatch.setattr(keeper._scheduler, "tick", fail)
    until_status(database, ask(database, extraction(1)), JobStatus.COMPLETED)


def test_what_another_process_asked_for_is_found_without_a_bell(
    bench: Bench, database: Database, quick: None
) -> None:
    runner, _ = bench.worker({KIND: lambda payload, context: {}})
    database._on_ring.remove(runner.ring)
    until_status(database, ask(database, extraction(1)), JobStatus.COMPLETED)


def test_a_worker_that_signs_off_leaves_neither_row_nor_lock(
    bench: Bench, database: Database, tmp_path: Path
) -> None:
    runner, keeper = bench.worker({KIND: lambda payload, context: {}})
    assert len(list((tmp_path / "workers").iterdir())) == 1
    runner.stop()
    keeper.stop()
    assert list((tmp_path / "workers").iterdir()) == []
    with database.read() as unit:
        assert unit.workers.listed() == ()
