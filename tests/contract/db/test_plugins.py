"""Plug-ins' saved settings, alike on both databases."""

import pytest

from sublarr.db.database import Database
from sublarr.vocabulary.errors import InvalidInput
from tests.contract.db.rows import HOSTILE_TEXTS


class TestPluginSettingRepository:
    def test_of_provider_takes_no_wildcards_and_no_other_case(self, database: Database) -> None:
        with database.write() as unit:
            for provider in ("a_b", "axb", "A_B", "a%b", "a_bc", "Ünï"):
                unit.plugins.save(provider, {"key": provider})
            for provider in ("a_b", "axb", "A_B", "a%b", "a_bc", "Ünï"):
                assert unit.plugins.of_provider(provider) == {"key": provider}
            assert unit.plugins.of_provider("%") == {}

    @pytest.mark.parametrize("provider", ["", "a.b", "."])
    def test_of_provider_refuses_a_name_that_cannot_be_one(self, database: Database, provider: str) -> None:
        with pytest.raises(InvalidInput), database.read() as unit:
            unit.plugins.of_provider(provider)

    def test_all_reads_a_name_up_to_the_first_dot(self, database: Database) -> None:
        with database.write() as unit:
            assert unit.plugins.all() == {}
            unit.plugins.save("podnapisi", {"user.name": "me", "rate": "5"})
            unit.plugins.save("gestdown", {"rate": "6"})
            for key in ("plugin.", "plugin.alone", "plugin.x.", "plugin..y", "pluginZx.y", "theme"):
                unit.config.save(key, "no plug-in's")
            assert unit.plugins.all() == {
                "podnapisi": {"user.name": "me", "rate": "5"},
                "gestdown": {"rate": "6"},
            }

    def test_save_leaves_the_other_settings(self, database: Database) -> None:
        with database.write() as unit:
            unit.plugins.save("p", {"a": "1", "b": "2"})
            unit.plugins.save("p", {"b": "3", "c": ""})
            unit.plugins.save("p", {})
            assert unit.plugins.of_provider("p") == {"a": "1", "b": "3", "c": ""}
            assert unit.config.find("plugin.p.b") == "3"

    @pytest.mark.parametrize("text", HOSTILE_TEXTS[1:])
    def test_save_keeps_every_character(self, database: Database, text: str) -> None:
        provider = text.replace(".", "")
        with database.write() as unit:
            unit.plugins.save(provider, {text: text})
            assert unit.plugins.of_provider(provider) == {text: text}

    def test_save_refuses_a_setting_without_a_name(self, database: Database) -> None:
        for provider, key in (("p", ""), ("", "a"), ("p.q", "a")):
            with pytest.raises(InvalidInput), database.write() as unit:
                unit.plugins.save(provider, {"first": "1", key: "2"})
        with database.read() as unit:
            assert unit.config.all() == {}

    def test_delete_forgets_one_provider_restorably(self, database: Database) -> None:
        with database.write() as unit:
            unit.plugins.save("p_q", {"a": "1", "b": "2"})
            unit.plugins.save("pxq", {"a": "3"})
            assert unit.plugins.delete("p_q") == 2
            assert unit.plugins.delete("p_q") == 0
            assert unit.plugins.all() == {"pxq": {"a": "3"}}
            unit.config.restore("plugin.p_q.b")
            assert unit.plugins.of_provider("p_q") == {"b": "2"}
            unit.plugins.save("p_q", {"a": "again"})
            assert unit.plugins.of_provider("p_q") == {"a": "again", "b": "2"}
