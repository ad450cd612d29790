"""Values saved in the app, and the random values the house makes for itself."""

import secrets as random_source
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from sublarr.db.models.configuration import ConfigEntry, Secret
from sublarr.db.repositories.audited import Change, Image
from sublarr.db.repositories.base import Repository
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.settings import is_setting, validate_saved
from sublarr.settings.model import is_secret
from sublarr.vocabulary.errors import Conflict, NotFound, StaleRow
from sublarr.vocabulary.masking import MASK, mask_url, names_secret
from sublarr.vocabulary.rules.settings import SavedValue

_TABLE = ConfigEntry.metadata.tables["config_entries"]


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A saved value, and the version a writer names who would not overwrite another's change."""

    key: str
    value: str = field(repr=False)
    version: int
    created_at: datetime
    updated_at: datetime


class ConfigRepository(VersionedRepository):
    """The `config_entries` table."""

    aggregate = "config"
    table = _TABLE
    noun = entity = "setting"
    key_name = "key"
    edited = ("key", "value")

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

        Version 0 says that nothing is saved. Raises `InvalidInput` for what a setting does not accept,
        `StaleRow` where somebody else was faster.
        """
        SavedValue(key, value)
        if is_setting(key):
            validate_saved(key, value)
        self._lock_name(key)
        current = self._image(key)
        if version and current is None:
            raise self._missing(key)
        if version is not None and version != _version_of(current):
            raise self._stale(key, version, current)
        if current is None:
            self._save_first(key, value)
        elif self.find(key) != value:
            self._change(key, current["version"], {"value": value})

    def delete(self, key: str, *, version: int | None = None) -> bool:
        """Forget a saved value, restorably; whether there was one.

        Raises `StaleRow` where a `version` is named and somebody else was faster.
        """
        current = self._image(key)
        if version is not None:
            self._change(key, version, {"deleted_at": self._now})
        elif current is not None:
            self._change(key, current["version"], {"deleted_at": self._now})
        return current is not None

    def restore(self, key: str) -> ConfigValue:
        """Bring back what was deleted; raises `NotFound` where nothing of that key is deleted."""
        self._bring_back(key)
        return self.get(key)

    def purge(self, moment: datetime, limit: int) -> int:
        """Remove for good up to `limit` values that were deleted before `moment`; answers how many."""
        return self._purge(moment, limit)

    def _save_first(self, key: str, value: str) -> None:
        """Save where nothing is saved; the row of a value that was deleted is used again."""
        now = self._now
        row = {"key": key, "value": value, "created_at": now, "updated_at": now, "version": 1}
        new = {"value": value, "deleted_at": None, "updated_at": now, "version": _TABLE.c.version + 1}
        statement = self._insert_into(_TABLE).values(**row)
        self._run("save_first", statement.on_conflict_do_update(index_elements=["key"], set_=new))
        self._added(key)

    def _shown(self, values: Mapping[str, Any]) -> Image:
        """The image of a value; of a secret, only a mark."""
        image = super()._shown(values)
        value = image["value"]
        masked = MASK if value and _is_secret(image["key"]) else mask_url(value)
        if masked != value:
            image["value"] = self._marked(masked, value)
        return image

    def _refuse_secrets(self, changes: tuple[Change, ...]) -> None:
        if any(MASK in str(change.before) for change in changes):
            raise Conflict(
                "the audit keeps no secrets: the value cannot be put back", remedy="Set it by hand."
            )

    def _missing(self, key: Any) -> NotFound:
        return NotFound(f"no value is saved for {key}")

    def _stale(self, key: str, version: int, current: Image | None) -> StaleRow:
        return StaleRow(
            f"the value of {key} was changed meanwhile (version {_version_of(current)}, yours was {version})",
            problems=[] if current is None else self._what_changed(key, version, current),
            remedy="Look at it again and repeat the change.",
        )


def _version_of(image: Image | None) -> int:
    return 0 if image is None else int(image["version"])


def _is_secret(key: str) -> bool:
    """Whether a saved value is a secret: a setting that is one, or one of a plug-in's whose name says so."""
    return is_secret(key) if is_setting(key) else names_secret(key)


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
