"""The unit of work: one transaction, its repositories, and what must happen only after COMMIT.

This is the typed index of every repository. A unit is made by `Database.read()` and `Database.write()` and
is good inside their `with` block only.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from sublarr.db.errors import OUTCOME, Outcome
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
from sublarr.db.slow import SlowQueries
from sublarr.db.streams import Stream
from sublarr.db.watching import StatementWatch
from sublarr.vocabulary.audit import Actor
from sublarr.vocabulary.errors import NotFound

if TYPE_CHECKING:
    from sublarr.db.repositories.anidb import AnidbRepository
    from sublarr.db.repositories.audit import AuditRepository
    from sublarr.db.repositories.audited import AuditedRepository
    from sublarr.db.repositories.backend_statistics import BackendStatisticsRepository
    from sublarr.db.repositories.blocklist import BlocklistRepository
    from sublarr.db.repositories.counters import CounterRepository
    from sublarr.db.repositories.daily_statistics import DailyStatisticsRepository
    from sublarr.db.repositories.events import EventRepository
    from sublarr.db.repositories.file_history import FileHistoryRepository
    from sublarr.db.repositories.glossary import GlossaryRepository
    from sublarr.db.repositories.hook_log import HookLogRepository
    from sublarr.db.repositories.hooks import HookRepository
    from sublarr.db.repositories.metadata import MetadataRepository
    from sublarr.db.repositories.outdated_jobs import OutdatedJobRepository
    from sublarr.db.repositories.plugins import PluginSettingRepository
    from sublarr.db.repositories.prompt_presets import PromptPresetRepository
    from sublarr.db.repositories.provider_results import ProviderResultRepository
    from sublarr.db.repositories.provider_stats import ProviderStatRepository
    from sublarr.db.repositories.scoring import ModifierRepository, WeightRepository
    from sublarr.db.repositories.standalone import StandaloneMovieRepository, StandaloneSeriesRepository
    from sublarr.db.repositories.transcriptions import TranscriptionRepository
    from sublarr.db.repositories.translation_configs import TranslationConfigRepository
    from sublarr.db.repositories.translation_memory import TranslationMemoryRepository
    from sublarr.db.repositories.upgrades import UpgradeRepository
    from sublarr.db.repositories.webhooks import WebhookRepository

# What the audit writes of, and which repository undoes it.
AUDITED = {
    "block": "blocklist",
    "folder": "folders",
    "glossary_entry": "glossary",
    "hook": "hooks",
    "modifier": "modifiers",
    "profile": "profiles",
    "prompt_preset": "prompt_presets",
    "setting": "config",
    "wanted": "wanted",
    "webhook": "webhooks",
    "weight": "weights",
}
_log = logging.getLogger(__name__)
_Late = TypeVar("_Late")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a unit is given by its database: time, on whose behalf, observer, slow-query log, cursors, doorbell."""

    clock: Callable[[], datetime]
    actor: Callable[[], Actor]
    observer: DatabaseObserver
    slow_queries: SlowQueries
    cursors: Callable[[], Cursors]
    ring: Callable[[], None]


