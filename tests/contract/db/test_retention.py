"""Everything that grows is removed in time: each rule on both databases, and no repository without one."""

import inspect
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from sublarr.db.database import Database
from sublarr.db.repositories.anidb import AnidbWrite
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.glossary import EVERYWHERE, GlossaryScope, NewTerm
from sublarr.db.repositories.hook_log import NewDelivery
from sublarr.db.repositories.hooks import NewHook
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.metadata import MetadataWrite
from sublarr.db.repositories.probes import ProbeWrite
from sublarr.db.repositories.provider_results import NewProviderResult
from sublarr.db.repositories.scoring import WeightEdit
from sublarr.db.repositories.transcriptions import NewTranscription
from sublarr.db.repositories.translation_memory import MemoryScope, RememberedLine
from sublarr.db.repositories.upgrades import NewUpgrade
from sublarr.db.repositories.webhooks import NewWebhook
from sublarr.db.unit import Unit
from sublarr.jobs import retention
from sublarr.jobs.retention import RULES, Periods
from sublarr.vocabulary.events import EventName
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeOutcome, ProbeStatus
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, ScoreType
from sublarr.vocabulary.statistics import TranslationOutcome
from sublarr.vocabulary.subtitles import SubtitleType
from tests.contract.db.rows import a_film, a_scan, a_series, a_wish, a_worker, an_episode
from tests.contract.db.test_completeness import REPOSITORIES
from tests.database_fixtures import Clock

CALLED = set(re.findall(r"unit\.(\w+)\.(\w+)\(", inspect.getsource(retention)))
# What sounds like retention and is none: named here with the reason.
EXEMPT = {
    # A lease that ran out is the keeper's business, every few seconds.
    ("claims", "has_expired"),
    ("claims", "rescue_expired"),
}
SOUNDS_LIKE_RETENTION = re.compile(
    r"purge|prune|expire|delete_\w*(before|older|since|unused|expired)|clean_?up"
)


def test_nothing_that_grows_is_without_a_rule() -> None:
    found = {
        (name, method)
        for name, repository in REPOSITORIES.items()
        for method, _ in inspect.getmembers(repository, inspect.isfunction)
        if not method.startswith("_") and SOUNDS_LIKE_RETENTION.search(method)
    }
    assert found - EXEMPT == CALLED


def test_each_rule_has_a_name_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def _deleted_hook(unit: Unit) -> None:
    hook = unit.hooks.add(NewHook("Notify", "*", "notify.sh"))
    unit.hooks.delete(hook.id, hook.version)


def _deleted_webhook(unit: Unit) -> None:
    webhook = unit.webhooks.add(NewWebhook("Chat", "*", "http://chat.lan"))
    unit.webhooks.delete(webhook.id, webhook.version)


def _deleted_preset(unit: Unit) -> None:
    unit.prompt_presets.add("Kept", "{lines}")
    preset = unit.prompt_presets.add("Mine", "{lines}")
    unit.prompt_presets.delete(preset.id, preset.version)


def _deleted_term(unit: Unit) -> None:
    term = unit.glossary.add(EVERYWHERE, NewTerm("Force", "Macht"))
    unit.glossary.delete(term.id, term.version)


def _deleted_folder(unit: Unit) -> None:
    folder = unit.folders.add("/media")
    unit.folders.delete(folder.id, folder.version)


def _deleted_setting(unit: Unit) -> None:
    unit.config.save("key", "value")
    unit.config.delete("key")


def _reset_weight(unit: Unit) -> None:
    score_type = next(iter(ScoreType))
    unit.weights.save([WeightEdit(score_type, next(iter(DEFAULT_WEIGHTS[score_type])), 1)])
    unit.weights.reset()


def _deleted_modifier(unit: Unit) -> None:
    unit.modifiers.save("p", 5)
    unit.modifiers.delete("p")


def _unblocked(unit: Unit) -> None:
    unit.blocklist.delete(unit.blocklist.add(NewBlock("p", "1")).entry_id)


def _finished_job(unit: Unit) -> None:
    unit.jobs.cancel(unit.jobs.enqueue(a_scan(1)).job_id)


def _finished_transcription(unit: Unit) -> None:
    unit.transcriptions.cancel(unit.transcriptions.add(NewTranscription("t1", "/media/a.mkv")).id)


def _told_event(unit: Unit) -> None:
    unit.events.mark_dispatched([unit.events.add(next(iter(EventName)), {})])


def _download(unit: Unit) -> None:
    download = NewDownload("p", "1", "de", "srt", "/a.mkv", "", SubtitleType.FULL, "", None, "")
    unit.downloads.add_many([download])


def _probe(unit: Unit) -> None:
    outcome = ProbeOutcome("/gone.mkv", ProbeStatus.UNREADABLE, None, "gone")
    unit.probes.upsert_many([ProbeWrite(FoundFile("/gone.mkv", 1, 1), outcome)])


def _written_down(unit: Unit) -> None:
    # A hook that was not deleted: nothing else goes with time.
    unit.hooks.add(NewHook("Notify", "*", "notify.sh"))


