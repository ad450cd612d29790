"""Script hooks, webhooks and the log of their deliveries, alike on both databases."""

from dataclasses import replace

import pytest

from sublarr.db.database import Database
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.hook_log import DeliveryFilter, NewDelivery
from sublarr.db.repositories.hooks import HookEdit, NewHook
from sublarr.db.repositories.webhooks import NewWebhook, WebhookEdit
from sublarr.vocabulary.errors import InvalidInput, MissingReference, NotFound, StaleRow
from tests.contract.db.rows import GREATEST, LINES
from tests.database_fixtures import Clock

_HOOK = NewHook("Notify", "job_failed", "notify.sh")
_WEBHOOK = NewWebhook("Chat", "job_failed", "http://chat.lan/hook", secret="s3cret")
_DELIVERY = NewDelivery("job_failed", "script", success=True, exit_code=0, stdout="sent", duration_ms=12.5)


class TestHookRepository:
    def test_add_tells_the_hook_as_it_was_stored(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            added = unit.hooks.add(replace(_HOOK, enabled=False))
        with database.read() as unit:
            assert unit.hooks.get(added.id) == added
        assert (added.name, added.event_name, added.script_path) == ("Notify", "job_failed", "notify.sh")
        assert (added.hook_type, added.enabled, added.timeout_seconds) == ("script", False, 30)
        assert (added.trigger_count, added.last_status, added.last_triggered_at) == (0, "", None)
        assert (added.version, added.created_at, added.updated_at) == (1, clock.now, clock.now)

    @pytest.mark.parametrize("text", LINES)
    def test_add_keeps_every_character(self, database: Database, text: str) -> None:
        script = "".join(character for character in text if character not in "\\:/")
        with database.write() as unit:
            hook = unit.hooks.add(NewHook(text, "*", script))
            assert (hook.name, hook.script_path) == (text, script)

    def test_add_takes_nothing_that_no_rule_has_seen(self, database: Database) -> None:
        with pytest.raises(InvalidInput) as caught:
            NewHook("", "no such event", "../../etc/passwd", timeout_seconds=0)
        fields = [problem.field for problem in caught.value.problems]
        assert fields == ["name", "event_name", "script_path", "timeout_seconds"]

    def test_add_refuses_a_nul(self, database: Database) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.hooks.add(replace(_HOOK, script_path="a\0b"))
        with database.read() as unit:
            assert unit.hooks.listed() == ()

    def test_find_answers_none_for_a_hook_that_is_not_there(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            assert unit.hooks.find(hook.id) == hook
            unit.hooks.delete(hook.id, hook.version)
            assert unit.hooks.find(hook.id) is None

    @pytest.mark.parametrize("hook_id", [0, 99, GREATEST])
    def test_get_of_an_unknown_hook_is_not_found(self, database: Database, hook_id: int) -> None:
        with pytest.raises(NotFound), database.read() as unit:
            unit.hooks.get(hook_id)

    def test_listed_tells_those_of_an_event_and_of_every_event(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.hooks.listed() == ()
            unit.hooks.add(replace(_HOOK, name="every", event_name="*"))
            unit.hooks.add(replace(_HOOK, name="other", event_name="backup_failed"))
            unit.hooks.add(replace(_HOOK, name="off", enabled=False))
            gone = unit.hooks.add(replace(_HOOK, name="gone"))
            unit.hooks.delete(gone.id, gone.version)

            def names(event: str = "", *, every: bool = False, enabled: bool = False) -> list[str]:
                rows = unit.hooks.listed(event, with_every_event=every, enabled_only=enabled)
                return [row.name for row in rows]

            assert names() == ["every", "other", "off"]
            assert names("job_failed") == ["off"]
            assert names("job_failed", every=True) == ["every", "off"]
            assert names("job_failed", every=True, enabled=True) == ["every"]
            assert names("*", every=True) == ["every"]
            assert names("job%") == []

    def test_update_changes_only_what_was_named(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            clock.advance(5)
            edited = unit.hooks.update(hook.id, hook.version, HookEdit(enabled=False, script_path="a/b.sh"))
        assert edited == replace(
            hook, enabled=False, script_path="a/b.sh", version=hook.version + 1, updated_at=clock.now
        )

    def test_update_of_somebody_elses_newer_version_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            unit.hooks.update(hook.id, hook.version, HookEdit(name="first"))
        with pytest.raises(StaleRow), database.write() as unit:
            unit.hooks.update(hook.id, hook.version, HookEdit(name="second"))
        with database.read() as unit:
            assert unit.hooks.get(hook.id).name == "first"

    def test_update_of_an_unknown_or_deleted_hook_is_not_found(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            unit.hooks.delete(hook.id, hook.version)
        for hook_id, version in ((hook.id, hook.version + 1), (99, 1)):
            with pytest.raises(NotFound), database.write() as unit:
                unit.hooks.update(hook_id, version, HookEdit(name="x"))

    def test_delete_of_somebody_elses_newer_version_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            unit.hooks.update(hook.id, hook.version, HookEdit(name="first"))
        with pytest.raises(StaleRow), database.write() as unit:
            unit.hooks.delete(hook.id, hook.version)

    def test_restore_brings_a_hook_back_as_it_was(self, database: Database) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            unit.hooks.delete(hook.id, hook.version)
            unit.hooks.restore(hook.id)
            assert unit.hooks.get(hook.id) == replace(hook, version=hook.version + 2)
        with pytest.raises(NotFound), database.write() as unit:
            unit.hooks.restore(hook.id)

    def test_purge_removes_old_deleted_hooks_with_their_log(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            hooks = [unit.hooks.add(_HOOK) for _ in range(4)]
            unit.hook_log.add(replace(_DELIVERY, hook_id=hooks[0].id))
            for hook in hooks[:3]:
                unit.hooks.delete(hook.id, hook.version)
            assert unit.hooks.purge(clock.now, 10) == 0
            clock.advance(1)
            assert unit.hooks.purge(clock.now, 2) == 2
            assert unit.hooks.purge(clock.now, 2) == 1
            assert unit.hooks.purge(clock.now, 2) == 0
            assert unit.hooks.listed() == (hooks[3],)
            assert unit.hook_log.count() == 0

    def test_record_trigger_counts_and_leaves_the_version(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            clock.advance(5)
            unit.hooks.record_trigger(hook.id, success=True)
            assert unit.hooks.get(hook.id) == replace(
                hook, trigger_count=1, last_status="success", last_triggered_at=clock.now
            )
            unit.hooks.record_trigger(hook.id, success=False)
            counted = unit.hooks.get(hook.id)
            assert (counted.trigger_count, counted.last_status) == (2, "failed")
        with pytest.raises(NotFound), database.write() as unit:
            unit.hooks.record_trigger(99, success=True)


class TestWebhookRepository:
    def test_add_tells_the_webhook_and_keeps_its_secret_out_of_logs(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            added = unit.webhooks.add(_WEBHOOK)
        with database.read() as unit:
            assert unit.webhooks.get(added.id) == added
        assert (added.url, added.secret, added.enabled) == ("http://chat.lan/hook", "s3cret", True)
        assert (added.retry_count, added.timeout_seconds, added.version) == (3, 10, 1)
        assert (added.last_status_code, added.last_error, added.consecutive_failures) == (0, "", 0)
        assert (added.trigger_count, added.last_triggered_at, added.created_at) == (0, None, clock.now)
        assert "s3cret" not in repr(added) + repr(_WEBHOOK) + repr(WebhookEdit(secret="s3cret"))

    def test_find_answers_none_for_a_webhook_that_is_not_there(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
            assert unit.webhooks.find(webhook.id) == webhook
            assert unit.webhooks.find(webhook.id + 1) is None

    def test_get_of_a_deleted_webhook_is_not_found(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
            unit.webhooks.delete(webhook.id, webhook.version)
        with pytest.raises(NotFound), database.read() as unit:
            unit.webhooks.get(webhook.id)

    def test_listed_tells_those_of_an_event_and_of_every_event(self, database: Database) -> None:
        with database.write() as unit:
            unit.webhooks.add(replace(_WEBHOOK, name="every", event_name="*"))
            unit.webhooks.add(replace(_WEBHOOK, name="other", event_name="backup_failed"))
            unit.webhooks.add(replace(_WEBHOOK, name="off", enabled=False))

            def names(event: str = "", *, every: bool = False, enabled: bool = False) -> list[str]:
                rows = unit.webhooks.listed(event, with_every_event=every, enabled_only=enabled)
                return [row.name for row in rows]

            assert names() == ["every", "other", "off"]
            assert names("job_failed") == ["off"]
            assert names("job_failed", every=True) == ["every", "off"]
            assert names("job_failed", every=True, enabled=True) == ["every"]

    def test_update_changes_only_what_was_named(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
            clock.advance(5)
            edited = unit.webhooks.update(webhook.id, 1, WebhookEdit(secret="", retry_count=0))
        assert edited == replace(webhook, secret="", retry_count=0, version=2, updated_at=clock.now)

    def test_update_of_somebody_elses_newer_version_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
            unit.webhooks.update(webhook.id, 1, WebhookEdit(name="first"))
        with pytest.raises(StaleRow), database.write() as unit:
            unit.webhooks.update(webhook.id, 1, WebhookEdit(name="second"))

    def test_delete_of_somebody_elses_newer_version_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
        with pytest.raises(StaleRow), database.write() as unit:
            unit.webhooks.delete(webhook.id, 2)

    def test_restore_brings_a_webhook_back_as_it_was(self, database: Database) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
            unit.webhooks.delete(webhook.id, 1)
            unit.webhooks.restore(webhook.id)
            assert unit.webhooks.get(webhook.id) == replace(webhook, version=3)

    def test_purge_removes_old_deleted_webhooks(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
            unit.webhooks.delete(webhook.id, 1)
            clock.advance(1)
            assert unit.webhooks.purge(clock.now, 10) == 1
        with pytest.raises(NotFound), database.write() as unit:
            unit.webhooks.restore(webhook.id)

    def test_record_trigger_counts_failures_until_a_success(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            webhook = unit.webhooks.add(_WEBHOOK)
            for _ in range(2):
                unit.webhooks.record_trigger(webhook.id, success=False, status_code=502, error="bad \0 gate")
            failed = unit.webhooks.get(webhook.id)
            assert (failed.trigger_count, failed.consecutive_failures) == (2, 2)
            assert (failed.last_status_code, failed.last_error) == (502, "bad � gate")
            clock.advance(5)
            unit.webhooks.record_trigger(webhook.id, success=True, status_code=204)
            assert unit.webhooks.get(webhook.id) == replace(
                webhook, trigger_count=3, last_status_code=204, last_triggered_at=clock.now
            )
        with pytest.raises(NotFound), database.write() as unit:
            unit.webhooks.record_trigger(99, success=True)


class TestHookLogRepository:
    def test_add_tells_the_line_as_it_was_stored(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            hook = unit.hooks.add(_HOOK)
            line = unit.hook_log.add(replace(_DELIVERY, hook_id=hook.id))
            assert unit.hook_log.page(PageRequest()).items == (line,)
        assert (line.hook_id, line.webhook_id, line.exit_code, line.status_code) == (hook.id, None, 0, None)
        assert (line.success, line.stdout, line.duration_ms) == (True, "sent", 12.5)
        assert line.triggered_at == clock.now

    def test_add_logs_whatever_a_script_printed(self, database: Database) -> None:
        with database.write() as unit:
            line = unit.hook_log.add(replace(_DELIVERY, stdout="a\0b", stderr="\udc80", error="x" * 5_000))
        assert (line.stdout, line.stderr, len(line.error)) == ("a�b", "�", 4_096)

    def test_add_needs_the_hook_it_names(self, database: Database) -> None:
        with pytest.raises(MissingReference), database.write() as unit:
            unit.hook_log.add(replace(_DELIVERY, hook_id=99))

    def test_page_shows_the_newest_first_and_filters(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            hook, webhook = unit.hooks.add(_HOOK), unit.webhooks.add(_WEBHOOK)
            for number in range(5):
                unit.hook_log.add(replace(_DELIVERY, hook_id=hook.id, duration_ms=number))
                clock.advance(1)
            unit.hook_log.add(replace(_DELIVERY, webhook_id=webhook.id, duration_ms=9))
            first = unit.hook_log.page(PageRequest(4))
            assert [line.duration_ms for line in first.items] == [9, 4, 3, 2]
            assert first.total == 6
            second = unit.hook_log.page(PageRequest(4, first.next))
            assert [line.duration_ms for line in second.items] == [1, 0]
            of_hook = unit.hook_log.page(PageRequest(), DeliveryFilter(hook_id=hook.id))
            assert [line.duration_ms for line in of_hook.items] == [4, 3, 2, 1, 0]
            of_webhook = unit.hook_log.page(PageRequest(), DeliveryFilter(webhook_id=webhook.id))
            assert [line.duration_ms for line in of_webhook.items] == [9]
            with pytest.raises(InvalidInput):
                unit.hook_log.page(PageRequest(4, first.next), DeliveryFilter(hook_id=hook.id))

    def test_count_filters_alike(self, database: Database) -> None:
        with database.write() as unit:
            hook, webhook = unit.hooks.add(_HOOK), unit.webhooks.add(_WEBHOOK)
            unit.hook_log.add(replace(_DELIVERY, hook_id=hook.id))
            unit.hook_log.add(replace(_DELIVERY, webhook_id=webhook.id))
            unit.hook_log.add(_DELIVERY)
            assert unit.hook_log.count() == 3
            assert unit.hook_log.count(DeliveryFilter(hook_id=hook.id)) == 1
            assert unit.hook_log.count(DeliveryFilter(webhook_id=webhook.id)) == 1

    def test_clear_forgets_every_line(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.hook_log.clear() == 0
            for _ in range(3):
                unit.hook_log.add(_DELIVERY)
            assert unit.hook_log.clear() == 3
            assert unit.hook_log.count() == 0

    def test_delete_older_than_goes_chunk_by_chunk(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for _ in range(5):
                unit.hook_log.add(_DELIVERY)
            assert unit.hook_log.delete_older_than(clock.now, 10) == 0
            clock.advance(60)
            kept = unit.hook_log.add(_DELIVERY)
            deleted = [unit.hook_log.delete_older_than(clock.now, 3) for _ in range(3)]
            assert deleted == [3, 2, 0]
            assert unit.hook_log.page(PageRequest()).items == (kept,)
