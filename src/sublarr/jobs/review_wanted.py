"""The review: bring wanted rows in line with profiles that changed, from what is known of the files alone.

It may be stopped or killed between two chunks; a second run finds what the first did and goes on. A disk that is
away, or asleep, is left alone.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.reconciling import Reconciled
from sublarr.jobs.wishing import reconcile_wanted
from sublarr.queue.context import JobContext
from sublarr.vocabulary.jobs import ReviewWanted
from sublarr.wanted.rules import WantedRules

_CHUNK = 1000


class WantedReview:
    """Works out anew what is wanted of some entries, of a profile's, or of everything."""

    def __init__(self, rules: Callable[[], WantedRules]) -> None:
        self._rules = rules

    def __call__(self, payload: ReviewWanted, context: JobContext, /) -> dict[str, Any] | None:
        """Review; the result counts the files looked at and the rows that changed."""
        rules = self._rules()
        total = Reconciled()
        done = 0
        for file_ids in _file_ids(payload, context):
            with context.database.write() as unit:
                total += reconcile_wanted(unit, file_ids, rules)
            done += len(file_ids)
            context.progress(done, None, f"{done} files reviewed")
        return {
            "files": done,
            "wanted_added": total.added + total.reopened,
            "wanted_satisfied": total.satisfied,
            "wanted_removed": total.removed,
        }


def _file_ids(payload: ReviewWanted, context: JobContext) -> Iterator[Sequence[int]]:
    """The files concerned, in chunks; none of them is held in memory twice."""
    if not payload.media_ids and payload.profile_id is None:
        yield from _every_file(context)
        return
    with context.database.read() as unit:
        media_ids = payload.media_ids
        if payload.profile_id is not None:
            media_ids = unit.profiles.media_of(payload.profile_id)
        file_ids = unit.files.ids_under(media_ids)
    yield from chunks(file_ids, _CHUNK)


def _every_file(context: JobContext) -> Iterator[Sequence[int]]:
    last = 0
    while True:
        with context.database.read() as unit:
            file_ids = unit.files.ids_after(last, _CHUNK)
        if not file_ids:
            return
        yield file_ids
        last = file_ids[-1]
