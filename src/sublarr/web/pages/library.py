"""What the pages of films and series share: files with their subtitles, and asking for scans and extractions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sublarr.db.repositories.files import FileRow, SubtitleRow
from sublarr.db.repositories.media import MediaRow
from sublarr.db.repositories.wanted import WantedRow
from sublarr.db.unit import Unit
from sublarr.jobs import asking as jobs
from sublarr.vocabulary.errors import NotFound
from sublarr.web.journal import request_id
from sublarr.web.pages.frame import Frame
from sublarr.web.pages.wanted import told_extraction


@dataclass(frozen=True, slots=True)
class Holding:
    """A file with the subtitles inside it and beside it."""

    file: FileRow
    subtitles: tuple[SubtitleRow, ...]


@dataclass(frozen=True)
class Shelf:
    """The files and wanted subtitles of some films or episodes."""

    holdings: Mapping[int, tuple[Holding, ...]]
    wanted: Mapping[int, tuple[WantedRow, ...]]

    @cached_property
    def wanted_by_file(self) -> Mapping[int, tuple[WantedRow, ...]]:
        """The same by file: of a file with two episodes, the rows hang on the first."""
        found: dict[int, list[WantedRow]] = {}
        for rows in self.wanted.values():
            for row in rows:
                found.setdefault(row.file_id, []).append(row)
        return {file_id: tuple(rows) for file_id, rows in found.items()}

    def languages(self, media_id: int) -> tuple[str, ...]:
        """The languages in which an entry has any subtitle, each once."""
        tags = {
            subtitle.language: None
            for holding in self.holdings.get(media_id, ())
            for subtitle in holding.subtitles
            if subtitle.language
        }
        return tuple(sorted(tags))


def read_shelf(unit: Unit, media_ids: Sequence[int]) -> Shelf:
    """The shelf of these films or episodes, in three queries however many they are."""
    files = unit.files.of_media(media_ids)
    subtitles = unit.files.subtitles([row.id for rows in files.values() for row in rows])
    holdings = {
        media_id: tuple(Holding(row, subtitles.get(row.id, ())) for row in rows)
        for media_id, rows in files.items()
    }
    return Shelf(holdings, unit.wanted.of_media(media_ids))


def ask_for_scan(frame: Frame, media: MediaRow) -> str:
    """Ask for a scan of an entry's own folder; what to tell the person."""
    database = frame.house.database
    with database.read() as unit:
        folder = next((row for row in unit.folders.listed() if row.source_id == media.source_id), None)
    if folder is None:
        raise NotFound(
            f"the watched folder of {media.title} was removed", remedy="Add it again on Settings, Sources."
        )
    jobs.scan_folder(database, folder.id, below=media.folder_path, request_id=request_id())
    return f"A scan of {media.title} was asked for."


def ask_for_extraction(frame: Frame, file_ids: Sequence[int]) -> str:
    """Ask for extraction from these files; what to tell the person."""
    if not file_ids:
        return "There is no file to extract from."
    return told_extraction(jobs.extract_files(frame.house.database, file_ids, request_id=request_id()))
