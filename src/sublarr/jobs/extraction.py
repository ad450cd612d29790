"""Which files have something worth extracting, and in which languages."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.files import FileOwner, FileRow, SubtitleRow
from sublarr.db.repositories.profiles import ProfileRow
from sublarr.db.unit import Unit
from sublarr.subtitles.rules import tracks_to_extract
from sublarr.vocabulary.jobs import ExtractSubtitles
from sublarr.vocabulary.media import FoundFile, ProbeOutcome
from sublarr.vocabulary.subtitles import Sidecar, SubtitleOrigin


class Candidate(NamedTuple):
    """A file with what is known of its inside and of the subtitle files beside it."""

    file: FileRow
    outcome: ProbeOutcome | None
    sidecars: tuple[Sidecar, ...]
    languages: tuple[str, ...]


def plan_extraction(
    unit: Unit, file_ids: Sequence[int], languages: tuple[str, ...] | None
) -> list[ExtractSubtitles]:
    """One job for each of these files that has a track to extract."""
    return [
        ExtractSubtitles(file_id=candidate.file.id, file_path=candidate.file.path, languages=languages)
        for candidate in candidates(unit, file_ids, languages)
        if candidate.outcome is not None
        and candidate.outcome.probe is not None
        and tracks_to_extract(candidate.outcome.probe.tracks, candidate.sidecars, candidate.languages)
    ]


def candidates(unit: Unit, file_ids: Sequence[int], languages: tuple[str, ...] | None) -> Iterator[Candidate]:
    """What is needed to decide about each of these files; those that are gone are left out."""
    for chunk in chunks(file_ids):
        files = unit.files.listed(chunk)
        found = [FoundFile(file.path, file.size, file.mtime_ns) for file in files]
        outcomes = unit.probes.find_many(found)
        subtitles = unit.files.subtitles(chunk)
        chosen = _languages(unit, unit.files.owners(chunk)) if languages is None else {}
        for file in files:
            yield Candidate(
                file,
                outcomes.get(file.path),
                tuple(_sidecars(subtitles.get(file.id, ()))),
                chosen.get(file.id, ()) if languages is None else languages,
            )


def profiles_of(unit: Unit, owners: dict[int, FileOwner]) -> dict[int, ProfileRow]:
    """The profile that holds for each file, by the file's id."""
    default = unit.profiles.get_default()
    assigned = unit.profiles.assigned(
        sorted({owner.series_id or owner.media_id for owner in owners.values()})
    )
    return {
        file_id: assigned.get(owner.series_id or owner.media_id, default) for file_id, owner in owners.items()
    }


def _languages(unit: Unit, owners: dict[int, FileOwner]) -> dict[int, tuple[str, ...]]:
    # The source language too: a translation begins from it.
    return {
        file_id: (*profile.target_languages, profile.source_language)
        for file_id, profile in profiles_of(unit, owners).items()
    }


def _sidecars(rows: Sequence[SubtitleRow]) -> Iterator[Sidecar]:
    for row in rows:
        if row.origin is SubtitleOrigin.SIDECAR:
            yield Sidecar(
                path=row.path,
                language=row.language,
                format=row.format,
                subtitle_type=row.subtitle_type,
                is_hearing_impaired=row.is_hearing_impaired,
                size=row.size or 0,
                mtime_ns=row.mtime_ns or 0,
            )
