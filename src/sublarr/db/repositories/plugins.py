"""Settings of providers that came as plug-ins: saved values under `plugin.<provider>.<key>`.

The rows are `config_entries`, like every saved value; a provider's name ends at the first dot, its keys may
hold more. Prefixes are compared character by character: LIKE would take `_` and `%` of a name for wildcards,
and on SQLite an A for an a.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import ColumnElement, func, select

from sublarr.db.models.configuration import ConfigEntry
from sublarr.db.repositories.base import Repository, UnitContext
from sublarr.db.repositories.configuration import ConfigRepository
from sublarr.vocabulary.errors import FieldProblem, InvalidInput

_PREFIX = "plugin."
_TABLE = ConfigEntry.metadata.tables["config_entries"]


class ConfiguredUnit(UnitContext, Protocol):
    """A unit of work that has the saved values."""

    @property
    def config(self) -> ConfigRepository:
        """Values saved in the app."""


class PluginSettingRepository(Repository):
    """The rows of `config_entries` that are plug-ins' own."""

    aggregate = "plugins"
    _unit: ConfiguredUnit

    def of_provider(self, provider: str) -> Mapping[str, str]:
        """The provider's settings by key."""
        return self._listed(_prefix_of(provider)).get(provider, {})

    def all(self) -> Mapping[str, Mapping[str, str]]:
        """Every provider's settings by key, by provider."""
        return self._listed(_PREFIX)

    def save(self, provider: str, settings: Mapping[str, str]) -> None:
        """Save some of a provider's settings, all or none; the others stay as they are."""
        prefix = _prefix_of(provider)
        if "" in settings:
            raise _refused("key", "a setting needs a name")
        # In one order, so that no two who save wait for each other.
        for key in sorted(settings):
            self._unit.config.save(prefix + key, settings[key])

    def delete(self, provider: str) -> int:
        """Forget a provider's settings, each restorable as a saved value; answers how many there were."""
        prefix = _prefix_of(provider)
        return sum(self._unit.config.delete(prefix + key) for key in sorted(self.of_provider(provider)))

    def _listed(self, prefix: str) -> dict[str, dict[str, str]]:
        statement = (
            select(_TABLE.c.key, _TABLE.c.value)
            .where(_begins_with(prefix), _TABLE.c.deleted_at.is_(None))
            .order_by(_TABLE.c.key)
        )
        found: dict[str, dict[str, str]] = {}
        for full_key, value in self._run("listed", statement):
            provider, _, key = full_key.removeprefix(_PREFIX).partition(".")
            if provider and key:
                found.setdefault(provider, {})[key] = value
        return found


def _begins_with(prefix: str) -> ColumnElement[Any]:
    return func.substr(_TABLE.c.key, 1, len(prefix)) == prefix


def _prefix_of(provider: str) -> str:
    if not provider or "." in provider:
        raise _refused("provider", "a provider's name is not empty and holds no dot")
    return f"{_PREFIX}{provider}."


def _refused(field: str, message: str) -> InvalidInput:
    return InvalidInput(message, problems=[FieldProblem(field, message)])
