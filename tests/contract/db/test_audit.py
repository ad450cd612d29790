"""Every change of what people decide is written down, and can be taken back."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from sublarr.db.database import Database, DatabaseOptions
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.audit import AuditFilter
from sublarr.db.repositories.audited import AuditedRepository, AuditRow
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.folders import FolderEdit
from sublarr.db.repositories.glossary import EVERYWHERE, NewTerm, TermEdit
from sublarr.db.repositories.hooks import HookEdit, NewHook
from sublarr.db.repositories.prompt_presets import PresetEdit
from sublarr.db.repositories.scoring import WeightEdit
from sublarr.db.repositories.wanted import WantedWish
from sublarr.db.repositories.webhooks import NewWebhook, WebhookEdit
from sublarr.db.unit import AUDITED, Unit
from sublarr.vocabulary.audit import Actor, AuditAction
from sublarr.vocabulary.errors import Conflict, NotFound, StaleRow
from sublarr.vocabulary.jobs import ReviewWanted
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignmentScope
from sublarr.vocabulary.rules.profiles import NewProfile, ProfileEdit
from sublarr.vocabulary.scoring import ScoreType
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from tests.contract.db.rows import a_film, a_series, a_worker
from tests.database_fixtures import Clock


class _Rollback(Exception):
    """Ends a unit of work without a trace."""


HOOK = NewHook("tell", "job_failed", "tell.sh")
WEBHOOK = NewWebhook("tell", "*", "https://u:pa55word@example.org/x", secret="hush-hush")


def _lines(unit: Unit, **wanted: str) -> list[AuditRow]:
    """The lines, the oldest first."""
    return list(reversed(unit.audit.page(AuditFilter(**wanted), PageRequest()).items))


def _a_wanted_row(unit: Unit, title: str) -> int:
    film = a_film(unit, title)
    wish = WantedWish(film.file_id, film.media_id, None, MediaKind.MOVIE, "de", SubtitleType.FULL, False)
    unit.wanted.reconcile([film.file_id], [wish])
    return unit.wanted.of_file(film.file_id)[0].id


def _last(unit: Unit) -> AuditRow:
    return _lines(unit)[-1]


def _all_reviewed(unit: Unit) -> list[ReviewWanted]:
    """What was asked to be worked out anew since this was asked last."""
    worker = "worker-1" if unit.workers.listed() else a_worker(unit)
    asked: list[ReviewWanted] = []
    while (claim := unit.claims.claim(worker, [ReviewWanted.kind])) is not None:
        asked.append(ReviewWanted.model_validate(claim.payload))
        unit.claims.complete(claim)
    return asked


def _assigned(unit: Unit) -> dict[int, int]:
    """The profile of each series that has one of its own."""
    return {
        media_id: given.profile_id
        for media_id, given in unit.profiles.assignment_map(MediaKind.SERIES).items()
    }


class TestAuditRepository:
    def test_find_answers_none_for_what_is_missing(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.audit.find(4711) is None

    def test_get_says_what_is_missing(self, database: Database) -> None:
        with database.read() as unit, pytest.raises(NotFound):
            unit.audit.get(4711)

    def test_page_tells_who_did_what_the_newest_first(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            unit.hooks.update(hook.id, 1, HookEdit(name="ring"))
            unit.config.save("target_language", "de")
        with database.read() as unit:
            page = unit.audit.page(AuditFilter(), PageRequest(limit=2))
            assert [(line.entity, line.action) for line in page.items] == [
                ("setting", AuditAction.ADDED),
                ("hook", AuditAction.CHANGED),
            ]
            rest = unit.audit.page(AuditFilter(), PageRequest(limit=2, cursor=page.next))
            assert [line.action for line in rest.items] == [AuditAction.ADDED]
            changed = page.items[1]
            assert [(c.field, c.before, c.after) for c in changed.changes] == [("name", "tell", "ring")]
            assert _lines(unit, entity="hook", entity_id=str(hook.id))[0].actor == "system"
            assert _lines(unit, entity="hook", entity_id="4711") == []
            assert _lines(unit, actor="nobody") == []

    def test_page_names_the_person_and_the_request(self, prepared_url: str) -> None:
        database = Database(DatabaseOptions(url=prepared_url), actor=lambda: Actor("page at ::1", "r-1"))
        try:
            with database.write() as unit:
                unit.folders.add("/media/übrig 字幕")
            with database.read() as unit:
                line = _last(unit)
                assert (line.actor, line.request_id) == ("page at ::1", "r-1")
                assert line.after is not None
                assert line.after["path"] == "/media/übrig 字幕"
        finally:
            database.close()

    def test_page_never_tells_a_secret(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(WEBHOOK)
            unit.webhooks.update(webhook.id, 1, WebhookEdit(secret="other-hush"))
            unit.config.save("api_key", "key-of-the-house")
            unit.config.save("plugin.opensubtitles.password", "plugin-word")
            unit.config.save("some_url", "http://u:urlword@example.org")
        with database.read() as unit:
            told = repr([(line.before, line.after) for line in _lines(unit)])
            for secret in (
                "hush-hush", "other-hush", "pa55word", "key-of-the-house", "plugin-word", "urlword"
            ):  # fmt: skip
                assert secret not in told
            assert "example.org" in told
            changed = next(line for line in _lines(unit) if line.action is AuditAction.CHANGED)
            # That it was changed is told all the same.
            assert [change.field for change in changed.changes] == ["secret"]

    def test_stream_tells_every_line_of_a_thing_the_newest_first(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            for number in range(600):
                unit.hooks.update(hook.id, number + 1, HookEdit(timeout_seconds=number % 2 + 1))
            unit.config.save("target_language", "de")
        with database.read() as unit:
            assert len(list(unit.audit.stream())) == 602
            lines = list(unit.audit.stream(AuditFilter(entity="hook", entity_id=str(hook.id))))
            assert [line.id for line in lines] == sorted((line.id for line in lines), reverse=True)
            assert [line.action for line in lines] == [AuditAction.CHANGED] * 600 + [AuditAction.ADDED]
            assert lines[0].after is not None
            assert lines[0].after["timeout_seconds"] == 2

    def test_undo_puts_a_changed_field_back_and_leaves_later_changes_of_others(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            unit.hooks.update(hook.id, 1, HookEdit(name="ring"))
            line = _last(unit)
            unit.hooks.update(hook.id, 2, HookEdit(timeout_seconds=5))
            unit.audit.undo(line.id)
            now = unit.hooks.get(hook.id)
            assert (now.name, now.timeout_seconds, now.version) == ("tell", 5, 4)

    def test_undo_refuses_to_overwrite_what_somebody_built_on_it(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            added = _last(unit)
            unit.hooks.update(hook.id, 1, HookEdit(name="ring"))
            line = _last(unit)
            unit.hooks.update(hook.id, 2, HookEdit(name="shout"))
            for stale in (line, added):
                with pytest.raises(StaleRow) as refused:
                    unit.audit.undo(stale.id)
                assert [problem.field for problem in refused.value.problems] == ["name"]
            assert unit.hooks.get(hook.id).name == "shout"

    def test_undo_can_be_undone_and_each_change_only_once(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            unit.hooks.delete(hook.id, 1)
            line = _last(unit)
            undone = unit.audit.undo(line.id)
            assert (undone.action, undone.undoes_id) == (AuditAction.RESTORED, line.id)
            assert unit.hooks.get(hook.id).name == "tell"
            with pytest.raises(Conflict):
                unit.audit.undo(line.id)
            unit.audit.undo(undone.id)
            assert unit.hooks.find(hook.id) is None
            # Undone and done again: now it can be undone anew.
            unit.audit.undo(line.id)
            assert unit.hooks.get(hook.id).name == "tell"

    def test_undo_of_an_addition_takes_the_thing_away_restorably(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            unit.audit.undo(_last(unit).id)
            assert unit.hooks.find(hook.id) is None
            unit.hooks.restore(hook.id)

    def test_undo_refuses_what_needs_a_secret_and_says_so(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(WEBHOOK)
            unit.webhooks.update(webhook.id, 1, WebhookEdit(secret="other"))
            with pytest.raises(Conflict, match="keeps no secrets"):
                unit.audit.undo(_last(unit).id)
            unit.config.save("api_key", "a" * 20)
            unit.config.save("api_key", "b" * 20)
            with pytest.raises(Conflict, match="keeps no secrets"):
                unit.audit.undo(_last(unit).id)
            unit.config.delete("api_key")
            # The row itself still has the value.
            unit.audit.undo(_last(unit).id)
            assert unit.config.find("api_key") == "b" * 20

    def test_undo_leaves_no_mark_of_itself_on_later_changes(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            unit.hooks.update(hook.id, 1, HookEdit(name="ring"))
            unit.audit.undo(_last(unit).id)
            unit.hooks.update(hook.id, 3, HookEdit(name="shout"))
            assert _last(unit).undoes_id is None

    def test_delete_before_keeps_the_young(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            unit.hooks.add(HOOK)
            unit.hooks.add(HOOK)
            moment = clock.advance(60)
            unit.hooks.add(HOOK)
            assert unit.audit.delete_before(moment, 1) == 1
            assert unit.audit.delete_before(moment, 10) == 1
            assert unit.audit.delete_before(moment, 10) == 0
            assert len(_lines(unit)) == 1


class TestConfigRepository:
    def test_undo_brings_the_former_value_back(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("target_language", "de")
            unit.config.save("target_language", "fr")
            unit.config.save("target_language", "fr")
            assert [line.action for line in _lines(unit)] == [AuditAction.ADDED, AuditAction.CHANGED]
            unit.audit.undo(_last(unit).id)
            assert unit.config.find("target_language") == "de"

    def test_undo_of_a_first_value_forgets_it(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("target_language", "de")
            unit.config.delete("target_language")
            unit.config.save("target_language", "fr")
            unit.audit.undo(_last(unit).id)
            assert unit.config.find("target_language") is None


class TestFolderRepository:
    def test_undo_of_a_removal_watches_the_folder_and_its_source_again(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.folders.add("/media/tv", label="TV")
            unit.folders.delete(row.id, row.version)
            unit.audit.undo(_last(unit).id)
            assert unit.folders.get(row.id).label == "TV"

    def test_undo_refuses_where_an_overlapping_folder_is_watched_by_now(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.folders.add("/media/tv")
            unit.folders.delete(row.id, row.version)
            line = _last(unit)
            unit.folders.add("/media")
            with pytest.raises(Conflict, match="overlaps"):
                unit.audit.undo(line.id)

    def test_undo_of_an_addition_stops_watching(self, database: Database) -> None:
        with database.write() as unit:
            unit.folders.add("/media/tv")
            unit.audit.undo(_last(unit).id)
            assert unit.folders.listed() == ()

    def test_undo_of_an_edit_tells_enums_from_text(self, database: Database) -> None:
        with database.write() as unit:
            row = unit.folders.add("/media/tv")
            unit.folders.update(row.id, row.version, FolderEdit(enabled=False, label="x"))
            unit.audit.undo(_last(unit).id)
            again = unit.folders.get(row.id)
            assert (again.enabled, again.label, again.media_type) == (True, "", row.media_type)


class TestHookRepository:
    def test_undo_of_a_deletion_brings_the_hook_back_with_its_counts(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(HOOK)
            unit.hooks.record_trigger(hook.id, success=True)
            unit.hooks.delete(hook.id, 1)
            unit.audit.undo(_last(unit).id)
            assert unit.hooks.get(hook.id).trigger_count == 1


class TestWebhookRepository:
    def test_undo_of_an_edit_leaves_the_secret_alone(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(WEBHOOK)
            unit.webhooks.update(webhook.id, 1, WebhookEdit(retry_count=9))
            unit.audit.undo(_last(unit).id)
            again = unit.webhooks.get(webhook.id)
            assert (again.retry_count, again.secret, again.url) == (3, WEBHOOK.secret, WEBHOOK.url)


class TestGlossaryRepository:
    def test_undo_brings_back_all_that_was_taken_out_at_once(self, database: Database) -> None:
        with database.write() as unit:
            terms = [unit.glossary.add(EVERYWHERE, NewTerm(f"t{n}", "x")) for n in range(3)]
            unit.glossary.delete(terms[0].id, 1)
            assert unit.glossary.delete_scope(EVERYWHERE) == 2
            line = _last(unit)
            undone = unit.audit.undo(line.id)
            assert undone.ids == [term.id for term in terms[1:]]
            assert len(unit.glossary.page(EVERYWHERE, PageRequest()).items) == 2
            unit.audit.undo(undone.id)
            assert unit.glossary.page(EVERYWHERE, PageRequest()).items == ()

    def test_undo_of_an_edit_puts_the_words_back(self, database: Database) -> None:
        with database.write() as unit:
            term = unit.glossary.add(EVERYWHERE, NewTerm("呪術", "Jujutsu", confidence=0.5))
            unit.glossary.update(term.id, 1, TermEdit(target_term="Fluchkunst"))
            unit.audit.undo(_last(unit).id)
            assert unit.glossary.get(term.id).target_term == "Jujutsu"


class TestPromptPresetRepository:
    def test_undo_gives_the_default_back_to_the_one_that_had_it(self, database: Database) -> None:
        with database.write() as unit:
            first = unit.prompt_presets.add("a", "x", is_default=True)
            unit.prompt_presets.add("b", "x", is_default=True)
            unit.audit.undo(_last(unit).id)
            default = unit.prompt_presets.find_default()
            assert default is not None
            assert default.id == first.id

    def test_undo_refuses_where_yet_another_is_the_default(self, database: Database) -> None:
        with database.write() as unit:
            first = unit.prompt_presets.add("a", "x")
            unit.prompt_presets.update(first.id, 1, PresetEdit(is_default=True))
            line = _last(unit)
            unit.prompt_presets.add("b", "x", is_default=True)
            with pytest.raises(StaleRow):
                unit.audit.undo(line.id)

    def test_undo_never_takes_the_last_one(self, database: Database) -> None:
        with database.write() as unit:
            unit.prompt_presets.add("a", "x")
            with pytest.raises(Conflict, match="last"):
                unit.audit.undo(_last(unit).id)


class TestProfileRepository:
    def test_undo_of_a_change_and_of_that_undoing_moves_the_wishes_with_it(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            profile = unit.profiles.add(NewProfile("Anime", target_languages=("de", "pt-BR"), tags=("字幕",)))
            edit = ProfileEdit(name="Films", target_languages=("fr",), cutoff_score=50)
            changed = unit.profiles.update(profile.id, 1, edit)
            line = _last(unit)
            _all_reviewed(unit)
            undone = unit.audit.undo(line.id)
            assert unit.profiles.get(profile.id) == replace(profile, version=3)
            assert _all_reviewed(unit) == [ReviewWanted(profile_id=profile.id)]
            unit.audit.undo(undone.id)
            assert unit.profiles.get(profile.id) == replace(changed, version=4)
            assert _all_reviewed(unit) == [ReviewWanted(profile_id=profile.id)]

    def test_undo_of_a_new_name_has_nothing_reviewed(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            profile = unit.profiles.add(NewProfile("Anime"))
            unit.profiles.update(profile.id, 1, ProfileEdit(name="Films"))
            unit.audit.undo(_last(unit).id)
            assert unit.profiles.get(profile.id).name == "Anime"
            assert _all_reviewed(unit) == []

    def test_undo_of_a_change_leaves_what_somebody_built_on_it(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(NewProfile("Anime"))
            unit.profiles.update(profile.id, 1, ProfileEdit(target_languages=("fr",)))
            line = _last(unit)
            unit.profiles.update(profile.id, 2, ProfileEdit(target_languages=("it",)))
            with pytest.raises(StaleRow) as refused:
                unit.audit.undo(line.id)
            assert [problem.field for problem in refused.value.problems] == ["target_languages"]
            assert unit.profiles.get(profile.id).target_languages == ["it"]

    def test_undo_of_a_change_never_makes_two_profiles_of_one_name(self, database: Database) -> None:
        with database.write() as unit:
            profile = unit.profiles.add(NewProfile("Anime"))
            unit.profiles.update(profile.id, 1, ProfileEdit(name="Films"))
            line = _last(unit)
            unit.profiles.add(NewProfile("ANIME"))
            with pytest.raises(Conflict, match="named ANIME already"):
                unit.audit.undo(line.id)

    def test_undo_of_a_deletion_and_of_that_undoing_takes_the_assignments_along(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            film = a_film(unit)
            profile = unit.profiles.add(NewProfile("Anime"))
            unit.profiles.assign(AssignmentScope(MediaKind.MOVIE, (film.media_id,)), profile.id)
            unit.profiles.delete(profile.id, 1)
            line = _last(unit)
            _all_reviewed(unit)
            undone = unit.audit.undo(line.id)
            assert unit.profiles.assigned([film.media_id])[film.media_id].name == "Anime"
            assert _all_reviewed(unit) == [ReviewWanted(profile_id=profile.id)]
            with pytest.raises(Conflict):
                unit.audit.undo(line.id)
            unit.audit.undo(undone.id)
            assert unit.profiles.assigned([film.media_id]) == {}
            assert _all_reviewed(unit) == [ReviewWanted(profile_id=profile.id)]

    def test_undo_of_an_addition_never_takes_the_default_away(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
            with pytest.raises(Conflict, match="default"):
                unit.audit.undo(_last(unit).id)
            added = unit.profiles.add(NewProfile("Anime"))
            unit.audit.undo(_last(unit).id)
            assert unit.profiles.find(added.id) is None

    def test_undo_of_an_assignment_gives_each_entry_what_it_had(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            first, second = a_series(unit, "A"), a_series(unit, "B")
            anime, films = (unit.profiles.add(NewProfile(name)).id for name in ("Anime", "Films"))
            unit.profiles.assign(AssignmentScope(MediaKind.SERIES, (first,)), anime)
            unit.profiles.assign(AssignmentScope(MediaKind.SERIES, (first, second)), films)
            line = _last(unit)
            _all_reviewed(unit)
            undone = unit.audit.undo(line.id)
            assert _assigned(unit) == {first: anime}
            assert _all_reviewed(unit) == [ReviewWanted(media_ids=(first, second))]
            unit.audit.undo(undone.id)
            assert _assigned(unit) == {first: films, second: films}
            assert _all_reviewed(unit) == [ReviewWanted(media_ids=(first, second))]

    def test_undo_of_an_assignment_refuses_where_one_of_them_was_given_another_since(
        self, database: Database
    ) -> None:
        with database.write() as unit:
            first, second = a_series(unit, "A"), a_series(unit, "B")
            anime, films = (unit.profiles.add(NewProfile(name)).id for name in ("Anime", "Films"))
            unit.profiles.assign(AssignmentScope(MediaKind.SERIES, (first, second)), anime)
            line = _last(unit)
            unit.profiles.assign(AssignmentScope(MediaKind.SERIES, (second,)), films)
            with pytest.raises(StaleRow) as refused:
                unit.audit.undo(line.id)
            assert [problem.field for problem in refused.value.problems] == [f"assignments.{second}"]
            assert _assigned(unit) == {first: anime, second: films}

    def test_undo_of_another_default_makes_the_old_one_the_default_again(self, database: Database) -> None:
        with database.write() as unit:
            a_film(unit)
            old = unit.profiles.add_default("en", ["de"])
            new = unit.profiles.add(NewProfile("Anime"))
            unit.profiles.make_default(new.id, 1)
            line = _last(unit)
            _all_reviewed(unit)
            undone = unit.audit.undo(line.id)
            assert (undone.action, undone.undoes_id) == (AuditAction.DEFAULT_MOVED, line.id)
            assert unit.profiles.get_default().id == old.id
            assert _all_reviewed(unit) == [ReviewWanted()]
            unit.audit.undo(undone.id)
            assert unit.profiles.get_default().id == new.id

    def test_undo_of_another_default_refuses_where_yet_another_was_made_it(self, database: Database) -> None:
        with database.write() as unit:
            unit.profiles.add_default("en", ["de"])
            new, third = (unit.profiles.add(NewProfile(name)) for name in ("Anime", "Films"))
            unit.profiles.make_default(new.id, 1)
            line = _last(unit)
            unit.profiles.make_default(third.id, 1)
            with pytest.raises(StaleRow):
                unit.audit.undo(line.id)
            assert unit.profiles.get_default().id == third.id


class TestWeightRepository:
    def test_undo_of_a_reset_puts_each_weight_in_force_again(self, database: Database) -> None:
        edits = [WeightEdit(ScoreType.EPISODE, key, 7) for key in ("series", "season")]
        with database.write() as unit:
            unit.weights.save(edits)
            before = unit.weights.overrides(ScoreType.EPISODE)
            assert unit.weights.reset() == 2
            for line in _lines(unit)[-2:]:
                unit.audit.undo(line.id)
            assert unit.weights.overrides(ScoreType.EPISODE) == before

    def test_undo_of_a_change_puts_the_points_back(self, database: Database) -> None:
        with database.write() as unit:
            unit.weights.save([WeightEdit(ScoreType.MOVIE, "title", 7)])
            unit.weights.save([WeightEdit(ScoreType.MOVIE, "title", 9)])
            unit.audit.undo(_last(unit).id)
            assert unit.weights.overrides(ScoreType.MOVIE) == {"title": 7}


class TestModifierRepository:
    def test_undo_walks_back_to_where_no_points_were_given(self, database: Database) -> None:
        with database.write() as unit:
            unit.modifiers.save("opensubtitles", 5)
            unit.modifiers.save("opensubtitles", -5)
            lines = _lines(unit)
            for line, points in zip(reversed(lines), (5, 0), strict=True):
                unit.audit.undo(line.id)
                assert unit.modifiers.points("opensubtitles") == points


class TestBlocklistRepository:
    def test_undo_of_a_clearing_skips_what_was_refused_anew(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.blocklist.add_many([NewBlock("p", str(n)) for n in range(3)]) == 3
            unit.blocklist.clear()
            line = _last(unit)
            unit.blocklist.add(NewBlock("p", "1"))
            unit.audit.undo(line.id)
            assert unit.blocklist.count() == 3

    def test_undo_of_many_additions_takes_only_those_off(self, database: Database) -> None:
        with database.write() as unit:
            unit.blocklist.add(NewBlock("p", "0"))
            assert unit.blocklist.add_many([NewBlock("p", str(n)) for n in range(3)]) == 2
            unit.audit.undo(_last(unit).id)
            assert unit.blocklist.count() == 1

    def test_undo_of_one_entry_goes_both_ways(self, database: Database) -> None:
        with database.write() as unit:
            entry = unit.blocklist.add(NewBlock("p", "0", reason="zerstört"))
            added = _last(unit)
            taken = unit.audit.undo(added.id)
            assert taken.before is not None
            assert taken.before["reason"] == "zerstört"
            unit.audit.undo(taken.id)
            assert unit.blocklist.get(entry.entry_id).reason == "zerstört"


class TestWantedRepository:
    def test_undo_of_ignoring_wants_the_subtitles_again(self, database: Database) -> None:
        with database.write() as unit:
            ids = [_a_wanted_row(unit, f"film {number}") for number in range(3)]
            unit.wanted.move(ids[:2], WantedStatus.IGNORED)
            line = _last(unit)
            assert (line.entity, line.action, line.ids) == ("wanted", AuditAction.IGNORED, ids[:2])
            undone = unit.audit.undo(line.id)
            assert undone.action is AuditAction.UNIGNORED
            assert {row.status for row in unit.wanted.listed(ids)} == {WantedStatus.WANTED}
            unit.audit.undo(undone.id)
            assert [row.status for row in unit.wanted.listed(ids[:2])] == [WantedStatus.IGNORED] * 2


def test_what_the_audit_names_is_what_repositories_call_themselves(database: Database) -> None:
    with database.read() as unit:
        for entity, name in AUDITED.items():
            repository = unit.audited(entity)
            assert isinstance(repository, AuditedRepository)
            assert repository.entity == entity, name


def test_a_change_that_was_rolled_back_is_not_written_down(database: Database) -> None:
    with suppress(_Rollback), database.write() as unit:
        unit.hooks.add(HOOK)
        raise _Rollback
    with database.read() as unit:
        assert _lines(unit) == []


def test_an_edit_that_changes_nothing_is_no_change(database: Database, clock: Clock) -> None:
    with database.write() as unit:
        hook = unit.hooks.add(HOOK)
        clock.now += timedelta(seconds=1)
        same = unit.hooks.update(hook.id, 1, HookEdit(name="tell"))
        assert (same.version, len(_lines(unit))) == (1, 1)


def test_who_comes_too_late_is_told_what_changed_and_by_whom(database: Database) -> None:
    with database.write() as unit:
        row = unit.folders.add("/media/tv")
        unit.folders.update(row.id, 1, FolderEdit(label="Series"))
        with pytest.raises(StaleRow) as refused:
            unit.folders.update(row.id, 1, FolderEdit(label="Serien"))
    assert [(problem.field, problem.message) for problem in refused.value.problems] == [
        ("label", "it is 'Series' now, changed by system")
    ]
