"""The scan: bring the catalogue and the wanted rows in line with a watched folder.

It looks, compares, reads only what is new, and writes in chunks; between two chunks it may be stopped or
killed, and a second run goes on where the first ended. What it could not see it does not touch.
"""

import logging
import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sublarr.db.repositories.base import chunks
from sublarr.db.repositories.files import KnownFile, KnownSidecar
from sublarr.db.repositories.folders import FolderRow
from sublarr.db.repositories.jobs import Asking
from sublarr.db.repositories.reconciling import Reconciled
from sublarr.jobs.cataloguing import Cataloguer, ReadFile, sidecar_rows
from sublarr.jobs.extraction import plan_extraction
from sublarr.jobs.wishing import reconcile_wanted
from sublarr.library.changes import Changes, compare
from sublarr.library.reading.messages import ReadRequest
from sublarr.library.reading.pool import ReadingPool
from sublarr.library.roots import RootStatus, check_root
from sublarr.library.walk import DirectoryListing, walk_folder
from sublarr.queue.context import JobContext
from sublarr.subtitles.naming import match_sidecars
from sublarr.vocabulary.errors import Rejected
from sublarr.vocabulary.jobs import JobOrigin, JobPriority, ScanFolder
from sublarr.vocabulary.media import FoundFile, MediaKind, NameFacts, ProbeOutcome, ProbeStatus
from sublarr.vocabulary.paths import for_display, is_within, to_native
from sublarr.vocabulary.subtitles import Sidecar, SubtitleOrigin
from sublarr.wanted.rules import WantedRules

_log = logging.getLogger(__name__)
_CHUNK = 200
_RECONCILE_CHUNK = 1000
_SHOWN_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """The household's settings that a scan needs."""

    readers: int
    timeout_seconds: float
    skip_extras: bool
    auto_extract: bool
    rules: WantedRules


@dataclass(slots=True)
class _View:
    """What a walk saw."""

    files: dict[str, FoundFile] = field(default_factory=dict)
    sidecars: dict[str, tuple[Sidecar, ...]] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)
    mount_points: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    vanished: int = 0

    def add(self, listing: DirectoryListing) -> None:
        """Take in one directory."""
        for video in listing.videos:
            self.files[video.path] = video
        if listing.videos and listing.subtitles:
            matched = match_sidecars([video.path for video in listing.videos], listing.subtitles)
            self.sidecars.update((path, sidecars) for path, sidecars in matched.items() if sidecars)
        self.unseen.update(listing.unseen)
        if listing.is_mount_point:
            self.mount_points.add(listing.path)
        if listing.problem:
            self.problems.append(listing.problem)

    def miss(self, path: str) -> None:
        """A file that was there when the walk met it is not there any more."""
        if not self.vanished:
            self.problems.append("files vanished while they were read: the next scan looks again")
        self.vanished += 1
        self.unseen.add(path)


class FolderScan:
    """The handler of `ScanFolder`."""

    def __init__(self, options: Callable[[], ScanOptions]) -> None:
        self._options = options

    def __call__(self, payload: ScanFolder, context: JobContext, /) -> dict[str, Any] | None:
        """Scan; the result counts what was found and says what could not be seen."""
        with context.database.read() as unit:
            folder = unit.folders.get(payload.folder_id)
        below = _nearest_existing(payload.below, folder.path) if payload.below else ""
        return _Run(self._options(), context, folder, below, payload.extract).run()


