"""A household for tests: a real house over a real database, a folder of small real videos, and a hand to run jobs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from sublarr.bootstrap import House
from sublarr.bootstrap.workers import make_handlers
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.files import FileRow
from sublarr.db.repositories.folders import FolderRow
from sublarr.db.repositories.jobs import JobRow
from sublarr.db.repositories.wanted import WantedFilter, WantedRow
from sublarr.jobs.asking import scan_folder
from sublarr.library.service import add_folder
from sublarr.queue.runner import EmbeddedRunner, RunnerOptions
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.paths import to_native
from sublarr.vocabulary.subtitles import WantedStatus
from tests.contract.db.rows import a_worker

WORKER = "test-worker"
SRT = "1\n00:00:01,000 --> 00:00:02,000\nBonjour\n"
# What a scan may change without having found anything: its own job, and when it was.
_LEDGER = frozenset({"jobs", "job_events", "watched_folders", "job_workers", "schema_version"})


# Cells are folded together now and then, and those of jobs are the ledger's.
_COUNTED = (
    "SELECT topic, source_id, kind, status, language, subtitle_type, is_upgrade, sum(amount) FROM row_counts"
    " WHERE topic <> 'jobs' GROUP BY topic, source_id, kind, status, language, subtitle_type, is_upgrade"
    " HAVING sum(amount) <> 0"
)


@dataclass
class Household:
    """A house that watches `root` and wants French; its videos hold English and German."""

    house: House
    root: Path
    video: bytes
    folder: FolderRow = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.folder = add_folder(self.house.database, str(self.root))
        with self.house.database.write() as unit:
            a_worker(unit, WORKER)
        self.runner = EmbeddedRunner(
            self.house.database, make_handlers(self.house), WORKER, RunnerOptions(threads=1)
        )

    def put(self, name: str | bytes, content: bytes | None = None) -> str:
        """A new video (or other file) below the root; answers its native path."""
        path = os.path.join(os.fsencode(self.root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if content is None:
            # No two videos have the same bytes: a Void element that readers pass over holds the number.
            self._made += 1
            content = self.video + b"\xec\x88" + self._made.to_bytes(8)
        with open(path, "wb") as file:
            file.write(content)
        return os.fsdecode(path)

    def sidecar(self, name: str, text: str = SRT) -> str:
        """A person's own subtitle file."""
        return self.put(name, text.encode())

    def scan(self, *, below: str = "", extract: bool | None = None) -> JobRow:
        """Scan, with whatever that leads to."""
        asked = scan_folder(self.house.database, self.folder.id, below=below, extract=extract)
        self.work()
        return self.job(asked.job_id)

    def found(self, **options: Any) -> Mapping[str, Any]:
        """The result of a scan that went well."""
        job = self.scan(**options)
        assert job.status is JobStatus.COMPLETED, job.error
        assert job.result is not None
        return job.result

    def work(self) -> None:
        """Do every job that is due, in this thread."""
        self.runner._drain()

    def job(self, job_id: str) -> JobRow:
        with self.house.database.read() as unit:
            return unit.jobs.get(job_id)

    def files(self) -> dict[str, FileRow]:
        """What is known, by the path below the root."""
        with self.house.database.read() as unit:
            rows = unit.files.listed(unit.files.ids_of_source(self.folder.source_id))
        return {os.path.relpath(to_native(row.path), self.root): row for row in rows}

    def file(self, name: str) -> FileRow:
        return self.files()[name]

    def wanted(self, *statuses: WantedStatus) -> tuple[WantedRow, ...]:
        """The wanted rows, of these states only where they are given."""
        with self.house.database.read() as unit:
            page = unit.wanted.page(WantedFilter(statuses=statuses), PageRequest(limit=200))
        return page.items

    def states(self) -> dict[tuple[str, str], WantedStatus]:
        """What is wanted, by file and language."""
        return {
            (os.path.relpath(to_native(row.file_path), self.root), row.target_language): row.status
            for row in self.wanted()
        }

    def ignore(self, *names: str) -> None:
        """A person does not want these files' subtitles."""
        ids = [row.id for row in self.wanted() if os.path.relpath(row.file_path, self.root) in names]
        assert ids
        with self.house.database.write() as unit:
            assert unit.wanted.move(ids, WantedStatus.IGNORED) == len(ids)

    def languages(self, *targets: str) -> None:
        """Have the default profile want these."""
        with self.house.database.write() as unit:
            unit.profiles.set_default_languages("en", list(targets))

    def titles(self, kind: MediaKind) -> list[str]:
        """What the catalogue holds of a kind."""
        with self.house.database.read() as unit:
            items = unit.media.page(kind, "", PageRequest(limit=200)).items
        return sorted(item.media.title for item in items)

    def folder_problem(self) -> str:
        with self.house.database.read() as unit:
            return unit.folders.get(self.folder.id).last_problem

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row there is, times of change included, but for the ledger's own."""
        with self.house.database.read() as unit:
            connection = unit.connection
            query = (
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
                if connection.dialect.name == "sqlite"
                else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            names = set(connection.execute(text(query)).scalars()) - _LEDGER
            rows = {name: f"SELECT * FROM {name}" for name in sorted(names)} | {"row_counts": _COUNTED}
            return {
                name: sorted(map(tuple, connection.execute(text(query))), key=repr)
                for name, query in rows.items()
            }
