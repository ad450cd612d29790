"""Extraction: write a media file's embedded text subtitles beside it.

Nothing of a person's is ever overwritten: a sidecar that is there stays. A run that was killed between two
files is run again; what it had written is recognised by its content and recorded then.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.files import FileRow
from sublarr.db.unit import Unit
from sublarr.jobs.cataloguing import sidecar_rows
from sublarr.jobs.extraction import Candidate, candidates
from sublarr.jobs.wishing import reconcile_wanted
from sublarr.library.reading.messages import ReadRequest
from sublarr.library.reading.pool import ReadingPool
from sublarr.library.roots import explain
from sublarr.library.walk import walk_folder
from sublarr.queue.context import JobContext
from sublarr.subtitles.composing import compose, validate
from sublarr.subtitles.files import holds_text, remove_leftovers, write_beside
from sublarr.subtitles.naming import match_sidecars, sidecar_path
from sublarr.subtitles.rules import Extraction, tracks_to_extract
from sublarr.vocabulary.errors import Conflict, Corrupt, NotFound, Unavailable
from sublarr.vocabulary.jobs import ExtractSubtitles
from sublarr.vocabulary.media import FolderContent, ProbeOutcome, Track
from sublarr.vocabulary.paths import for_display, to_native
from sublarr.vocabulary.subtitles import RawSubtitle, Sidecar, SubtitleOrigin, WantedStatus
from sublarr.wanted.rules import WantedRules

EMBEDDED = "embedded"


@dataclass(frozen=True, slots=True)
class ExtractionOptions:
    """The household's settings that an extraction needs."""

    timeout_seconds: float
    rules: WantedRules


@dataclass(frozen=True, slots=True)
class _Written:
    """A subtitle that is beside the video now, because of us."""

    extraction: Extraction
    path: str
    sha256: str


class SubtitleExtraction:
    """The handler of `ExtractSubtitles`."""

    def __init__(self, options: Callable[[], ExtractionOptions]) -> None:
        self._options = options

    def __call__(self, payload: ExtractSubtitles, context: JobContext, /) -> dict[str, Any] | None:
        """Extract; the result names what was written and what was passed over, and why."""
        options = self._options()
        with context.database.read() as unit:
            candidate = next(candidates(unit, [payload.file_id], payload.languages), None)
        if candidate is None:
            raise NotFound(f"the media file {for_display(payload.file_path)} is not in the library any more")
        directory = candidate.file.path.rpartition("/")[0]
        with ReadingPool(1, options.timeout_seconds) as pool:
            is_known = candidate.outcome is not None and _is_unchanged(candidate.file)
            outcome = candidate.outcome if is_known else None
            outcome = outcome or _probe(pool, candidate.file, context)
            if outcome.probe is None:
                raise Corrupt(f"{for_display(candidate.file.path)}: {outcome.message}")
            beside = _sidecars_beside(candidate.file.path, directory)
            if context.claim.claim_no > 1:
                beside = _without_ours(beside, candidate, outcome.probe.tracks)
            chosen = tracks_to_extract(outcome.probe.tracks, beside, candidate.languages)
            raws = (
                pool.read_subtitles(
                    candidate.file.path,
                    [extraction.track.index for extraction in chosen],
                    timeout_seconds=options.timeout_seconds,
                    should_stop=context.should_stop,
                )
                if chosen
                else {}
            )
        written: list[_Written] = []
        passed_over: list[str] = []
        for extraction in chosen:
            context.progress(len(written), len(chosen), f"writing {extraction.language}", now=True)
            try:
                written.append(_write(candidate.file.path, extraction, raws[extraction.track.index]))
            except (Conflict, Corrupt) as error:
                passed_over.append(error.message)
        remove_leftovers(directory)
        result = {"written": [item.path for item in written], "passed_over": passed_over}
        self._record(context, candidate, written, result)
        return result

    def _record(
        self, context: JobContext, candidate: Candidate, written: list[_Written], result: dict[str, Any]
    ) -> None:
        directory = candidate.file.path.rpartition("/")[0]
        beside = _sidecars_beside(candidate.file.path, directory)
        file_id = candidate.file.id
        with context.finish(result) as unit:
            owners = unit.files.owners([file_id])
            media_id = owners[file_id].media_id if file_id in owners else None
            unit.downloads.add_many(
                [
                    NewDownload(
                        provider_name=EMBEDDED,
                        subtitle_id=f"{candidate.file.path}#{item.extraction.track.index}",
                        language=item.extraction.language,
                        format=item.extraction.format,
                        file_path=candidate.file.path,
                        sidecar_path=item.path,
                        subtitle_type=item.extraction.subtitle_type,
                        sha256=item.sha256,
                        media_id=media_id,
                        job_id=context.claim.job_id,
                    )
                    for item in written
                ]
            )
            unit.files.set_subtitles([file_id], sidecar_rows(file_id, beside), origin=SubtitleOrigin.SIDECAR)
            _mark_extracted(unit, file_id, written)
            reconcile_wanted(unit, [file_id], self._options().rules)


