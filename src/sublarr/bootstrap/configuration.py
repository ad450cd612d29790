"""The settings in force: what the environment says, overridden by what was saved in the app."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sublarr.db.database import Database
from sublarr.db.unit import Unit
from sublarr.settings import Settings, load_settings, validate_saved

_PROFILE_SETTINGS = ("source_language", "target_language")


class Configuration:
    """Settings that follow what is saved; values saved by another process are seen at the next look."""

    def __init__(self, environment: Mapping[str, str], env_file: Path | None) -> None:
        self._environment = dict(environment)
        self._env_file = env_file
        self._saved: Mapping[str, str] = {}
        self._settings = load_settings(self._environment, {}, env_file)
        self._on_change: list[Callable[[Settings], None]] = []

    @property
    def settings(self) -> Settings:
        """The settings as last looked up."""
        return self._settings

    def on_change(self, call: Callable[[Settings], None]) -> None:
        """Have `call` be told of new settings whenever a saved value changed them."""
        self._on_change.append(call)

    def refresh(self, database: Database) -> Settings:
        """Look up what is saved and answer the settings in force now."""
        with database.read() as unit:
            saved = unit.config.all()
        if saved != self._saved:
            self._settings = load_settings(self._environment, saved, self._env_file)
            self._saved = saved
            for call in self._on_change:
                call(self._settings)
        return self._settings

    def save(self, database: Database, name: str, text: str) -> Settings:
        """Save a value, which takes effect at once; raises `InvalidInput` where it cannot be.

        The languages are the default profile's, whose own are changed with them.
        """
        validate_saved(name, text)
        # All values together must still make sense before any is stored.
        changed = load_settings(self._environment, {**self._saved, name: text}, self._env_file)
        with database.write(urgent=True) as unit:
            unit.config.save(name, text)
            if name in _PROFILE_SETTINGS:
                _change_profile(unit, self._settings, changed)
        return self.refresh(database)

    def reset(self, database: Database, name: str) -> bool:
        """Forget a saved value; whether there was one."""
        with database.write(urgent=True) as unit:
            was_saved = unit.config.delete(name)
        self.refresh(database)
        return was_saved


def _change_profile(unit: Unit, before: Settings, after: Settings) -> None:
    """The default profile wants the new language in place of the old one; what else it wants stays."""
    old, new = before.translation.target_language, after.translation.target_language
    profile = unit.profiles.get_default()
    wanted = profile.target_languages
    if old not in wanted:
        wanted = [new, *wanted]
    languages = dict.fromkeys(new if language == old else language for language in wanted)
    source = after.translation.source_language
    unit.profiles.set_default_languages(source, list(languages), profile.version)