class Unit:
    """One transaction; repositories never commit, the `with` block does.

    `statements` is where the names of what it runs are counted, for whoever watches it from outside.
    """

    def __init__(
        self, connection: Connection, surroundings: Surroundings, statements: dict[str, int] | None = None
    ) -> None:
        self._outcome = connection.info[OUTCOME] = Outcome()
        self._connection = connection
        self._is_over = False
        self.clock = surroundings.clock
        self.observer = surroundings.observer
        self.watch = StatementWatch(
            surroundings.observer, surroundings.slow_queries, {} if statements is None else statements
        )
        self._surroundings = surroundings
        self._after_commit: list[Callable[[], None]] = []
        self._is_ringing = False
        self.undoing: int | None = None
        self._streams: WeakSet[Stream[Any]] | None = None

    @property
    def actor(self) -> Actor:
        """On whose behalf this unit works."""
        return self._surroundings.actor()

    @property
    def connection(self) -> Connection:
        """The transaction's connection; raises `RuntimeError` where nothing more can be done with it."""
        self._require_open()
        self.require_success()
        return self._connection

    def _require_open(self) -> None:
        if self._is_over:
            raise RuntimeError("this unit of work has ended: use it inside its `with` block only")

    def require_success(self) -> None:
        """Raises `RuntimeError` where a statement failed and its error was kept from leaving the block."""
        if self._outcome.has_failed:
            raise RuntimeError(
                "a statement of this unit of work failed, which undoes all of it: let its error leave the block"
            )

    @property
    def cursors(self) -> Cursors:
        """What makes and reads this database's page cursors."""
        return self._surroundings.cursors()

    def _late(self, module: str, name: str) -> _Late:  # type: ignore[type-var] # what the caller says it is
        """A repository that most processes never ask for: together they cost 4 MB and a tenth of the start."""
        repository: _Late = getattr(import_module(f"sublarr.db.repositories.{module}"), name)(self)
        return repository

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
        self._require_open()
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

    def keep(self, stream: Stream[Any]) -> None:
        """Have a stream closed when this unit ends, if nobody has dropped it before."""
        if self._streams is None:
            self._streams = WeakSet()
        self._streams.add(stream)

    def close(self) -> None:
        """Let go of session and streams; the connection is the database's to return."""
        for stream in list(self._streams or ()):
            stream.close()
        self._is_over = True
        self.watch.over()
        session: Session | None = self.__dict__.pop("session", None)
        if session is not None:
            session.close()

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
    def upgrades(self) -> "UpgradeRepository":
        """Subtitles that were replaced by better ones."""
        return self._late("upgrades", "UpgradeRepository")

    @cached_property
    def blocklist(self) -> "BlocklistRepository":
        """Subtitles that must never be fetched again."""
        return self._late("blocklist", "BlocklistRepository")

    @cached_property
    def weights(self) -> "WeightRepository":
        """Points per kind of match."""
        return self._late("scoring", "WeightRepository")

    @cached_property
    def modifiers(self) -> "ModifierRepository":
        """Points added to all that a provider offers."""
        return self._late("scoring", "ModifierRepository")

    @cached_property
    def provider_stats(self) -> "ProviderStatRepository":
        """How each provider does."""
        return self._late("provider_stats", "ProviderStatRepository")

    @cached_property
    def provider_results(self) -> "ProviderResultRepository":
        """What providers lately answered."""
        return self._late("provider_results", "ProviderResultRepository")

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

    @cached_property
    def counters(self) -> "CounterRepository":
        """Care of the counters."""
        return self._late("counters", "CounterRepository")

    @cached_property
    def backend_statistics(self) -> "BackendStatisticsRepository":
        """How translation backends do."""
        return self._late("backend_statistics", "BackendStatisticsRepository")

    @cached_property
    def daily_statistics(self) -> "DailyStatisticsRepository":
        """What each local day brought."""
        return self._late("daily_statistics", "DailyStatisticsRepository")

    @cached_property
    def glossary(self) -> "GlossaryRepository":
        """Terms and their translations."""
        return self._late("glossary", "GlossaryRepository")

    @cached_property
    def outdated_jobs(self) -> "OutdatedJobRepository":
        """Completed jobs that were done with other settings."""
        return self._late("outdated_jobs", "OutdatedJobRepository")

    @cached_property
    def prompt_presets(self) -> "PromptPresetRepository":
        """Prompts that people wrote."""
        return self._late("prompt_presets", "PromptPresetRepository")

    @cached_property
    def transcriptions(self) -> "TranscriptionRepository":
        """Transcriptions and their phases."""
        return self._late("transcriptions", "TranscriptionRepository")

    @cached_property
    def translation_configs(self) -> "TranslationConfigRepository":
        """The settings that translations were made with."""
        return self._late("translation_configs", "TranslationConfigRepository")

    @cached_property
    def translation_memory(self) -> "TranslationMemoryRepository":
        """Lines that were translated before."""
        return self._late("translation_memory", "TranslationMemoryRepository")

    @cached_property
    def plugins(self) -> "PluginSettingRepository":
        """Plug-ins' saved settings."""
        return self._late("plugins", "PluginSettingRepository")

    @cached_property
    def hooks(self) -> "HookRepository":
        """Script hooks."""
        return self._late("hooks", "HookRepository")

    @cached_property
    def webhooks(self) -> "WebhookRepository":
        """Webhooks."""
        return self._late("webhooks", "WebhookRepository")

    @cached_property
    def hook_log(self) -> "HookLogRepository":
        """Deliveries of hooks and webhooks."""
        return self._late("hook_log", "HookLogRepository")

    @cached_property
    def events(self) -> "EventRepository":
        """Events on their way out."""
        return self._late("events", "EventRepository")

    @cached_property
    def audit(self) -> "AuditRepository":
        """Who changed what people decide."""
        return self._late("audit", "AuditRepository")

    def audited(self, entity: str) -> "AuditedRepository":
        """The repository of a thing that the audit names; raises `NotFound`."""
        if entity not in AUDITED:
            raise NotFound(f"nothing is known here as {entity!r}")
        repository: AuditedRepository = getattr(self, AUDITED[entity])
        return repository

    @cached_property
    def anidb(self) -> "AnidbRepository":
        """Which AniDB entry a series is."""
        return self._late("anidb", "AnidbRepository")

    @cached_property
    def metadata(self) -> "MetadataRepository":
        """Answers of metadata services."""
        return self._late("metadata", "MetadataRepository")

    @cached_property
    def standalone_series(self) -> "StandaloneSeriesRepository":
        """What was learnt of watched folders' series."""
        return self._late("standalone", "StandaloneSeriesRepository")

    @cached_property
    def standalone_movies(self) -> "StandaloneMovieRepository":
        """What was learnt of watched folders' films."""
        return self._late("standalone", "StandaloneMovieRepository")

    @cached_property
    def file_history(self) -> "FileHistoryRepository":
        """What happened to one file."""
        return self._late("file_history", "FileHistoryRepository")
