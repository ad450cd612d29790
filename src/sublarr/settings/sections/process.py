"""What the program itself is made of: paths, server, logs, database, cache, queue, backups."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, SecretStr

from sublarr.settings.kinds import (
    BasePath,
    CacheProvider,
    Count,
    CountOrZero,
    DatabaseUrl,
    File,
    Folder,
    Host,
    HttpUrl,
    LogFile,
    LogFormat,
    LogLevel,
    MaskedUrl,
    Networks,
    OptionalFolder,
    Port,
    QueueFallback,
    RedisUrl,
    ReplicaUrl,
    TimeOfDay,
)
from sublarr.settings.sections.section import Section


def _in_config_dir(*parts: str) -> Any:
    def path(fields: dict[str, Any]) -> Path:
        return Path(fields["config_dir"]).joinpath(*parts)

    return path


class PathSettings(Section):
    """Where Sublarr keeps its own files."""

    config_dir: Folder = Field(description="The folder of database, backups, hooks, plug-ins and logs.")
    db_path: File = Field(
        default_factory=_in_config_dir("sublarr.db"),
        description="The SQLite database, where `SUBLARR_DATABASE_URL` is empty.",
    )
    backup_dir: Folder = Field(
        default_factory=_in_config_dir("backups"), description="Where backups are written."
    )
    backup_archive_dir: OptionalFolder = Field(
        None, description="A second folder (another disk, a mount) that older monthly backups are moved to."
    )
    plugins_dir: Folder = Field(
        default_factory=_in_config_dir("plugins"), description="Where plug-ins are looked for."
    )
    log_file: LogFile = Field(
        default_factory=_in_config_dir("logs", "sublarr.log"),
        description="The log file; it is rotated, and the console gets the same lines.",
    )

    boot_only: ClassVar[frozenset[str]] = frozenset(
        {"config_dir", "db_path", "backup_dir", "backup_archive_dir", "plugins_dir", "log_file"}
    )
    computed_defaults: ClassVar[Mapping[str, str]] = {
        "config_dir": "the platform's data folder; `/config` in Docker",
        "db_path": "`sublarr.db` in the config folder",
        "backup_dir": "`backups` in the config folder",
        "plugins_dir": "`plugins` in the config folder",
        "log_file": "`logs/sublarr.log` in the config folder",
    }


class ServerSettings(Section):
    """The web server, and who may talk to it."""

    host: Host = Field(
        # A household reaches its media server from other machines; without a key only this machine is served.
        "0.0.0.0",  # noqa: S104 (reason above)
        description="The address to listen on; 127.0.0.1 answers this machine only.",
    )
    port: Port = Field(5765, description="The port to listen on.")
    base_path: BasePath = Field("", description="The path below which a reverse proxy serves Sublarr.")
    trusted_proxies: Networks = Field(
        (), description="Reverse proxies whose X-Forwarded headers are believed."
    )
    api_key: SecretStr = Field(
        SecretStr(""), description="The key programs send as X-Api-Key; empty: only this machine is served."
    )
    metrics_auth: bool = Field(False, description="Whether /metrics asks for a key too.")
    otel_endpoint: HttpUrl = Field(
        MaskedUrl(""),
        description="The OpenTelemetry collector (OTLP over HTTP) traces go to; needs the extra `otel`.",
    )

    boot_only: ClassVar[frozenset[str]] = frozenset(
        {"host", "port", "base_path", "trusted_proxies", "otel_endpoint"}
    )


class LogSettings(Section):
    """How much is logged, and in which form."""

    log_level: LogLevel = Field(LogLevel.INFO, description="The least severe messages that are logged.")
    log_format: LogFormat = Field(
        LogFormat.TEXT, description="Lines for people, or a JSON object a line for collectors."
    )

    boot_only: ClassVar[frozenset[str]] = frozenset({"log_format"})


class DatabaseSettings(Section):
    """The database connection."""

    database_url: DatabaseUrl = Field(
        MaskedUrl(""), description="The database; empty: SQLite at `SUBLARR_DB_PATH`."
    )
    database_replica_url: ReplicaUrl = Field(
        MaskedUrl(""),
        description="A streaming standby of that PostgreSQL server, which answers what people look at.",
    )
    db_pool_size: Count = Field(5, description="PostgreSQL connections that are kept open.")
    db_pool_max_overflow: CountOrZero = Field(10, description="Further PostgreSQL connections under load.")
    db_pool_recycle: Count = Field(
        3600, description="Seconds after which a PostgreSQL connection is replaced."
    )
    db_echo: bool = Field(False, description="Whether every SQL statement is logged.")
    slow_query_ms: CountOrZero = Field(
        200, description="Milliseconds from which a query is logged as slow; 0: none is."
    )

    boot_only: ClassVar[frozenset[str]] = frozenset(
        {
            "database_url",
            "database_replica_url",
            "db_pool_size",
            "db_pool_max_overflow",
            "db_pool_recycle",
            "db_echo",
        }
    )


class CacheSettings(Section):
    """The cache tiers, and the Redis that they, the queue and sessions may share."""

    redis_url: RedisUrl = Field(MaskedUrl(""), description="The Redis server; empty: none is used.")
    redis_cache_enabled: bool = Field(True, description="Whether Redis, where set, holds the cache.")
    redis_queue_enabled: bool = Field(
        True, description="Whether Redis, where set, dispatches jobs to workers."
    )
    redis_session_enabled: bool = Field(
        True, description="Whether Redis, where set, keeps fast copies of sessions."
    )
    cache_enabled: bool = Field(True, description="Whether anything is cached at all.")
    cache_provider: CacheProvider = Field(
        CacheProvider.AUTO,
        description="Where cached values live; auto: Redis where set, else memory and database.",
    )
    cache_ttl: Count = Field(300, description="Seconds a cached value lives where nothing else is said.")

    boot_only: ClassVar[frozenset[str]] = frozenset(
        {
            "redis_url",
            "redis_cache_enabled",
            "redis_queue_enabled",
            "redis_session_enabled",
            "cache_enabled",
            "cache_provider",
        }
    )


class QueueSettings(Section):
    """The background workers inside `sublarr serve`."""

    queue_workers: CountOrZero = Field(
        2, description="Workers that `sublarr serve` runs itself; 0: pages only."
    )
    queue_fallback: QueueFallback = Field(
        QueueFallback.EMBEDDED,
        description="While Redis is gone, the embedded workers take the jobs (embedded), or the jobs wait (none).",
    )

    boot_only: ClassVar[frozenset[str]] = frozenset({"queue_workers", "queue_fallback"})


class RetentionSettings(Section):
    """How long records are kept; 0 keeps them for ever."""

    job_retention_days: CountOrZero = Field(
        30,
        description="Days finished jobs and transcriptions are kept; failed jobs stay until somebody decides.",
    )
    delivery_retention_days: CountOrZero = Field(
        30, description="Days the log of hooks and webhooks is kept."
    )
    history_retention_days: CountOrZero = Field(
        0, description="Days the history of subtitles that came or were replaced is kept."
    )
    deleted_retention_days: CountOrZero = Field(
        30, description="Days in which what was deleted can be brought back."
    )
    translation_memory_retention_days: CountOrZero = Field(
        365, description="Days a translated line is remembered after its last use."
    )


class BackupSettings(Section):
    """When backups are made and how many are kept; the last verified one is never deleted."""

    backup_time: TimeOfDay = Field(time(2, 0), description="When the daily backup is made, in local time.")
    backup_retention_daily: Count = Field(30, description="Daily backups kept.")
    backup_retention_weekly: CountOrZero = Field(4, description="Weekly backups kept.")
    backup_retention_monthly: CountOrZero = Field(12, description="Monthly backups kept.")
