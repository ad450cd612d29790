"""Prompts that people wrote. At most one is the default, and the last one stays."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text, update

from sublarr.db.models.translation import PromptPreset
from sublarr.db.repositories.audited import AuditRow
from sublarr.db.repositories.edited_rows import named_values
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import Conflict, StaleRow
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
    entity = "prompt_preset"
    edited = ("name", "prompt_template")

    def add(self, name: str, prompt_template: str, *, is_default: bool = False) -> PresetRow:
        """Add a preset; raises `Conflict` where one has that name."""
        new = NewPreset(name, prompt_template, is_default)
        values = {**named_values(new), "is_default": False, "created_at": self._now, "updated_at": self._now}
        self._lock_out_others()
        preset_id = self._run("add", insert(_PRESETS).values(**values).returning(_PRESETS.c.id)).scalar_one()
        self._added(preset_id)
        if is_default:
            self._move_default(preset_id, counted=preset_id)
        return self.get(preset_id)

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
        values.pop("is_default", None)
        self._lock_out_others()
        # Whoever is too late is told so before the old default has lost its place.
        self._change(preset_id, version, values)
        is_default = self.get(preset_id).is_default
        if edit.is_default is not None and edit.is_default is not is_default:
            self._move_default(preset_id if edit.is_default else None)
        return self.get(preset_id)

    def delete(self, preset_id: int, version: int) -> None:
        """Take a preset out; it stays restorable. Raises `Conflict` for the last one."""
        self._lock_out_others()
        self._require(preset_id, version)
        others = select(_PRESETS.c.id).where(_PRESETS.c.id != preset_id, _IS_PRESENT).limit(1)
        if self._run("others", others).first() is None:
            raise Conflict("the last prompt preset cannot be removed", remedy="Add another one first.")
        if self.get(preset_id).is_default:
            self._move_default(None, counted=preset_id)
        self._change(preset_id, version, {"deleted_at": self._now})

    def undo(self, entry: AuditRow) -> None:
        """Take back a change, or the choice of another default."""
        self._lock_out_others()
        if entry.action is AuditAction.DEFAULT_MOVED:
            self._undo_default(entry)
        else:
            super().undo(entry)

    def _take_away(self, key: int, version: int) -> None:
        self.delete(key, version)

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

    def _move_default(self, preset_id: int | None, counted: int | None = None) -> None:
        """Have this preset be the default, or none; which one it is is a fact of its own, and written down as one.

        The version of `counted` stays: it is moved by what else happens to that preset.
        """
        before = self.find_default()
        old_id = None if before is None else before.id
        for row_id, is_default in ((old_id, False), (preset_id, True)):
            if row_id is not None:
                version = _PRESETS.c.version + (0 if row_id == counted else 1)
                values = {"version": version, "updated_at": self._now, "is_default": is_default}
                self._run("move_default", update(_PRESETS).where(_PRESETS.c.id == row_id).values(**values))
        self._record(AuditAction.DEFAULT_MOVED, "default", {"default_id": old_id}, {"default_id": preset_id})

    def _undo_default(self, entry: AuditRow) -> None:
        old_id, new_id = (image["default_id"] for image in (entry.before or {}, entry.after or {}))
        current = self.find_default()
        if (None if current is None else current.id) != new_id:
            raise StaleRow("another prompt preset was made the default since")
        if old_id is not None and self.find(old_id) is None:
            raise Conflict(f"the prompt preset {old_id}, which was the default, is gone")
        self._move_default(old_id)
