"""Language profiles, and which of them holds for a film or a series.

Whatever changes what is wanted asks, in the same transaction, for the wanted rows to be brought in line: no
door can forget it.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text

from sublarr.db.models.profiles import LanguageProfile
from sublarr.db.repositories.audited import AuditRow
from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.edited_rows import named_values
from sublarr.db.repositories.profile_assignments import ProfileAssignments
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import Conflict, FieldProblem, InvalidInput, NotFound, StaleRow
from sublarr.vocabulary.jobs import ReviewWanted
from sublarr.vocabulary.language import language_name
from sublarr.vocabulary.rules.kinds import UNCHANGED
from sublarr.vocabulary.rules.profiles import DEFAULT_BACKEND, NewProfile, ProfileEdit, score_problems
from sublarr.vocabulary.subtitles import ForcedPreference, FormatPreference, HearingImpairedPreference

_DEFAULT_NAME = "Default"
# What a file's wishes follow from; a change of anything else leaves every wanted row as it is.
_DECIDES_WISHES = frozenset({"target_languages", "forced_preference", "preferred_format"})


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile as rules need it, and as people edit it."""

    id: int
    name: str
    source_language: str
    target_languages: list[str]
    is_default: bool
    forced_preference: ForcedPreference
    preferred_format: FormatPreference
    version: int
    translation_backend: str = DEFAULT_BACKEND
    fallback_chain: Sequence[str] = ()
    hearing_impaired_preference: HearingImpairedPreference = HearingImpairedPreference.INCLUDE
    minimum_score: int = 0
    cutoff_score: int | None = None
    translate_after_days: int | None = None
    tags: Sequence[str] = ()
    deleted_at: datetime | None = None


_PROFILES = LanguageProfile.metadata.tables["language_profiles"]
_COLUMNS = tuple(_PROFILES.c[name] for name in ProfileRow.__slots__)
_IS_PRESENT = _PROFILES.c.deleted_at.is_(None)


