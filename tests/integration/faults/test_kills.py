"""kill -9 of a worker at any moment: after a restart everything is done, once and whole.

`SUBLARR_TEST_KILL_ROUNDS` asks for more rounds than the one of every run.
"""

import os
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from sublarr.db.pages import PageRequest
from sublarr.demo.many import make_many
from sublarr.jobs.asking import scan_folder
from sublarr.library.service import add_folder
from sublarr.vocabulary.jobs import JobEvent, JobStatus
from tests.integration.faults.workers import Scene, Worker
from tests.integration.queue.bench import until

FILES = 2000
EXTRACTED_FILES = 16
ROUNDS = int(os.environ.get("SUBLARR_TEST_KILL_ROUNDS", "1"))
RESCUE_SECONDS = 5.0
# A job is given up once it took three processes with it.
KILLS_A_JOB_SURVIVES = 2


@pytest.fixture(scope="session")
def big_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "library"
    make_many(folder, FILES, layout="arr")
    return folder


def _scene(url: str, folder: Path) -> Scene:
    return Scene(
        {
            "SUBLARR_CONFIG_DIR": str(folder / "config"),
            "SUBLARR_DATABASE_URL": url,
            "SUBLARR_SOURCE_LANGUAGE": "en",
            "SUBLARR_TARGET_LANGUAGE": "de",
            # The watcher would ask for scans of its own.
            "SUBLARR_STANDALONE_DEBOUNCE_SECONDS": "300",
        },
        folder / "log",
    )


@pytest.fixture
def scene(prepared_url: str, tmp_path: Path) -> Iterator[Scene]:
    scene = _scene(prepared_url, tmp_path)
    yield scene
    scene.close()


@pytest.fixture
def sqlite_scene(prepared_sqlite_url: str, tmp_path: Path) -> Iterator[Scene]:
    scene = _scene(prepared_sqlite_url, tmp_path)
    yield scene
    scene.close()


def _videos(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*.mkv")]


def _kill_and_restart(scene: Scene, worker: Worker) -> tuple[Worker, list[str], float]:
    """The successor, what the dead one ran, and the seconds until that was taken back."""
    worker.kill()
    running = [job.id for job in scene.jobs(JobStatus.RUNNING)]
    started = monotonic()
    successor = scene.start()
    return successor, running, scene.rescue_seconds(started, running)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_scan_whose_process_is_killed_goes_on_and_misses_nothing(
    scene: Scene, big_library: Path, number: int
) -> None:
    chance = random.Random(number)
    folder = add_folder(scene.house.database, str(big_library))
    job_id = scan_folder(scene.house.database, folder.id).job_id

    def known() -> int:
        with scene.house.database.read() as unit:
            return len(unit.files.ids_of_source(folder.source_id))

    crashes = 0
    worker = scene.start()
    for kill in range(KILLS_A_JOB_SURVIVES):
        goal = chance.randrange(kill * 700, (kill + 1) * 700)
        until(lambda goal=goal: known() >= goal)
        threading.Event().wait(chance.uniform(0, 0.1))
        worker, running, seconds = _kill_and_restart(scene, worker)
        print(f"taken back after {seconds:.2f} s")
        crashes += len(running)
        assert seconds < RESCUE_SECONDS
    scene.until_done()
    worker.stop()
    scene.assert_nothing_lost(_videos(big_library))
    job = scene.jobs()[0]
    assert crashes > 0, "no kill came in time"
    assert (job.attempts, job.crashes) == (0, crashes)
    assert job.result is not None
    assert job.result["found"] == FILES
    with scene.house.database.read() as unit:
        events = [line.event for line in unit.jobs.diary(job_id)]
    assert events.count(JobEvent.RESCUED) == crashes
    assert events.count(JobEvent.COMPLETED) == 1


@pytest.mark.parametrize("number", range(ROUNDS))
def test_extractions_whose_process_is_killed_leave_only_whole_subtitles_each_recorded_once(
    scene: Scene, tmp_path: Path, number: int
) -> None:
    chance = random.Random(1000 + number)
    library = tmp_path / "library"
    make_many(library, EXTRACTED_FILES, layout="arr")
    folder = add_folder(scene.house.database, str(library))
    scan_folder(scene.house.database, folder.id, extract=True)

    def written() -> int:
        return sum(1 for _ in library.rglob("*.de.ass"))

    worker = scene.start()
    for kill in range(KILLS_A_JOB_SURVIVES):
        goal = kill * 6 + chance.randrange(1, 5)
        until(lambda goal=goal: written() >= goal or scene.is_done())
        threading.Event().wait(chance.uniform(0, 0.1))
        worker, _, seconds = _kill_and_restart(scene, worker)
        print(f"taken back after {seconds:.2f} s")
        assert seconds < RESCUE_SECONDS
    scene.until_done()
    worker.stop()
    scene.assert_nothing_lost(_videos(library))
    assert written() == EXTRACTED_FILES
    with scene.house.database.read() as unit:
        recorded = [row.sidecar_path for row in unit.downloads.page(PageRequest(limit=200)).items]
    assert len(recorded) == len(set(recorded)) == 2 * EXTRACTED_FILES


def test_a_worker_that_is_asked_to_end_hands_its_scan_back_and_another_finishes_it(
    scene: Scene, big_library: Path
) -> None:
    folder = add_folder(scene.house.database, str(big_library))
    job_id = scan_folder(scene.house.database, folder.id).job_id
    worker = scene.start()

    def has_begun() -> bool:
        with scene.house.database.read() as unit:
            return len(unit.files.ids_of_source(folder.source_id)) > 0

    until(has_begun)
    worker.stop()
    (job,) = scene.jobs()
    assert (job.status, job.attempts, job.crashes) == (JobStatus.QUEUED, 0, 0)
    with scene.house.database.read() as unit:
        assert unit.jobs.diary(job_id)[-1].event is JobEvent.HANDED_BACK
        assert unit.workers.listed() == ()
    successor = scene.start()
    scene.until_done()
    successor.stop()
    scene.assert_nothing_lost(_videos(big_library))


def test_of_two_processes_on_one_file_the_living_takes_over_from_the_dead(
    sqlite_scene: Scene, tmp_path: Path
) -> None:
    scene = sqlite_scene
    library = tmp_path / "library"
    # So many that both are still at it when they are looked at.
    make_many(library, 3 * EXTRACTED_FILES, layout="arr")
    folder = add_folder(scene.house.database, str(library))
    first, second = scene.start(), scene.start()
    scan_folder(scene.house.database, folder.id, extract=True)
    until(lambda: len({job.worker_id for job in scene.jobs(JobStatus.RUNNING)}) == 2)
    first.kill()
    started = monotonic()
    scene.until_done()
    # A sweep every ten seconds, then the work itself.
    assert monotonic() - started < 30
    second.stop()
    scene.assert_nothing_lost(_videos(library))
