"""What was learnt of the series and films of watched folders, kept by folder and by file."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Table, delete, select, update

from sublarr.db.models.catalogue import StandaloneMovie, StandaloneSeries
from sublarr.db.pages import Listing, Page, PageRequest, SortKey
from sublarr.db.repositories.base import Repository
from sublarr.vocabulary.errors import NotFound

_STAMPED = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWrite:
    """A series as a metadata service knows it; what is unknown is written as unknown."""

    title: str
    folder_path: str
    year: int | None = None
    tmdb_id: int | None = None
    tvdb_id: int | None = None
    anilist_id: int | None = None
    imdb_id: str = ""
    poster_url: str = ""
    is_anime: bool = False
    episode_count: int = 0
    season_count: int = 0
    metadata_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow(SeriesWrite):
    """A series as it is stored; `media_id` is its entry of the catalogue."""

    id: int
    media_id: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieWrite:
    """A film as a metadata service knows it; what is unknown is written as unknown."""

    title: str
    file_path: str
    year: int | None = None
    tmdb_id: int | None = None
    imdb_id: str = ""
    poster_url: str = ""
    metadata_source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MovieRow(MovieWrite):
    """A film as it is stored; `media_id` is its entry of the catalogue."""

    id: int
    media_id: int | None
    created_at: datetime
    updated_at: datetime


Stored = TypeVar("Stored", SeriesRow, MovieRow)


class _StandaloneRepository(Repository, Generic[Stored]):
    """What both tables share: rows by id, by title, and by the place that is their key."""

    table: ClassVar[Table]
    key = ""
    noun = ""
    _make: Callable[..., Stored]

    def find(self, row_id: int) -> Stored | None:
        """The row, or None."""
        return self._one("find", self.table.c.id == row_id)

    def get(self, row_id: int) -> Stored:
        """The row; raises `NotFound`."""
        row = self.find(row_id)
        if row is None:
            raise self._missing(row_id)
        return row

    def page(self, request: PageRequest) -> Page[Stored]:
        """Rows by title."""
        columns = self.table.c
        listing = Listing("titles", select(self.table), (SortKey(columns.title), SortKey(columns.id)))
        return self._page(listing, request, self._row)

    def link(self, row_id: int, media_id: int | None) -> None:
        """Say which entry of the catalogue it is; raises `NotFound`, or `MissingReference` for no entry."""
        statement = update(self.table).where(self.table.c.id == row_id).values(media_id=media_id)
        if self._run("link", statement).rowcount != 1:
            raise self._missing(row_id)

    def delete(self, row_id: int) -> bool:
        """Forget what was learnt; whether there was anything."""
        return self._run("delete", delete(self.table).where(self.table.c.id == row_id)).rowcount == 1

    def _one(self, name: str, condition: Any) -> Stored | None:
        row = self._run(name, select(self.table).where(condition)).one_or_none()
        return None if row is None else self._row(row)

    def _row(self, row: Any) -> Stored:
        return type(self)._make(**{name: getattr(row, name) for name in self._names})

    def _store(self, writes: Sequence[SeriesWrite] | Sequence[MovieWrite]) -> int:
        now = self._now
        rows = [{**asdict(write), **dict.fromkeys(_STAMPED, now)} for write in writes]
        kept = {"id", "media_id", self.key, *_STAMPED}
        told = [name for name in self._names if name not in kept]
        # Writers of the same rows take them in the same order, so that none waits for the other for ever.
        return self._upsert("upsert", self.table, sorted(rows, key=itemgetter(self.key)), (self.key,), told)

    @property
    def _names(self) -> list[str]:
        return [column.name for column in self.table.columns]

    def _missing(self, row_id: int) -> NotFound:
        return NotFound(f"nothing was learnt of a {self.noun} {row_id}")


class StandaloneSeriesRepository(_StandaloneRepository[SeriesRow]):
    """The `standalone_series` table."""

    aggregate = "standalone_series"
    table = StandaloneSeries.metadata.tables["standalone_series"]
    key = "folder_path"
    noun = "series"
    _make = SeriesRow

    def find_by_folder(self, folder_path: str) -> SeriesRow | None:
        """The series of exactly this folder, or None."""
        return self._one("find_by_folder", self.table.c.folder_path == folder_path)

    def upsert_many(self, writes: Sequence[SeriesWrite]) -> int:
        """Store series by folder, each as it is told now, and keep its id; answers how many changed."""
        return self._store(writes)


class StandaloneMovieRepository(_StandaloneRepository[MovieRow]):
    """The `standalone_movies` table."""

    aggregate = "standalone_movies"
    table = StandaloneMovie.metadata.tables["standalone_movies"]
    key = "file_path"
    noun = "film"
    _make = MovieRow

    def find_by_path(self, file_path: str) -> MovieRow | None:
        """The film of exactly this file, or None."""
        return self._one("find_by_path", self.table.c.file_path == file_path)

    def upsert_many(self, writes: Sequence[MovieWrite]) -> int:
        """Store films by file, each as it is told now, and keep its id; answers how many changed."""
        return self._store(writes)
