"""Bringing wanted rows in line for files: profile and facts in, repository out."""

from collections.abc import Iterator, Sequence

from sublarr.db.repositories.reconciling import Reconciled, WantedWish
from sublarr.db.unit import Unit
from sublarr.jobs.extraction import profiles_of
from sublarr.wanted.rules import WantedRules, wishes_for


def reconcile_wanted(unit: Unit, file_ids: Sequence[int], rules: WantedRules) -> Reconciled:
    """Have the wanted rows of these files say what their profiles ask for and they have not."""
    return unit.wanted.reconcile(file_ids, list(_wishes(unit, file_ids, rules)))


def _wishes(unit: Unit, file_ids: Sequence[int], rules: WantedRules) -> Iterator[WantedWish]:
    owners = unit.files.owners(file_ids)
    profiles = profiles_of(unit, owners)
    subtitles = unit.files.subtitles(file_ids)
    for file_id, owner in owners.items():
        yield from wishes_for(owner, subtitles.get(file_id, ()), profiles[file_id], rules)
