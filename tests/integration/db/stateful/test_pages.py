"""Every list that is paged, walked forth and back while rows come and go: none twice, none left out that stood."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete

from sublarr.db.base import Base
from sublarr.db.database import Database
from sublarr.db.pages import Page, PageRequest
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.glossary import EVERYWHERE, GlossaryScope, NewTerm
from sublarr.db.repositories.hook_log import NewDelivery
from sublarr.db.repositories.jobs import JobFilter
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.standalone import MovieWrite, SeriesWrite
from sublarr.db.repositories.transcriptions import NewTranscription
from sublarr.db.repositories.translation_configs import UsedConfig
from sublarr.db.repositories.upgrades import NewUpgrade
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.db.unit import Unit
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from sublarr.vocabulary.transcription import TranscriptionStatus
from tests.contract.db.rows import a_film, a_scan, a_source, a_wish
from tests.database_fixtures import Clock
from tests.integration.db.stateful.patience import looking

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Paged:
    """A list: how a row of it is made of a number, and how a page of it is asked for."""

    table: str
    add: Callable[[Unit, int], object]
    page: Callable[[Unit, PageRequest], Page[Any]]
    identity: Callable[[Any], Any] = attrgetter("id")


def _wanted(unit: Unit, number: int) -> None:
    film = a_film(unit, f"Film {number}")
    unit.wanted.reconcile([film.file_id], [a_wish(film, "de" if number % 2 else "fr")])
    if number % 3 == 0:
        unit.wanted.move([row.id for row in unit.wanted.of_file(film.file_id)], WantedStatus.IGNORED)


def _job(unit: Unit, number: int) -> None:
    job = unit.jobs.enqueue(a_scan(number))
    if not job.is_new:
        # It waits, or was paused before.
        return
    if number % 3 == 1:
        unit.jobs.pause(job.job_id)
    elif number % 3 == 2:
        unit.jobs.cancel(job.job_id)


def _block(unit: Unit, number: int) -> None:
    added = unit.blocklist.add(NewBlock("jimaku", str(number)))
    if number % 2 and added.is_new:
        unit.blocklist.delete(added.entry_id)


def _download(unit: Unit, number: int) -> None:
    provider, language = "ab"[number % 2], "de" if number % 3 else "fr"
    download = NewDownload(
        provider, "1", language, "srt", "/a", "/a", SubtitleType.FULL, "", None, "", score=number
    )
    unit.downloads.add_many([download])


def _episode(unit: Unit, number: int) -> None:
    source_id = a_source(unit)
    unit.media.upsert_many([MediaWrite(MediaKind.SERIES, source_id, "series", "Firefly")])
    series_id = unit.media.ids_by_key(source_id, ["series"])["series"]
    episode = MediaWrite(
        MediaKind.EPISODE,
        source_id,
        str(number),
        "Episode",
        series_id=series_id,
        season=number % 3 or None,
        episode=number % 4 or None,
    )
    unit.media.upsert_many([episode])


def _episodes(unit: Unit, request: PageRequest) -> Page[Any]:
    known = unit.media.ids_by_key(a_source(unit), ["series"])
    return unit.media.episodes(known.get("series", 0), request)


def _film(unit: Unit, number: int) -> None:
    write = MediaWrite(MediaKind.MOVIE, a_source(unit), str(number), f"Film {number % 4}")
    unit.media.upsert_many([write])


def _delivery(unit: Unit, number: int) -> None:
    unit.hook_log.add(NewDelivery("job_failed", "script", success=bool(number % 2)))


def _transcription(unit: Unit, number: int) -> None:
    if unit.transcriptions.find(str(number)) is None:
        unit.transcriptions.add(NewTranscription(str(number), "/media/a.mkv"))
        if number % 2:
            unit.transcriptions.cancel(str(number))


def _outdated(unit: Unit, number: int) -> None:
    job_id = unit.jobs.enqueue(a_scan(number)).job_id
    done = {
        "status": "completed",
        "config_hash": "old" if number % 3 else "new",
        "completed_at": unit.clock(),
    }
    table = Base.metadata.tables["jobs"]
    unit.connection.execute(table.update().where(table.c.id == job_id).values(**done))


def _term(unit: Unit, number: int) -> None:
    unit.glossary.add(EVERYWHERE, NewTerm("abc"[number % 3], str(number)))


_STATES = (WantedStatus.WANTED, WantedStatus.IGNORED)
LISTS: Mapping[str, Paged] = {
    "jobs": Paged("jobs", _job, lambda unit, request: unit.jobs.page(JobFilter(), request)),
    "jobs in two states": Paged(
        "jobs",
        _job,
        lambda unit, request: unit.jobs.page(
            JobFilter(statuses=(JobStatus.QUEUED, JobStatus.CANCELLED)), request
        ),
    ),
    "jobs with words": Paged(
        "jobs", _job, lambda unit, request: unit.jobs.page(JobFilter(words="1"), request)
    ),
    "wanted": Paged("wanted_items", _wanted, lambda unit, request: unit.wanted.page(WantedFilter(), request)),
    "wanted in two states": Paged(
        "wanted_items",
        _wanted,
        lambda unit, request: unit.wanted.page(WantedFilter(statuses=_STATES), request),
    ),
    "wanted in a language": Paged(
        "wanted_items",
        _wanted,
        lambda unit, request: unit.wanted.page(WantedFilter(target_language="de"), request),
    ),
    "wanted with words": Paged(
        "wanted_items", _wanted, lambda unit, request: unit.wanted.page(WantedFilter(words="film"), request)
    ),
    "films": Paged(
        "media",
        _film,
        lambda unit, request: unit.media.page(MediaKind.MOVIE, "", request),
        attrgetter("media.id"),
    ),
    "episodes": Paged("media", _episode, _episodes),
    "blocklist": Paged("blacklist_entries", _block, lambda unit, request: unit.blocklist.page(request)),
    "taken off the blocklist": Paged(
        "blacklist_entries", _block, lambda unit, request: unit.blocklist.page(request, removed=True)
    ),
    "downloads": Paged("subtitle_downloads", _download, lambda unit, request: unit.downloads.page(request)),
    "downloads of a provider in a language": Paged(
        "subtitle_downloads", _download, lambda unit, request: unit.downloads.page(request, "a", "de")
    ),
    "upgrades": Paged(
        "upgrade_history",
        lambda unit, number: unit.upgrades.add(NewUpgrade("/a", "srt", 1, "ass", number)),
        lambda unit, request: unit.upgrades.page(request),
    ),
    "terms": Paged(
        "glossary_entries", _term, lambda unit, request: unit.glossary.page(GlossaryScope(), request)
    ),
    "deliveries": Paged("hook_log", _delivery, lambda unit, request: unit.hook_log.page(request)),
    "transcriptions": Paged(
        "whisper_jobs", _transcription, lambda unit, request: unit.transcriptions.page(request)
    ),
    "transcriptions in a state": Paged(
        "whisper_jobs",
        _transcription,
        lambda unit, request: unit.transcriptions.page(request, TranscriptionStatus.QUEUED),
    ),
    "translation settings": Paged(
        "translation_config_history",
        lambda unit, number: unit.translation_configs.record(UsedConfig(str(number), "", "", "de")),
        lambda unit, request: unit.translation_configs.page(request),
    ),
    "outdated jobs": Paged("jobs", _outdated, lambda unit, request: unit.outdated_jobs.page("new", request)),
    "learnt series": Paged(
        "standalone_series",
        lambda unit, number: unit.standalone_series.upsert_many(
            [SeriesWrite(title=f"{number % 3}", folder_path=f"/{number}")]
        ),
        lambda unit, request: unit.standalone_series.page(request),
    ),
    "learnt films": Paged(
        "standalone_movies",
        lambda unit, number: unit.standalone_movies.upsert_many(
            [MovieWrite(title=f"{number % 3}", file_path=f"/{number}")]
        ),
        lambda unit, request: unit.standalone_movies.page(request),
    ),
}
_NUMBERS = st.lists(st.integers(0, 40), max_size=6)


class Walk(RuleBasedStateMachine):
    """Somebody pages through a list; others add to it and take from it between the pages."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__()
        self.database = database
        self.clock = clock
        self.paged = LISTS["jobs"]
        self.limit = 1
        self.page: Page[Any] | None = None
        self.is_backward = False
        self.standing: set[Any] = set()
        self.seen: list[Any] = []

    @initialize(name=st.sampled_from(sorted(LISTS)), limit=st.integers(1, 5), numbers=_NUMBERS)
    def begin(self, name: str, limit: int, numbers: list[int]) -> None:
        with self.database.write() as unit:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name not in ("schema_version", "secrets"):
                    unit.connection.execute(delete(table))
            a_source(unit)
        self.paged, self.limit = LISTS[name], limit
        self.come(numbers, is_later=False)
        self.go_back_to_the_beginning()

    def _ask(self, request: PageRequest) -> Page[Any]:
        with self.database.read() as unit:
            return self.paged.page(unit, request)

    def _ids(self) -> list[Any]:
        """All of the list, in order."""
        return [self.paged.identity(row) for row in self._ask(PageRequest(500)).items]

    def _show(self, page: Page[Any]) -> None:
        self.page = page
        self.seen += [self.paged.identity(row) for row in page.items]

    @rule(numbers=_NUMBERS, is_later=st.booleans())
    def come(self, numbers: list[int], is_later: bool) -> None:
        # Without a later moment the order of many rows is left to their keys.
        self.clock.advance(is_later)
        with self.database.write() as unit:
            for number in numbers:
                self.paged.add(unit, number)

    @rule(places=st.lists(st.integers(0, 40), max_size=4))
    def go(self, places: list[int]) -> None:
        ids = self._ids()
        gone = {ids[place % len(ids)] for place in places} if ids else set()
        table = Base.metadata.tables[self.paged.table]
        with self.database.write() as unit:
            unit.connection.execute(delete(table).where(table.c.id.in_(gone)))
        self.standing -= gone

    @rule()
    def go_back_to_the_beginning(self) -> None:
        self.is_backward, self.seen, self.standing = False, [], set(self._ids())
        self._show(self._ask(PageRequest(self.limit)))

    @rule()
    def turn_the_page(self) -> None:
        assert self.page is not None
        cursor = self.page.prev if self.is_backward else self.page.next
        if cursor is not None:
            self._show(self._ask(PageRequest(self.limit, cursor, wants_total=False)))
            return
        assert self.standing <= set(self.seen), "a row that stood throughout was not shown"
        if self.is_backward or self.page.prev is None:
            self.go_back_to_the_beginning()
            return
        first = self.paged.identity(self.page.items[0])
        ids = self._ids()
        if first not in ids:
            self.go_back_to_the_beginning()
            return
        self.is_backward, self.seen, self.standing = True, [], set(ids[: ids.index(first)])
        self._show(self._ask(PageRequest(self.limit, self.page.prev)))

    @invariant()
    def no_row_is_shown_twice(self) -> None:
        assert len(self.seen) == len(set(self.seen))


def test_no_row_is_shown_twice_or_left_out_while_others_write(database: Database, clock: Clock) -> None:
    run_state_machine_as_test(lambda: Walk(database, clock), settings=looking(30, 12))
