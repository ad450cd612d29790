"""Prompts that people wrote. At most one is the default, and the last one stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text, update

from sublarr.db.models.translation import PromptPreset
from sublarr.db.repositories.edited_rows import named_values
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.vocabulary.errors import Conflict
from sublarr.vocabulary.rules.prompt_presets import NewPreset, PresetEdit


@dataclass(frozen=True, slots=True)
class PresetRow:
    """A prompt preset."""

    id: int
    name: str
    prompt_template: str
    is_default: bool
    version: int
    created_at: datetime
    updated_at: datetime


_PRESETS = PromptPreset.metadata.tables["prompt_presets"]
_COLUMNS = tuple(_PRESETS.c[name] for name in PresetRow.__dataclass_fields__)
_IS_PRESENT = _PRESETS.c.deleted_at.is_(None)


class PromptPresetRepository(VersionedRepository):
    """The `prompt_presets` table."""

    aggregate = "prompt_presets"
    table = _PRESETS
    noun = "prompt preset"

    def add(self, name: str, prompt_template: str, *, is_default: bool = False) -> PresetRow:
        """Add a preset; raises `Conflict` where one has that name."""
        new = NewPreset(name, prompt_template, is_default)
        values = {**named_values(new), "created_at": self._now, "updated_at": self._now}
        self._lock_out_others()
        if is_default:
            self._clear_default()
        row = self._run("add", insert(_PRESETS).values(**values).returning(*_COLUMNS)).one()
        return PresetRow(*row)

    def listed(self) -> tuple[PresetRow, ...]:
        """The default, then the others by name."""
        statement = (
            select(*_COLUMNS)
            .where(_IS_PRESENT)
            .order_by(_PRESETS.c.is_default.desc(), _PRESETS.c.name, _PRESETS.c.id)
        )
        return tuple(PresetRow(*row) for row in self._run("listed", statement))

    def find(self, preset_id: int) -> PresetRow | None:
        """A preset, or None."""
        statement = select(*_COLUMNS).where(_PRESETS.c.id == preset_id, _IS_PRESENT)
        row = self._run("find", statement).one_or_none()
        return None if row is None else PresetRow(*row)

    def get(self, preset_id: int) -> PresetRow:
        """A preset; raises `NotFound`."""
        found = self.find(preset_id)
        if found is None:
            raise self._missing(preset_id)
        return found

    def find_default(self) -> PresetRow | None:
        """The default, or None where nobody chose one."""
        statement = select(*_COLUMNS).where(_PRESETS.c.is_default, _IS_PRESENT)
        row = self._run("find_default", statement).one_or_none()
        return None if row is None else PresetRow(*row)

    def update(self, preset_id: int, version: int, edit: PresetEdit) -> PresetRow:
        """Change what `edit` names; a new default takes the place of the old one in the same transaction."""
        values = named_values(edit)
        if edit.is_default:
            del values["is_default"]
        self._lock_out_others()
        if not values and not edit.is_default:
            self._require(preset_id, version)
            return self.get(preset_id)
        # Whoever is too late is told so before the old default has lost its place.
        self._change(preset_id, version, values)
        if edit.is_default:
            self._clear_default(but=preset_id)
            statement = update(_PRESETS).where(_PRESETS.c.id == preset_id).values(is_default=True)
            self._run("set_default", statement)
        return self.get(preset_id)

    def delete(self, preset_id: int, version: int) -> None:
        """Take a preset out; it stays restorable. Raises `Conflict` for the last one."""
        self._lock_out_others()
        self._require(preset_id, version)
        others = select(_PRESETS.c.id).where(_PRESETS.c.id != preset_id, _IS_PRESENT).limit(1)
        if self._run("others", others).first() is None:
            raise Conflict("the last prompt preset cannot be removed", remedy="Add another one first.")
        self._change(preset_id, version, {"deleted_at": self._now, "is_default": False})

    def deleted(self, limit: int = 100) -> tuple[PresetRow, ...]:
        """What can be restored, the latest first."""
        statement = (
            select(*_COLUMNS)
            .where(_PRESETS.c.deleted_at.is_not(None))
            .order_by(_PRESETS.c.deleted_at.desc(), _PRESETS.c.id.desc())
            .limit(limit)
        )
        return tuple(PresetRow(*row) for row in self._run("deleted", statement))

    def restore(self, preset_id: int) -> PresetRow:
        """Bring a deleted preset back, not as the default; raises `Conflict` where its name is taken."""
        self._lock_out_others()
        self._bring_back(preset_id)
        return self.get(preset_id)

    def purge_deleted_before(self, moment: datetime, limit: int) -> int:
        """Remove up to `limit` presets for good that were deleted before `moment`."""
        return self._purge(moment, limit)

    def _lock_out_others(self) -> None:
        """Two who choose a default, or remove the last two, would not see each other's rows."""
        if self._connection.dialect.name == "postgresql":
            self._run("lock", text("LOCK TABLE prompt_presets IN SHARE ROW EXCLUSIVE MODE"))

    def _clear_default(self, but: int | None = None) -> None:
        statement = (
            update(_PRESETS)
            .where(_PRESETS.c.is_default, _PRESETS.c.id.is_distinct_from(but), _IS_PRESENT)
            .values(is_default=False, version=_PRESETS.c.version + 1, updated_at=self._now)
        )
        self._run("clear_default", statement)
