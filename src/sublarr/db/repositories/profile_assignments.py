"""Which profile was given to which film and series: many at once, taken away, brought back.

An assignment names the entry by its source and the source's own name for it, so it outlives an entry that is
away for a while. There is one row an entry, which keeps its version when it is taken away and given anew, so
that no version ever stands for two states.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, select, text, update

from sublarr.db.models.catalogue import Media, MediaFile
from sublarr.db.models.profiles import LanguageProfile, MovieLanguageProfile, SeriesLanguageProfile
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.audited import AuditRow
from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.jobs import JobRepository
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import FieldProblem, InvalidInput, NotFound, StaleRow
from sublarr.vocabulary.jobs import ReviewWanted
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.assignments import AssignableKind, AssignmentScope

Assignment = type[SeriesLanguageProfile] | type[MovieLanguageProfile]

# Of more entries than these, all are looked at again: their ids would only fill the job's row.
_REVIEWED_BY_ID = 500
_SHOWN_IDS = 10


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """An assignment; `media_id` and `title` are None while its entry is away."""

    id: int
    source_id: int
    source_key: str
    profile_id: int
    profile_name: str
    media_id: int | None
    title: str | None
    version: int
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class AssignedProfile:
    """The profile that an entry was given, and the version that an edit of the assignment must name."""

    profile_id: int
    profile_name: str
    version: int


class ProfileAssignments(VersionedRepository):
    """The tables `series_language_profiles` and `movie_language_profiles`."""

    def assign(self, scope: AssignmentScope, profile_id: int) -> int:
        """Give these series or films a profile; answers how many had another one or none.

        Raises `NotFound` for a profile or an entry that is not there, `InvalidInput` for an entry of another
        kind, `StaleRow` where somebody else was faster; then none is changed.
        """
        assignment = _table_of(scope.kind)
        self._lock_assignments(assignment)
        self._require_profile(profile_id)
        entries = self._entries(scope)
        stored = self._stored(assignment, scope)
        _check_versions(scope, stored)
        given = {media_id for media_id, row in stored.items() if _is_given(row, profile_id)}
        changed = [row.id for media_id, row in stored.items() if media_id not in given]
        self._set("assign", assignment, changed, {"profile_id": profile_id, "deleted_at": None})
        missing = [media_id for media_id in scope.media_ids if media_id not in stored]
        self._insert(assignment, [entries[media_id] for media_id in missing], profile_id)
        touched = [media_id for media_id in scope.media_ids if media_id not in given]
        self._tell(scope.kind, touched, stored, dict.fromkeys(touched, profile_id))
        return len(touched)

    def unassign(self, scope: AssignmentScope) -> int:
        """Have these series or films follow the default profile again; answers how many had one of their own.

        Raises as `assign` does. What was taken away can be brought back until it is purged.
        """
        assignment = _table_of(scope.kind)
        self._lock_assignments(assignment)
        self._entries(scope)
        stored = self._stored(assignment, scope)
        _check_versions(scope, stored)
        present = {media_id: row.id for media_id, row in stored.items() if row.deleted_at is None}
        self._set("unassign", assignment, list(present.values()), {"deleted_at": self._now})
        self._tell(scope.kind, list(present), stored, dict.fromkeys(present))
        return len(present)

    def restore_assignments(self, scope: AssignmentScope) -> int:
        """Give these series or films back what was taken from them; answers how many had something to get."""
        assignment = _table_of(scope.kind)
        self._lock_assignments(assignment)
        self._entries(scope)
        stored = self._stored(assignment, scope)
        _check_versions(scope, stored)
        removed = {media_id: row.id for media_id, row in stored.items() if row.deleted_at is not None}
        self._set("restore_assignments", assignment, list(removed.values()), {"deleted_at": None})
        after = {media_id: stored[media_id].profile_id for media_id in removed}
        self._tell(scope.kind, list(removed), stored, after)
        return len(removed)

    def assignments(
        self,
        kind: AssignableKind,
        request: PageRequest,
        *,
        profile_id: int | None = None,
        removed: bool = False,
    ) -> Page[AssignmentRow]:
        """The assignments of series or of films that are in force, or were taken away; the newest first."""
        assignment = _table_of(kind)
        statement = (
            select(
                assignment.id,
                assignment.source_id,
                assignment.source_key,
                assignment.profile_id,
                LanguageProfile.name,
                Media.id.label("media_id"),
                Media.title,
                assignment.version,
                assignment.updated_at,
                assignment.deleted_at,
            )
            .select_from(assignment)
            .join(LanguageProfile, LanguageProfile.id == assignment.profile_id)
            .outerjoin(Media, _is_of(assignment))
            .where(
                LanguageProfile.deleted_at.is_(None),
                assignment.deleted_at.is_not(None) if removed else assignment.deleted_at.is_(None),
            )
        )
        if profile_id is not None:
            statement = statement.where(assignment.profile_id == profile_id)
        keys = (SortKey(assignment.id, True),)
        listing = Listing("assignments", statement, keys, (kind, profile_id, removed))
        return self._page(listing, request, lambda row: AssignmentRow(*row[:-1]))

    def assignment_map(self, kind: AssignableKind) -> Mapping[int, AssignedProfile]:
        """Every series, or every film, that has a profile of its own, by its id."""
        assignment = _table_of(kind)
        statement = (
            select(Media.id, assignment.profile_id, LanguageProfile.name, assignment.version)
            .select_from(assignment)
            .join(LanguageProfile, LanguageProfile.id == assignment.profile_id)
            .join(Media, _is_of(assignment))
            .where(assignment.deleted_at.is_(None), LanguageProfile.deleted_at.is_(None))
        )
        return {row[0]: AssignedProfile(*row[1:]) for row in self._run("assignment_map", statement)}

    def media_of(self, profile_id: int) -> tuple[int, ...]:
        """The films and series that were given a profile, also while that is deleted."""
        found: list[int] = []
        for assignment in (SeriesLanguageProfile, MovieLanguageProfile):
            statement = (
                select(Media.id)
                .join(assignment, _is_of(assignment))
                .where(assignment.profile_id == profile_id, assignment.deleted_at.is_(None))
            )
            found.extend(self._run("media_of", statement).scalars())
        return tuple(found)

    def purge_assignments(self, moment: datetime, limit: int) -> int:
        """Remove for good up to `limit` assignments of each kind that were taken away before `moment`."""
        purged = 0
        for assignment in (SeriesLanguageProfile, MovieLanguageProfile):
            old = (
                select(assignment.id)
                .where(assignment.deleted_at < moment)
                .order_by(assignment.deleted_at, assignment.id)
                .limit(limit)
            )
            statement = delete(assignment).where(assignment.id.in_(old.scalar_subquery()))
            purged += self._run("purge_assignments", statement).rowcount
        return purged

    def _tell(
        self,
        kind: AssignableKind,
        media_ids: Sequence[int],
        stored: Mapping[int, Any],
        after: Mapping[int, int | None],
    ) -> None:
        """Write down which profile each of these entries had and has, and have their wanted rows looked at anew."""
        if not media_ids:
            return
        before = {media_id: _present(stored.get(media_id))[1] for media_id in media_ids}
        self._record(AuditAction.ASSIGNED, "assignments", _given(kind, before), _given(kind, after))
        self._review_entries(media_ids)

    def _undo_assignment(self, entry: AuditRow) -> None:
        """Give each entry the profile it had before, where it still has the one that the line tells of."""
        before, after = entry.before or {}, entry.after or {}
        kind: AssignableKind = MediaKind(before["kind"])  # type: ignore[assignment] # it was written as one
        former = {int(media_id): profile_id for media_id, profile_id in before["profiles"].items()}
        scope = AssignmentScope(kind, tuple(former))
        assignment = _table_of(kind)
        self._lock_assignments(assignment)
        entries, stored = self._entries(scope), self._stored(assignment, scope)
        later = [
            FieldProblem(f"assignments.{media_id}", f"it is profile {_present(stored.get(media_id))[1]} now")
            for media_id in former
            if _present(stored.get(media_id))[1] != after["profiles"][str(media_id)]
        ]
        if later:
            raise StaleRow(
                f"{len(later)} of these assignments were changed again since",
                problems=later,
                remedy="Undo the later change first.",
            )
        for profile_id in dict.fromkeys(former.values()):
            meant = [media_id for media_id, had in former.items() if had == profile_id]
            ids = [stored[media_id].id for media_id in meant if media_id in stored]
            if profile_id is None:
                self._set("unassign", assignment, ids, {"deleted_at": self._now})
            else:
                self._require_profile(profile_id)
                self._set("assign", assignment, ids, {"profile_id": profile_id, "deleted_at": None})
                purged = [entries[media_id] for media_id in meant if media_id not in stored]
                self._insert(assignment, purged, profile_id)
        self._tell(kind, list(former), stored, former)

    def _assigned_ids(self, media_ids: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Each of these entries that has an assignment, with the id of its profile."""
        for assignment in (SeriesLanguageProfile, MovieLanguageProfile):
            statement = (
                select(Media.id, assignment.profile_id)
                .join(assignment, _is_of(assignment))
                .where(Media.id.in_(media_ids), assignment.deleted_at.is_(None))
            )
            yield from self._run("assigned", statement)

    def _entries(self, scope: AssignmentScope) -> dict[int, Any]:
        """The entries that are meant, by id; raises where one is not there or of another kind."""
        columns = (Media.id, Media.kind, Media.source_id, Media.source_key, Media.external_id)
        entries = {
            row.id: row
            for chunk in chunks(scope.media_ids)
            for row in self._run("entries", select(*columns).where(Media.id.in_(chunk)))
        }
        gone = [media_id for media_id in scope.media_ids if media_id not in entries]
        if gone:
            raise NotFound(f"no {scope.kind} is there under {_some(gone)}")
        other = [media_id for media_id, row in entries.items() if row.kind != scope.kind]
        if other:
            problem = FieldProblem("media_ids", f"no {scope.kind}: {_some(other)}")
            raise InvalidInput(f"{_some(other)} is no {scope.kind}", problems=[problem])
        return entries

    def _stored(self, assignment: Assignment, scope: AssignmentScope) -> dict[int, Any]:
        """The row of each entry that has one, taken away or not; of several the one that counts."""
        found: dict[int, Any] = {}
        for chunk in chunks(scope.media_ids):
            statement = (
                select(
                    Media.id.label("media_id"),
                    assignment.id,
                    assignment.profile_id,
                    assignment.version,
                    assignment.deleted_at,
                )
                .join(assignment, _is_of(assignment))
                .where(Media.id.in_(chunk))
                .order_by(assignment.deleted_at.is_(None).desc(), assignment.deleted_at.desc())
            )
            for row in self._run("stored_assignments", statement):
                found.setdefault(row.media_id, row)
        return found

    def _set(self, name: str, assignment: Assignment, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        for chunk in chunks(ids):
            statement = update(assignment).where(assignment.id.in_(chunk)).values(**values)
            stamped = statement.values(version=assignment.version + 1, updated_at=self._now)
            self._run(name, stamped, None)

    def _insert(self, assignment: Assignment, entries: Sequence[Any], profile_id: int) -> None:
        now = self._now
        number = "sonarr_series_id" if assignment is SeriesLanguageProfile else "radarr_movie_id"
        for chunk in chunks(entries):
            rows = [
                {
                    "source_id": entry.source_id,
                    "source_key": entry.source_key,
                    "profile_id": profile_id,
                    number: entry.external_id,
                    "created_at": now,
                    "updated_at": now,
                }
                for entry in chunk
            ]
            self._run("add_assignments", insert(assignment), rows)

    def _require_profile(self, profile_id: int) -> None:
        columns = self.table.c
        statement = select(columns.id).where(columns.id == profile_id, columns.deleted_at.is_(None))
        if self._run("profile", statement).first() is None:
            raise self._missing(profile_id)

    def _review_entries(self, media_ids: Sequence[int]) -> None:
        if media_ids:
            some = tuple(sorted(media_ids)) if len(media_ids) <= _REVIEWED_BY_ID else ()
            self._ask_for(ReviewWanted(media_ids=some))

    def _ask_for(self, review: ReviewWanted) -> None:
        """Have wanted rows worked out anew; a household without a single file has none."""
        if self._run("any_file", select(MediaFile.id).limit(1)).first() is not None:
            JobRepository(self._unit).enqueue(review)

    def _lock_assignments(self, assignment: Assignment) -> None:
        """What was looked at must still hold when it is changed; people assign one after another."""
        if self._connection.dialect.name == "postgresql":
            name = assignment.__tablename__
            self._run("lock_assignments", text(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE"))


def _table_of(kind: AssignableKind) -> Assignment:
    return SeriesLanguageProfile if kind is MediaKind.SERIES else MovieLanguageProfile


def _is_of(assignment: Assignment) -> ColumnElement[bool]:
    return and_(assignment.source_id == Media.source_id, assignment.source_key == Media.source_key)


def _is_given(row: Any, profile_id: int) -> bool:
    return row.deleted_at is None and bool(row.profile_id == profile_id)


def _check_versions(scope: AssignmentScope, stored: Mapping[int, Any]) -> None:
    stale = [
        FieldProblem(f"versions.{media_id}", f"it is version {current} now, with profile {profile}")
        for media_id, seen in (scope.versions or {}).items()
        for current, profile in [_present(stored.get(media_id))]
        if current != seen
    ]
    if stale:
        raise StaleRow(
            f"{len(stale)} of these assignments were changed meanwhile",
            problems=stale,
            remedy="Look at them again and repeat the change.",
        )


def _present(row: Any) -> tuple[int, int | None]:
    """The version and the profile of an assignment, 0 and None where there is none in force."""
    return (0, None) if row is None or row.deleted_at is not None else (row.version, row.profile_id)


def _given(kind: AssignableKind, profiles: Mapping[int, int | None]) -> dict[str, Any]:
    """What the audit holds of assignments: the profile of each entry, None for the default."""
    return {
        "kind": kind.value,
        "profiles": {str(media_id): profile for media_id, profile in profiles.items()},
    }


def _some(ids: Sequence[int]) -> str:
    shown = ", ".join(map(str, ids[:_SHOWN_IDS]))
    return f"{shown} and {len(ids) - _SHOWN_IDS} others" if len(ids) > _SHOWN_IDS else shown
