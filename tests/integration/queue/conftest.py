from collections.abc import Iterator
from pathlib import Path

import pytest

from sublarr.db.database import Database
from tests.integration.queue.bench import Bench


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(database, tmp_path)
    yield bench
    bench.close()
