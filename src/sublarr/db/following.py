"""Who reads, and what they must see: a person or a job reads what it wrote, whichever server answers.

A door binds a `Follower` for the time of one request or one job; `Database.write()` notes in it that something
was written, and `Database.read(stale_ok=True)` asks it how far a replica must have come. Whoever has no
follower is answered by the primary. What a request leaves for the next one is its door's to carry.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# A position no replica ever reaches: read from the primary.
NEVER = 2**64 - 1


@dataclass(slots=True)
class Follower:
    """One reader; `position` is that of the write-ahead log which a replica must have replayed for it.

    `has_written` says that there is a later one, which was not asked for yet. `shuns_replica` has everything
    be read from the primary. `lost_replica` tells that a replica broke off in the middle of a read.
    """

    position: int = 0
    has_written: bool = False
    shuns_replica: bool = False
    lost_replica: bool = False


_present: ContextVar[Follower | None] = ContextVar("follower", default=None)


@contextmanager
def following(follower: Follower) -> Iterator[Follower]:
    """Have reads and writes of this thread be the follower's, until the block ends."""
    token = _present.set(follower)
    try:
        yield follower
    finally:
        _present.reset(token)


def present_follower() -> Follower | None:
    """Whose reads and writes these are; None where nobody said."""
    return _present.get()
