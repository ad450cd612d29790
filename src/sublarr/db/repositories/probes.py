"""What containers' headers said, kept by path and good while time and size are the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from sublarr.db.models.catalogue import ProbeRecord
from sublarr.db.repositories.base import Repository, chunks
from sublarr.vocabulary.media import FoundFile, Probe, ProbeOutcome, ProbeStatus, Track, TrackKind


@dataclass(frozen=True, slots=True)
class ProbeWrite:
    """A file's state and what reading it gave."""

    file: FoundFile
    outcome: ProbeOutcome


class ProbeRepository(Repository):
    """The `ffprobe_cache` table."""

    aggregate = "probes"

    def find_many(self, files: Sequence[FoundFile]) -> Mapping[str, ProbeOutcome]:
        """The stored outcomes of those files that have not changed since."""
        wanted = {file.path: file for file in files}
        found: dict[str, ProbeOutcome] = {}
        for paths in chunks(wanted):
            for record in self._run(
                "find_many", select(ProbeRecord.__table__).where(ProbeRecord.file_path.in_(paths))
            ):
                file = wanted[record.file_path]
                if (record.mtime_ns, record.size) == (file.mtime_ns, file.size):
                    found[file.path] = _outcome(record)
        return found

    def upsert_many(self, writes: Sequence[ProbeWrite]) -> int:
        """Store outcomes; answers how many changed."""
        now = self._now
        rows = [
            {
                "file_path": write.file.path,
                "mtime_ns": write.file.mtime_ns,
                "size": write.file.size,
                "status": write.outcome.status,
                "probe_data": _to_json(write.outcome.probe),
                "message": write.outcome.message,
                "cached_at": now,
            }
            for write in writes
        ]
        columns = ("mtime_ns", "size", "status", "probe_data", "message")
        return self._upsert(
            "upsert", ProbeRecord.metadata.tables["ffprobe_cache"], rows, ("file_path",), columns
        )

    def delete(self, paths: Sequence[str]) -> int:
        """Forget these files' probes."""
        return sum(
            self._run("delete", delete(ProbeRecord).where(ProbeRecord.file_path.in_(chunk))).rowcount
            for chunk in chunks(paths)
        )

    def delete_older_than(self, moment: datetime, limit: int) -> int:
        """Forget up to `limit` probes of files that nobody has, read before `moment`."""
        from_files = ProbeRecord.metadata.tables["media_files"]
        is_kept = select(from_files.c.id).where(from_files.c.path == ProbeRecord.file_path).exists()
        old = (
            select(ProbeRecord.file_path)
            .where(ProbeRecord.cached_at < moment, ~is_kept)
            .order_by(ProbeRecord.cached_at)
            .limit(limit)
        )
        statement = delete(ProbeRecord).where(ProbeRecord.file_path.in_(old.scalar_subquery()))
        return self._run("delete_older", statement).rowcount


def _to_json(probe: Probe | None) -> dict[str, Any] | None:
    if probe is None:
        return None
    return {
        "container": probe.container,
        "duration_seconds": probe.duration_seconds,
        "tracks": [
            {
                "index": track.index,
                "kind": track.kind,
                "codec": track.codec,
                "language": track.language,
                "title": track.title,
                "default": track.is_default,
                "forced": track.is_forced,
                "hearing_impaired": track.is_hearing_impaired,
            }
            for track in probe.tracks
        ],
    }


def _outcome(record: Any) -> ProbeOutcome:
    data = record.probe_data
    probe = None
    if data is not None:
        tracks = tuple(
            Track(
                index=track["index"],
                kind=TrackKind(track["kind"]),
                codec=track["codec"],
                language=track["language"],
                title=track["title"],
                is_default=track["default"],
                is_forced=track["forced"],
                is_hearing_impaired=track["hearing_impaired"],
            )
            for track in data["tracks"]
        )
        probe = Probe(data["container"], data["duration_seconds"], tracks)
    return ProbeOutcome(record.file_path, ProbeStatus(record.status), probe, record.message)
