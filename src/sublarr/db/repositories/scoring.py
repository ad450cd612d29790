"""How subtitles are scored: a person's own weights over those that come with the program, points per provider.

A weight or modifier that is taken back stays restorable until it is purged. Versions never repeat, not even
across taking back and setting anew, so that nobody writes over what they have not seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, select, text, update
from sqlalchemy.orm import aliased

from sublarr.db.models.configuration import ProviderScoreModifier, ScoringWeight
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import FieldProblem, InvalidInput, NotFound, StaleRow
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, GREATEST_POINTS, ScoreType, WeightKey

UNSET = 0


@dataclass(frozen=True, slots=True)
class WeightEdit:
    """A weight to be set.

    `version` is the one that was seen, `UNSET` where none was set; None sets it whatever is there.
    """

    score_type: ScoreType
    weight_key: str
    weight_value: int
    version: int | None = None


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
_IS_PRESENT = text("deleted_at IS NULL")
_CHANGED_MEANWHILE = "Look at it again and repeat the change."


class WeightRepository(Repository):
    """The `scoring_weights` table."""

    aggregate = "weights"

    def save(self, edits: Iterable[WeightEdit]) -> None:
        """Set weights, all of them or none.

        Raises `InvalidInput` for a match that is not scored and for too many points, `StaleRow` where somebody
        else was faster.
        """
        # In one order, so that two people who save the same never wait for each other in a circle.
        for edit in sorted(edits, key=lambda edit: (edit.score_type, edit.weight_key)):
            _check_points("weight_value", edit.weight_value)
            if edit.weight_key not in DEFAULT_WEIGHTS[edit.score_type]:
                message = f"no {edit.score_type} is scored by {edit.weight_key!r}"
                raise InvalidInput(message, problems=[FieldProblem("weight_key", message)])
            if self._run(*self._saving(edit)).rowcount == 0 and edit.version is not None:
                raise StaleRow(
                    f"the weight {edit.weight_key} of {edit.score_type} was changed meanwhile",
                    remedy=_CHANGED_MEANWHILE,
                )

    def _saving(self, edit: WeightEdit) -> tuple[str, Any]:
        if edit.version:
            statement = update(ScoringWeight).where(
                ScoringWeight.score_type == edit.score_type,
                ScoringWeight.weight_key == edit.weight_key,
                ScoringWeight.version == edit.version,
                ScoringWeight.deleted_at.is_(None),
            )
            return "update", statement.values(
                weight_value=edit.weight_value, version=ScoringWeight.version + 1, updated_at=self._now
            )
        insertion = self._insertion(edit)
        target = {"index_elements": ["score_type", "weight_key"], "index_where": _IS_PRESENT}
        if edit.version == UNSET:
            return "add", insertion.on_conflict_do_nothing(**target)
        stored, given = _table(ScoringWeight).c, insertion.excluded
        values = {
            "weight_value": given.weight_value,
            "version": stored.version + 1,
            "updated_at": given.updated_at,
        }
        differs = stored.weight_value != given.weight_value
        return "upsert", insertion.on_conflict_do_update(**target, set_=values, where=differs)

    def _insertion(self, edit: WeightEdit) -> Any:
        now = self._now
        insertion = self._insert_into(_table(ScoringWeight)).values(
            score_type=edit.score_type,
            weight_key=edit.weight_key,
            weight_value=edit.weight_value,
            version=_next_version(edit.score_type, edit.weight_key),
            created_at=now,
            updated_at=now,
        )
        return insertion.execution_options(preserve_rowcount=True)

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
        statement = update(ScoringWeight).where(ScoringWeight.deleted_at.is_(None))
        if score_type is not None:
            statement = statement.where(ScoringWeight.score_type == score_type)
        if weight_key:
            statement = statement.where(ScoringWeight.weight_key == weight_key)
        now = self._now
        values = {"deleted_at": now, "updated_at": now}
        return self._run("reset", statement.values(**values, version=ScoringWeight.version + 1)).rowcount

    def restore(self, weight_id: int) -> None:
        """Put a weight back in force; raises `NotFound`, or `Conflict` where another was set since."""
        statement = (
            update(ScoringWeight)
            .where(ScoringWeight.id == weight_id, ScoringWeight.deleted_at.is_not(None))
            .values(
                deleted_at=None,
                updated_at=self._now,
                version=_next_version(ScoringWeight.score_type, ScoringWeight.weight_key),
            )
        )
        if self._run("restore", statement).rowcount == 0:
            raise NotFound(f"no weight {weight_id} was taken back")

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` weights for good that were taken back before that moment."""
        old = select(ScoringWeight.id).where(ScoringWeight.deleted_at < before).limit(limit)
        statement = delete(ScoringWeight).where(ScoringWeight.id.in_(old.scalar_subquery()))
        return self._run("purge", statement).rowcount


