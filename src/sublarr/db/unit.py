"""The unit of work: one transaction, its repositories, and what must happen only after COMMIT.

This is the typed index of every repository. A unit is made by `Database.read()` and `Database.write()` and
is good inside their `with` block only.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from sublarr.db.observer import DatabaseObserver
from sublarr.db.pages import Cursors
from sublarr.db.repositories.claims import ClaimRepository
from sublarr.db.repositories.configuration import ConfigRepository, SecretRepository
from sublarr.db.repositories.downloads import DownloadRepository
from sublarr.db.repositories.files import FileRepository
from sublarr.db.repositories.folders import FolderRepository
from sublarr.db.repositories.jobs import JobRepository
from sublarr.db.repositories.media import MediaRepository
from sublarr.db.repositories.probes import ProbeRepository
from sublarr.db.repositories.profiles import ProfileRepository
from sublarr.db.repositories.schedules import ScheduleRepository
from sublarr.db.repositories.search import SearchRepository
from sublarr.db.repositories.statistics import StatisticsRepository
from sublarr.db.repositories.wanted import WantedRepository
from sublarr.db.repositories.workers import WorkerRepository

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a unit is given by its database: time, observer, cursors, and the runners' doorbell."""

    clock: Callable[[], datetime]
    observer: DatabaseObserver
    cursors: Callable[[], Cursors]
    ring: Callable[[], None]


class Unit:
    """One transaction; repositories never commit, the `with` block does."""

    def __init__(self, connection: Connection, surroundings: Surroundings) -> None:
        self.connection = connection
        self.clock = surroundings.clock
        self.observer = surroundings.observer
        self._surroundings = surroundings
        self._after_commit: list[Callable[[], None]] = []
        self._is_ringing = False

    @property
    def cursors(self) -> Cursors:
        """What makes and reads this database's page cursors."""
        return self._surroundings.cursors()

    @cached_property
    def session(self) -> Session:
        """The ORM session over this very transaction, for entities that are edited."""
        return Session(
            self.connection, expire_on_commit=False, autoflush=True, join_transaction_mode="rollback_only"
        )

    def flush(self) -> None:
        """Send pending changes of entities, if there are any."""
        if "session" in self.__dict__:
            self.session.flush()

    def after_commit(self, call: Callable[[], None]) -> None:
        """Have `call` run once this transaction is really committed; never after a rollback."""
        self._after_commit.append(call)

    def ring(self) -> None:
        """Have the runners woken once, after COMMIT."""
        if not self._is_ringing:
            self._is_ringing = True
            self.after_commit(self._surroundings.ring)

    def run_after_commit(self) -> None:
        """Run what was asked for; what is committed stays so, whatever these calls do."""
        for call in self._after_commit:
            try:
                call()
            except Exception:  # noqa: BLE001 - a door: the caller's change is stored, so it has not failed
                _log.exception("a call after commit failed")

    def close(self) -> None:
        """Let go of the session; the connection is the database's to return."""
        if "session" in self.__dict__:
            self.session.close()

    @cached_property
    def config(self) -> ConfigRepository:
        """Values saved in the app."""
        return ConfigRepository(self)

    @cached_property
    def secrets(self) -> SecretRepository:
        """The house's own random values."""
        return SecretRepository(self)

    @cached_property
    def folders(self) -> FolderRepository:
        """Watched folders and their sources."""
        return FolderRepository(self)

    @cached_property
    def profiles(self) -> ProfileRepository:
        """Language profiles and assignments."""
        return ProfileRepository(self)

    @cached_property
    def media(self) -> MediaRepository:
        """Films, series and episodes."""
        return MediaRepository(self)

    @cached_property
    def search(self) -> SearchRepository:
        """Finding entries by words."""
        return SearchRepository(self)

    @cached_property
    def files(self) -> FileRepository:
        """Media files and the subtitles they have."""
        return FileRepository(self)

    @cached_property
    def probes(self) -> ProbeRepository:
        """What containers' headers said."""
        return ProbeRepository(self)

    @cached_property
    def wanted(self) -> WantedRepository:
        """Wanted subtitles."""
        return WantedRepository(self)

    @cached_property
    def downloads(self) -> DownloadRepository:
        """The history of subtitles that came."""
        return DownloadRepository(self)

    @cached_property
    def jobs(self) -> JobRepository:
        """The job ledger."""
        return JobRepository(self)

    @cached_property
    def claims(self) -> ClaimRepository:
        """The job ledger as workers see it."""
        return ClaimRepository(self)

    @cached_property
    def workers(self) -> WorkerRepository:
        """The processes that run jobs."""
        return WorkerRepository(self)

    @cached_property
    def schedules(self) -> ScheduleRepository:
        """Recurring jobs."""
        return ScheduleRepository(self)

    @cached_property
    def statistics(self) -> StatisticsRepository:
        """Counts over the whole database."""
        return StatisticsRepository(self)
