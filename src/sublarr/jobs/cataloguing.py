"""Writing what a scan read into the catalogue: series and films, files, links, subtitles, probes.

Everything is an upsert by the source's own keys, so that a scan that was killed is simply run again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from sublarr.db.repositories.files import FileWrite, SubtitleRow
from sublarr.db.repositories.folders import FolderRow
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.probes import ProbeWrite
from sublarr.db.unit import Unit
from sublarr.library.keys import episode_keys, movie_key, series_key
from sublarr.subtitles.detection import is_hearing_impaired, subtitle_type_of
from sublarr.vocabulary.media import (
    FoundFile,
    MediaKind,
    NameFacts,
    ProbeOutcome,
    Track,
    TrackKind,
)
from sublarr.vocabulary.subtitles import Sidecar, SubtitleOrigin, format_of_codec


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file with all that was learnt of it."""

    file: FoundFile
    facts: NameFacts
    outcome: ProbeOutcome
    sidecars: tuple[Sidecar, ...]


@dataclass(slots=True)
class Cataloguer:
    """Writes chunks of read files of one watched folder; what the first file of a series told holds."""

    folder: FolderRow
    series_ids: dict[str, int] = field(default_factory=dict)

    def store(self, unit: Unit, files: Sequence[ReadFile]) -> tuple[int, ...]:
        """Write these files with all that belongs to them; answers their ids."""
        self._store_series(unit, files)
        entries = {entry.file.path: self._entries(entry) for entry in files}
        writes = {write.source_key: write for group in entries.values() for write in group}
        unit.media.upsert_many(list(writes.values()))
        media_ids = unit.media.ids_by_key(self.folder.source_id, list(writes))
        unit.files.upsert_many([self._file_write(entry) for entry in files])
        file_ids = unit.files.ids_by_path([entry.file.path for entry in files])
        pairs = [
            (media_ids[write.source_key], file_ids[path])
            for path, group in entries.items()
            for write in group
        ]
        unit.media.link(pairs, list(file_ids.values()))
        self._store_subtitles(unit, files, file_ids)
        unit.probes.upsert_many([ProbeWrite(entry.file, entry.outcome) for entry in files])
        return tuple(file_ids.values())

    def _store_series(self, unit: Unit, files: Sequence[ReadFile]) -> None:
        new: dict[str, MediaWrite] = {}
        for entry in files:
            if entry.facts.kind is MediaKind.MOVIE:
                continue
            key = _series(entry.facts, self.folder.path)
            if key not in self.series_ids and key not in new:
                new[key] = MediaWrite(
                    kind=MediaKind.SERIES,
                    source_id=self.folder.source_id,
                    source_key=key,
                    title=entry.facts.title,
                    year=entry.facts.year,
                    folder_path=entry.facts.group_path,
                    is_anime=entry.facts.is_anime,
                    alternative_titles=entry.facts.alternative_titles,
                )
        if new:
            unit.media.upsert_many(list(new.values()), keep_stored=True)
            self.series_ids.update(unit.media.ids_by_key(self.folder.source_id, list(new)))

    def _entries(self, entry: ReadFile) -> tuple[MediaWrite, ...]:
        """The film or the episodes that a file holds."""
        facts, root = entry.facts, self.folder.path
        if facts.kind is MediaKind.MOVIE:
            return (
                MediaWrite(
                    kind=MediaKind.MOVIE,
                    source_id=self.folder.source_id,
                    source_key=f"movie:{movie_key(facts, root)}",
                    title=facts.title,
                    year=facts.year,
                    folder_path=facts.group_path,
                    is_anime=facts.is_anime,
                    alternative_titles=facts.alternative_titles,
                ),
            )
        keys = episode_keys(facts, root, entry.file.path)
        return tuple(
            MediaWrite(
                kind=MediaKind.EPISODE,
                source_id=self.folder.source_id,
                source_key=f"episode:{key}",
                title=facts.episode_title,
                series_id=self.series_ids[_series(facts, root)],
                is_anime=facts.is_anime,
                season=facts.season,
                episode=number,
                absolute_number=facts.absolute_number,
            )
            for key, number in zip_longest(keys, facts.episodes[: len(keys)])
        )

    def _file_write(self, entry: ReadFile) -> FileWrite:
        probe = entry.outcome.probe
        tracks = probe.tracks if probe is not None else ()
        spoken = (track.language for track in tracks if track.kind is TrackKind.AUDIO)
        return FileWrite(
            source_id=self.folder.source_id,
            file=entry.file,
            probe_status=entry.outcome.status,
            probe_message=entry.outcome.message,
            container=probe.container if probe is not None else "",
            duration_seconds=probe.duration_seconds if probe is not None else None,
            audio_languages=tuple(dict.fromkeys(language for language in spoken if language)),
            release_group=entry.facts.release_group,
            release_source=entry.facts.release_source,
            resolution=entry.facts.resolution,
        )

    def _store_subtitles(self, unit: Unit, files: Sequence[ReadFile], file_ids: Mapping[str, int]) -> None:
        rows: list[SubtitleRow] = []
        for entry in files:
            file_id = file_ids[entry.file.path]
            if entry.outcome.probe is not None:
                rows.extend(track_rows(file_id, entry.outcome.probe.tracks))
            rows.extend(sidecar_rows(file_id, entry.sidecars))
        unit.files.set_subtitles(list(file_ids.values()), rows)


def track_rows(file_id: int, tracks: Sequence[Track]) -> list[SubtitleRow]:
    """A container's subtitle tracks as rows."""
    return [
        SubtitleRow(
            file_id=file_id,
            origin=SubtitleOrigin.EMBEDDED,
            track_index=track.index,
            path=f"#{track.index}",
            language=track.language,
            subtitle_type=subtitle_type_of(track),
            format=format_of_codec(track.codec),
            is_hearing_impaired=is_hearing_impaired(track),
            is_default=track.is_default,
            title=track.title.replace("\0", ""),
            size=None,
            mtime_ns=None,
        )
        for track in tracks
        if track.kind is TrackKind.SUBTITLE
    ]


def sidecar_rows(file_id: int, sidecars: Sequence[Sidecar]) -> list[SubtitleRow]:
    """The subtitle files beside a video as rows."""
    return [
        SubtitleRow(
            file_id=file_id,
            origin=SubtitleOrigin.SIDECAR,
            track_index=None,
            path=sidecar.path,
            language=sidecar.language,
            subtitle_type=sidecar.subtitle_type,
            format=sidecar.format,
            is_hearing_impaired=sidecar.is_hearing_impaired,
            is_default=False,
            title="",
            size=sidecar.size,
            mtime_ns=sidecar.mtime_ns,
        )
        for sidecar in sidecars
    ]


def _series(facts: NameFacts, root: str) -> str:
    return f"series:{series_key(facts, root)}"
