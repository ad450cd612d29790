"""The registry of one process, and what is recorded in it as it happens."""

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)

from sublarr.metrics.gauges import Reader, ReaderCollector

_HTTP_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10)
_QUERY_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5)
_TRANSACTION_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
_JOB_BUCKETS = (0.01, 0.1, 1, 5, 30, 60, 300, 1800, 3600)


class Metrics:
    """One process's metrics: attributes are recorded where the thing happens; labels have bounded values."""

    def __init__(self) -> None:
        # A process-wide switch of the library: the moment each series was first seen doubles the scrape.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry(auto_describe=False)
        self._readers = ReaderCollector()
        self.registry.register(self._readers)
        self._info = Info("sublarr", "What is running.", registry=self.registry)
        self._add_http()
        self._add_database()
        self._add_jobs()

    def _add_http(self) -> None:
        self.http_request_duration_seconds = Histogram(
            "sublarr_http_request_duration_seconds",
            "Time to answer a request, by route template.",
            ("method", "endpoint", "status"),
            buckets=_HTTP_BUCKETS,
            registry=self.registry,
        )
        self.http_requests_in_progress = Gauge(
            "sublarr_http_requests_in_progress", "Requests being answered.", registry=self.registry
        )

    def _add_database(self) -> None:
        self.db_query_duration_seconds = Histogram(
            "sublarr_db_query_duration_seconds",
            "Time of a statement, by its name and table.",
            ("operation", "table"),
            buckets=_QUERY_BUCKETS,
            registry=self.registry,
        )
        self.db_transaction_duration_seconds = Histogram(
            "sublarr_db_transaction_duration_seconds",
            "Time from a unit of work's begin to its end, by mode read or write.",
            ("mode",),
            buckets=_TRANSACTION_BUCKETS,
            registry=self.registry,
        )
        self.db_write_wait_seconds = Histogram(
            "sublarr_db_write_wait_seconds",
            "Time a write waited for its turn.",
            buckets=_TRANSACTION_BUCKETS,
            registry=self.registry,
        )
        self.db_errors_total = Counter(
            "sublarr_db_errors_total", "Database errors, by kind.", ("kind",), registry=self.registry
        )
        self.db_slow_queries_total = Counter(
            "sublarr_db_slow_queries_total", "Statements slower than the limit set.", registry=self.registry
        )

    def _add_jobs(self) -> None:
        self.jobs_total = Counter(
            "sublarr_jobs_total", "Moves of jobs into a state.", ("kind", "state"), registry=self.registry
        )
        self.job_duration_seconds = Histogram(
            "sublarr_job_duration_seconds",
            "Time a job ran.",
            ("kind",),
            buckets=_JOB_BUCKETS,
            registry=self.registry,
        )
        self.job_wait_seconds = Histogram(
            "sublarr_job_wait_seconds",
            "Time from when a job might run to its start.",
            ("kind",),
            buckets=_JOB_BUCKETS,
            registry=self.registry,
        )
        self.jobs_rescued_total = Counter(
            "sublarr_jobs_rescued_total",
            "Jobs taken back from a worker that was lost.",
            registry=self.registry,
        )

    def describe_program(self, *, version: str, database: str, queue: str, cache: str) -> None:
        """Say in `sublarr_info` what is running and on which back-ends."""
        self._info.info({"version": version, "database": database, "queue": queue, "cache": cache})

    def register_reader(self, name: str, reader: Reader) -> None:
        """Ask `reader` at every scrape; `sublarr_collector_error{collector=name}` is 1 where it fails."""
        self._readers.register(name, reader)

    def render(self) -> tuple[bytes, str]:
        """The scrape and its content type.

        Always the classic text format: in OpenMetrics the gauge `sublarr_jobs` and the counter
        `sublarr_jobs_total` would be one family of two types.
        """
        return generate_latest(self.registry), CONTENT_TYPE_PLAIN_0_0_4
