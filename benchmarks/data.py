"""The data layer: waiting writers, bulk writes, reads by key, deep pages, and looking at a whole library again."""

from collections.abc import Iterator

from benchmarks.layer import again, bulk, reading, waiting
from benchmarks.runner import Line


def lines(*, quick: bool) -> Iterator[Line]:
    """Against the raw driver of the same database, wherever there is one."""
    yield from bulk.lines(quick=quick)
    yield from reading.lines(quick=quick)
    yield from again.lines(quick=quick)
    yield from waiting.lines(quick=quick)
