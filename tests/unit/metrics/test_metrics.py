"""Prometheus sees what happened, and one broken reader does not blind it."""

from collections.abc import Iterable

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sublarr.metrics import Metrics, Reading
from sublarr.metrics.gauges import GAUGES


def scrape(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    body, content_type = metrics.render()
    assert content_type.startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body.decode("utf-8"))
        for sample in family.samples
    }


def test_what_is_recorded_is_in_the_scrape() -> None:
    metrics = Metrics()
    metrics.describe_program(version="1", database="sqlite", queue="embedded", cache="memory")
    metrics.http_request_duration_seconds.labels("GET", "/api/v1/wanted", "200").observe(0.02)
    with metrics.http_requests_in_progress.track_inprogress():
        during = scrape(metrics)
    metrics.db_query_duration_seconds.labels("wanted.page", "wanted_items").observe(0.004)
    metrics.db_transaction_duration_seconds.labels("write").observe(0.2)
    metrics.db_write_wait_seconds.observe(0.01)
    metrics.db_errors_total.labels("conflict").inc()
    metrics.db_slow_queries_total.inc()
    metrics.jobs_total.labels("scan_folder", "completed").inc()
    metrics.job_duration_seconds.labels("scan_folder").observe(3)
    metrics.job_wait_seconds.labels("scan_folder").observe(0.3)
    metrics.jobs_rescued_total.inc(2)
    seen = scrape(metrics)
    info = (("cache", "memory"), ("database", "sqlite"), ("queue", "embedded"), ("version", "1"))
    request = (("endpoint", "/api/v1/wanted"), ("method", "GET"), ("status", "200"))
    query = (("operation", "wanted.page"), ("table", "wanted_items"))
    kind = (("kind", "scan_folder"),)
    assert during["sublarr_http_requests_in_progress", ()] == 1
    assert seen["sublarr_http_requests_in_progress", ()] == 0
    assert seen["sublarr_info", info] == 1
    assert (
        seen["sublarr_http_request_duration_seconds_bucket", tuple(sorted((*request, ("le", "0.05"))))] == 1
    )
    assert (
        seen["sublarr_http_request_duration_seconds_bucket", tuple(sorted((*request, ("le", "0.01"))))] == 0
    )
    assert seen["sublarr_db_query_duration_seconds_count", query] == 1
    assert seen["sublarr_db_transaction_duration_seconds_sum", (("mode", "write"),)] == 0.2
    assert seen["sublarr_db_write_wait_seconds_count", ()] == 1
    assert seen["sublarr_db_errors_total", (("kind", "conflict"),)] == 1
    assert seen["sublarr_db_slow_queries_total", ()] == 1
    assert seen["sublarr_jobs_total", (*kind, ("state", "completed"))] == 1
    assert seen["sublarr_job_duration_seconds_sum", kind] == 3
    assert seen["sublarr_job_wait_seconds_count", kind] == 1
    assert seen["sublarr_jobs_rescued_total", ()] == 2
    assert not any(name.endswith("_created") for name, _ in seen)


@pytest.mark.parametrize("name", GAUGES)
def test_every_gauge_is_read_at_the_scrape(name: str) -> None:
    metrics = Metrics()
    values = iter((1, 2))
    labels = dict.fromkeys(GAUGES[name].labels, "x")
    metrics.register_reader("test", lambda: [Reading(name, next(values), labels)])
    key = (f"sublarr_{name}", tuple(sorted(labels.items())))
    assert (scrape(metrics)[key], scrape(metrics)[key]) == (1, 2)


def test_jobs_by_state_and_moves_of_jobs_do_not_hide_each_other() -> None:
    metrics = Metrics()
    metrics.jobs_total.labels("scan_folder", "failed").inc()
    labels = {"kind": "scan_folder", "state": "failed"}
    metrics.register_reader("ledger", lambda: [Reading("jobs", 7, labels)])
    seen = scrape(metrics)
    key = tuple(labels.items())
    assert (seen["sublarr_jobs", key], seen["sublarr_jobs_total", key]) == (7, 1)


def lost_database() -> Iterable[Reading]:
    yield Reading("db_size_bytes", 5)
    raise ConnectionError("the database is gone")


@pytest.mark.parametrize(
    "broken",
    [
        lost_database,
        lambda: [Reading("no_such_gauge", 1)],
        lambda: [Reading("db_table_rows", 1, {"tabel": "jobs"})],
        lambda: [Reading("workers", None)],  # type: ignore[arg-type]
    ],
)
def test_a_reader_that_fails_is_reported_and_the_others_are_still_read(broken: object) -> None:
    metrics = Metrics()
    metrics.register_reader("broken", broken)  # type: ignore[arg-type]
    metrics.register_reader("disk", lambda: [Reading("disk_free_bytes", 9, {"role": "config"})])
    seen = scrape(metrics)
    assert seen["sublarr_collector_error", (("collector", "broken"),)] == 1
    assert seen["sublarr_collector_error", (("collector", "disk"),)] == 0
    assert seen["sublarr_disk_free_bytes", (("role", "config"),)] == 9
    assert ("sublarr_db_size_bytes", ()) not in seen


def test_registering_a_reader_asks_it_nothing_and_two_of_a_name_are_refused() -> None:
    metrics = Metrics()

    def untouchable() -> Iterable[Reading]:
        raise AssertionError("asked before the scrape")

    metrics.register_reader("one", untouchable)
    with pytest.raises(ValueError, match="one"):
        metrics.register_reader("one", untouchable)


def test_two_programs_in_one_process_do_not_share_values() -> None:
    one, other = Metrics(), Metrics()
    one.db_slow_queries_total.inc()
    assert scrape(other)["sublarr_db_slow_queries_total", ()] == 0
