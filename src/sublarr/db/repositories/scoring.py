"""How subtitles are scored: a person's own weights over those that come with the program, points per provider.

A weight or modifier that is taken back stays restorable until it is purged. Versions never repeat, not even
across taking back and setting anew, so that nobody writes over what they have not seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from sublarr.db.models.configuration import ProviderScoreModifier, ScoringWeight
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import NotFound, StaleRow
from sublarr.vocabulary.rules.modifiers import ModifierEdit
from sublarr.vocabulary.rules.weights import WeightEdit
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, ScoreType, WeightKey

UNSET = 0


@dataclass(frozen=True, slots=True)
class WeightRow:
    """A weight a person set; `deleted_at` where it was taken back."""

    id: int
    score_type: str
    weight_key: str
    weight_value: int
    version: int
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class ModifierRow:
    """The points a person gave to a provider; `deleted_at` where they were taken back."""

    provider_name: str
    modifier: int
    version: int
    updated_at: datetime
    deleted_at: datetime | None


_WEIGHT_COLUMNS = (
    ScoringWeight.id,
    ScoringWeight.score_type,
    ScoringWeight.weight_key,
    ScoringWeight.weight_value,
    ScoringWeight.version,
    ScoringWeight.updated_at,
    ScoringWeight.deleted_at,
)
_MODIFIER_COLUMNS = (
    ProviderScoreModifier.provider_name,
    ProviderScoreModifier.modifier,
    ProviderScoreModifier.version,
    ProviderScoreModifier.updated_at,
    ProviderScoreModifier.deleted_at,
)
_CHANGED_MEANWHILE = "Look at it again and repeat the change."


class WeightRepository(VersionedRepository):
    """The `scoring_weights` table."""

    aggregate = "weights"
    table = ScoringWeight.metadata.tables["scoring_weights"]
    noun = entity = "weight"
    edited = ("score_type", "weight_key", "weight_value")

    def save(self, edits: Iterable[WeightEdit]) -> None:
        """Set weights, all of them or none; raises `StaleRow` where somebody else was faster."""
        # In one order, so that no two who save wait for each other.
        for edit in sorted(edits, key=lambda edit: (edit.score_type, edit.weight_key)):
            self._save(edit)

    def _save(self, edit: WeightEdit) -> None:
        name = f"{edit.score_type}.{edit.weight_key}"
        self._lock_name(name)
        current = self._present(edit.score_type, edit.weight_key)
        if edit.version is not None and edit.version != (UNSET if current is None else current.version):
            raise StaleRow(f"the weight {name} was changed meanwhile", remedy=_CHANGED_MEANWHILE)
        if current is None:
            self._add(edit)
        elif current.weight_value != edit.weight_value:
            self._change(current.id, current.version, {"weight_value": edit.weight_value})

    def _present(self, score_type: str, weight_key: str) -> WeightRow | None:
        statement = select(*_WEIGHT_COLUMNS).where(
            ScoringWeight.score_type == score_type,
            ScoringWeight.weight_key == weight_key,
            ScoringWeight.deleted_at.is_(None),
        )
        row = self._run("present", statement.with_for_update()).one_or_none()
        return None if row is None else WeightRow(*row)

    def _add(self, edit: WeightEdit) -> None:
        now = self._now
        values = {
            "score_type": edit.score_type.value,
            "weight_key": edit.weight_key,
            "weight_value": edit.weight_value,
            "version": self._next_version(edit.score_type, edit.weight_key),
            "created_at": now,
            "updated_at": now,
        }
        statement = insert(self.table).values(**values).returning(self.table.c.id)
        self._added(self._run("add", statement).scalar_one())

    def _next_version(self, score_type: str, weight_key: str) -> int:
        """One above every version there has been of a weight, those that were taken back included."""
        highest = select(func.max(ScoringWeight.version)).where(
            ScoringWeight.score_type == score_type, ScoringWeight.weight_key == weight_key
        )
        return int(self._run("highest_version", highest).scalar_one() or UNSET) + 1

    def listed(self) -> tuple[WeightRow, ...]:
        """The weights that people set, by kind and name."""
        statement = (
            select(*_WEIGHT_COLUMNS)
            .where(ScoringWeight.deleted_at.is_(None))
            .order_by(ScoringWeight.score_type, ScoringWeight.weight_key)
        )
        return tuple(WeightRow(*row) for row in self._run("listed", statement))

    def removed(self, limit: int = 100) -> tuple[WeightRow, ...]:
        """The weights that were taken back, the latest first."""
        statement = (
            select(*_WEIGHT_COLUMNS)
            .where(ScoringWeight.deleted_at.is_not(None))
            .order_by(ScoringWeight.deleted_at.desc(), ScoringWeight.id.desc())
            .limit(limit)
        )
        return tuple(WeightRow(*row) for row in self._run("removed", statement))

    def overrides(self, score_type: ScoreType) -> Mapping[str, int]:
        """The weights that people set for what is scored, by name; nothing of the defaults."""
        statement = (
            select(ScoringWeight.weight_key, ScoringWeight.weight_value)
            .where(ScoringWeight.score_type == score_type, ScoringWeight.deleted_at.is_(None))
            .order_by(ScoringWeight.weight_key)
        )
        return dict(self._run("overrides", statement).all())

    def effective(self, score_type: ScoreType) -> Mapping[WeightKey, int]:
        """Every weight in force for what is scored: the defaults, and people's own in their place."""
        return _merged(score_type, self.overrides(score_type))

    def all_effective(self) -> Mapping[ScoreType, Mapping[WeightKey, int]]:
        """Every weight in force for everything that is scored."""
        overrides: dict[str, dict[str, int]] = {}
        for row in self.listed():
            overrides.setdefault(row.score_type, {})[row.weight_key] = row.weight_value
        return {score_type: _merged(score_type, overrides.get(score_type, {})) for score_type in ScoreType}

    def reset(self, score_type: ScoreType | None = None, weight_key: str = "") -> int:
        """Take weights back, all or those of a kind or name; answers how many. Each can be restored."""
        chosen = [
            row
            for row in self.listed()
            if score_type in (None, row.score_type) and weight_key in ("", row.weight_key)
        ]
        for row in chosen:
            self._take_away(row.id, row.version)
        return len(chosen)

    def restore(self, weight_id: int) -> None:
        """Put a weight back in force; raises `NotFound`, or `Conflict` where another was set since."""
        self._bring_back(weight_id)

    def _bring_back(self, key: int) -> None:
        statement = select(*_WEIGHT_COLUMNS).where(
            ScoringWeight.id == key, ScoringWeight.deleted_at.is_not(None)
        )
        row = self._run("removed_one", statement).one_or_none()
        if row is None:
            raise NotFound(f"no weight {key} was taken back")
        self._lock_name(f"{row.score_type}.{row.weight_key}")
        version = self._next_version(row.score_type, row.weight_key)
        values = {"deleted_at": None, "updated_at": self._now, "version": version}
        # Asked for again: while the name was waited for, somebody else may have brought it back.
        is_removed = (self.table.c.id == key, self.table.c.deleted_at.is_not(None))
        if self._run("restore", update(self.table).where(*is_removed).values(**values)).rowcount != 1:
            raise NotFound(f"no weight {key} was taken back")
        self._record(AuditAction.RESTORED, key, None, self._image(key))

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` weights for good that were taken back before that moment."""
        return self._purge(before, limit)


class ModifierRepository(VersionedRepository):
    """The `provider_score_modifiers` table."""

    aggregate = "modifiers"
    table = ProviderScoreModifier.metadata.tables["provider_score_modifiers"]
    noun = "provider's points"
    entity = "modifier"
    key_name = "provider_name"
    edited = ("provider_name", "modifier")

    def save(self, provider_name: str, modifier: int, version: int | None = None) -> None:
        """Give points to all that a provider offers; points below 0 are taken from it.

        `version` is the one that was seen, `UNSET` where none was set; None sets them whatever is there. Raises
        `InvalidInput` for too many points, `StaleRow` where somebody else was faster.
        """
        edit = ModifierEdit(provider_name, modifier, version)
        provider_name, modifier, version = edit.provider_name, edit.modifier, edit.version
        self._lock_name(provider_name)
        current = self._image(provider_name)
        if version is not None and version != (UNSET if current is None else current["version"]):
            raise StaleRow(f"the points of {provider_name} were changed meanwhile", remedy=_CHANGED_MEANWHILE)
        if current is None:
            self._save_first(provider_name, modifier)
        elif current["modifier"] != modifier:
            self._change(provider_name, current["version"], {"modifier": modifier})

    def _save_first(self, provider_name: str, modifier: int) -> None:
        """Give points where none are given; a row whose points were taken back is used again."""
        now, stored = self._now, self.table.c
        row = {"provider_name": provider_name, "modifier": modifier, "created_at": now, "updated_at": now}
        new = {"modifier": modifier, "version": stored.version + 1, "updated_at": now, "deleted_at": None}
        insertion = self._insert_into(self.table).values(**row, version=1)
        statement = insertion.on_conflict_do_update(index_elements=["provider_name"], set_=new)
        self._run("save_first", statement)
        self._added(provider_name)

    def find(self, provider_name: str) -> ModifierRow | None:
        """What was given to a provider, or None."""
        statement = select(*_MODIFIER_COLUMNS).where(
            ProviderScoreModifier.provider_name == provider_name, ProviderScoreModifier.deleted_at.is_(None)
        )
        row = self._run("find", statement).one_or_none()
        return None if row is None else ModifierRow(*row)

    def points(self, provider_name: str) -> int:
        """The points of a provider, 0 where none were given."""
        row = self.find(provider_name)
        return 0 if row is None else row.modifier

    def listed(self, *, removed: bool = False) -> tuple[ModifierRow, ...]:
        """What was given to providers, or taken back from them; by name."""
        deleted_at = ProviderScoreModifier.deleted_at
        statement = (
            select(*_MODIFIER_COLUMNS)
            .where(deleted_at.is_not(None) if removed else deleted_at.is_(None))
            .order_by(ProviderScoreModifier.provider_name)
        )
        return tuple(ModifierRow(*row) for row in self._run("listed", statement))

    def delete(self, provider_name: str, version: int | None = None) -> None:
        """Take a provider's points back, restorable until they are purged.

        Raises `NotFound`, and `StaleRow` where they are no longer at `version`.
        """
        current = self._image(provider_name)
        if current is None:
            raise NotFound(f"no points were given to {provider_name}")
        self._take_away(provider_name, current["version"] if version is None else version)

    def restore(self, provider_name: str) -> None:
        """Give back what was taken from a provider; raises `NotFound` where nothing was."""
        self._bring_back(provider_name)

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` modifiers for good that were taken back before that moment."""
        return self._purge(before, limit)


def _merged(score_type: ScoreType, overrides: Mapping[str, int]) -> Mapping[WeightKey, int]:
    return {key: overrides.get(key, points) for key, points in DEFAULT_WEIGHTS[score_type].items()}