class ModifierRepository(Repository):
    """The `provider_score_modifiers` table."""

    aggregate = "modifiers"

    def save(self, provider_name: str, modifier: int, version: int | None = None) -> None:
        """Give points to all that a provider offers; points below 0 are taken from it.

        `version` is the one that was seen, `UNSET` where none was set; None sets them whatever is there. Raises
        `InvalidInput` for too many points, `StaleRow` where somebody else was faster.
        """
        _check_points("modifier", modifier)
        if self._run(*self._saving(provider_name, modifier, version)).rowcount == 0 and version is not None:
            raise StaleRow(f"the points of {provider_name} were changed meanwhile", remedy=_CHANGED_MEANWHILE)

    def _saving(self, provider_name: str, modifier: int, version: int | None) -> tuple[str, Any]:
        now = self._now
        table = _table(ProviderScoreModifier)
        stored = table.c
        change = {"modifier": modifier, "version": stored.version + 1, "updated_at": now, "deleted_at": None}
        if version:
            is_seen = (stored.provider_name == provider_name, stored.version == version)
            return "update", update(table).where(*is_seen, stored.deleted_at.is_(None)).values(**change)
        row = {"provider_name": provider_name, "modifier": modifier, "created_at": now, "updated_at": now}
        is_free = stored.deleted_at.is_not(None)
        statement = (
            self._insert_into(table)
            .values(**row, version=1)
            .on_conflict_do_update(
                index_elements=["provider_name"],
                set_=change,
                where=is_free if version == UNSET else is_free | (stored.modifier != modifier),
            )
        )
        return "upsert", statement.execution_options(preserve_rowcount=True)

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
        statement = update(ProviderScoreModifier).where(
            ProviderScoreModifier.provider_name == provider_name, ProviderScoreModifier.deleted_at.is_(None)
        )
        if version is not None:
            statement = statement.where(ProviderScoreModifier.version == version)
        if self._mark("delete", statement, self._now):
            return
        if self.find(provider_name) is not None:
            raise StaleRow(f"the points of {provider_name} were changed meanwhile", remedy=_CHANGED_MEANWHILE)
        raise NotFound(f"no points were given to {provider_name}")

    def restore(self, provider_name: str) -> None:
        """Give back what was taken from a provider; raises `NotFound` where nothing was."""
        statement = update(ProviderScoreModifier).where(
            ProviderScoreModifier.provider_name == provider_name,
            ProviderScoreModifier.deleted_at.is_not(None),
        )
        if not self._mark("restore", statement, None):
            raise NotFound(f"no points were taken from {provider_name}")

    def _mark(self, name: str, statement: Any, deleted_at: datetime | None) -> bool:
        values = {"deleted_at": deleted_at, "updated_at": self._now}
        return bool(
            self._run(name, statement.values(**values, version=ProviderScoreModifier.version + 1)).rowcount
        )

    def purge(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` modifiers for good that were taken back before that moment."""
        name = ProviderScoreModifier.provider_name
        old = select(name).where(ProviderScoreModifier.deleted_at < before).limit(limit)
        statement = delete(ProviderScoreModifier).where(name.in_(old.scalar_subquery()))
        return self._run("purge", statement).rowcount


def _table(model: type[ScoringWeight] | type[ProviderScoreModifier]) -> Table:
    return model.metadata.tables[model.__tablename__]


def _merged(score_type: ScoreType, overrides: Mapping[str, int]) -> Mapping[WeightKey, int]:
    return {key: overrides.get(key, points) for key, points in DEFAULT_WEIGHTS[score_type].items()}


def _next_version(score_type: Any, weight_key: Any) -> ColumnElement[int]:
    """One above every version there has been of a weight, those that were taken back included."""
    other = aliased(ScoringWeight)
    highest = func.coalesce(func.max(other.version), UNSET) + 1
    same = (other.score_type == score_type, other.weight_key == weight_key)
    return select(highest).where(*same).scalar_subquery()


def _check_points(field: str, points: int) -> None:
    if abs(points) > GREATEST_POINTS:
        message = f"points must be between -{GREATEST_POINTS} and {GREATEST_POINTS}"
        raise InvalidInput(message, problems=[FieldProblem(field, message)])