class _Run:
    """One scan of one folder."""

    def __init__(
        self,
        options: ScanOptions,
        context: JobContext,
        folder: FolderRow,
        below: str,
        extract: bool | None,  # noqa: FBT001 - three-valued: None leaves it to the setting
    ) -> None:
        self._options = options
        self._context = context
        self._folder = folder
        self._below = below
        self._extract = options.auto_extract if extract is None else extract
        self._extract_all = extract is True
        self._wanted = Reconciled()
        self._extractions = 0
        self._broken = 0

    def run(self) -> dict[str, Any] | None:
        """Look, compare, read, write, tidy up."""
        self._check_root()
        # Before the look: what an extraction writes and records meanwhile must not count as gone.
        with self._context.database.read() as unit:
            known = unit.files.known(self._folder.source_id, self._below)
            sidecars = unit.files.known_sidecars(self._folder.source_id, self._below)
            rules = self._options.rules.fingerprint(unit.profiles.listed())
        view = self._look()
        changes = compare(known, view.files, view.unseen)
        self._read_and_store(changes, view)
        self._refresh_sidecars(changes, known, sidecars, view)
        self._forget(changes)
        if not self._below and (rules != self._folder.wanted_rules or self._extract_all):
            self._look_again()
        return self._finish(changes, view, rules)

    def _check_root(self) -> None:
        state = check_root(self._folder.path)
        problem = state.message
        if state.status is RootStatus.EMPTY and not self._has_files():
            problem = ""
        if not problem and self._folder.path in self._folder.mount_points and not state.is_mount_point:
            shown = for_display(self._folder.path)
            problem = f"{shown} was a mounted disk and is not mounted now; nothing was removed"
        if problem:
            with self._context.database.write() as unit:
                unit.folders.record_problem(self._folder.id, problem)
            raise Rejected(problem, remedy="Mount the disk or correct the folder, then scan again.")

    def _has_files(self) -> bool:
        with self._context.database.read() as unit:
            return bool(unit.files.ids_of_source(self._folder.source_id))

    def _look(self) -> _View:
        view = _View()
        root = self._folder.path
        for listing in walk_folder(root, self._below, skip_extras=self._options.skip_extras):
            view.add(listing)
            self._context.progress(len(view.files), None, f"looking into {for_display(listing.path)}")
        for place in self._mount_points_looked_at() - view.mount_points:
            if not check_root(place).is_mount_point:
                view.unseen.add(place)
                view.problems.append(f"{for_display(place)} was a mounted disk and is not mounted now")
        return view

    def _mount_points_looked_at(self) -> set[str]:
        looked_at = self._below or self._folder.path
        return {
            place
            for place in self._folder.mount_points
            if is_within(place, looked_at) or is_within(looked_at, place)
        }

    def _read_and_store(self, changes: Changes, view: _View) -> None:
        files = [*changes.new, *changes.changed, *(move.file for move in changes.moved)]
        if not files:
            return
        cataloguer = Cataloguer(self._folder)
        moves = {move.file.path: move.file_id for move in changes.moved}
        done = 0
        # Closed whatever happens, so that no reading child outlives the scan.
        with closing(self._read(files, view)) as reading:
            for chunk in chunks(reading, _CHUNK):
                self._store(cataloguer, chunk, moves)
                done += len(chunk)
                self._context.progress(done, len(files), f"{done} of {len(files)} files read")

    def _read(self, files: Sequence[FoundFile], view: _View) -> Generator[ReadFile, None, None]:
        by_path = {file.path: file for file in files}
        with self._context.database.read() as unit:
            cached = {
                path: outcome
                for path, outcome in unit.probes.find_many(files).items()
                if outcome.status is not ProbeStatus.UNREADABLE
            }
        requests = (
            ReadRequest(
                file.path, self._folder.path, self._folder.media_type, wants_probe=file.path not in cached
            )
            for file in files
        )
        with ReadingPool(self._options.readers, self._options.timeout_seconds) as pool:
            for result in pool.read_files(requests, self._context.should_stop):
                self._context.check()
                file = by_path[result.path]
                outcome = result.outcome or cached.get(result.path) or _unread(result.path, result.problem)
                facts = result.facts or _nameless(file.path, self._folder.path)
                if outcome.status is ProbeStatus.UNREADABLE and not os.path.lexists(to_native(file.path)):
                    # The disk went while it was read: that is no fact about the file.
                    view.miss(file.path)
                    continue
                if outcome.status is not ProbeStatus.OK:
                    self._broken += 1
                yield ReadFile(file, facts, outcome, view.sidecars.get(file.path, ()))

    def _store(self, cataloguer: Cataloguer, files: Sequence[ReadFile], moves: Mapping[str, int]) -> None:
        """Renamed files keep their rows, and with them every decision; what their names say is stored anew."""
        with self._context.database.write() as unit:
            for entry in files:
                if entry.file.path in moves:
                    unit.files.move(moves[entry.file.path], entry.file.path)
            file_ids = cataloguer.store(unit, files)
            self._wanted += reconcile_wanted(unit, file_ids, self._options.rules)
            if self._extract:
                payloads = plan_extraction(unit, file_ids, None)
                self._extractions += unit.jobs.enqueue_many(payloads, self._asking())

    def _refresh_sidecars(
        self,
        changes: Changes,
        known: Mapping[str, KnownFile],
        sidecars: Mapping[int, Sequence[KnownSidecar]],
        view: _View,
    ) -> None:
        """Unchanged files whose subtitle files came, went or changed."""
        read_anew = {file.path for file in changes.changed}
        stale = [
            (file.id, view.sidecars.get(path, ()))
            for path, file in known.items()
            if path in view.files
            and path not in read_anew
            and _seen(view.sidecars.get(path, ())) != _stored(sidecars.get(file.id, ()))
        ]
        for chunk in chunks(stale, _CHUNK):
            with self._context.database.write() as unit:
                file_ids = [file_id for file_id, _ in chunk]
                rows = [row for file_id, found in chunk for row in sidecar_rows(file_id, found)]
                unit.files.set_subtitles(file_ids, rows, origin=SubtitleOrigin.SIDECAR)
                self._wanted += reconcile_wanted(unit, file_ids, self._options.rules)
            self._context.check()

    def _forget(self, changes: Changes) -> None:
        gone = [file.id for file in changes.gone]
        for chunk in chunks(gone, _CHUNK):
            with self._context.database.write() as unit:
                # A better copy of the film or episode inherits what a person decided about the old one.
                unit.wanted.pass_on_ignored(chunk)
                unit.files.delete(chunk)
        # A run that was killed may have left entries without a file, which nothing here tells.
        if gone or changes.moved or changes.changed or self._context.claim.claim_no > 1:
            with self._context.database.write() as unit:
                unit.media.delete_without_files(self._folder.source_id)

    def _look_again(self) -> None:
        """Other rules than at the last scan, or everything is to be extracted: every file counts anew."""
        with self._context.database.read() as unit:
            file_ids = unit.files.ids_of_source(self._folder.source_id)
        done = 0
        for chunk in chunks(file_ids, _RECONCILE_CHUNK):
            with self._context.database.write() as unit:
                self._wanted += reconcile_wanted(unit, chunk, self._options.rules)
                if self._extract_all:
                    payloads = plan_extraction(unit, chunk, None)
                    self._extractions += unit.jobs.enqueue_many(payloads, self._asking())
            done += len(chunk)
            self._context.progress(done, len(file_ids), "working out what is wanted")

    def _finish(self, changes: Changes, view: _View, rules: str) -> dict[str, Any]:
        result = {
            "found": len(view.files),
            "new": len(changes.new),
            "changed": len(changes.changed),
            "moved": len(changes.moved),
            "removed": len(changes.gone),
            "unchanged": changes.unchanged,
            "kept_unseen": changes.kept_unseen,
            "unreadable": self._broken,
            "vanished": view.vanished,
            "wanted_added": self._wanted.added + self._wanted.reopened,
            "wanted_satisfied": self._wanted.satisfied,
            "wanted_removed": self._wanted.removed,
            "extractions": self._extractions,
            "problems": view.problems[:_SHOWN_PROBLEMS],
        }
        with self._context.finish(result) as unit:
            if not self._below:
                problem = "; ".join(view.problems[:_SHOWN_PROBLEMS])
                unit.folders.record_scan(
                    self._folder.id,
                    mount_points=sorted(view.mount_points | (view.unseen & set(self._folder.mount_points))),
                    wanted_rules=rules,
                    problem=problem,
                )
        _log.info("scanned %s: %s", for_display(self._below or self._folder.path), result)
        return result

    def _asking(self) -> Asking:
        return Asking(
            origin=JobOrigin.JOB,
            # Thousands of extractions must not keep what the watcher noticed waiting.
            priority=JobPriority.BACKGROUND,
            parent_id=self._context.claim.job_id,
            request_id=self._context.claim.request_id,
        )


def _seen(sidecars: Sequence[Sidecar]) -> set[tuple[str, int, int]]:
    return {(sidecar.path, sidecar.size, sidecar.mtime_ns) for sidecar in sidecars}


def _stored(sidecars: Sequence[KnownSidecar]) -> set[tuple[str, int, int]]:
    return {(sidecar.path, sidecar.size, sidecar.mtime_ns) for sidecar in sidecars}


def _nearest_existing(below: str, root: str) -> str:
    """The directory itself, or where it is gone the nearest one above it; '' for the root."""
    place = below
    while place != root and is_within(place, root):
        if os.path.isdir(to_native(place)):
            return place
        place = place.rpartition("/")[0]
    return ""


def _unread(path: str, problem: str) -> ProbeOutcome:
    return ProbeOutcome(path, ProbeStatus.UNREADABLE, None, problem)


def _nameless(path: str, root: str) -> NameFacts:
    """A file whose name could not be read at all is a film of that name: it must not get lost."""
    name = path.rpartition("/")[2]
    return NameFacts(MediaKind.MOVIE, title=for_display(name.rpartition(".")[0] or name), group_path=root)
