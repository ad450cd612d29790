"""Media files as they were last seen, and the subtitles each of them has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from sublarr.db.models.catalogue import Media, MediaFile, MediaFileLink, MediaSubtitle, Source
from sublarr.db.pages import Listing, Query, SortKey
from sublarr.db.repositories.base import Repository, chunks
from sublarr.db.streams import Stream
from sublarr.vocabulary.errors import NotFound
from sublarr.vocabulary.media import FoundFile, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What a scan compares with what it sees."""

    id: int
    path: str
    size: int
    mtime_ns: int
    probe_status: ProbeStatus | None


@dataclass(frozen=True, slots=True)
class KnownSidecar:
    """A subtitle file as it was last seen."""

    file_id: int
    path: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class FileWrite:
    """A file as it is now; everything that a probe or its name told."""

    source_id: int
    file: FoundFile
    probe_status: ProbeStatus
    probe_message: str
    container: str
    duration_seconds: float | None
    audio_languages: tuple[str, ...]
    release_group: str = ""
    release_source: str = ""
    resolution: str = ""


@dataclass(frozen=True, slots=True)
class SubtitleRow:
    """A subtitle of a file: track `track_index` inside it, or the file `path` beside it."""

    file_id: int
    origin: SubtitleOrigin
    track_index: int | None
    path: str
    language: str | None
    subtitle_type: SubtitleType
    format: SubtitleFormat
    is_hearing_impaired: bool
    is_default: bool
    title: str
    size: int | None
    mtime_ns: int | None

    @property
    def origin_key(self) -> str:
        """What tells it apart from the file's other subtitles."""
        return self.path if self.origin is SubtitleOrigin.SIDECAR else f"#{self.track_index}"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as pages show it."""

    id: int
    source_id: int
    path: str
    size: int
    mtime_ns: int
    probe_status: ProbeStatus | None
    probe_message: str
    container: str
    duration_seconds: float | None
    audio_languages: list[str]
    release_group: str
    resolution: str


@dataclass(frozen=True, slots=True)
class FileOwner:
    """Which entry a file belongs to first: what its wanted rows hang on."""

    file_id: int
    media_id: int
    series_id: int | None
    is_anime: bool


_COLUMNS = (
    MediaFile.id,
    MediaFile.source_id,
    MediaFile.path,
    MediaFile.size,
    MediaFile.mtime_ns,
    MediaFile.probe_status,
    MediaFile.probe_message,
    MediaFile.container,
    MediaFile.duration_seconds,
    MediaFile.audio_languages,
    MediaFile.release_group,
    MediaFile.resolution,
)
_SUBTITLE_COLUMNS = (
    MediaSubtitle.file_id,
    MediaSubtitle.origin,
    MediaSubtitle.track_index,
    MediaSubtitle.origin_key,
    MediaSubtitle.language,
    MediaSubtitle.subtitle_type,
    MediaSubtitle.format,
    MediaSubtitle.is_hearing_impaired,
    MediaSubtitle.is_default,
    MediaSubtitle.title,
    MediaSubtitle.size,
    MediaSubtitle.mtime_ns,
)
# Made once: making one takes longer than running it does.
_GET = select(*_COLUMNS).where(MediaFile.id == bindparam("file_id"))
_OF_MEDIA = (
    select(MediaFileLink.media_id, *_COLUMNS)
    .join(MediaFileLink, MediaFileLink.file_id == MediaFile.id)
    .where(MediaFileLink.media_id.in_(bindparam("media_ids", expanding=True)))
    .order_by(MediaFile.path)
)
_OWNERS = (
    select(MediaFileLink.file_id, Media.id, Media.series_id, Media.is_anime)
    .join(Media, Media.id == MediaFileLink.media_id)
    .where(MediaFileLink.file_id.in_(bindparam("file_ids", expanding=True)))
    .order_by(MediaFileLink.file_id, Media.season, Media.episode, Media.id)
)
_SUBTITLES = (
    select(*_SUBTITLE_COLUMNS)
    .where(MediaSubtitle.file_id.in_(bindparam("file_ids", expanding=True)))
    .order_by(MediaSubtitle.file_id, MediaSubtitle.origin, MediaSubtitle.track_index, MediaSubtitle.id)
)
_UPDATED = (
    "source_id",
    "size",
    "mtime_ns",
    "probe_status",
    "probe_message",
    "container",
    "duration_seconds",
    "audio_languages",
    "release_group",
    "release_source",
    "resolution",
)
_SUBTITLE_UPDATED = (
    "language",
    "subtitle_type",
    "format",
    "is_hearing_impaired",
    "is_default",
    "title",
    "size",
    "mtime_ns",
)


class FileRepository(Repository):
    """The `media_files` and `media_subtitles` tables."""

    aggregate = "files"

    def known(self, source_id: int, below: str = "") -> Mapping[str, KnownFile]:
        """Every file of a source (or of one directory of it) by path."""
        columns = (MediaFile.id, MediaFile.path, MediaFile.size, MediaFile.mtime_ns, MediaFile.probe_status)
        statement = _below(select(*columns).where(MediaFile.source_id == source_id), MediaFile.path, below)
        return {row.path: KnownFile(*row) for row in self._run("known", statement)}

    def known_sidecars(self, source_id: int, below: str = "") -> Mapping[int, tuple[KnownSidecar, ...]]:
        """Every subtitle file beside a source's files, by the id of the media file."""
        columns = (
            MediaSubtitle.file_id,
            MediaSubtitle.origin_key,
            MediaSubtitle.size,
            MediaSubtitle.mtime_ns,
        )
        statement = (
            select(*columns)
            .join(MediaFile, MediaFile.id == MediaSubtitle.file_id)
            .where(MediaFile.source_id == source_id, MediaSubtitle.origin == SubtitleOrigin.SIDECAR)
        )
        statement = _below(statement, MediaFile.path, below)
        found: dict[int, list[KnownSidecar]] = {}
        for row in self._run("known_sidecars", statement):
            found.setdefault(row.file_id, []).append(KnownSidecar(*row))
        return {file_id: tuple(sidecars) for file_id, sidecars in found.items()}

    def upsert_many(self, writes: Sequence[FileWrite]) -> int:
        """Store files as they are now; answers how many changed."""
        now = self._now
        rows = [
            {
                "source_id": write.source_id,
                "path": write.file.path,
                "size": write.file.size,
                "mtime_ns": write.file.mtime_ns,
                "probe_status": write.probe_status,
                "probe_message": write.probe_message,
                "container": write.container,
                "duration_seconds": write.duration_seconds,
                "audio_languages": list(write.audio_languages),
                "release_group": write.release_group,
                "release_source": write.release_source,
                "resolution": write.resolution,
                "scene_name": "",
                "created_at": now,
                "updated_at": now,
            }
            for write in writes
        ]
        return self._upsert("upsert", MediaFile.metadata.tables["media_files"], rows, ("path",), _UPDATED)

    def ids_by_path(self, paths: Sequence[str]) -> Mapping[str, int]:
        """Our ids of files."""
        found: dict[str, int] = {}
        for chunk in chunks(paths):
            statement = select(MediaFile.path, MediaFile.id).where(MediaFile.path.in_(chunk))
            found.update((path, file_id) for path, file_id in self._run("ids_by_path", statement))
        return found

    def move(self, file_id: int, path: str) -> None:
        """The file was renamed: it keeps its id, and with it everything people decided about it."""
        # What a folder that was removed left behind must not keep others from the place.
        removed = select(Source.id).where(Source.deleted_at.is_not(None)).scalar_subquery()
        stale = delete(MediaFile).where(MediaFile.path == path, MediaFile.source_id.in_(removed))
        self._run("move_over", stale)
        statement = update(MediaFile).where(MediaFile.id == file_id).values(path=path, updated_at=self._now)
        self._run("move", statement)

    def delete(self, file_ids: Sequence[int]) -> int:
        """Forget files that are gone, with their subtitles and wanted rows."""
        return sum(
            self._run("delete", delete(MediaFile).where(MediaFile.id.in_(chunk))).rowcount
            for chunk in chunks(sorted(file_ids))
        )

    def get(self, file_id: int) -> FileRow:
        """One file; raises `NotFound`."""
        row = self._run("get", _GET, {"file_id": file_id}).one_or_none()
        if row is None:
            raise NotFound(f"there is no media file {file_id}")
        return FileRow(*row)

    def listed(self, file_ids: Sequence[int]) -> tuple[FileRow, ...]:
        """Those of these files that exist."""
        rows: list[FileRow] = []
        for chunk in chunks(file_ids):
            found = self._run(
                "listed", select(*_COLUMNS).where(MediaFile.id.in_(chunk)).order_by(MediaFile.id)
            )
            rows.extend(FileRow(*row) for row in found)
        return tuple(rows)

    def stream(self) -> Stream[FileRow]:
        """Every file of the sources that are there, by path, in flat memory."""
        statement = (
            select(*_COLUMNS)
            .join(Source, Source.id == MediaFile.source_id)
            .where(Source.deleted_at.is_(None))
        )
        listing = Listing("files", statement, (SortKey(MediaFile.path),))
        return self._stream(listing, lambda row: FileRow(*row[: len(_COLUMNS)]))

    def of_media(self, media_ids: Sequence[int]) -> Mapping[int, tuple[FileRow, ...]]:
        """The files of each of these films or episodes."""
        found: dict[int, list[FileRow]] = {}
        for chunk in chunks(media_ids):
            for row in self._run("of_media", _OF_MEDIA, {"media_ids": chunk}):
                found.setdefault(row.media_id, []).append(FileRow(*row[1:]))
        return {media_id: tuple(rows) for media_id, rows in found.items()}

    def owners(self, file_ids: Sequence[int]) -> dict[int, FileOwner]:
        """The first entry each of these files holds."""
        found: dict[int, FileOwner] = {}
        for chunk in chunks(file_ids):
            for row in self._run("owners", _OWNERS, {"file_ids": chunk}):
                found.setdefault(row[0], FileOwner(*row))
        return found

    def subtitles(self, file_ids: Sequence[int]) -> Mapping[int, tuple[SubtitleRow, ...]]:
        """The subtitles of each of these files: tracks first, in order, then sidecars."""
        found: dict[int, list[SubtitleRow]] = {}
        for chunk in chunks(file_ids):
            for row in self._run("subtitles", _SUBTITLES, {"file_ids": chunk}):
                found.setdefault(row[0], []).append(_subtitle(row))
        return {file_id: tuple(rows) for file_id, rows in found.items()}

    def set_subtitles(
        self, file_ids: Sequence[int], rows: Sequence[SubtitleRow], *, origin: SubtitleOrigin | None = None
    ) -> int:
        """Have exactly `rows` be the subtitles of these files (of one origin only, where it is given)."""
        keep = {(row.file_id, row.origin_key) for row in rows}
        gone: list[int] = []
        for chunk in chunks(file_ids):
            statement = select(MediaSubtitle.id, MediaSubtitle.file_id, MediaSubtitle.origin_key).where(
                MediaSubtitle.file_id.in_(chunk)
            )
            if origin is not None:
                statement = statement.where(MediaSubtitle.origin == origin)
            gone.extend(
                row.id
                for row in self._run("subtitle_keys", statement)
                if (row.file_id, row.origin_key) not in keep
            )
        changed = sum(
            self._run("delete_subtitles", delete(MediaSubtitle).where(MediaSubtitle.id.in_(chunk))).rowcount
            for chunk in chunks(gone)
        )
        table = MediaSubtitle.metadata.tables["media_subtitles"]
        values = [_subtitle_values(row) for row in rows]
        return changed + self._upsert(
            "upsert_subtitles", table, values, ("file_id", "origin_key"), _SUBTITLE_UPDATED
        )

    def ids_after(self, file_id: int, limit: int) -> tuple[int, ...]:
        """The next `limit` files by id, of every source that is there."""
        statement = (
            select(MediaFile.id)
            .join(Source, Source.id == MediaFile.source_id)
            .where(MediaFile.id > file_id, Source.deleted_at.is_(None))
            .order_by(MediaFile.id)
            .limit(limit)
        )
        return tuple(self._run("ids_after", statement).scalars())

    def ids_under(self, media_ids: Sequence[int]) -> tuple[int, ...]:
        """The files of these films and episodes, and of every episode of these series, each once, by id."""
        found: set[int] = set()
        for chunk in chunks(media_ids):
            # An episode's links know its series.
            for owner in (MediaFileLink.media_id, MediaFileLink.owner_id):
                statement = select(MediaFileLink.file_id).where(owner.in_(chunk))
                found.update(self._run("ids_under", statement).scalars())
        return tuple(sorted(found))

    def ids_of_source(self, source_id: int, below: str = "") -> tuple[int, ...]:
        """The ids of a source's files."""
        statement = _below(
            select(MediaFile.id).where(MediaFile.source_id == source_id), MediaFile.path, below
        )
        return tuple(self._run("ids_of_source", statement).scalars())


def _below(statement: Query, column: Any, below: str) -> Query:
    if not below:
        return statement
    prefix = below.rstrip("/") + "/"
    return statement.where(func.substr(column, 1, len(prefix)) == prefix)


def _subtitle(row: Any) -> SubtitleRow:
    file_id, origin, track_index, origin_key, *rest = row
    path = origin_key if origin is SubtitleOrigin.SIDECAR else ""
    return SubtitleRow(file_id, origin, track_index, path, *rest)


def _subtitle_values(row: SubtitleRow) -> dict[str, Any]:
    return {
        "file_id": row.file_id,
        "origin": row.origin,
        "origin_key": row.origin_key,
        "track_index": row.track_index,
        "language": row.language,
        "subtitle_type": row.subtitle_type,
        "format": row.format,
        "is_hearing_impaired": row.is_hearing_impaired,
        "is_default": row.is_default,
        "title": row.title,
        "size": row.size,
        "mtime_ns": row.mtime_ns,
    }
