"""Values saved in the app, and the random values the house makes for itself."""

import secrets as random_source
from collections.abc import Mapping

from sqlalchemy import delete, select

from sublarr.db.models.configuration import ConfigEntry, Secret
from sublarr.db.repositories.base import Repository


class ConfigRepository(Repository):
    """The `config_entries` table."""

    aggregate = "config"

    def find(self, key: str, *, lock: bool = False) -> str | None:
        """The saved value, or None; `lock` keeps other writers off it until this transaction ends."""
        statement = select(ConfigEntry.value).where(ConfigEntry.key == key, ConfigEntry.deleted_at.is_(None))
        if lock:
            # SQLite has one writer at a time anyway, and no such clause.
            statement = statement.with_for_update()
        value: str | None = self._run("find", statement).scalar_one_or_none()
        return value

    def all(self) -> Mapping[str, str]:
        """Every saved value by key."""
        statement = select(ConfigEntry.key, ConfigEntry.value).where(ConfigEntry.deleted_at.is_(None))
        return dict(self._run("all", statement).all())

    def save(self, key: str, value: str) -> None:
        """Save a value, whatever was there before."""
        now = self._now
        row = {
            "key": key,
            "value": value,
            "created_at": now,
            "updated_at": now,
            "deleted_at": None,
            "version": 1,
        }
        table = ConfigEntry.metadata.tables["config_entries"]
        self._upsert("save", table, [row], ("key",), ("value", "deleted_at"))

    def delete(self, key: str) -> bool:
        """Forget a saved value; whether there was one."""
        return self._run("delete", delete(ConfigEntry).where(ConfigEntry.key == key)).rowcount == 1


class SecretRepository(Repository):
    """The `secrets` table."""

    aggregate = "secrets"

    def find(self, name: str) -> str | None:
        """The secret, or None where it was never made."""
        value: str | None = self._run(
            "find", select(Secret.value).where(Secret.name == name)
        ).scalar_one_or_none()
        return value

    def get_or_make(self, name: str) -> str:
        """The secret of that name: the same for every process, made by whoever asks first."""
        row = {"name": name, "value": random_source.token_hex(32), "created_at": self._now}
        self._upsert("make", Secret.metadata.tables["secrets"], [row], ("name",), ())
        return str(self._run("get", select(Secret.value).where(Secret.name == name)).scalar_one())