def _unassigned(unit: Unit) -> None:
    scope = AssignmentScope(MediaKind.SERIES, (a_series(unit),))
    unit.profiles.assign(scope, unit.profiles.add(NewProfile("Anime")).id)
    unit.profiles.unassign(scope)


def _deleted_profile(unit: Unit) -> None:
    profile = unit.profiles.add(NewProfile("Anime"))
    unit.profiles.delete(profile.id, profile.version)


MAKERS: dict[str, Callable[[Unit], object]] = {
    "jobs": _finished_job,
    "transcriptions": _finished_transcription,
    "workers": lambda unit: unit.workers.stop([a_worker(unit)]),
    "deliveries": lambda unit: unit.hook_log.add(NewDelivery("job_failed", "script", success=True)),
    "events": _told_event,
    "downloads": _download,
    "upgrades": lambda unit: unit.upgrades.add(NewUpgrade("/a.mkv", "srt", 1, "ass", 2)),
    "statistics": lambda unit: unit.daily_statistics.record(unit.clock().date(), TranslationOutcome.FAILED),
    "audit": _written_down,
    "probes": _probe,
    "provider_results": lambda unit: unit.provider_results.upsert_many([NewProviderResult("p", "1", [], 1)]),
    "metadata": lambda unit: unit.metadata.upsert_many([MetadataWrite("key", "tmdb", {}, 1 / 86_400)]),
    "anidb": lambda unit: unit.anidb.upsert_many([AnidbWrite(1, 2)]),
    "translation_memory": lambda unit: unit.translation_memory.upsert_many(
        MemoryScope("en", "de"), [RememberedLine("h", "a", "b")]
    ),
    "folders": _deleted_folder,
    "settings": _deleted_setting,
    "assignments": _unassigned,
    "profiles": _deleted_profile,
    "hooks": _deleted_hook,
    "webhooks": _deleted_webhook,
    "presets": _deleted_preset,
    "glossary": _deleted_term,
    "weights": _reset_weight,
    "modifiers": _deleted_modifier,
    "blocklist": _unblocked,
}


def test_every_rule_is_tried() -> None:
    assert set(MAKERS) == {rule.name for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_is_past_its_time_is_removed_and_what_is_not_stays(
    database: Database, clock: Clock, rule: retention.Rule
) -> None:
    with database.write() as unit:
        MAKERS[rule.name](unit)
    days = rule.days(Periods(history=1))
    assert days is not None
    with database.write() as unit:
        assert rule.remove(unit, unit.clock() - timedelta(days=days), 10) == 0
    clock.advance(days * 86_400 + 60)
    with database.write() as unit:
        before = unit.clock() - timedelta(days=days)
        # A day counts as long as any of it is to be kept.
        before += timedelta(days=rule.name == "statistics")
        assert rule.remove(unit, before, 10) == 1
        assert rule.remove(unit, before, 10) == 0


def _counts(unit: Unit) -> dict[str, int]:
    tables = ("sources", "watched_folders", "media", "media_files", "wanted_items", "glossary_entries")
    return {
        table: unit.connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables
    }


class TestFolderRepository:
    def test_purge_takes_source_and_library_with_the_folder(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            films = [a_film(unit, f"Film {number}") for number in range(5)]
            unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
            series = a_series(unit)
            for number in range(7):
                an_episode(unit, series, 1, number)
            gone = unit.folders.listed()[0]
            unit.glossary.add(GlossaryScope(gone.source_id, 1), NewTerm("a", "b"))
            kept = unit.folders.add("/kept")
            unit.folders.delete(gone.id, gone.version)
        clock.advance(31 * 86_400)
        with database.write() as unit:
            assert unit.folders.purge(unit.clock() - timedelta(days=32), 100) == 0
            removed = []
            while not removed or removed[-1] == 4:
                removed.append(unit.folders.purge(unit.clock() - timedelta(days=30), 4))
            # Five files, seven episodes, a series and five films, then the source.
            assert sum(removed) == 19
            assert _counts(unit) == {
                "sources": 1,
                "watched_folders": 1,
                "media": 0,
                "media_files": 0,
                "wanted_items": 0,
                "glossary_entries": 0,
            }
            assert unit.folders.get(kept.id) == kept

    def test_purge_leaves_a_folder_that_came_back(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            a_film(unit)
            folder = unit.folders.listed()[0]
            unit.folders.delete(folder.id, folder.version)
        clock.advance(31 * 86_400)
        with database.write() as unit:
            unit.folders.add(folder.path)
            assert unit.folders.purge(unit.clock(), 100) == 0
            assert _counts(unit)["media_files"] == 1

    def test_purge_takes_a_source_that_a_folder_left_behind(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.media.upsert_many([MediaWrite(MediaKind.MOVIE, a_film(unit).source_id, "k", "T")])
            unit.connection.execute(text("DELETE FROM watched_folders"))
        with database.write() as unit:
            assert unit.folders.purge(unit.clock(), 100) == 0
        clock.advance(60)
        with database.write() as unit:
            assert unit.folders.purge(unit.clock(), 100) == 4
            assert _counts(unit)["sources"] == 0
