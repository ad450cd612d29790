"""Every query of every repository as a page, a job or an API asks it, for the household of `hundred_thousand`.

A name is `repository.method`, and behind it in words what is special. A list is asked by `lists`: its first page, one
thousands of rows on, and back from there. A new public method fails the test until it is here, or among `UNASKED`.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

from sublarr.db.pages import Page, PageRequest
from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.repositories.claims import Claim, Progress
from sublarr.db.repositories.glossary import GlossaryScope
from sublarr.db.repositories.hook_log import DeliveryFilter
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.repositories.translation_memory import MemoryScope
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.db.repositories.wanted_search import SearchClaim
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import JobStatus, ScanFolder
from sublarr.vocabulary.media import FoundFile, MediaKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.scoring import ScoreType
from sublarr.vocabulary.statistics import Period, StatisticsDimension
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from sublarr.vocabulary.transcription import TranscriptionStatus

Query = Callable[[Unit], object]
Pages = Callable[[Unit, PageRequest], Page[Any]]

_HOPS = 3
_HOP = 500
_BEFORE = datetime(2026, 1, 1, 12, tzinfo=UTC)
_AFTER = datetime(2027, 1, 1, tzinfo=UTC)
_KINDS = ("scan_folder", "scan_files", "prune_history", "extract_tracks")
_CLAIM = Claim("J1000003", 0, "scan_folder", "a", {}, 0, 1, "", 0.0)
_IDS = tuple(range(7_000, 7_050))
_SERIES = tuple(range(1, 51))
_PATH = "/media/7.mkv"
_HASHES = tuple(f"hash {number}" for number in range(1, 60))
_ENGLISH = MemoryScope("en", "de")
_PERIOD = Period(date(2024, 1, 1), date(2024, 3, 1))
_OPEN = (WantedStatus.WANTED, WantedStatus.SEARCHING, WantedStatus.FAILED)
_SEARCHED = SearchClaim(_IDS, _BEFORE)
_SOME_SERIES = AssignmentScope(MediaKind.SERIES, _SERIES)
# In nothing, in one entry, in hundreds, in thousands, in all; and too short to be a trigram.
_WORDS = ("xyzzy", "77777", "title 777", "7.mkv", "title", "77")
_RARE = 3


def _wanted_filters() -> Iterator[WantedFilter]:
    states = ((), _OPEN)
    kinds = (None, MediaKind.MOVIE)
    languages = ("", "de")
    types = (None, SubtitleType.FORCED, SubtitleType.FULL)
    for statuses, kind, language, subtitle_type in product(states, kinds, languages, types):
        for upgrades_only in (False, True):
            yield WantedFilter(statuses, kind, language, subtitle_type, upgrades_only=upgrades_only)
    for statuses in states:
        yield WantedFilter(statuses, MediaKind.EPISODE, "xx")
        yield WantedFilter(statuses, series_id=77)
        yield WantedFilter(statuses, series_id=77, target_language="de")


def _job_filters() -> Iterator[JobFilter]:
    some = ((), (JobStatus.FAILED,), (JobStatus.COMPLETED, JobStatus.CANCELLED), tuple(JobStatus))
    for statuses, kind in product(some, ("", "scan_folder")):
        yield JobFilter(statuses, kind)


def _lists() -> Iterator[tuple[str, Pages]]:
    for wanted in _wanted_filters():
        yield f"wanted.page {wanted}", lambda unit, request, wanted=wanted: unit.wanted.page(wanted, request)  # type: ignore[misc]
    for jobs in _job_filters():
        yield f"jobs.page {jobs}", lambda unit, request, jobs=jobs: unit.jobs.page(jobs, request)  # type: ignore[misc]
    for words, narrow in product(_WORDS, (WantedFilter(), WantedFilter(_OPEN))):
        wanted = replace(narrow, words=words)
        yield (
            f"wanted.page of {words!r} {narrow}",
            lambda unit, request, wanted=wanted: unit.wanted.page(wanted, request),  # type: ignore[misc]
        )
    for words in _WORDS[:_RARE]:
        of_episodes = WantedFilter(_OPEN, MediaKind.EPISODE, "de", words=words)
        yield (
            f"wanted.page of {words!r} in a language",
            lambda unit, request, wanted=of_episodes: unit.wanted.page(wanted, request),  # type: ignore[misc]
        )
    for words in _WORDS:
        yield (
            f"media.page of series with {words!r}",
            lambda unit, request, words=words: unit.media.page(MediaKind.SERIES, words, request),  # type: ignore[misc]
        )
        yield (
            f"search.page of {words!r}",
            lambda unit, request, words=words: unit.search.page(words, (), request),  # type: ignore[misc]
        )
    # Every title there is begins with it.
    yield "search.page of 'title'", lambda unit, request: unit.search.page("title", (), request)
    yield "audit.page", lambda unit, request: unit.audit.page(AuditFilter(), request)
    yield "audit.page of a sort", lambda unit, request: unit.audit.page(AuditFilter("hook"), request)
    yield "audit.page of a thing", lambda unit, request: unit.audit.page(AuditFilter("wanted", "77"), request)
    for actor in ("ada", "person"):
        yield (
            f"audit.page of {actor}",
            lambda unit, request, actor=actor: unit.audit.page(AuditFilter(actor=actor), request),  # type: ignore[misc]
        )
        for entity in ("hook", "wanted"):
            lines = AuditFilter(entity, "", actor)
            yield (
                f"audit.page of {actor} and a {entity}",
                lambda unit, request, lines=lines: unit.audit.page(lines, request),  # type: ignore[misc]
            )
    yield (
        "audit.page of a person and a thing",
        lambda unit, request: unit.audit.page(AuditFilter("wanted", "77", "person"), request),
    )
    for profile, removed in product((None, 7), (False, True)):
        yield (
            f"profiles.assignments of {profile}{' that were taken' if removed else ''}",
            lambda unit, request, profile=profile, removed=removed: unit.profiles.assignments(  # type: ignore[misc]
                MediaKind.MOVIE, request, profile_id=profile, removed=removed
            ),
        )
    yield "media.page of series", lambda unit, request: unit.media.page(MediaKind.SERIES, "", request)
    yield "media.page of films", lambda unit, request: unit.media.page(MediaKind.MOVIE, "", request)
    yield "media.episodes", lambda unit, request: unit.media.episodes(7, request)
    yield "downloads.page", lambda unit, request: unit.downloads.page(request)
    yield "downloads.page of a provider", lambda unit, request: unit.downloads.page(request, "provider 3")
    yield "downloads.page in a language", lambda unit, request: unit.downloads.page(request, "", "de")
    yield (
        "downloads.page of a provider in a language",
        lambda unit, request: unit.downloads.page(request, "provider 3", "de"),
    )
    yield "upgrades.page", lambda unit, request: unit.upgrades.page(request)
    yield "upgrades.page of a file", lambda unit, request: unit.upgrades.page(request, _PATH)
    yield "blocklist.page", lambda unit, request: unit.blocklist.page(request)
    yield "blocklist.page of removed", lambda unit, request: unit.blocklist.page(request, removed=True)
    yield "glossary.page", lambda unit, request: unit.glossary.page(GlossaryScope(), request)
    yield "glossary.page of a series", lambda unit, request: unit.glossary.page(GlossaryScope(2, 77), request)
    yield "outdated_jobs.page", lambda unit, request: unit.outdated_jobs.page("hash 7", request)
    yield "transcriptions.page", lambda unit, request: unit.transcriptions.page(request)
    for status in (TranscriptionStatus.QUEUED, TranscriptionStatus.COMPLETED, TranscriptionStatus.CANCELLED):
        yield (
            f"transcriptions.page {status}",
            lambda unit, request, status=status: unit.transcriptions.page(request, status),  # type: ignore[misc]
        )
    yield "translation_configs.page", lambda unit, request: unit.translation_configs.page(request)
    yield "hook_log.page", lambda unit, request: unit.hook_log.page(request)
    yield "hook_log.page of a hook", lambda unit, request: unit.hook_log.page(request, DeliveryFilter(7))
    yield (
        "hook_log.page of a webhook",
        lambda unit, request: unit.hook_log.page(request, DeliveryFilter(None, 8)),
    )
    yield "standalone_series.page", lambda unit, request: unit.standalone_series.page(request)
    yield "standalone_movies.page", lambda unit, request: unit.standalone_movies.page(request)


LISTS: dict[str, Pages] = dict(_lists())

QUERIES: dict[str, Query] = {
    "config.all": lambda unit: unit.config.all(),
    "config.find": lambda unit: unit.config.find("plugin.name1.key1"),
    "config.get": lambda unit: unit.config.get("plugin.name1.key1"),
    "config.purge": lambda unit: unit.config.purge(_BEFORE, 100),
    "secrets.find": lambda unit: unit.secrets.find("cursors"),
    "secrets.get_or_make": lambda unit: unit.secrets.get_or_make("cursors"),
    "audit.delete_before": lambda unit: unit.audit.delete_before(_BEFORE, 100),
    "audit.find": lambda unit: unit.audit.find(7),
    "audit.get": lambda unit: unit.audit.get(7),
    "folders.get_or_add": lambda unit: unit.folders.get_or_add("/media/1"),
    "folders.purge": lambda unit: unit.folders.purge(_BEFORE, 100),
    "folders.find_by_path": lambda unit: unit.folders.find_by_path("/media/1"),
    "folders.get": lambda unit: unit.folders.get(1),
    "folders.listed": lambda unit: unit.folders.listed(),
    "profiles.assign": lambda unit: unit.profiles.assign(_SOME_SERIES, 3),
    "profiles.unassign": lambda unit: unit.profiles.unassign(_SOME_SERIES),
    "profiles.restore_assignments": lambda unit: unit.profiles.restore_assignments(_SOME_SERIES),
    "profiles.deleted": lambda unit: unit.profiles.deleted(),
    "profiles.find": lambda unit: unit.profiles.find(3),
    "profiles.get": lambda unit: unit.profiles.get(3),
    "profiles.get_or_add_default": lambda unit: unit.profiles.get_or_add_default("en", ["de"]),
    "profiles.media_of": lambda unit: unit.profiles.media_of(3),
    "profiles.purge": lambda unit: unit.profiles.purge(_BEFORE, 100),
    "profiles.purge_assignments": lambda unit: unit.profiles.purge_assignments(_BEFORE, 100),
    "profiles.assigned": lambda unit: unit.profiles.assigned(_SERIES),
    "profiles.find_default": lambda unit: unit.profiles.find_default(),
    "profiles.get_default": lambda unit: unit.profiles.get_default(),
    "profiles.listed": lambda unit: unit.profiles.listed(),
    "media.counts": lambda unit: unit.media.counts((*_SERIES, *range(1_001, 1_050))),
    "media.get": lambda unit: unit.media.get(7),
    "media.ids_by_key": lambda unit: unit.media.ids_by_key(1, [f"key {number}" for number in range(500)]),
    "files.get": lambda unit: unit.files.get(7),
    "files.ids_after": lambda unit: unit.files.ids_after(50_000, 500),
    "files.ids_under": lambda unit: unit.files.ids_under((*_SERIES[:20], *_IDS)),
    "files.ids_by_path": lambda unit: unit.files.ids_by_path([_PATH]),
    "files.listed": lambda unit: unit.files.listed(_IDS),
    "files.of_media": lambda unit: unit.files.of_media(_IDS),
    "files.owners": lambda unit: unit.files.owners(_IDS),
    "files.subtitles": lambda unit: unit.files.subtitles(_IDS),
    "probes.find_many": lambda unit: unit.probes.find_many([FoundFile(f"/media/{n}", 1, 1) for n in _IDS]),
    "search.compare": lambda unit: unit.search.compare(50_000, 2_000),
    "search.find": lambda unit: unit.search.find("title 777"),
    "search.pending": lambda unit: unit.search.pending(),
    "search.renew": lambda unit: unit.search.renew(50_000, 500),
    "wanted.claim_for_search": lambda unit: unit.wanted.claim_for_search(50),
    "wanted.mark_search_attempted": lambda unit: unit.wanted.mark_search_attempted(
        _SEARCHED, _SEARCHED.item_ids
    ),
    "wanted.prolong_search": lambda unit: unit.wanted.prolong_search(_SEARCHED),
    "wanted.release_from_search": lambda unit: unit.wanted.release_from_search(_SEARCHED, _SEARCHED.item_ids),
    "wanted.file_ids with words": lambda unit: unit.wanted.file_ids(
        WantedFilter(_OPEN, words="title 777"), 100
    ),
    "wanted.file_ids": lambda unit: unit.wanted.file_ids(WantedFilter(_OPEN, target_language="de"), 100),
    "wanted.get": lambda unit: unit.wanted.get(7),
    "wanted.listed": lambda unit: unit.wanted.listed(_IDS),
    "wanted.of_file": lambda unit: unit.wanted.of_file(7),
    "wanted.of_media": lambda unit: unit.wanted.of_media(_IDS),
    "wanted.move to ignored": lambda unit: unit.wanted.move(_IDS, WantedStatus.IGNORED),
    "wanted.move back": lambda unit: unit.wanted.move(_IDS, WantedStatus.WANTED),
    "wanted.pass_on_ignored": lambda unit: unit.wanted.pass_on_ignored(_IDS),
    "wanted.summary": lambda unit: unit.wanted.summary(),
    "downloads.delete_before": lambda unit: unit.downloads.delete_before(_BEFORE, 100),
    "upgrades.delete_before": lambda unit: unit.upgrades.delete_before(_BEFORE, 100),
    "blocklist.find": lambda unit: unit.blocklist.find(7),
    "blocklist.get": lambda unit: unit.blocklist.get(7),
    "blocklist.blocked_of": lambda unit: unit.blocklist.blocked_of([("provider 7", str(n)) for n in _IDS]),
    "blocklist.is_blocked": lambda unit: unit.blocklist.is_blocked("provider 7", "7"),
    "blocklist.purge": lambda unit: unit.blocklist.purge(_BEFORE, 100),
    "weights.all_effective": lambda unit: unit.weights.all_effective(),
    "weights.effective": lambda unit: unit.weights.effective(ScoreType.EPISODE),
    "weights.overrides": lambda unit: unit.weights.overrides(ScoreType.EPISODE),
    "weights.removed": lambda unit: unit.weights.removed(),
    "weights.purge": lambda unit: unit.weights.purge(_BEFORE, 100),
    "modifiers.find": lambda unit: unit.modifiers.find("provider 7"),
    "modifiers.points": lambda unit: unit.modifiers.points("provider 7"),
    "modifiers.purge": lambda unit: unit.modifiers.purge(_BEFORE, 100),
    "provider_stats.find": lambda unit: unit.provider_stats.find("provider 7"),
    "provider_stats.get": lambda unit: unit.provider_stats.get("provider 7"),
    "provider_stats.listed": lambda unit: unit.provider_stats.listed(_BEFORE),
    "provider_stats.disabled": lambda unit: unit.provider_stats.disabled(),
    "provider_stats.is_disabled": lambda unit: unit.provider_stats.is_disabled("provider 7"),
    "provider_stats.success_rate": lambda unit: unit.provider_stats.success_rate("provider 7"),
    "provider_results.find": lambda unit: unit.provider_results.find("provider 7", "7"),
    "provider_results.delete_expired": lambda unit: unit.provider_results.delete_expired(100),
    "jobs.active": lambda unit: unit.jobs.active(),
    "jobs.changed_since": lambda unit: unit.jobs.changed_since(_BEFORE),
    "jobs.counts": lambda unit: unit.jobs.counts(),
    "jobs.diary": lambda unit: unit.jobs.diary("J1000007"),
    "jobs.error_detail": lambda unit: unit.jobs.error_detail("J1000007"),
    "jobs.failed_count": lambda unit: unit.jobs.failed_count(),
    "jobs.find": lambda unit: unit.jobs.find("J1000007"),
    "jobs.get": lambda unit: unit.jobs.get("J1000007"),
    "jobs.oldest_due_seconds": lambda unit: unit.jobs.oldest_due_seconds(),
    "jobs.delete_finished_before": lambda unit: unit.jobs.delete_finished_before(_AFTER, 100),
    "jobs.enqueue": lambda unit: unit.jobs.enqueue(ScanFolder(folder_id=1, folder_path="/media/1")),
    "jobs.supersede_failed": lambda unit: unit.jobs.supersede_failed(
        ScanFolder(folder_id=1, folder_path="/media/1")
    ),
    "claims.has_due": lambda unit: unit.claims.has_due(_KINDS),
    "claims.has_due of a rare kind": lambda unit: unit.claims.has_due(["sync_subtitle"]),
    "claims.claim": lambda unit: unit.claims.claim("worker 1", _KINDS),
    "claims.has_expired": lambda unit: unit.claims.has_expired(),
    "claims.rescue_expired": lambda unit: unit.claims.rescue_expired(),
    "claims.rescue_of_workers": lambda unit: unit.claims.rescue_of_workers(["worker 3"]),
    "claims.pulse": lambda unit: unit.claims.pulse("worker 3", ["J1000003"]),
    "claims.progress": lambda unit: unit.claims.progress(_CLAIM, Progress(1, 2)),
    "claims.complete": lambda unit: unit.claims.complete(_CLAIM),
    "workers.listed": lambda unit: unit.workers.listed(),
    "workers.delete_stopped_before": lambda unit: unit.workers.delete_stopped_before(_BEFORE),
    "schedules.get": lambda unit: unit.schedules.get("schedule 1"),
    "schedules.listed": lambda unit: unit.schedules.listed(),
    "statistics.library": lambda unit: unit.statistics.library(),
    "statistics.wanted": lambda unit: unit.statistics.wanted(),
    "backend_statistics.find": lambda unit: unit.backend_statistics.find("backend 1"),
    "backend_statistics.get": lambda unit: unit.backend_statistics.get("backend 1"),
    "backend_statistics.listed": lambda unit: unit.backend_statistics.listed(),
    "daily_statistics.delete_before": lambda unit: unit.daily_statistics.delete_before(date(2020, 3, 1), 100),
    "daily_statistics.by_day_and_key": lambda unit: unit.daily_statistics.by_day_and_key(
        StatisticsDimension.FORMAT, _PERIOD
    ),
    "daily_statistics.by_key": lambda unit: unit.daily_statistics.by_key(StatisticsDimension.FORMAT, _PERIOD),
    "daily_statistics.days": lambda unit: unit.daily_statistics.days(_PERIOD),
    "daily_statistics.summary": lambda unit: unit.daily_statistics.summary(date(2024, 3, 1)),
    "glossary.find": lambda unit: unit.glossary.find(7),
    "glossary.get": lambda unit: unit.glossary.get(7),
    "glossary.deleted": lambda unit: unit.glossary.deleted(),
    "glossary.newest of a series": lambda unit: unit.glossary.newest(GlossaryScope(2, 77)),
    "glossary.newest": lambda unit: unit.glossary.newest(GlossaryScope()),
    "glossary.effective": lambda unit: unit.glossary.effective(GlossaryScope(2, 77)),
    "glossary.purge_deleted_before": lambda unit: unit.glossary.purge_deleted_before(_BEFORE, 100),
    "glossary.delete_scope": lambda unit: unit.glossary.delete_scope(GlossaryScope(2, 77)),
    "prompt_presets.find": lambda unit: unit.prompt_presets.find(7),
    "prompt_presets.get": lambda unit: unit.prompt_presets.get(7),
    "prompt_presets.find_default": lambda unit: unit.prompt_presets.find_default(),
    "prompt_presets.deleted": lambda unit: unit.prompt_presets.deleted(),
    "prompt_presets.purge_deleted_before": lambda unit: unit.prompt_presets.purge_deleted_before(
        _BEFORE, 100
    ),
    "transcriptions.find": lambda unit: unit.transcriptions.find("T1000007"),
    "transcriptions.get": lambda unit: unit.transcriptions.get("T1000007"),
    "transcriptions.srt": lambda unit: unit.transcriptions.srt("T1000007"),
    "transcriptions.delete_finished_before": lambda unit: unit.transcriptions.delete_finished_before(
        _BEFORE, 100
    ),
    "translation_configs.find": lambda unit: unit.translation_configs.find("hash 7"),
    "translation_memory.find_many": lambda unit: unit.translation_memory.find_many(_ENGLISH, _HASHES),
    "translation_memory.record_use": lambda unit: unit.translation_memory.record_use(_ENGLISH, _HASHES),
    "translation_memory.delete_unused_since": lambda unit: unit.translation_memory.delete_unused_since(
        _BEFORE, 100
    ),
    "plugins.all": lambda unit: unit.plugins.all(),
    "plugins.of_provider": lambda unit: unit.plugins.of_provider("name1"),
    "hooks.find": lambda unit: unit.hooks.find(7),
    "hooks.get": lambda unit: unit.hooks.get(7),
    "hooks.listed of an event": lambda unit: unit.hooks.listed("event 7", with_every_event=True),
    "hooks.purge": lambda unit: unit.hooks.purge(_BEFORE, 100),
    "webhooks.find": lambda unit: unit.webhooks.find(7),
    "webhooks.get": lambda unit: unit.webhooks.get(7),
    "webhooks.listed of an event": lambda unit: unit.webhooks.listed("event 7", with_every_event=True),
    "webhooks.purge": lambda unit: unit.webhooks.purge(_BEFORE, 100),
    "hook_log.delete_older_than": lambda unit: unit.hook_log.delete_older_than(_BEFORE, 100),
    "hook_log.count of a hook": lambda unit: unit.hook_log.count(DeliveryFilter(7)),
    "events.pending": lambda unit: unit.events.pending(),
    "events.mark_dispatched": lambda unit: unit.events.mark_dispatched([100, 200]),
    "events.delete_dispatched_before": lambda unit: unit.events.delete_dispatched_before(_BEFORE, 100),
    "anidb.find": lambda unit: unit.anidb.find(7),
    "anidb.use": lambda unit: unit.anidb.use(7, 90),
    "anidb.delete_unused_since": lambda unit: unit.anidb.delete_unused_since(_BEFORE, 100),
    "metadata.find": lambda unit: unit.metadata.find("key 7"),
    "metadata.delete_expired": lambda unit: unit.metadata.delete_expired(100),
    "standalone_series.find": lambda unit: unit.standalone_series.find(7),
    "standalone_series.get": lambda unit: unit.standalone_series.get(7),
    "standalone_series.find_by_folder": lambda unit: unit.standalone_series.find_by_folder("/media/7"),
    "standalone_movies.find": lambda unit: unit.standalone_movies.find(7),
    "standalone_movies.get": lambda unit: unit.standalone_movies.get(7),
    "standalone_movies.find_by_path": lambda unit: unit.standalone_movies.find_by_path("/media/7"),
    "file_history.of_file": lambda unit: unit.file_history.of_file(_PATH),
}

# Why each is not asked: it adds up a whole table for a page of figures, ranks, or must read all it answers or removes.
_ADDS_UP = "adds up a whole table for a page of figures"
_READS_ALL = "answers or removes everything that it reads"
_STREAMS = "answers a whole list, in portions whose plans test_streaming.py looks at"
_ASKS_NOTHING = "makes a condition"
UNASKED: dict[str, str] = {
    "jobs.page with words": "looks for them in every title, of a ledger that retention keeps short",
    "glossary.page with words": "looks for them in every term of its scope, and no scope has thousands",
    "probes.delete_older_than": "compares with every file there is, once a night",
    "search.matching": "as search.seek",
    "search.seek": "the beginning of every page that takes words",
    "wanted.page of a word in thousands, in a language": "counts along the list where the first 2,000 entries are too few",
    "search.page of a word in every film": "sorts all films, which are some thousands",
    "profiles.assignment_map": "joins every assignment with its entry, where reading all of them may be cheaper",
    "search.page of a word in everything and one of two letters": "reads the one's entries for the other, to the 2,000th",
    "search.condition": _ASKS_NOTHING,
    "search.holding": _ASKS_NOTHING,
    "search.narrow": _ASKS_NOTHING,
    "search.within": _ASKS_NOTHING,
    "search.follow": "looks after what waits, and nothing does",
    "search.is_index_sound": _READS_ALL,
    "search.clear": _READS_ALL,
    "counters.check": _READS_ALL,
    "counters.rebuild": _READS_ALL,
    "counters.fold": "folds what is loose, and there is nothing",
    "audit.stream": _STREAMS,
    "blocklist.stream": _STREAMS,
    "daily_statistics.stream": _STREAMS,
    "daily_statistics.stream_breakdowns": _STREAMS,
    "downloads.stream": _STREAMS,
    "events.stream": _STREAMS,
    "files.stream": _STREAMS,
    "glossary.stream": _STREAMS,
    "hook_log.stream": _STREAMS,
    "jobs.stream": _STREAMS,
    "media.stream": _STREAMS,
    "provider_stats.stream": _STREAMS,
    "translation_memory.stream": _STREAMS,
    "upgrades.stream": _STREAMS,
    "wanted.stream": _STREAMS,
    "statistics.table_rows": _ADDS_UP,
    "downloads.stats": _ADDS_UP,
    "downloads.by_provider": _ADDS_UP,
    "upgrades.stats": _ADDS_UP,
    "provider_results.stats": _ADDS_UP,
    "transcriptions.counts": _ADDS_UP,
    "translation_memory.counts": _ADDS_UP,
    "anidb.counts": _ADDS_UP,
    "blocklist.count": _ADDS_UP,
    "outdated_jobs.count": _ADDS_UP,
    "files.known": _READS_ALL,
    "files.known_sidecars": _READS_ALL,
    "files.ids_of_source": _READS_ALL,
    "media.delete_without_files": _READS_ALL,
    "blocklist.clear": _READS_ALL,
    "hook_log.clear": _READS_ALL,
    "provider_results.clear": _READS_ALL,
    "provider_stats.clear": _READS_ALL,
    "plugins.delete": _READS_ALL,
    "weights.reset": _READS_ALL,
    "weights.listed": _READS_ALL,
    "modifiers.listed": _READS_ALL,
    "prompt_presets.listed": _READS_ALL,
}
# These change rows that are named by their key, or add some.
WRITING_VERBS = (
    "add",
    "beat",
    "cancel",
    "delete",
    "disable",
    "enable",
    "enqueue_many",
    "fail",
    "fire",
    "hand_back",
    "link",
    "make_default",
    "move",
    "note_job",
    "pause",
    "reconcile",
    "record",
    "refuse_late",
    "requeue",
    "reset",
    "restore",
    "resume",
    "retry",
    "save",
    "set_",
    "stop",
    "undo",
    "update",
    "upsert_many",
    "complete",
)


def is_writing(method: str) -> bool:
    """Whether a method's name is a writing verb; `delete_…` says what is looked for, so it is none."""
    if method.startswith(("delete_", "disabled")):
        return False
    return any(
        method == verb or method.startswith(verb if verb.endswith("_") else f"{verb}_")
        for verb in WRITING_VERBS
    )


def lists(unit: Unit, pages: Pages) -> None:
    """Ask for a list's first page, then for one far down, and back from there."""
    first = pages(unit, PageRequest())
    if first.next is None:
        return
    second = pages(unit, PageRequest(cursor=first.next, wants_total=False))
    if second.prev is not None:
        pages(unit, PageRequest(cursor=second.prev, wants_total=False))


def far_cursor(unit: Unit, pages: Pages) -> str | None:
    """The cursor of a page some thousand rows down; None where the list is shorter."""
    cursor: str | None = None
    for _ in range(_HOPS):
        cursor = pages(unit, PageRequest(limit=_HOP, cursor=cursor, wants_total=False)).next
        if cursor is None:
            return None
    return cursor
