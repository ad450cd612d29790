"""The health checks of this house: what is looked at, and what a person is told to do about it."""

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sublarr.db import schema
from sublarr.db.database import Database
from sublarr.health import Finding, Health, HealthStatus
from sublarr.health.checks import Probe
from sublarr.vocabulary.paths import for_display

_WRITE_LOCK_SECONDS = 1.0
_LOW_DISK_BYTES = 200 * 1024 * 1024
_LOW_DISK_SHARE = 0.05
# Longer than an idle worker's heartbeat, with room for a slow disk.
_WORKER_SILENCE = timedelta(minutes=3)
_WAITS_LONG_SECONDS = 900.0
# Half of what a writer waits for the gate before it gives up.
_WRITES_LONG_SECONDS = 30.0

_EXPECTED_VALUES: Mapping[str, Mapping[tuple[str, str], tuple[str, ...]]] = {
    "sqlite": {
        ("write", "journal_mode"): ("wal",),
        ("write", "synchronous"): ("normal", "full"),
        ("write", "foreign_keys"): ("on",),
        ("write", "query_only"): ("off",),
        ("read", "query_only"): ("on",),
    },
    "postgresql": {
        ("write", "TimeZone"): ("UTC",),
        ("read", "TimeZone"): ("UTC",),
        ("write", "transaction_isolation"): ("read committed",),
        ("read", "transaction_isolation"): ("repeatable read",),
        ("read", "transaction_read_only"): ("on",),
    },
}
_REFUSED_VALUES: Mapping[str, str] = {
    "sqlite": "Keep the database on a local disk: network file systems know no write-ahead log.",
    "postgresql": "Connect to the server itself, or have the pooler pass startup options and keep sessions whole.",
}


def make_health(database: Database, config_dir: Path, clock: Callable[[], datetime]) -> Health:
    """The checks over one database."""
    of_replica: dict[str, Probe] = {"replica": lambda: _replica(database)} if database.replica else {}
    return Health(
        ready={
            "database": lambda: _database(database),
            "schema": lambda: _schema(database),
            "jobs": lambda: _jobs(database, clock),
        },
        deep={
            "database values": lambda: _values(database),
            "connections": lambda: _connections(database),
            **of_replica,
            "disk": lambda: _disk(config_dir),
            "folders": lambda: _folders(database),
            "failed jobs": lambda: _failed(database),
        },
        clock=clock,
    )


def _database(database: Database) -> Finding:
    database.ping()
    database.try_write(_WRITE_LOCK_SECONDS)
    return Finding(message=f"{database.dialect} reads and writes")


def _replica(database: Database) -> Finding:
    state = database.replica.look() if database.replica is not None else None
    if state is None:
        return Finding(message="none is set")
    if state.is_used:
        return Finding(message=f"answers reads, {state.lag_bytes or 0} bytes behind")
    return Finding(
        HealthStatus.DEGRADED,
        f"passed over, the primary answers all reads: {state.problem}",
        "Look after the server of SUBLARR_DATABASE_REPLICA_URL; it is used again by itself once it is well.",
    )


def _schema(database: Database) -> Finding:
    state = schema.read_state(database)
    if state.condition is schema.SchemaCondition.CURRENT:
        return Finding(message=f"at revision {state.revision}")
    return Finding(
        HealthStatus.DOWN,
        f"the database is {state.condition} (revision {state.revision or 'none'}, needed {state.head})",
        "Run `sublarr db upgrade`.",
    )


def _jobs(database: Database, clock: Callable[[], datetime]) -> Finding:
    with database.read() as unit:
        workers = unit.workers.listed()
        oldest = unit.jobs.oldest_due_seconds()
    alive = [worker for worker in workers if worker.heartbeat_at > clock() - _WORKER_SILENCE]
    if not alive:
        return Finding(
            HealthStatus.DEGRADED,
            "no worker runs jobs",
            "Start `sublarr worker`, or set SUBLARR_QUEUE_WORKERS above 0 and restart.",
        )
    if oldest > _WAITS_LONG_SECONDS:
        waits = f"the oldest due job has waited for {oldest / 60:.0f} minutes"
        return Finding(HealthStatus.DEGRADED, waits, "Raise SUBLARR_QUEUE_WORKERS, or look at Activity.")
    return Finding(message=f"{_counted(len(alive), 'worker')}, nothing waits long")


def _values(database: Database) -> Finding:
    """Whether real connections have the values they were asked to have: a file system or a pooler may refuse some."""
    found = database.values_in_force()
    wrong = [
        f"{name} is {found[side][name]} for {side}s"
        for (side, name), expected in _EXPECTED_VALUES[database.dialect].items()
        if found[side][name] not in expected
    ]
    if wrong:
        return Finding(HealthStatus.DEGRADED, "; ".join(wrong), _REFUSED_VALUES[database.dialect])
    return Finding(message=", ".join(f"{name} {value}" for name, value in found["write"].items()))


def _connections(database: Database) -> Finding:
    pool = database.pool_state()
    told = f"{pool.checked_out} of {pool.size} connections in use"
    if pool.overflow:
        told += f", {pool.overflow} of them beyond the pool"
    stuck = [hold for hold in database.write_holds.now() if hold.seconds >= _WRITES_LONG_SECONDS]
    if stuck:
        hold = stuck[0]
        told += f"; a write transaction is open for {hold.seconds:.0f} s: {hold.thread} at {hold.call_site}"
        return Finding(HealthStatus.DEGRADED, told, "If it does not end, restart Sublarr, and report it.")
    return Finding(message=told)


def _disk(config_dir: Path) -> Finding:
    usage = shutil.disk_usage(config_dir)
    free = f"{usage.free / 1024**3:.1f} GB free where the database is"
    if usage.free < _LOW_DISK_BYTES or usage.free < usage.total * _LOW_DISK_SHARE:
        return Finding(HealthStatus.DEGRADED, free, "Free some space before the disk is full.")
    return Finding(message=free)


def _folders(database: Database) -> Finding:
    with database.read() as unit:
        folders = unit.folders.listed(enabled_only=True)
    troubled = [folder for folder in folders if folder.last_problem]
    if troubled:
        told = "; ".join(f"{for_display(folder.path)}: {folder.last_problem}" for folder in troubled)
        return Finding(HealthStatus.DEGRADED, told, "Mount or correct the folder, then scan again.")
    return Finding(message=f"{len(folders)} watched")


def _failed(database: Database) -> Finding:
    with database.read() as unit:
        failed = unit.jobs.failed_count()
    if failed:
        return Finding(
            HealthStatus.DEGRADED,
            f"{_counted(failed, 'job')} failed for good",
            "Look at them on the page Activity, Queue: retry or cancel each.",
        )
    return Finding(message="none")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
