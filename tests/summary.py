"""What the suite really ran on, said before pytest's closing line; a pytest plugin of tests/conftest.py.

Each test is marked at collection with the stores it uses, read from its fixtures: `database_url` and the like.
The marks travel with the reports, so that they are counted over all xdist workers.
"""

from collections import Counter
from collections.abc import Iterable

import pytest
from _pytest.terminal import TerminalReporter

STORES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "redis": "Redis", "browser": "browser"}
_FIXTURES = {
    "sqlite_url": "sqlite",
    "postgres_server": "postgresql",
    "redis_server": "redis",
    "browser": "browser",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for store in sorted(_stores(item)):
            item.user_properties.append(("store", store))


def _stores(item: pytest.Item) -> set[str]:
    stores = {store for fixture, store in _FIXTURES.items() if fixture in getattr(item, "fixturenames", ())}
    if item.get_closest_marker("browser"):
        stores.add("browser")
    call = getattr(item, "callspec", None)
    if call is not None:
        # A parameter such as "sqlite", of `database_url` or of a contract suite's own fixture.
        stores.update(value for value in call.params.values() if isinstance(value, str) and value in STORES)
    return stores


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    reporter = terminalreporter
    ran = _count(report for kind in ("passed", "failed", "xfailed") for report in reporter.getreports(kind))
    skipped = _count(reporter.getreports("skipped"))
    reporter.write_sep("-", "what ran")
    reporter.write_line("  ".join(f"{label}: {ran[store]} tests" for store, label in STORES.items()))
    for reason, count in _reasons(reporter.getreports("skipped")).most_common():
        reporter.write_line(f"SKIPPED {count}: {reason}", yellow=True, bold=True)
    for store, label in STORES.items():
        if skipped[store] and not ran[store]:
            reporter.write_line(f"NOT TESTED AT ALL on {label}: {skipped[store]} tests", red=True, bold=True)


def _count(reports: Iterable[pytest.TestReport]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(value for name, value in getattr(report, "user_properties", ()) if name == "store")
    return counts


def _reasons(reports: Iterable[pytest.TestReport]) -> Counter[str]:
    return Counter(
        str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else "?"
        for report in reports
    )
