"""The catalogue: films, series and episodes as their sources have them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from sublarr.db.models.catalogue import Media, MediaFileLink, Source, WantedItem
from sublarr.db.models.counters import RowCount
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories import counted
from sublarr.db.repositories.base import Repository, Rows, chunks
from sublarr.db.repositories.word_search import WordSearch
from sublarr.db.streams import Stream
from sublarr.vocabulary.errors import NotFound
from sublarr.vocabulary.media import MediaKind, sort_title
from sublarr.vocabulary.subtitles import WantedStatus


@dataclass(frozen=True, slots=True)
class MediaWrite:
    """An entry as its source has it now; `series_id` is our id of an episode's series."""

    kind: MediaKind
    source_id: int
    source_key: str
    title: str
    year: int | None = None
    folder_path: str = ""
    is_anime: bool = False
    series_id: int | None = None
    season: int | None = None
    episode: int | None = None
    absolute_number: int | None = None
    alternative_titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MediaRow:
    """An entry as pages show it."""

    id: int
    kind: MediaKind
    source_id: int
    title: str
    year: int | None
    folder_path: str
    is_anime: bool
    series_id: int | None
    season: int | None
    episode: int | None
    absolute_number: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MediaCounts:
    """What belongs to a film or a series: episodes, files, and subtitles that are still wanted."""

    episodes: int = 0
    files: int = 0
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class MediaListRow:
    """An entry of a list with its counts."""

    media: MediaRow
    counts: MediaCounts


_COLUMNS = (
    Media.id,
    Media.kind,
    Media.source_id,
    Media.title,
    Media.year,
    Media.folder_path,
    Media.is_anime,
    Media.series_id,
    Media.season,
    Media.episode,
    Media.absolute_number,
    Media.created_at,
    Media.updated_at,
)
_GET = select(*_COLUMNS).where(Media.id == bindparam("media_id"))
_TABLE = Media.metadata.tables["media"]
_UPDATED = (
    "title",
    "sort_title",
    "year",
    "folder_path",
    "is_anime",
    "series_id",
    "season",
    "episode",
    "absolute_number",
    "alternative_titles",
)


