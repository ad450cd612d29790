"""Saved values and the house's own secrets, alike on both databases."""

import pytest

from sublarr.db.database import Database
from sublarr.vocabulary.errors import InvalidInput, NotFound, StaleRow
from tests.contract.db.rows import HOSTILE_TEXTS
from tests.database_fixtures import Clock


class TestConfigRepository:
    def test_find_answers_none_for_what_was_never_saved(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.config.find("theme") is None

    def test_find_with_a_lock_reads_the_same_value(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("theme", "dark")
            assert unit.config.find("theme", lock=True) == "dark"

    @pytest.mark.parametrize("text", HOSTILE_TEXTS)
    def test_save_keeps_every_character(self, database: Database, text: str) -> None:
        with database.write() as unit:
            unit.config.save(f"key {text}", text)
        with database.read() as unit:
            assert unit.config.find(f"key {text}") == text

    @pytest.mark.parametrize(
        ("key", "value"),
        [("slow_query_ms", "soon"), ("database_url", "postgresql://x"), ("target_language", ""), ("", "x")],
    )
    def test_save_refuses_what_the_setting_would_not_accept(
        self, database: Database, key: str, value: str
    ) -> None:
        with pytest.raises(InvalidInput), database.write() as unit:
            unit.config.save(key, value)
        with database.read() as unit:
            assert unit.config.all() == {}

    def test_save_keeps_a_value_of_a_million_characters(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("prompt", "é" * 1_000_000)
        with database.read() as unit:
            assert unit.config.find("prompt") == "é" * 1_000_000

    @pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800b"])
    def test_save_refuses_what_one_of_the_databases_cannot_hold(self, database: Database, text: str) -> None:
        for key, value in ((text, "value"), ("key", text)):
            with pytest.raises(InvalidInput), database.write() as unit:
                unit.config.save(key, value)
        with database.read() as unit:
            assert unit.config.all() == {}

    def test_save_moves_time_and_version_only_when_the_value_is_another(
        self, database: Database, clock: Clock
    ) -> None:
        def stored() -> tuple[object, ...]:
            statement = "SELECT value, version, created_at, updated_at FROM config_entries"
            with database.read() as unit:
                return tuple(unit.connection.exec_driver_sql(statement).one())

        with database.write() as unit:
            unit.config.save("theme", "dark")
        first = stored()
        clock.advance(60)
        with database.write() as unit:
            unit.config.save("theme", "dark")
        assert stored() == first
        with database.write() as unit:
            unit.config.save("theme", "light")
        value, version, created_at, updated_at = stored()
        assert (value, version, created_at) == ("light", 2, first[2])
        assert updated_at != first[3]

    def test_get_tells_the_version_to_name_and_hides_the_value_from_logs(
        self, database: Database, clock: Clock
    ) -> None:
        with database.write() as unit:
            unit.config.save("token", "s3cret")
            unit.config.save("token", "s3cret2")
            stored = unit.config.get("token")
        assert (stored.key, stored.value, stored.version) == ("token", "s3cret2", 2)
        assert (stored.created_at, stored.updated_at) == (clock.now, clock.now)
        assert "s3cret" not in repr(stored)

    def test_get_of_what_is_not_saved_is_not_found(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("theme", "dark")
            unit.config.delete("theme")
        with pytest.raises(NotFound), database.read() as unit:
            unit.config.get("theme")

    def test_save_over_a_version_never_loses_somebody_elses_change(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("theme", "dark")
            unit.config.save("theme", "light", version=1)
            assert unit.config.get("theme").version == 2
        with pytest.raises(StaleRow), database.write() as unit:
            unit.config.save("theme", "lost", version=1)
        with pytest.raises(NotFound), database.write() as unit:
            unit.config.save("other", "lost", version=1)
        with database.read() as unit:
            assert unit.config.all() == {"theme": "light"}

    def test_save_over_nothing_is_stale_where_there_is_something(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("theme", "dark", version=0)
        with pytest.raises(StaleRow), database.write() as unit:
            unit.config.save("theme", "light", version=0)
        with database.write() as unit:
            unit.config.delete("theme")
            unit.config.save("theme", "light", version=0)
            stored = unit.config.get("theme")
        assert (stored.value, stored.version) == ("light", 3)

    def test_all_tells_every_value_by_key(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.config.all() == {}
            for number in range(600):
                unit.config.save(f"key {number}", str(number))
            assert unit.config.all() == {f"key {number}": str(number) for number in range(600)}

    def test_delete_says_whether_there_was_a_value(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("theme", "dark")
            assert unit.config.delete("theme") is True
            assert unit.config.delete("theme") is False
            assert unit.config.find("theme") is None
            unit.config.save("theme", "light")
            assert unit.config.find("theme") == "light"

    def test_delete_of_somebody_elses_newer_version_is_stale(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("theme", "dark")
            unit.config.save("theme", "light")
        with pytest.raises(StaleRow), database.write() as unit:
            unit.config.delete("theme", version=1)
        with database.write() as unit:
            assert unit.config.delete("theme", version=2) is True
        with pytest.raises(NotFound), database.write() as unit:
            unit.config.delete("theme", version=3)

    def test_restore_brings_a_deleted_value_back(self, database: Database) -> None:
        with database.write() as unit:
            unit.config.save("theme", "dark")
            unit.config.delete("theme")
            assert unit.config.all() == {}
            restored = unit.config.restore("theme")
            assert (restored.value, restored.version) == ("dark", 3)
            assert unit.config.all() == {"theme": "dark"}
        for key in ("theme", "never saved"):
            with pytest.raises(NotFound), database.write() as unit:
                unit.config.restore(key)

    def test_purge_removes_only_what_was_deleted_before(self, database: Database, clock: Clock) -> None:
        with database.write() as unit:
            for number in range(4):
                unit.config.save(f"key {number}", "x")
            for number in range(3):
                unit.config.delete(f"key {number}")
            assert unit.config.purge(clock.now, 10) == 0
            clock.advance(1)
            assert [unit.config.purge(clock.now, 2) for _ in range(3)] == [2, 1, 0]
            assert unit.config.all() == {"key 3": "x"}
        with pytest.raises(NotFound), database.write() as unit:
            unit.config.restore("key 0")


class TestSecretRepository:
    def test_find_answers_none_before_a_secret_is_made(self, database: Database) -> None:
        with database.read() as unit:
            assert unit.secrets.find("sessions") is None

    def test_get_or_make_answers_the_same_secret_for_ever(self, database: Database) -> None:
        with database.write() as unit:
            made = unit.secrets.get_or_make("sessions")
            assert unit.secrets.get_or_make("sessions") == made
        with database.write() as unit:
            assert unit.secrets.get_or_make("sessions") == made
            assert unit.secrets.get_or_make("webhooks") != made
        with database.read() as unit:
            assert unit.secrets.find("sessions") == made
        assert len(bytes.fromhex(made)) == 32
