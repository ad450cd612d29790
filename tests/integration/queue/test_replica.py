"""Jobs beside a standby that lags: each sees what led to it and what it did itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sublarr.db.database import Database, DatabaseOptions
from sublarr.queue.context import JobContext
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus
from tests.integration.queue.bench import Bench, ask, extraction, until_status
from tests.servers.standby import Replicated


@pytest.fixture
def database(replicated: Replicated, replicated_urls: tuple[str, str]) -> Iterator[Database]:
    url, replica_url = replicated_urls
    database = Database(DatabaseOptions(url=url, replica_url=replica_url))
    assert database.replica is not None
    database.replica.look()
    yield database
    database.close()


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(database, tmp_path)
    yield bench
    bench.close()


def test_a_job_sees_what_led_to_it_and_each_of_its_own_writes(
    bench: Bench, database: Database, replicated: Replicated
) -> None:
    def look(payload: ExtractSubtitles, context: JobContext, /) -> dict[str, object]:
        with context.database.read(stale_ok=True) as unit:
            status, asked_for = unit.jobs.get(context.claim.job_id).status, unit.config.all()["asked"]
        with context.database.write() as unit:
            unit.config.save("done", "yes")
        with context.database.read(stale_ok=True) as unit:
            done = unit.config.all()["done"]
        return {"status": status.value, "asked": asked_for, "done": done}

    replicated.freeze()
    with database.write() as unit:
        unit.config.save("asked", "for this")
    bench.runner({ExtractSubtitles.kind: look})
    job = until_status(database, ask(database, extraction(1)), JobStatus.COMPLETED, JobStatus.FAILED)
    assert job.result == {"status": "running", "asked": "for this", "done": "yes"}