def _mark_extracted(unit: Unit, file_id: int, written: list[_Written]) -> None:
    got = {(item.extraction.language, item.extraction.subtitle_type) for item in written}
    rows = [
        row.id
        for row in unit.wanted.of_file(file_id)
        if (row.target_language, row.subtitle_type) in got and not row.upgrade_candidate
    ]
    unit.wanted.move(rows, WantedStatus.EXTRACTED)


def _probe(pool: ReadingPool, file: FileRow, context: JobContext) -> ProbeOutcome:
    """The file changed since the scan: read its header now."""
    request = ReadRequest(file.path, "/", FolderContent.AUTO, wants_name=False)
    for result in pool.read_files([request], context.should_stop):
        if result.outcome is not None:
            return result.outcome
    raise Corrupt(f"{for_display(file.path)} could not be read")


def _sidecars_beside(path: str, directory: str) -> tuple[Sidecar, ...]:
    listing = next(walk_folder(directory, skip_extras=False))
    return match_sidecars([path], listing.subtitles)[path]


def _is_unchanged(file: FileRow) -> bool:
    """Whether what is known of the tracks still holds; raises `Unavailable` where the file is gone."""
    try:
        found = os.stat(to_native(file.path))
    except OSError as error:
        raise Unavailable(
            f"{for_display(file.path)} cannot be read: {explain(error)}",
            remedy="Check that the disk is mounted, or scan the folder again.",
        ) from error
    return (found.st_size, found.st_mtime_ns) == (file.size, file.mtime_ns)


def _without_ours(
    beside: Sequence[Sidecar], candidate: Candidate, tracks: Sequence[Track]
) -> tuple[Sidecar, ...]:
    """What is beside the video, less the files that an earlier run of this job may have written.

    Writing them again shows by their content whose they are.
    """
    ours = {
        _path(candidate.file.path, extraction)
        for extraction in tracks_to_extract(tracks, (), candidate.languages)
    }
    return tuple(sidecar for sidecar in beside if sidecar.path not in ours)


def _path(video_path: str, extraction: Extraction) -> str:
    return sidecar_path(
        video_path,
        extraction.language,
        extraction.subtitle_type,
        extraction.is_hearing_impaired,
        extraction.format,
    )


def _write(video_path: str, extraction: Extraction, raw: RawSubtitle) -> _Written:
    text = compose(raw)
    validate(text, extraction.format)
    path = _path(video_path, extraction)
    try:
        write_beside(path, text)
    except Conflict:
        # A run that was killed after this file was written, before it was recorded, left exactly this text.
        if not holds_text(path, text):
            raise
    return _Written(extraction, path, hashlib.sha256(text.encode()).hexdigest())