class MediaRepository(Repository):
    """The `media` table and its links to files."""

    aggregate = "media"

    def upsert_many(self, writes: Sequence[MediaWrite], *, keep_stored: bool = False) -> int:
        """Bring entries in line with their source; answers how many changed.

        With `keep_stored` an entry that is there stays as it is: for what each of several files tells anew.
        """
        now = self._now
        rows = [
            {
                "kind": write.kind,
                "source_id": write.source_id,
                "source_key": write.source_key,
                "title": write.title,
                "sort_title": sort_title(write.title),
                "original_title": "",
                "alternative_titles": list(write.alternative_titles),
                "year": write.year,
                "folder_path": write.folder_path,
                "is_anime": write.is_anime,
                "is_monitored": True,
                "original_language": "",
                "tags": [],
                "poster_url": "",
                "imdb_id": "",
                "series_id": write.series_id,
                "season": write.season,
                "episode": write.episode,
                "absolute_number": write.absolute_number,
                "created_at": now,
                "updated_at": now,
            }
            for write in writes
        ]
        update = () if keep_stored else _UPDATED
        return self._upsert("upsert", _TABLE, rows, ("source_id", "source_key"), update)

    def ids_by_key(self, source_id: int, keys: Sequence[str]) -> Mapping[str, int]:
        """Our ids of a source's entries, by the source's own names for them."""
        found: dict[str, int] = {}
        for chunk in chunks(keys):
            statement = select(Media.source_key, Media.id).where(
                Media.source_id == source_id, Media.source_key.in_(chunk)
            )
            found.update((key, media_id) for key, media_id in self._run("ids_by_key", statement))
        return found

    def get(self, media_id: int) -> MediaRow:
        """One entry; raises `NotFound`."""
        row = self._run("get", _GET, {"media_id": media_id}).one_or_none()
        if row is None:
            raise NotFound(f"there is no entry {media_id} in the catalogue")
        return MediaRow(*row)

    def page(self, kind: MediaKind, words: str, request: PageRequest) -> Page[MediaListRow]:
        """Films or series by title, with their counts."""
        statement = (
            select(*_COLUMNS)
            .join(Source, Source.id == Media.source_id)
            .where(Media.kind == kind, Source.deleted_at.is_(None))
        )
        known = None if words else counted.total("media", RowCount.kind == kind)
        keys = (SortKey(Media.sort_title), SortKey(Media.id))
        listing = Listing("media", statement, keys, (kind, words), known_total=known)
        if words:
            search = WordSearch(self._unit)
            listing = search.narrow(listing, search.seek(words), Media.id)
        page = self._page(listing, request, lambda row: MediaRow(*row[: len(_COLUMNS)]))
        counts = self.counts([row.id for row in page.items])
        items = tuple(MediaListRow(row, counts.get(row.id, MediaCounts())) for row in page.items)
        return Page(items, page.next, page.prev, page.total, page.total_capped)

    def stream(self, kind: MediaKind | None = None) -> Stream[MediaRow]:
        """Everything there is, or all films, series or episodes by title, in flat memory."""
        statement = (
            select(*_COLUMNS).join(Source, Source.id == Media.source_id).where(Source.deleted_at.is_(None))
        )
        keys: tuple[SortKey, ...] = (SortKey(Media.id),)
        if kind is not None:
            statement = statement.where(Media.kind == kind)
            keys = (SortKey(Media.sort_title), SortKey(Media.id))
        listing = Listing("entries", statement, keys, (kind,))
        return self._stream(listing, lambda row: MediaRow(*row[: len(_COLUMNS)]))

    def counts(self, media_ids: Sequence[int]) -> Mapping[int, MediaCounts]:
        """Episodes, files and wanted subtitles of each of these films and series."""
        return {
            media_id: counts
            for chunk in chunks(media_ids)
            for media_id, counts in self._counts_of_chunk(chunk).items()
        }

    def _counts_of_chunk(self, media_ids: Sequence[int]) -> Mapping[int, MediaCounts]:
        owner = MediaFileLink.owner_id
        files = (
            select(owner, func.count(func.distinct(MediaFileLink.file_id)))
            .where(owner.in_(media_ids))
            .group_by(owner)
        )
        episodes = (
            select(Media.series_id, func.count())
            .where(Media.series_id.in_(media_ids))
            .group_by(Media.series_id)
        )
        file_counts = _to_mapping(self._run("count_files", files))
        episode_counts = _to_mapping(self._run("count_episodes", episodes))
        wanted_counts = self._wanted_of_chunk(media_ids)
        return {
            media_id: MediaCounts(
                episode_counts.get(media_id, 0), file_counts.get(media_id, 0), wanted_counts.get(media_id, 0)
            )
            for media_id in media_ids
        }

    def _wanted_of_chunk(self, media_ids: Sequence[int]) -> Mapping[int, int]:
        """Apart for series and for films: no index serves both at once."""
        is_open = WantedItem.status.in_((WantedStatus.WANTED, WantedStatus.SEARCHING, WantedStatus.FAILED))
        series, film = WantedItem.series_id, WantedItem.media_id
        of_series = select(series, func.count()).where(series.in_(media_ids), is_open).group_by(series)
        of_films = (
            select(film, func.count()).where(film.in_(media_ids), series.is_(None), is_open).group_by(film)
        )
        found = _to_mapping(self._run("count_wanted_of_series", of_series))
        return found | _to_mapping(self._run("count_wanted_of_films", of_films))

    def episodes(self, series_id: int, request: PageRequest) -> Page[MediaRow]:
        """A series' episodes in order; those without a number come first."""
        season, episode = _or_before_all(Media.season), _or_before_all(Media.episode)
        keys = (SortKey(season), SortKey(episode), SortKey(Media.id))
        statement = select(*_COLUMNS).where(Media.series_id == series_id)
        listing = Listing("episodes", statement, keys, (series_id,))
        return self._page(listing, request, lambda row: MediaRow(*row[: len(_COLUMNS)]))

    def link(self, pairs: Sequence[tuple[int, int]], file_ids: Sequence[int]) -> None:
        """Have exactly these (media, file) pairs be the links of these files."""
        keep = set(pairs)
        for chunk in chunks(file_ids):
            statement = select(MediaFileLink.media_id, MediaFileLink.file_id).where(
                MediaFileLink.file_id.in_(chunk)
            )
            stale = [
                (row.media_id, row.file_id) for row in self._run("links", statement) if tuple(row) not in keep
            ]
            for media_id, file_id in sorted(stale):
                self._run(
                    "unlink",
                    delete(MediaFileLink).where(
                        MediaFileLink.media_id == media_id, MediaFileLink.file_id == file_id
                    ),
                )
        owners = self._owners({media_id for media_id, _ in keep})
        rows = [
            {"media_id": media_id, "file_id": file_id, "owner_id": owners.get(media_id)}
            for media_id, file_id in sorted(keep)
        ]
        links = MediaFileLink.metadata.tables["media_file_links"]
        self._upsert("link", links, rows, ("media_id", "file_id"), ())

    def _owners(self, media_ids: Collection[int]) -> Mapping[int, int]:
        """The series of an episode, a film itself."""
        found: dict[int, int] = {}
        for chunk in chunks(sorted(media_ids)):
            statement = select(Media.id, func.coalesce(Media.series_id, Media.id)).where(Media.id.in_(chunk))
            found.update(_to_mapping(self._run("owners", statement)))
        return found

    def delete_without_files(self, source_id: int) -> int:
        """Remove a source's films and episodes that no file holds, then series without episodes."""
        has_file = exists().where(MediaFileLink.media_id == Media.id)
        leaves = delete(Media).where(
            Media.source_id == source_id,
            Media.kind.in_((MediaKind.MOVIE, MediaKind.EPISODE)),
            ~has_file,
        )
        removed = self._run("delete_without_files", leaves).rowcount
        episode = aliased(Media)
        has_episode = exists().where(episode.series_id == Media.id)
        empty = delete(Media).where(
            Media.source_id == source_id, Media.kind == MediaKind.SERIES, ~has_episode
        )
        return removed + self._run("delete_empty_series", empty).rowcount


def _or_before_all(number: InstrumentedAttribute[int | None]) -> ColumnElement[int]:
    """As the index has it: with a bound value it would be another expression."""
    return func.coalesce(number, literal_column("-1"))


def _to_mapping(rows: Rows) -> dict[int, int]:
    return dict(rows.all())
