"""Words looked for among 100,000 entries: the search page and the list of wanted subtitles, on both databases.

Each figure is the middle of a few runs of a whole page with its total. The baseline is the same page without words.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from statistics import median

from benchmarks.runner import Line, at_most
from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from sublarr.db.pages import PageRequest
from sublarr.db.repositories.files import FileWrite
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.wanted import WantedFilter, WantedWish
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleType
from tests.servers.postgres import running_postgres
from tests.servers.process import ServerMissing

ENTRIES = 100_000
SERIES = 500
TARGET_MILLISECONDS = 25
_CHUNK = 500
_KANJI = "千尋神隠風谷天空城魔女宅急便紅豚耳澄猫恩返動赤丘"
_SYLLABLES = ("ka", "mo", "ri", "ta", "zu", "pe", "lo", "ba", "lin", "nor", "ves", "dra", "mil")
# What a person types, and what it is: how often it occurs is made below.
WORDS = (
    ("a rare word", "needlework"),
    ("a frequent word", "1080p"),
    ("two words", "silver 1080p"),
    ("two CJK letters", "千尋"),
    ("a substring", "eedlewor"),
    ("a prefix", "silv"),
    ("one letter", "e"),
    ("accents", "Söhné"),
)


def lines(*, quick: bool) -> Iterator[Line]:
    """Every kind of word on SQLite, then on PostgreSQL."""
    entries = ENTRIES // 50 if quick else ENTRIES
    with tempfile.TemporaryDirectory() as folder:
        yield from _looking("SQLite", f"sqlite:///{folder}/sublarr.db", entries)
    try:
        with running_postgres() as server:
            yield from _looking("PostgreSQL", server.create_database(), entries)
    except ServerMissing as missing:
        print(f"not measured: {missing}", file=sys.stderr)


def _looking(name: str, url: str, entries: int) -> Iterator[Line]:
    with closing(Database(DatabaseOptions(url=url))) as database:
        schema.prepare(database)
        _fill(database, entries)
        plain = _p50(lambda: _wanted(database, ""))
        for meaning, words in WORDS:
            found = _p50(lambda words=words: _found(database, words))
            yield Line(f"{name}, search for {meaning}", found, "ms", target=at_most(TARGET_MILLISECONDS))
            wanted = _p50(lambda words=words: _wanted(database, words))
            target = at_most(TARGET_MILLISECONDS)
            yield Line(f"{name}, wanted with {meaning}", wanted, "ms", plain, target)


def _found(database: Database, words: str) -> None:
    with database.read() as unit:
        unit.search.page(words, (), PageRequest())


def _wanted(database: Database, words: str) -> None:
    with database.read() as unit:
        unit.wanted.page(WantedFilter(words=words), PageRequest())


def _p50(call: Callable[[], None], times: int = 9) -> float:
    """Milliseconds, once everything is warm."""
    call()
    figures = []
    for _ in range(times):
        started = time.perf_counter()
        call()
        figures.append((time.perf_counter() - started) * 1000)
    return median(figures)


def _fill(database: Database, entries: int) -> None:
    chance = random.Random(1)
    count = max(1, entries * SERIES // ENTRIES)
    with database.write() as unit:
        source_id = unit.folders.add("/media").source_id
        series = [
            MediaWrite(
                MediaKind.SERIES,
                source_id,
                f"s{number}",
                _title(chance, number),
                alternative_titles=_others(chance, number),
            )
            for number in range(count)
        ]
        unit.media.upsert_many(series)
        ids = unit.media.ids_by_key(source_id, [write.source_key for write in series])
    for start in range(0, entries, _CHUNK):
        writes = [
            _episode(chance, source_id, number, series[number % count], ids)
            for number in range(start, min(start + _CHUNK, entries))
        ]
        _write(database, source_id, writes)
    with database.write() as unit:
        unit.connection.exec_driver_sql("ANALYZE")


def _title(chance: random.Random, number: int) -> str:
    if number % 1000 == 7:
        return "Needlework"
    words = ["".join(chance.sample(_SYLLABLES, 3)).title() for _ in range(chance.randint(1, 3))]
    return " ".join((*words, "Silver") if number % 20 == 3 else words)


def _others(chance: random.Random, number: int) -> tuple[str, ...]:
    return ("".join(chance.sample(_KANJI, 5)), "Die Söhne") if number % 10 == 1 else ()


def _episode(
    chance: random.Random, source_id: int, number: int, series: MediaWrite, ids: dict[str, int]
) -> tuple[MediaWrite, str]:
    title = _title(chance, number)
    quality = "1080p" if number % 3 else "720p"
    write = MediaWrite(
        MediaKind.EPISODE,
        source_id,
        f"e{number}",
        title,
        series_id=ids[series.source_key],
        season=1,
        episode=number,
    )
    name = f"{series.title}.S01E{number}.{title}.{quality}.WEB-DL.mkv".replace(" ", ".")
    return write, f"/media/{series.title}/Season 01/{name}"


def _write(database: Database, source_id: int, writes: list[tuple[MediaWrite, str]]) -> None:
    with database.write() as unit:
        unit.media.upsert_many([write for write, _ in writes])
        unit.files.upsert_many([_file(source_id, path) for _, path in writes])
        media_ids = unit.media.ids_by_key(source_id, [write.source_key for write, _ in writes])
        file_ids = unit.files.ids_by_path([path for _, path in writes])
        links = [(media_ids[write.source_key], file_ids[path]) for write, path in writes]
        unit.media.link(links, [file_id for _, file_id in links])
        wishes = [
            WantedWish(
                file_id=file_id,
                media_id=media_id,
                series_id=write.series_id,
                item_type=MediaKind.EPISODE,
                target_language="de",
                subtitle_type=SubtitleType.FULL,
                is_satisfied=False,
            )
            for (media_id, file_id), (write, _) in zip(links, writes, strict=True)
        ]
        unit.wanted.reconcile([file_id for _, file_id in links], wishes)


def _file(source_id: int, path: str) -> FileWrite:
    return FileWrite(
        source_id=source_id,
        file=FoundFile(path, 1_000, 1),
        probe_status=ProbeStatus.OK,
        probe_message="",
        container="matroska",
        duration_seconds=1_400.0,
        audio_languages=("en",),
    )
