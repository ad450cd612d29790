"""The gauges that are read at the scrape, and the collector that asks their readers."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A gauge's help text and the names of its labels."""

    meaning: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a gauge of `GAUGES`, without the `sublarr_` of its name."""

    gauge: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


Reader = Callable[[], Iterable[Reading]]

GAUGES: Mapping[str, Gauge] = {
    "db_pool_size": Gauge("Connections a pool keeps open.", ("pool",)),
    "db_pool_checked_out": Gauge("Connections in use.", ("pool",)),
    "db_pool_overflow": Gauge("Connections beyond the pool's size.", ("pool",)),
    "db_replica_used": Gauge("1 where the read replica answers reads, 0 where it is passed over."),
    "db_replica_lag_bytes": Gauge("Bytes of the primary's log that the read replica has not replayed."),
    "db_replica_lag_seconds": Gauge("How old what the read replica shows is; 0 where it has everything."),
    "db_size_bytes": Gauge("Size of the database."),
    "db_wal_bytes": Gauge("Size of the write-ahead log."),
    "db_table_rows": Gauge("Rows, as far as they are known without counting each time.", ("table",)),
    "jobs": Gauge("Jobs in the ledger.", ("kind", "state")),
    "job_oldest_queued_seconds": Gauge("How long the oldest job that may run has been waiting."),
    "workers": Gauge("Workers that gave a sign of life lately."),
    "wanted_items": Gauge("Wanted subtitles.", ("status", "subtitle_type")),
    "disk_free_bytes": Gauge("Free space, by what the disk is used for.", ("role",)),
}


class ReaderCollector:
    """Asks every reader at each scrape; one that fails is reported and leaves the others' values standing."""

    def __init__(self) -> None:
        self._readers: dict[str, Reader] = {}
        self._lock = Lock()

    def register(self, name: str, reader: Reader) -> None:
        """Add a reader; raises `ValueError` where the name is taken."""
        with self._lock:
            if name in self._readers:
                raise ValueError(f"There is a reader named {name!r} already.")
            self._readers[name] = reader

    def collect(self) -> Iterator[Metric]:
        """The families prometheus_client renders."""
        with self._lock:
            readers = dict(self._readers)
        families = {
            name: GaugeMetricFamily(f"sublarr_{name}", gauge.meaning, labels=gauge.labels)
            for name, gauge in GAUGES.items()
        }
        errors = GaugeMetricFamily(
            "sublarr_collector_error",
            "1 where the gauges of this reader could not be read.",
            labels=("collector",),
        )
        for name, reader in readers.items():
            readings = self._ask(name, reader)
            errors.add_metric((name,), 1 if readings is None else 0)
            for gauge, labels, value in readings or ():
                families[gauge].add_metric(labels, value)
        yield from (family for family in families.values() if family.samples)
        yield errors

    def _ask(self, name: str, reader: Reader) -> list[tuple[str, tuple[str, ...], float]] | None:
        """Each gauge's label values in order and its value, None where the reader failed."""
        # The scrape is a door: whatever breaks in one reader (a lost database, a vanished mount, a mistake)
        # must neither hide the other values nor answer Prometheus with an error.
        try:
            return [(reading.gauge, _label_values(reading), float(reading.value)) for reading in reader()]
        except Exception:  # noqa: BLE001 (reason above)
            _log.warning("The gauges of %s could not be read.", name, exc_info=True)
            return None


def _label_values(reading: Reading) -> tuple[str, ...]:
    names = GAUGES[reading.gauge].labels
    if set(names) != set(reading.labels):
        raise ValueError(f"{reading.gauge} has the labels {names}, not {tuple(reading.labels)}.")
    return tuple(reading.labels[name] for name in names)
