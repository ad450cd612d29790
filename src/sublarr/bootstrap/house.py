"""The house: settings, database, metrics, health and schedules, built once and handed around."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sublarr import __version__
from sublarr.bootstrap.checks import make_health
from sublarr.bootstrap.configuration import Configuration
from sublarr.bootstrap.observers import DatabaseMetrics, register_readers
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions, system_clock
from sublarr.db.postgresql import PoolOptions
from sublarr.db.repositories.audited import AuditRow
from sublarr.health import Health
from sublarr.logs import current_context
from sublarr.metrics import Metrics
from sublarr.queue.scheduling import Scheduler
from sublarr.settings import Settings
from sublarr.vocabulary.audit import SYSTEM, Actor
from sublarr.vocabulary.errors import FieldProblem, InvalidInput


@dataclass(frozen=True, slots=True)
class House:
    """Everything a door needs; it holds no threads until workers are started."""

    configuration: Configuration
    database: Database
    metrics: Metrics
    health: Health
    scheduler: Scheduler
    clock: Callable[[], datetime]
    started_at: datetime
    version: str = __version__

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.configuration.settings

    @property
    def worker_locks(self) -> Path:
        """The folder in which each worker process holds a lock file."""
        return self.settings.paths.config_dir / "workers"

    def save_setting(self, name: str, text: str) -> Settings:
        """Save a value in the app; it takes effect at once."""
        return self.configuration.save(self.database, name, text)

    def reset_setting(self, name: str) -> bool:
        """Forget a value saved in the app; whether there was one."""
        return self.configuration.reset(self.database, name)

    def undo(self, line_id: int) -> AuditRow:
        """Take back what a line of the audit tells of, at once; answers the line that tells so.

        Raises `NotFound`, `StaleRow` and `Conflict` as `AuditRepository.undo` does.
        """
        with self.database.write(urgent=True) as unit:
            done = unit.audit.undo(line_id)
        self.configuration.refresh(self.database)
        return done

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def open_house(
    environment: Mapping[str, str],
    *,
    env_file: Path | None = None,
    clock: Callable[[], datetime] = system_clock,
) -> House:
    """Read the settings, get the database ready, and build what the doors need.

    Raises `InvalidInput` for settings that make no sense, and the database's own errors; nothing is started
    half.
    """
    configuration = Configuration(environment, env_file)
    settings = configuration.settings
    _make_folder(settings.paths.config_dir)
    metrics = Metrics()
    database = Database(
        database_options(settings),
        clock=clock,
        actor=present_actor,
        observer=DatabaseMetrics(metrics),
    )
    configuration.on_change(
        lambda changed: database.slow_queries.change_threshold(changed.database.slow_query_ms)
    )
    schema.prepare(database)
    settings = configuration.refresh(database)
    _ensure_default_profile(database, settings)
    metrics.describe_program(version=__version__, database=database.dialect, queue="embedded", cache="none")
    register_readers(metrics, database)
    return House(
        configuration=configuration,
        database=database,
        metrics=metrics,
        health=make_health(database, settings.paths.config_dir, clock),
        scheduler=Scheduler(database, clock),
        clock=clock,
        started_at=clock(),
    )


def present_actor() -> Actor:
    """On whose behalf the present thread works, as the door it came through has said."""
    context = current_context()
    return Actor(context.actor or SYSTEM.name, context.request_id)


def database_options(settings: Settings) -> DatabaseOptions:
    """Where the settings say the store is."""
    chosen = settings.database
    url = chosen.database_url.get_secret_value()
    return DatabaseOptions(
        path=settings.paths.db_path,
        url=url,
        pool=PoolOptions(
            size=chosen.db_pool_size,
            max_overflow=chosen.db_pool_max_overflow,
            recycle_seconds=chosen.db_pool_recycle,
        ),
        replica_url=chosen.database_replica_url.get_secret_value(),
        echo=chosen.db_echo,
        slow_query_ms=chosen.slow_query_ms,
    )


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"the folder for Sublarr's own files cannot be made: {path}: {error.strerror}",
            problems=[FieldProblem("config_dir", f"{path}: {error.strerror}")],
            remedy="Set SUBLARR_CONFIG_DIR to a folder that this user may write.",
        ) from error


def _ensure_default_profile(database: Database, settings: Settings) -> None:
    with database.read() as unit:
        if unit.profiles.find_default() is not None:
            return
    with database.write() as unit:
        # Two that start at once on a new database make one profile.
        languages = settings.translation
        unit.profiles.get_or_add_default(languages.source_language, [languages.target_language])
