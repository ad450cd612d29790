"""Values saved in the app, and the random values the house makes for itself."""

import secrets as random_source
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update

from sublarr.db.models.configuration import ConfigEntry, Secret
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import NotFound, StaleRow

_TABLE = ConfigEntry.metadata.tables["config_entries"]


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A saved value, and the version a writer names who would not overwrite another's change."""

    key: str
    value: str = field(repr=False)
    version: int
    created_at: datetime
    updated_at: datetime


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

    def get(self, key: str) -> ConfigValue:
        """The saved value with its version; raises `NotFound`."""
        columns = (_TABLE.c[name] for name in ConfigValue.__slots__)
        statement = select(*columns).where(ConfigEntry.key == key, ConfigEntry.deleted_at.is_(None))
        row = self._run("get", statement).one_or_none()
        if row is None:
            raise NotFound(f"no value is saved for {key}")
        return ConfigValue(*row)

    def all(self) -> Mapping[str, str]:
        """Every saved value by key."""
        statement = select(ConfigEntry.key, ConfigEntry.value).where(ConfigEntry.deleted_at.is_(None))
        return dict(self._run("all", statement).all())

    def save(self, key: str, value: str, *, version: int | None = None) -> None:
        """Save a value, whatever was there before, or only over the `version` that the writer knows.

        Version 0 says that nothing is saved. Raises `StaleRow` where somebody else was faster.
        """
        now = self._now
        if version:
            self._change("save", key, version, {"value": value})
            return
        row = {
            "key": key,
            "value": value,
            "created_at": now,
            "updated_at": now,
            "deleted_at": None,
            "version": 1,
        }
        if version is None:
            self._upsert("save", _TABLE, [row], ("key",), ("value", "deleted_at"))
        elif not self._save_first(row):
            raise _stale(key, self.get(key).version, version)

    def delete(self, key: str, *, version: int | None = None) -> bool:
        """Forget a saved value, restorably; whether there was one.

        Raises `StaleRow` where a `version` is named and somebody else was faster.
        """
        values = {"deleted_at": self._now}
        if version is not None:
            self._change("delete", key, version, values)
            return True
        return self._touch("delete", values, ConfigEntry.key == key, ConfigEntry.deleted_at.is_(None)) == 1

    def restore(self, key: str) -> ConfigValue:
        """Bring back what was deleted; raises `NotFound` where nothing of that key is deleted."""
        is_deleted = (ConfigEntry.key == key, ConfigEntry.deleted_at.is_not(None))
        if self._touch("restore", {"deleted_at": None}, *is_deleted) != 1:
            raise NotFound(f"no deleted value is kept for {key}")
        return self.get(key)

    def purge(self, moment: datetime, limit: int) -> int:
        """Remove for good up to `limit` values that were deleted before `moment`; answers how many."""
        old = select(ConfigEntry.key).where(ConfigEntry.deleted_at < moment).limit(limit)
        statement = delete(ConfigEntry).where(ConfigEntry.key.in_(old.scalar_subquery()))
        return self._run("purge", statement).rowcount

    def _save_first(self, row: Mapping[str, Any]) -> bool:
        statement = self._insert_into(_TABLE).values(**row)
        new = {"value": row["value"], "deleted_at": None, "updated_at": row["updated_at"]}
        statement = statement.on_conflict_do_update(
            index_elements=["key"],
            set_={**new, "version": _TABLE.c.version + 1},
            where=_TABLE.c.deleted_at.is_not(None),
        )
        stored = self._run("save_first", statement.returning(_TABLE.c.key))
        return stored.scalar_one_or_none() is not None

    def _change(self, name: str, key: str, version: int, values: Mapping[str, Any]) -> None:
        is_there = (ConfigEntry.key == key, ConfigEntry.deleted_at.is_(None))
        if self._touch(name, values, *is_there, ConfigEntry.version == version) != 1:
            raise _stale(key, self.get(key).version, version)

    def _touch(self, name: str, values: Mapping[str, Any], *conditions: ColumnElement[bool]) -> int:
        changed = {**values, "version": ConfigEntry.version + 1, "updated_at": self._now}
        return self._run(name, update(ConfigEntry).where(*conditions).values(**changed)).rowcount


def _stale(key: str, current: int, version: int) -> StaleRow:
    return StaleRow(
        f"the value of {key} was changed meanwhile (version {current}, yours was {version})",
        remedy="Look at it again and repeat the change.",
    )


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
        insertion = self._insert_into(Secret.metadata.tables["secrets"]).on_conflict_do_nothing()
        row = {"name": name, "value": random_source.token_hex(32), "created_at": self._now}
        secret, _ = self._get_or_add(
            f"the secret {name}",
            lambda: self._run("make", insertion.returning(Secret.value), row).scalar_one_or_none(),
            lambda: self.find(name),
        )
        return str(secret)
