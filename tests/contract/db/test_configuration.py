"""Saved values and the house's own secrets, alike on both databases."""

import pytest

from sublarr.db.database import Database
from sublarr.vocabulary.errors import InvalidInput
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
