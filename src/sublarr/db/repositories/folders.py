"""Watched folders, each the detail of a source of kind folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, and_, delete, or_, select, text, update

from sublarr.db.models.catalogue import Media, MediaFile, Source, WatchedFolder
from sublarr.db.pages import Query
from sublarr.db.repositories.versioned import VersionedRepository
from sublarr.vocabulary.audit import AuditAction
from sublarr.vocabulary.errors import Conflict, NotFound
from sublarr.vocabulary.media import FolderContent, SourceKind
from sublarr.vocabulary.paths import is_within
from sublarr.vocabulary.rules.folders import FolderEdit, NewFolder


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A watched folder; `mount_points` are directories below it that were mounts when last seen."""

    id: int
    source_id: int
    path: str
    label: str
    media_type: FolderContent
    enabled: bool
    mount_points: list[str]
    wanted_rules: str
    last_scan_at: datetime | None
    last_problem: str
    version: int


_COLUMNS = (
    WatchedFolder.id,
    WatchedFolder.source_id,
    WatchedFolder.path,
    WatchedFolder.label,
    WatchedFolder.media_type,
    WatchedFolder.enabled,
    WatchedFolder.mount_points,
    WatchedFolder.wanted_rules,
    WatchedFolder.last_scan_at,
    WatchedFolder.last_problem,
    WatchedFolder.version,
)


