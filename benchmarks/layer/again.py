"""Looking at a whole library again: every file on the disk, and what is wanted of each worked out anew."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.household import Household, Size, fill
from benchmarks.runner import Line, at_most
from benchmarks.scan import scan
from sublarr.bootstrap import House, open_house, start_workers


def lines(*, quick: bool) -> Iterator[Line]:
    """The whole job, by the ledger: from claim to completion."""
    episodes = 500 if quick else 25_000
    with tempfile.TemporaryDirectory() as place:
        house = open_house({"SUBLARR_CONFIG_DIR": f"{place}/config", "SUBLARR_TARGET_LANGUAGE": "de"})
        library = Path(place).resolve() / "tv"
        library.mkdir()
        household = fill(house.database, Size(500, episodes, 0), library, is_on_disk=True)
        workers = start_workers(house, kind="benchmark", threads=1, watches=False)
        try:
            taken = [_look_again(house, household, episodes) for _ in range(1 if quick else 3)]
        finally:
            workers.stop()
            house.close()
    yield Line(f"re-index of {episodes:,} unchanged episodes", median(taken), "s", target=at_most(5))


def _look_again(house: House, household: Household, episodes: int) -> float:
    # Other rules than at the last scan mean that every file counts anew.
    with house.database.write() as unit:
        unit.folders.record_scan(household.folder_id, mount_points=[], wanted_rules="others", problem="")
    taken, result = scan(house, household.folder_id)
    if result["unchanged"] != episodes or result["wanted_added"] or result["wanted_removed"]:
        raise AssertionError(f"the library was not unchanged: {result}")
    return taken
