"""What every test may ask for: servers and URLs (tests/servers), the summary of what really ran, and reports that survive odd file names."""

pytest_plugins = [
    "tests.servers.fixtures",
    "tests.database_fixtures",
    "tests.summary",
    "tests.coverage_gate",
    "tests.surrogates",
]
