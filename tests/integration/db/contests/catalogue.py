"""Contests over what scans write: entries, files, what is inside them, what is wanted, and what services told."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sublarr.db.repositories.anidb import AnidbWrite
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.files import SubtitleRow
from sublarr.db.repositories.folders import FolderEdit
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.metadata import MetadataWrite
from sublarr.db.repositories.probes import ProbeWrite
from sublarr.db.repositories.standalone import MovieWrite, SeriesWrite
from sublarr.db.repositories.upgrades import NewUpgrade
from sublarr.db.unit import Unit
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeOutcome, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType, WantedStatus
from tests.contract.db.rows import Film, a_file, a_film, a_source, a_wish, an_entry, file_write
from tests.integration.db.contests.case import (
    LATER,
    Case,
    Winners,
    one_row_each,
    row_of_every_hand,
)

_FEW = tuple(range(3))
_MANY = tuple(range(30))
_TIME = datetime(2026, 2, 18, tzinfo=UTC)


def _films(unit: Unit) -> list[dict[str, Any]]:
    films = [a_film(unit, f"Film {number}") for number in _MANY]
    return [vars(film) for film in films]


def _wanted(unit: Unit) -> list[int]:
    films = [Film(**film) for film in _films(unit)]
    unit.wanted.reconcile([film.file_id for film in films], [a_wish(film) for film in films])
    return [row.id for film in films for row in unit.wanted.of_file(film.file_id)]


def _replaced(unit: Unit) -> list[int]:
    """Files with an ignored subtitle, each beside another file of the same film."""
    unit.wanted.move(_wanted(unit), WantedStatus.IGNORED)
    old: list[int] = []
    for film in [a_film(unit, f"Film {number}") for number in _FEW]:
        heir = a_file(unit, film.source_id, f"{film.path}.new")
        unit.media.link([(film.media_id, heir)], [heir])
        unit.wanted.reconcile([heir], [a_wish(Film(film.source_id, film.media_id, heir, ""))])
        old.append(film.file_id)
    return old


def _reconcile(unit: Unit, films: Sequence[dict[str, Any]]) -> int:
    rows = [Film(**film) for film in films]
    return unit.wanted.reconcile([film.file_id for film in rows], [a_wish(film) for film in rows]).added


def _places(unit: Unit) -> list[list[Any]]:
    source_id = a_source(unit)
    return [[source_id, number] for number in _MANY]


def _entry(place: Sequence[int]) -> MediaWrite:
    return MediaWrite(MediaKind.MOVIE, place[0], f"/media/{place[1]}", f"Film {place[1]}")


def _entries_without_files(unit: Unit) -> list[int]:
    source_id = a_source(unit)
    for number in _FEW:
        an_entry(unit, _entry((source_id, number)))
    return [source_id] * len(_FEW)


def _track(film: Mapping[str, Any]) -> SubtitleRow:
    return SubtitleRow(
        film["file_id"],
        SubtitleOrigin.EMBEDDED,
        2,
        "",
        "de",
        SubtitleType.FULL,
        SubtitleFormat.SRT,
        False,
        True,
        "",
        None,
        None,
    )


def _folders(unit: Unit) -> list[int]:
    return [unit.folders.add(f"/media/{number}").id for number in _FEW]


def _removed_folders(unit: Unit) -> list[int]:
    folder_ids = _folders(unit)
    for folder_id in folder_ids:
        unit.folders.delete(folder_id, 1)
    return folder_ids


def _probe(number: int) -> ProbeWrite:
    path = f"/media/{number}.mkv"
    return ProbeWrite(FoundFile(path, 1, 1), ProbeOutcome(path, ProbeStatus.OK))


def _probed(unit: Unit) -> Sequence[int]:
    unit.probes.upsert_many([_probe(number) for number in _MANY])
    return _MANY


def _anidb(unit: Unit) -> Sequence[int]:
    unit.anidb.upsert_many([AnidbWrite(number, number) for number in _FEW])
    return _FEW


def _metadata(unit: Unit, ttl_days: float) -> Sequence[int]:
    unit.metadata.upsert_many([MetadataWrite(str(number), "tmdb", {}, ttl_days) for number in _FEW])
    return _FEW


def _series(numbers: Sequence[int]) -> list[SeriesWrite]:
    return [SeriesWrite(title="", folder_path=f"/{number}") for number in numbers]


def _movies(numbers: Sequence[int]) -> list[MovieWrite]:
    return [MovieWrite(title="", file_path=f"/{number}") for number in numbers]


def _known_series(unit: Unit) -> list[int]:
    unit.standalone_series.upsert_many(_series(_FEW))
    rows = [unit.standalone_series.find_by_folder(f"/{number}") for number in _FEW]
    return [row.id for row in rows if row is not None]


def _known_movies(unit: Unit) -> list[int]:
    unit.standalone_movies.upsert_many(_movies(_FEW))
    rows = [unit.standalone_movies.find_by_path(f"/{number}") for number in _FEW]
    return [row.id for row in rows if row is not None]


def _download(number: int) -> NewDownload:
    return NewDownload("p", str(number), "de", "srt", "/a", "/a", SubtitleType.FULL, "", None, "")


def _downloaded(unit: Unit) -> Sequence[int]:
    unit.downloads.add_many([_download(number) for number in _FEW])
    return _FEW


_UPGRADE = NewUpgrade("/a", "srt", 1, "ass", 2)


def _upgraded(unit: Unit) -> Sequence[int]:
    for _ in _FEW:
        unit.upgrades.add(_UPGRADE)
    return _FEW


CASES: Mapping[str, Case] = {
    "folders.add": Case(lambda _: _FEW, lambda unit, number: unit.folders.add(f"/media/{number}")),
    "folders.get_or_add": Case(
        lambda _: _FEW,
        lambda unit, number: unit.folders.get_or_add(f"/media/{number}")[1],
        check=one_row_each("watched_folders"),
    ),
    "folders.purge": Case(_removed_folders, lambda unit, _: unit.folders.purge(LATER, 2)),
    "folders.update": Case(_folders, lambda unit, id_: unit.folders.update(id_, 1, FolderEdit(label="x"))),
    "folders.delete": Case(_folders, lambda unit, id_: unit.folders.delete(id_, 1)),
    "folders.record_scan": Case(
        _folders,
        lambda unit, id_: unit.folders.record_scan(id_, mount_points=["/a"], wanted_rules="x", problem=""),
        Winners.ALL,
        check=one_row_each("watched_folders", "wanted_rules = 'x' AND version = 1"),
    ),
    "folders.record_problem": Case(
        _folders,
        lambda unit, id_: unit.folders.record_problem(id_, "away"),
        Winners.ALL,
        check=one_row_each("watched_folders", "last_problem = 'away'"),
    ),
    "media.upsert_many": Case(
        _places,
        lambda unit, places: unit.media.upsert_many([_entry(place) for place in places]),
        whole=True,
        rounds=3,
        check=one_row_each("media"),
    ),
    "media.link": Case(
        _films,
        lambda unit, films: unit.media.link(
            [(film["media_id"], film["file_id"]) for film in films], [film["file_id"] for film in films]
        ),
        Winners.ALL,
        whole=True,
        check=one_row_each("media_file_links"),
    ),
    "media.delete_without_files": Case(
        _entries_without_files, lambda unit, source_id: unit.media.delete_without_files(source_id)
    ),
    "files.upsert_many": Case(
        _places,
        lambda unit, places: unit.files.upsert_many(
            [file_write(source_id, f"/media/{number}.mkv") for source_id, number in places]
        ),
        whole=True,
        rounds=3,
        check=one_row_each("media_files"),
    ),
    "files.set_subtitles": Case(
        _films,
        lambda unit, films: unit.files.set_subtitles(
            [film["file_id"] for film in films], [_track(film) for film in films]
        ),
        whole=True,
        check=one_row_each("media_subtitles"),
    ),
    "files.move": Case(
        lambda unit: _films(unit)[:3],
        lambda unit, film: unit.files.move(film["file_id"], f"{film['path']}.new"),
        Winners.ALL,
        check=one_row_each("media_files", "path LIKE '%.new'"),
    ),
    "files.delete": Case(
        lambda unit: [film["file_id"] for film in _films(unit)],
        lambda unit, file_ids: unit.files.delete(file_ids),
        whole=True,
    ),
    "probes.upsert_many": Case(
        lambda _: _MANY,
        lambda unit, numbers: unit.probes.upsert_many([_probe(number) for number in numbers]),
        whole=True,
        rounds=3,
        check=one_row_each("ffprobe_cache"),
    ),
    "probes.delete": Case(
        _probed,
        lambda unit, numbers: unit.probes.delete([f"/media/{number}.mkv" for number in numbers]),
        whole=True,
    ),
    "probes.delete_older_than": Case(_probed, lambda unit, _: unit.probes.delete_older_than(LATER, 3)),
    "wanted.reconcile": Case(_films, _reconcile, whole=True, rounds=3, check=one_row_each("wanted_items")),
    "wanted.move": Case(
        _wanted, lambda unit, ids: unit.wanted.move(ids, WantedStatus.SEARCHING), whole=True, rounds=2
    ),
    "wanted.pass_on_ignored": Case(
        _replaced, lambda unit, file_ids: unit.wanted.pass_on_ignored(file_ids), whole=True
    ),
    "anidb.upsert_many": Case(
        lambda _: _MANY,
        # Being learnt again is a use, and so a change.
        lambda unit, numbers: unit.anidb.upsert_many([AnidbWrite(number, number) for number in numbers]) >= 0,
        Winners.ALL,
        whole=True,
        check=one_row_each("anidb_mappings"),
    ),
    "anidb.use": Case(_anidb, lambda unit, number: unit.anidb.use(number, 30) == number, Winners.ALL),
    "anidb.delete_unused_since": Case(_anidb, lambda unit, _: unit.anidb.delete_unused_since(LATER, 2)),
    "metadata.upsert_many": Case(
        lambda _: _MANY,
        lambda unit, numbers: (
            unit.metadata.upsert_many([MetadataWrite(str(number), "tmdb", {}) for number in numbers]) >= 0
        ),
        Winners.ALL,
        whole=True,
        check=one_row_each("metadata_cache"),
    ),
    "metadata.delete_expired": Case(
        lambda unit: _metadata(unit, -1), lambda unit, _: unit.metadata.delete_expired(2)
    ),
    "standalone_series.upsert_many": Case(
        lambda _: _MANY,
        lambda unit, numbers: unit.standalone_series.upsert_many(_series(numbers)),
        whole=True,
        check=one_row_each("standalone_series"),
    ),
    "standalone_series.delete": Case(_known_series, lambda unit, id_: unit.standalone_series.delete(id_)),
    "standalone_series.link": Case(
        _known_series, lambda unit, id_: unit.standalone_series.link(id_, None), Winners.ALL
    ),
    "standalone_movies.upsert_many": Case(
        lambda _: _MANY,
        lambda unit, numbers: unit.standalone_movies.upsert_many(_movies(numbers)),
        whole=True,
        check=one_row_each("standalone_movies"),
    ),
    "standalone_movies.delete": Case(_known_movies, lambda unit, id_: unit.standalone_movies.delete(id_)),
    "standalone_movies.link": Case(
        _known_movies, lambda unit, id_: unit.standalone_movies.link(id_, None), Winners.ALL
    ),
    "downloads.add_many": Case(
        lambda _: _FEW,
        lambda unit, number: unit.downloads.add_many([_download(number)]),
        Winners.ALL,
        check=row_of_every_hand("subtitle_downloads"),
    ),
    "downloads.delete_before": Case(_downloaded, lambda unit, _: unit.downloads.delete_before(LATER, 2)),
    "upgrades.add": Case(
        lambda _: _FEW,
        lambda unit, _: unit.upgrades.add(_UPGRADE) > 0,
        Winners.ALL,
        check=row_of_every_hand("upgrade_history"),
    ),
    "upgrades.delete_before": Case(_upgraded, lambda unit, _: unit.upgrades.delete_before(LATER, 2)),
}