class FolderRepository(VersionedRepository):
    """The `watched_folders` table and the `sources` behind it."""

    aggregate = "folders"
    table = WatchedFolder.metadata.tables["watched_folders"]
    noun = "watched folder"
    entity = "folder"
    edited = ("path", "label", "media_type", "enabled")

    def listed(self, *, enabled_only: bool = False) -> tuple[FolderRow, ...]:
        """The folders by path."""
        statement = select(*_COLUMNS).where(WatchedFolder.deleted_at.is_(None)).order_by(WatchedFolder.path)
        if enabled_only:
            statement = statement.where(WatchedFolder.enabled)
        return tuple(FolderRow(*row) for row in self._run("listed", statement))

    def get(self, folder_id: int) -> FolderRow:
        """One folder; raises `NotFound`."""
        statement = select(*_COLUMNS).where(WatchedFolder.id == folder_id, WatchedFolder.deleted_at.is_(None))
        row = self._run("get", statement).one_or_none()
        if row is None:
            raise self._missing(folder_id)
        return FolderRow(*row)

    def find_by_path(self, path: str) -> FolderRow | None:
        """The folder that is watched at exactly this path, or None."""
        statement = select(*_COLUMNS).where(WatchedFolder.path == path, WatchedFolder.deleted_at.is_(None))
        row = self._run("find_by_path", statement).one_or_none()
        return None if row is None else FolderRow(*row)

    def add(self, path: str, label: str = "", media_type: FolderContent = FolderContent.AUTO) -> FolderRow:
        """Watch a folder; one that was removed before comes back with all it had.

        Raises `Conflict` where it lies inside a watched folder, or holds one.
        """
        new = NewFolder(path, label, media_type)
        self._lock_out_others()
        self._refuse_overlap(new.path)
        removed = self._removed(new.path)
        if removed is not None:
            return self._restore(removed, new.label, new.media_type)
        now = self._now
        folder = WatchedFolder(
            source_id=self._source_of(new.path),
            path=new.path,
            label=new.label,
            media_type=new.media_type,
            mount_points=[],
            created_at=now,
            updated_at=now,
        )
        self._unit.session.add(folder)
        self._unit.session.flush()
        self._added(folder.id)
        return self.get(folder.id)

    def get_or_add(
        self, path: str, label: str = "", media_type: FolderContent = FolderContent.AUTO
    ) -> tuple[FolderRow, bool]:
        """The folder watched at exactly this path, watched from now on if it was not; and whether that is new.

        Raises `Conflict` where it lies inside another watched folder, or holds one.
        """
        self._lock_out_others()
        found = self.find_by_path(path)
        return (self.add(path, label, media_type), True) if found is None else (found, False)

    def _source_of(self, path: str) -> int:
        """The folder's source; one that lost its folder serves again."""
        row = {
            "kind": SourceKind.FOLDER,
            "name": path,
            "settings": {},
            "created_at": self._now,
            "updated_at": self._now,
        }
        insertion = self._insert_into(Source.__table__).on_conflict_do_nothing().returning(Source.id)
        present = select(Source.id).where(
            Source.kind == SourceKind.FOLDER, Source.name == path, Source.deleted_at.is_(None)
        )
        source_id, _ = self._get_or_add(
            f"the source of {path}",
            lambda: self._run("add_source", insertion, row).scalar_one_or_none(),
            lambda: self._run("find_source", present).scalar_one_or_none(),
        )
        return int(source_id)

    def update(self, folder_id: int, version: int, edit: FolderEdit) -> FolderRow:
        """Change what `edit` names; raises `StaleRow` where somebody else was faster."""
        values = {
            name: value
            for name, value in (
                ("label", edit.label),
                ("media_type", edit.media_type),
                ("enabled", edit.enabled),
            )
            if value is not None
        }
        self._change(folder_id, version, values)
        return self.get(folder_id)

    def delete(self, folder_id: int, version: int) -> None:
        """Stop watching a folder; what is known of it stays restorable by adding it again."""
        folder = self.get(folder_id)
        now = self._now
        self._change(folder_id, version, {"deleted_at": now})
        statement = update(Source).where(Source.id == folder.source_id).values(deleted_at=now)
        self._run("delete_source", statement)

    def purge(self, moment: datetime, limit: int) -> int:
        """Forget for good up to `limit` rows of what was removed before `moment`; answers how many.

        A folder goes with its source, and both after everything that hangs on them: each call removes so many files,
        then entries, then sources, so that no single row takes a whole library with it. Sources that a folder
        left behind go too.
        """
        removed = 0
        for name, statement in self._past_keeping(moment):
            if removed < limit:
                removed += self._removed_by(name, statement(limit - removed))
        return removed

    def _removed_by(self, name: str, statement: Delete) -> int:
        return self._run(name, statement).rowcount

    def _past_keeping(self, moment: datetime) -> Iterator[tuple[str, Callable[[int], Delete]]]:
        is_kept = or_(WatchedFolder.deleted_at.is_(None), WatchedFolder.deleted_at >= moment)
        kept = select(WatchedFolder.id).where(WatchedFolder.source_id == Source.id, is_kept).exists()
        left_behind = and_(
            Source.kind == SourceKind.FOLDER, Source.deleted_at.is_(None), Source.updated_at < moment
        )
        past = select(Source.id).where(or_(Source.deleted_at < moment, left_behind), ~kept)
        files = select(MediaFile.id).where(MediaFile.source_id.in_(past))
        yield "purge_files", _deleting(MediaFile, MediaFile.id, files)
        entries = select(Media.id).where(Media.source_id.in_(past))
        # A series takes its episodes with it, so these go before it.
        yield "purge_episodes", _deleting(Media, Media.id, entries.where(Media.series_id.is_not(None)))
        yield "purge_entries", _deleting(Media, Media.id, entries)
        yield "purge_sources", _deleting(Source, Source.id, past)
        # A folder that came back under a new row shares its source with the row it had before; every other goes
        # with its source.
        old = select(WatchedFolder.id).where(
            WatchedFolder.deleted_at < moment, WatchedFolder.source_id.not_in(past)
        )
        yield "purge_folders", _deleting(WatchedFolder, WatchedFolder.id, old)

    def record_scan(
        self, folder_id: int, *, mount_points: Sequence[str], wanted_rules: str, problem: str
    ) -> None:
        """A scan ended: what was mounted below, by which rules rows are wanted, what could not be seen."""
        values = {
            "last_scan_at": self._now,
            "mount_points": list(mount_points),
            "wanted_rules": wanted_rules,
            "last_problem": problem,
        }
        statement = update(WatchedFolder).where(WatchedFolder.id == folder_id).values(**values)
        self._run("record_scan", statement)

    def record_problem(self, folder_id: int, problem: str) -> None:
        """A folder could not be looked at; the time of the last real scan stays."""
        statement = update(WatchedFolder).where(WatchedFolder.id == folder_id).values(last_problem=problem)
        self._run("record_problem", statement)

    def _take_away(self, key: int, version: int) -> None:
        self.delete(key, version)

    def _bring_back(self, key: int) -> None:
        """Watch a folder again; raises `Conflict` where another that is watched overlaps it by now."""
        self._lock_out_others()
        statement = select(*_COLUMNS).where(WatchedFolder.id == key, WatchedFolder.deleted_at.is_not(None))
        row = self._run("removed", statement).one_or_none()
        if row is None:
            raise NotFound(f"there is no deleted {self.noun} {key}")
        removed = FolderRow(*row)
        self._refuse_overlap(removed.path)
        self._restore(removed, removed.label, removed.media_type, enabled=removed.enabled)

    def _lock_out_others(self) -> None:
        """No unique index can see that two paths overlap, so one person adds at a time."""
        if self._connection.dialect.name == "postgresql":
            self._run("lock", text("LOCK TABLE watched_folders IN SHARE ROW EXCLUSIVE MODE"))

    def _refuse_overlap(self, path: str) -> None:
        for folder in self.listed():
            if folder.path == path:
                raise Conflict(f"{path} is watched already", constraint="uq_watched_folders_path")
            if is_within(path, folder.path) or is_within(folder.path, path):
                raise Conflict(
                    f"{path} overlaps {folder.path}, which is watched already",
                    remedy="Watch the outer folder only, or remove it first.",
                )

    def _removed(self, path: str) -> FolderRow | None:
        statement = (
            select(*_COLUMNS)
            .where(WatchedFolder.path == path, WatchedFolder.deleted_at.is_not(None))
            .order_by(WatchedFolder.deleted_at.desc())
            .limit(1)
        )
        row = self._run("removed", statement).one_or_none()
        return None if row is None else FolderRow(*row)

    def _restore(
        self, removed: FolderRow, label: str, media_type: FolderContent, *, enabled: bool = True
    ) -> FolderRow:
        restored: dict[str, object] = {
            "deleted_at": None,
            "label": label,
            "media_type": media_type,
            "enabled": enabled,
            # What was mounted then says nothing of now.
            "mount_points": [],
            "version": WatchedFolder.version + 1,
            "updated_at": self._now,
        }
        self._run("restore", update(WatchedFolder).where(WatchedFolder.id == removed.id).values(**restored))
        source = update(Source).where(Source.id == removed.source_id).values(deleted_at=None)
        self._run("restore_source", source)
        self._record(AuditAction.RESTORED, removed.id, None, self._image(removed.id))
        return self.get(removed.id)


def _deleting(table: Any, key: Any, rows: Query) -> Callable[[int], Delete]:
    """The DELETE of at most so many of these rows."""
    return lambda limit: delete(table).where(key.in_(rows.limit(limit).scalar_subquery()))