class ProfileRepository(ProfileAssignments):
    """The `language_profiles` table and both tables of assignments."""

    aggregate = "profiles"
    table = _PROFILES
    noun = "language profile"
    entity = "profile"
    edited = (
        "name",
        "source_language",
        "target_languages",
        "translation_backend",
        "fallback_chain",
        "forced_preference",
        "preferred_format",
        "hearing_impaired_preference",
        "minimum_score",
        "cutoff_score",
        "translate_after_days",
        "tags",
    )

    def listed(self) -> tuple[ProfileRow, ...]:
        """The default first, then by name."""
        statement = (
            select(*_COLUMNS)
            .where(_IS_PRESENT)
            .order_by(_PROFILES.c.is_default.desc(), _PROFILES.c.name, _PROFILES.c.id)
        )
        return tuple(ProfileRow(*row) for row in self._run("listed", statement))

    def find(self, profile_id: int, *, lock: bool = False) -> ProfileRow | None:
        """The profile, or None; `lock` keeps other writers off it until this transaction ends."""
        statement = select(*_COLUMNS).where(_PROFILES.c.id == profile_id, _IS_PRESENT)
        row = self._run("find", statement.with_for_update() if lock else statement).one_or_none()
        return None if row is None else ProfileRow(*row)

    def get(self, profile_id: int, *, lock: bool = False) -> ProfileRow:
        """The profile; raises `NotFound`."""
        profile = self.find(profile_id, lock=lock)
        if profile is None:
            raise self._missing(profile_id)
        return profile

    def find_default(self) -> ProfileRow | None:
        """The profile for everything without one of its own, or None in a new database."""
        statement = select(*_COLUMNS).where(_PROFILES.c.is_default, _IS_PRESENT)
        row = self._run("find_default", statement).one_or_none()
        return None if row is None else ProfileRow(*row)

    def get_default(self) -> ProfileRow:
        """The profile for everything without one of its own; raises `NotFound`."""
        profile = self.find_default()
        if profile is None:
            raise NotFound("there is no default language profile")
        return profile

    def add(self, profile: NewProfile) -> ProfileRow:
        """Add a profile, which holds for nothing yet; raises `Conflict` where one has that name."""
        self._lock_out_others()
        return self._insert_profile(profile, is_default=False)

    def add_default(self, source_language: str, target_languages: Sequence[str]) -> ProfileRow:
        """Make the first profile; raises `Conflict` where there is a default one."""
        new = NewProfile(
            _DEFAULT_NAME, source_language=source_language, target_languages=tuple(target_languages)
        )
        self._lock_out_others()
        return self._insert_profile(new, is_default=True)

    def get_or_add_default(self, source_language: str, target_languages: Sequence[str]) -> ProfileRow:
        """The default profile, made by whoever asks first in a new database."""
        self._lock_out_others()
        return self.find_default() or self.add_default(source_language, target_languages)

    def _insert_profile(self, profile: NewProfile, *, is_default: bool) -> ProfileRow:
        self._refuse_taken_name(profile.name)
        chain = profile.fallback_chain or (profile.translation_backend,)
        values = {
            **_stored(named_values(profile) | {"fallback_chain": chain}),
            "is_default": is_default,
            "created_at": self._now,
            "updated_at": self._now,
        }
        row = ProfileRow(*self._run("add", insert(_PROFILES).values(**values).returning(*_COLUMNS)).one())
        self._added(row.id)
        return row

    def update(self, profile_id: int, version: int, edit: ProfileEdit) -> ProfileRow:
        """Change what `edit` names.

        Raises `StaleRow`, telling the fields that are not as they would become, where somebody else was faster;
        `Conflict` where another profile has that name.
        """
        self._lock_out_others()
        current = self.get(profile_id, lock=True)
        values = _changes(edit)
        if current.version != version:
            raise _stale(current, version, values)
        minimum = values.get("minimum_score", current.minimum_score)
        problems = tuple(score_problems(minimum, values.get("cutoff_score", current.cutoff_score)))
        if problems and {"minimum_score", "cutoff_score"} & values.keys():
            raise InvalidInput("the scores of a profile contradict each other", problems=problems)
        if "name" in values:
            self._refuse_taken_name(values["name"], but=profile_id)
        if values:
            self._change(profile_id, version, _stored(values))
            if any(getattr(current, name) != values[name] for name in _DECIDES_WISHES & values.keys()):
                self._review(current)
        return self.get(profile_id)

    def set_default_languages(
        self, source_language: str, target_languages: Sequence[str], version: int | None = None
    ) -> ProfileRow:
        """Have the default profile want these languages; raises `StaleRow` where it is not at `version`."""
        edit = ProfileEdit(source_language=source_language, target_languages=tuple(target_languages))
        # Before it is looked at, so that no edit in between makes this one stale.
        self._lock_out_others()
        profile = self.get_default()
        return self.update(profile.id, profile.version if version is None else version, edit)

    def make_default(self, profile_id: int, version: int) -> ProfileRow:
        """Have everything without a profile of its own follow this one; the old default becomes an ordinary one."""
        self._lock_out_others()
        profile = self.get(profile_id, lock=True)
        if profile.version != version:
            raise _stale(profile, version, {"is_default": True})
        if profile.is_default:
            return profile
        old = self.find_default()
        if old is not None:
            # First, because an index allows no two even for the length of one statement.
            self._change(old.id, old.version, {"is_default": False})
        self._change(profile_id, version, {"is_default": True})
        self._record(
            AuditAction.DEFAULT_MOVED,
            "default",
            {"default_id": None if old is None else old.id},
            {"default_id": profile_id},
        )
        self._ask_for(ReviewWanted())
        return self.get(profile_id)

    def delete(self, profile_id: int, version: int) -> None:
        """Take a profile away, restorable until it is purged; what it was assigned to follows the default.

        Raises `Conflict` for the default one, `StaleRow` where it moved on.
        """
        self._lock_out_others()
        profile = self.get(profile_id, lock=True)
        if profile.is_default:
            raise Conflict(
                f"{profile.name} is the default profile and cannot be removed",
                remedy="Make another profile the default first.",
            )
        if profile.version != version:
            raise _stale(profile, version, {})
        self._change(profile_id, version, {"deleted_at": self._now})
        self._review(profile)

    def deleted(self, limit: int = 100) -> tuple[ProfileRow, ...]:
        """What can be restored, the latest first."""
        statement = (
            select(*_COLUMNS)
            .where(_PROFILES.c.deleted_at.is_not(None))
            .order_by(_PROFILES.c.deleted_at.desc(), _PROFILES.c.id.desc())
            .limit(limit)
        )
        return tuple(ProfileRow(*row) for row in self._run("deleted", statement))

    def restore(self, profile_id: int) -> ProfileRow:
        """Bring a deleted profile back, with all it was assigned to; raises `Conflict` where its name is taken."""
        self._lock_out_others()
        name = select(_PROFILES.c.name).where(_PROFILES.c.id == profile_id)
        found = self._run("name", name).scalar_one_or_none()
        if found is not None:
            self._refuse_taken_name(found, but=profile_id)
        self._bring_back(profile_id)
        profile = self.get(profile_id)
        self._review(profile)
        return profile

    def assigned(self, media_ids: Sequence[int]) -> Mapping[int, ProfileRow]:
        """The profile of each of these films and series that has one of its own."""
        if not media_ids:
            return {}
        profiles = {profile.id: profile for profile in self.listed()}
        return {
            media_id: profiles[profile_id]
            for chunk in chunks(media_ids)
            for media_id, profile_id in self._assigned_ids(chunk)
            if profile_id in profiles
        }

    def purge(self, moment: datetime, limit: int) -> int:
        """Remove for good up to `limit` profiles that were deleted before `moment`, with their assignments."""
        return self._purge(moment, limit)

    def undo(self, entry: AuditRow) -> None:
        """Take back a change, an assignment, or the choice of another default."""
        self._lock_out_others()
        match entry.action:
            case AuditAction.DEFAULT_MOVED:
                self._undo_default(entry)
            case AuditAction.ASSIGNED:
                self._undo_assignment(entry)
            case _:
                super().undo(entry)

    def _undo_default(self, entry: AuditRow) -> None:
        old_id, new_id = (image["default_id"] for image in (entry.before or {}, entry.after or {}))
        if self.get_default().id != new_id:
            raise StaleRow("another language profile was made the default since")
        old = None if old_id is None else self.find(old_id)
        if old is None:
            raise Conflict(f"the language profile {old_id}, which was the default, is gone")
        self.make_default(old.id, old.version)

    def _take_away(self, key: int, version: int) -> None:
        self.delete(key, version)

    def _undo_deletion(self, key: int) -> None:
        if self.find(key) is not None:
            raise Conflict(f"the {self.noun} {key} is there again already")
        self.restore(key)

    def _put_back(self, key: int, version: int, values: Mapping[str, Any]) -> None:
        if "name" in values:
            self._refuse_taken_name(values["name"], but=key)
        self._change(key, version, _stored(values))
        if _DECIDES_WISHES & values.keys():
            self._review(self.get(key))

    def _review(self, profile: ProfileRow) -> None:
        """Have the wanted rows of everything that follows this profile worked out anew."""
        review = ReviewWanted() if profile.is_default else ReviewWanted(profile_id=profile.id)
        self._ask_for(review)

    def _refuse_taken_name(self, name: str, but: int | None = None) -> None:
        statement = select(_PROFILES.c.name).where(_IS_PRESENT, _PROFILES.c.id.is_distinct_from(but))
        for taken in self._run("names", statement).scalars():
            if _folded(taken) == _folded(name):
                raise Conflict(
                    f"there is a profile named {taken} already", constraint="uq_language_profiles_name"
                )

    def _lock_out_others(self) -> None:
        """No index sees names that differ only in case, nor two who make different profiles the default."""
        if self._connection.dialect.name == "postgresql":
            self._run("lock", text("LOCK TABLE language_profiles IN SHARE ROW EXCLUSIVE MODE"))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _changes(edit: ProfileEdit) -> dict[str, Any]:
    """The fields an edit names; lists as the rows hold them."""
    nullable = ("cutoff_score", "translate_after_days")
    values = {name: value for name, value in named_values(edit).items() if name not in nullable}
    for name in nullable:
        if (value := getattr(edit, name)) is not UNCHANGED:
            values[name] = value
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns for these fields, the languages' names among them."""
    stored = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    if "source_language" in stored:
        stored["source_language_name"] = language_name(str(stored["source_language"]))
    if "target_languages" in stored:
        stored["target_language_names"] = [language_name(tag) for tag in stored["target_languages"]]
    return stored


def _stale(current: ProfileRow, version: int, values: Mapping[str, Any]) -> StaleRow:
    differing = [
        FieldProblem(name, f"it is {getattr(current, name)!r} now")
        for name, value in values.items()
        if getattr(current, name) != value
    ]
    told = "".join(f"; {problem.field}: {problem.message}" for problem in differing)
    return StaleRow(
        f"the profile {current.name} was changed meanwhile"
        f" (version {current.version}, yours was {version}){told}",
        problems=differing,
        remedy="Look at it again and repeat the change.",
    )
