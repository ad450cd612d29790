from pathlib import Path

import pytest
from filelock import Timeout

from sublarr.queue.liveness import LifeLock, forget, is_proven_dead


def test_a_held_lock_proves_life_and_asking_does_not_disturb_it(tmp_path: Path) -> None:
    lock = LifeLock(tmp_path / "workers", "one")
    lock.hold()
    assert not is_proven_dead(tmp_path / "workers", lock.name)
    assert not is_proven_dead(tmp_path / "workers", lock.name)
    lock.release()


def test_a_free_lock_proves_death_until_it_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "gone.lock").touch()
    assert is_proven_dead(tmp_path, "gone.lock")
    assert is_proven_dead(tmp_path, "gone.lock")
    forget(tmp_path, "gone.lock")
    forget(tmp_path, "gone.lock")
    assert not is_proven_dead(tmp_path, "gone.lock")


def test_two_workers_never_hold_one_lock(tmp_path: Path) -> None:
    first, second = LifeLock(tmp_path, "same"), LifeLock(tmp_path, "same")
    first.hold()
    with pytest.raises(Timeout):
        second.hold()
    first.release()
    assert list(tmp_path.iterdir()) == []
