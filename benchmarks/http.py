"""The doors over a large household: every list as JSON and as a page, at both ends, alone and under load.

The server is `sublarr serve` as a process. There are two households: the small one has 25,000 episodes, the large one
100,000, and its figures stand against those of the small one. The clients share the machine's cores with the server.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from time import sleep

from benchmarks.door.client import Client, milliseconds, requests_a_second
from benchmarks.door.serving import Served, pss_of_family, serving
from benchmarks.household import Household, Size, fill
from benchmarks.household.filling import SteppingClock
from benchmarks.runner import Line, at_least, at_most
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions

_EMPTY_VIEW = "/health"
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
_LISTS = ("/api/v1/wanted", "/api/v1/media", "/api/v1/history", "/api/v1/jobs")
_PAGES = ("/wanted", "/series", "/movies", "/activity/history", "/activity/queue")
_COUNTS = "/api/v1/wanted/summary"


@dataclass(frozen=True, slots=True)
class _Extent:
    """How much of everything is asked for."""

    times: int
    requests: int
    most_pages: int
    settle_seconds: float


def lines(*, quick: bool) -> Iterator[Line]:
    """The smaller household alone, then both in turns, then the larger one under load."""
    if quick:
        small, large, extent = Size(5, 200, 200), Size(20, 800, 200), _Extent(2, 32, 3, 0.0)
    else:
        small, large = Size(500, 25_000, 50_000), Size(500, 100_000, 50_000)
        extent = _Extent(40, 2_400, 10**6, 3.0)
    with tempfile.TemporaryDirectory() as place, tempfile.TemporaryDirectory() as other:
        series = _furnish(Path(place), small).series_ids[0]
        with serving(Path(place)) as served:
            yield from _sweeping(served, extent)
            yield _mixed(served, extent)
            other_series = _furnish(Path(other), large).series_ids[0]
            with serving(Path(other)) as larger:
                yield from _beside(
                    served, larger, _paths(served, series), _paths(larger, other_series), extent
                )
                yield from _crowded(larger, extent)


def _furnish(place: Path, size: Size) -> Household:
    (place / "config").mkdir()
    options = DatabaseOptions(path=place / "config" / "sublarr.db")
    with closing(Database(options, clock=SteppingClock())) as database:
        schema.prepare(database)
        return fill(database, size, place / "tv")


def _sweeping(served: Served, extent: _Extent) -> Iterator[Line]:
    """Memory before anything was asked for, and after every page of every list was."""
    sleep(extent.settle_seconds)
    before = pss_of_family(served.pid)
    with closing(Client(served.port)) as client:
        pages = 0
        for path in _LISTS:
            for number, _ in enumerate(client.pages(path, limit=50)):
                pages += 1
                if number == extent.most_pages:
                    break
        for path in _PAGES:
            pages += _turn_pages(client, path, extent.most_pages)
    growth = pss_of_family(served.pid) - before
    yield Line(f"small: memory after {pages:,} pages of all lists", growth, "MB", target=at_most(20))


def _turn_pages(client: Client, path: str, most: int) -> int:
    """Follow a page's own links to the next one."""
    address, turned = path, 0
    while address and turned < most:
        found = _NEXT.search(client.get(address).decode())
        address = unescape(found.group(1)) if found else ""
        turned += 1
    return turned


def _paths(served: Served, series_id: int) -> dict[str, str]:
    """Every list by its name in the table, and the last but one tenth of the long ones."""
    with closing(Client(served.port)) as client:
        return {
            **{path: path for path in (*_LISTS, *_PAGES)},
            "/api/v1/media/…/episodes": f"/api/v1/media/{series_id}/episodes",
            "/series/…": f"/series/{series_id}",
            **{
                f"{path}, deep": f"{path}?cursor={_deep(client, path)}"
                for path in ("/api/v1/wanted", "/api/v1/history")
            },
            _COUNTS: _COUNTS,
        }


def _beside(
    smaller: Served,
    larger: Served,
    paths: Mapping[str, str],
    larger_paths: Mapping[str, str],
    extent: _Extent,
) -> Iterator[Line]:
    """Both households asked in turns, so that their ratio is theirs and not the moment's."""
    with closing(Client(smaller.port)) as one, closing(Client(larger.port)) as other:
        questions = [(one, path) for path in paths.values()] + [
            (other, path) for path in larger_paths.values()
        ]
        taken = milliseconds(questions, extent.times)
    for name, small, large in zip(paths, taken[: len(paths)], taken[len(paths) :], strict=True):
        if name == _COUNTS:
            yield Line(f"large: {name}, p50", large, "ms", target=at_most(3))
        else:
            yield Line(f"small: {name}, p50", small, "ms", target=at_most(8))
            limit = 6 if name.startswith("/api/v1/wanted") else 8
            yield Line(f"large: {name}, p50", large, "ms", target=at_most(limit))
        yield Line(f"large: {name}, by the small one", large, "ms", small, at_most(1.3, of_ratio=True))


def _deep(client: Client, path: str) -> str:
    """The cursor behind nine tenths of a list."""
    cursors = [page["next"] for page in client.pages(path, limit=500) if page["next"]]
    return cursors[len(cursors) * 9 // 10] if cursors else json.loads(client.get(f"{path}?limit=50"))["next"]


def _mixed(served: Served, extent: _Extent) -> Line:
    paths = [path for path in _LISTS if path != "/api/v1/jobs"]
    rate = requests_a_second(served.port, paths, 8, extent.requests)
    return Line("small: 8 clients, lists in turn", rate, "1/s", target=at_least(150))


def _crowded(served: Served, extent: _Extent) -> Iterator[Line]:
    rates: list[tuple[float, float]] = []
    for _ in range(3):
        wanted = requests_a_second(served.port, ["/api/v1/wanted"], 16, extent.requests)
        rates.append((wanted, requests_a_second(served.port, [_EMPTY_VIEW], 16, extent.requests * 2)))
    wanted, empty = sorted(rates, key=lambda pair: pair[0] / pair[1])[1]
    yield Line(
        "large: 16 clients, wanted, by an empty view", wanted, "1/s", empty, at_least(0.4, of_ratio=True)
    )
