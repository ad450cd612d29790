"""What is kept for how long: one table of rules, from which the nightly job works.

Whatever grows has its rule here; a test fails for a repository's `purge` or `delete_…_before` that nobody calls.
Failed jobs, pending events and everything people made and did not delete are never touched.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sublarr.db.unit import Unit

# Answers carry the moment until which they are good themselves.
_EXPIRED = 0
_STOPPED_WORKERS_DAYS = 7
_TOLD_EVENTS_DAYS = 7
_ORPHANED_PROBES_DAYS = 90
_STATISTICS_DAYS = 10 * 365
_AUDIT_DAYS = 2 * 365
UNUSED_ANIDB_DAYS = 90

Days = Callable[["Periods"], int | None]


@dataclass(frozen=True, slots=True)
class Periods:
    """The days that people may change; 0 keeps for ever."""

    jobs: int = 30
    deliveries: int = 30
    history: int = 0
    deleted: int = 30
    translation_memory: int = 365
    anidb: int = UNUSED_ANIDB_DAYS


@dataclass(frozen=True, slots=True)
class Rule:
    """What is removed after how many days (None: never), by a call that removes up to so many rows from before a moment."""

    name: str
    meaning: str
    days: Days
    remove: Callable[[Unit, datetime, int], int]


def _always(days: int) -> Days:
    return lambda _: days


def _jobs(periods: Periods) -> int | None:
    return periods.jobs or None


def _deliveries(periods: Periods) -> int | None:
    return periods.deliveries or None


def _history(periods: Periods) -> int | None:
    return periods.history or None


def _deleted(periods: Periods) -> int | None:
    return periods.deleted or None


def _memory(periods: Periods) -> int | None:
    return periods.translation_memory or None


RULES: tuple[Rule, ...] = (
    Rule(
        "jobs",
        "completed and cancelled jobs, with their diaries",
        _jobs,
        lambda unit, before, limit: unit.jobs.delete_finished_before(before, limit),
    ),
    Rule(
        "transcriptions",
        "transcriptions that are over",
        _jobs,
        lambda unit, before, limit: unit.transcriptions.delete_finished_before(before, limit),
    ),
    Rule(
        "workers",
        "processes that stopped",
        _always(_STOPPED_WORKERS_DAYS),
        lambda unit, before, _: unit.workers.delete_stopped_before(before),
    ),
    Rule(
        "deliveries",
        "the log of hooks and webhooks",
        _deliveries,
        lambda unit, before, limit: unit.hook_log.delete_older_than(before, limit),
    ),
    Rule(
        "events",
        "events that were told",
        _always(_TOLD_EVENTS_DAYS),
        lambda unit, before, limit: unit.events.delete_dispatched_before(before, limit),
    ),
    Rule(
        "downloads",
        "the history of subtitles that came",
        _history,
        lambda unit, before, limit: unit.downloads.delete_before(before, limit),
    ),
    Rule(
        "upgrades",
        "the history of subtitles that were replaced",
        _history,
        lambda unit, before, limit: unit.upgrades.delete_before(before, limit),
    ),
    Rule(
        "statistics",
        "days of the statistics, with what they were made of",
        _always(_STATISTICS_DAYS),
        lambda unit, before, limit: unit.daily_statistics.delete_before(before.date(), limit),
    ),
    Rule(
        "audit",
        "who changed what",
        _always(_AUDIT_DAYS),
        lambda unit, before, limit: unit.audit.delete_before(before, limit),
    ),
    Rule(
        "probes",
        "what was read from files that nobody has any more",
        _always(_ORPHANED_PROBES_DAYS),
        lambda unit, before, limit: unit.probes.delete_older_than(before, limit),
    ),
    Rule(
        "provider_results",
        "answers of providers that are good no more",
        _always(_EXPIRED),
        lambda unit, _, limit: unit.provider_results.delete_expired(limit),
    ),
    Rule(
        "metadata",
        "answers of metadata services that are good no more",
        _always(_EXPIRED),
        lambda unit, _, limit: unit.metadata.delete_expired(limit),
    ),
    Rule(
        "anidb",
        "AniDB ids that nobody used",
        lambda periods: periods.anidb,
        lambda unit, before, limit: unit.anidb.delete_unused_since(before, limit),
    ),
    Rule(
        "translation_memory",
        "translated lines that were not used",
        _memory,
        lambda unit, before, limit: unit.translation_memory.delete_unused_since(before, limit),
    ),
    Rule(
        "folders",
        "removed folders, with their sources and all that was known of them",
        _deleted,
        lambda unit, before, limit: unit.folders.purge(before, limit),
    ),
    Rule(
        "settings",
        "saved values that were forgotten",
        _deleted,
        lambda unit, before, limit: unit.config.purge(before, limit),
    ),
    Rule(
        "assignments",
        "profiles that were taken from series and films",
        _deleted,
        lambda unit, before, limit: unit.profiles.purge_assignments(before, limit),
    ),
    Rule(
        "profiles",
        "deleted language profiles, with what they were assigned to",
        _deleted,
        lambda unit, before, limit: unit.profiles.purge(before, limit),
    ),
    Rule("hooks", "deleted hooks", _deleted, lambda unit, before, limit: unit.hooks.purge(before, limit)),
    Rule(
        "webhooks",
        "deleted webhooks",
        _deleted,
        lambda unit, before, limit: unit.webhooks.purge(before, limit),
    ),
    Rule(
        "presets",
        "deleted prompt presets",
        _deleted,
        lambda unit, before, limit: unit.prompt_presets.purge_deleted_before(before, limit),
    ),
    Rule(
        "glossary",
        "deleted terms",
        _deleted,
        lambda unit, before, limit: unit.glossary.purge_deleted_before(before, limit),
    ),
    Rule(
        "weights",
        "weights that were taken back",
        _deleted,
        lambda unit, before, limit: unit.weights.purge(before, limit),
    ),
    Rule(
        "modifiers",
        "points of providers that were taken back",
        _deleted,
        lambda unit, before, limit: unit.modifiers.purge(before, limit),
    ),
    Rule(
        "blocklist",
        "subtitles that were taken off the blocklist",
        _deleted,
        lambda unit, before, limit: unit.blocklist.purge(before, limit),
    ),
)
