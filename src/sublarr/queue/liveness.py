"""Proof of life: each worker process holds a file locked for as long as it lives.

The kernel frees the lock when the process dies, however it dies, so a free lock proves a dead worker at once
where a lease would have to run out. A process id proves nothing: in a container every process is number 1.
"""

import os
from pathlib import Path

from filelock import FileLock, Timeout


class LifeLock:
    """This process's own lock file."""

    def __init__(self, folder: Path, worker_id: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = f"{worker_id}.lock"
        self._lock = FileLock(folder / self.name)

    def hold(self) -> None:
        """Lock it until `release` or the end of the process."""
        self._lock.acquire(timeout=0)

    def release(self) -> None:
        """Unlock and remove it."""
        path = self._lock.lock_file
        self._lock.release()
        _remove(Path(path))


def is_proven_dead(folder: Path, lock_name: str) -> bool:
    """Whether that worker's lock file is here and free; false where nothing can be proven."""
    path = folder / lock_name
    if not lock_name or not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    lock.release()
    return True


def forget(folder: Path, lock_name: str) -> None:
    """Remove a dead worker's lock file."""
    _remove(folder / lock_name)


def _remove(path: Path) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
