"""What must happen to wanted rows so that they say what is wished for: compared here, done by `wanted`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus

Key = tuple[int, str, str]
_ENDED_WELL = (WantedStatus.FOUND, WantedStatus.EXTRACTED)
_UNSATISFIED = (WantedStatus.WANTED, WantedStatus.FAILED)


@dataclass(frozen=True, slots=True)
class WantedWish:
    """One subtitle a file should have, whether it has it, and what there is instead."""

    file_id: int
    media_id: int
    series_id: int | None
    item_type: MediaKind
    target_language: str
    subtitle_type: SubtitleType
    is_satisfied: bool
    existing_sub: str = ""
    upgrade_candidate: bool = False

    @property
    def key(self) -> tuple[int, str, SubtitleType]:
        """What makes it one wish."""
        return (self.file_id, self.target_language, self.subtitle_type)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What bringing rows in line did."""

    added: int = 0
    satisfied: int = 0
    reopened: int = 0
    removed: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Reconciled") -> "Reconciled":
        return Reconciled(
            self.added + other.added,
            self.satisfied + other.satisfied,
            self.reopened + other.reopened,
            self.removed + other.removed,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
        )


@dataclass(slots=True)
class Plan:
    """What must happen to rows so that they say what is wished for."""

    missing: list[WantedWish]
    satisfied: list[int] = field(default_factory=list)
    reopened: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    differing: list[dict[str, Any]] = field(default_factory=list)

    @property
    def touched(self) -> set[int]:
        """The stored rows that change."""
        changed = (row["row_id"] for row in self.differing)
        return {*self.satisfied, *self.reopened, *self.removed, *changed}


def is_settled(row: Any, wish: WantedWish) -> bool:
    """Whether a stored row says what is wished for, so that nothing must happen to it."""
    _, _, _, _, status, existing_sub, upgrade_candidate, media_id = row
    if existing_sub != wish.existing_sub or upgrade_candidate != wish.upgrade_candidate:
        return False
    return media_id == wish.media_id and status not in (_UNSATISFIED if wish.is_satisfied else _ENDED_WELL)


def compare(
    stored: Mapping[Key, Any], wishes: Mapping[Key, WantedWish], owners: Mapping[int, WantedWish]
) -> Plan:
    """What must happen; `owners` has a wish of each file that has any, for the entry it belongs to."""
    plan = Plan([wish for key, wish in wishes.items() if key not in stored and not wish.is_satisfied])
    for key, row in stored.items():
        wish = wishes.get(key)
        if wish is None:
            if row.status not in (WantedStatus.IGNORED, WantedStatus.SEARCHING):
                plan.removed.append(row.id)
            elif row.file_id in owners and owners[row.file_id].media_id != row.media_id:
                # A kept mark follows its file to the entry that the file belongs to now.
                plan.differing.append(_owner(row.id, owners[row.file_id]))
            continue
        if wish.is_satisfied and row.status in _UNSATISFIED:
            plan.satisfied.append(row.id)
        elif not wish.is_satisfied and row.status in _ENDED_WELL:
            plan.reopened.append(row.id)
        facts = (wish.existing_sub, wish.upgrade_candidate, wish.media_id)
        if (row.existing_sub, row.upgrade_candidate, row.media_id) != facts:
            plan.differing.append(_facts(row.id, wish))
    return plan


def _owner(row_id: int, wish: WantedWish) -> dict[str, Any]:
    return {
        "row_id": row_id,
        "media_id": wish.media_id,
        "series_id": wish.series_id,
        "item_type": wish.item_type,
    }


def _facts(row_id: int, wish: WantedWish) -> dict[str, Any]:
    return _owner(row_id, wish) | {
        "existing_sub": wish.existing_sub,
        "upgrade_candidate": wish.upgrade_candidate,
    }
