"""Every contest, by the name of the method under contest: `repository.method`."""

from collections.abc import Mapping

from tests.integration.db.contests import (
    catalogue,
    counters,
    ledger,
    people,
    profiles,
    searching,
    undoing,
)
from tests.integration.db.contests.case import Case

CASES: Mapping[str, Case] = {
    **catalogue.CASES,
    **counters.CASES,
    **ledger.CASES,
    **people.CASES,
    **profiles.CASES,
    **searching.CASES,
    **undoing.CASES,
}

# The names that only look. Every other public method of a repository changes something.
LOOKING = frozenset(
    """
    active all all_effective assigned assignment_map assignments blocked_of by_day_and_key by_key by_provider
    changed_since check compare condition count counts days deleted diary disabled effective episodes error_detail
    failed_count file_ids find find_by_folder find_by_path find_default find_many get get_default has_due
    has_expired holding ids_after ids_by_key ids_by_path ids_of_source ids_under is_blocked is_disabled
    is_index_sound known known_sidecars library listed matching media_of narrow newest of_file of_media of_provider
    oldest_due_seconds overrides owners page pending points removed seek srt stats stream stream_breakdowns
    subtitles success_rate summary table_rows wanted within
    """.split()
)

# What changes something and needs no contest, with the reason.
EXEMPT: Mapping[str, str] = {}
