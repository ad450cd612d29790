"""Processes beside the test's own: `python -m tests.integration.db.writing ACTION URL NUMBER…`.

Says `ready`, waits for a line, has one process per NUMBER do what ACTION names, and prints what came of each as a
JSON list. The processes are forks, which saves each the time to load everything; each opens the database itself.
"""

import json
import os
import random
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from time import perf_counter
from typing import TextIO

from sqlalchemy import text

from sublarr.db import schema
from sublarr.db.database import Database, DatabaseOptions
from sublarr.db.repositories.files import FileWrite
from sublarr.db.repositories.wanted import WantedWish
from sublarr.db.repositories.workers import NewWorker
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import Conflict, DatabaseBusy, SublarrError
from sublarr.vocabulary.jobs import ScanFolder
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeStatus
from sublarr.vocabulary.statistics import StatisticsDimension, TranslationOutcome
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from tests.integration.db.asking import ASKS, ask_for

COUNTER = "counter"
PROVIDER = "opensubtitles"


def increment(database: Database, times: int) -> list[str]:
    """Read a value and write the next one, so many times; answers the errors."""
    errors = []
    for _ in range(times):
        try:
            with database.write() as unit:
                value = int(unit.config.find(COUNTER, lock=True) or 0)
                unit.config.save(COUNTER, str(value + 1))
        except SublarrError as error:
            errors.append(error.code)
    return errors


def trigger(database: Database, times: int) -> list[str]:
    """Count so many failed deliveries of webhook 1; answers the errors."""
    errors = []
    for _ in range(times):
        try:
            with database.write() as unit:
                unit.webhooks.record_trigger(1, success=False, status_code=500, error="down")
        except SublarrError as error:
            errors.append(error.code)
    return errors


def claim_all(database: Database, name: int) -> list[tuple[str, int]]:
    """Claim until nothing is due; every second job is handed back at its first claim, the others are completed."""
    worker_id = f"worker-{name}"
    claims: list[tuple[str, int]] = []
    with database.write() as unit:
        unit.workers.add(NewWorker(worker_id, "host", name, "embedded", 1, "1.0", ""))
    while True:
        with database.write() as unit:
            claim = unit.claims.claim(worker_id, [ScanFolder.kind])
        if claim is None:
            return claims
        claims.append((claim.job_id, claim.claim_no))
        with database.write() as unit:
            if claim.claim_no == 1 and claim.payload["folder_id"] % 2:
                unit.claims.hand_back(claim)
            else:
                unit.claims.complete(claim)


def search_all(database: Database, limit: int) -> list[int]:
    """Claim so many wanted rows at a time for a search in vain, until none is due; answers every row."""
    searched: list[int] = []
    while True:
        with database.write() as unit:
            claim = unit.wanted.claim_for_search(limit)
        if not claim.item_ids:
            return searched
        searched += claim.item_ids
        with database.write() as unit:
            unit.wanted.mark_search_attempted(claim, claim.item_ids)


def count_days(database: Database, times: int) -> list[str]:
    """Count so many translations on two days, with their traits; answers the errors."""
    errors = []
    traits = {StatisticsDimension.FORMAT: "ass", StatisticsDimension.BACKEND: "ollama"}
    for number in range(times):
        day = date(2026, 2, 18 + number % 2)
        try:
            with database.write() as unit:
                unit.daily_statistics.record(day, TranslationOutcome.TRANSLATED, traits)
        except SublarrError as error:
            errors.append(error.code)
    return errors


def use_provider(database: Database, times: int) -> list[str]:
    """Count so many searches, failed ones and downloads of a provider; answers the errors."""
    errors = []
    for number in range(times):
        try:
            with database.write() as unit:
                unit.provider_stats.record_search(PROVIDER, number)
            with database.write() as unit:
                unit.provider_stats.record_download(PROVIDER, number + 1)
            with database.write() as unit:
                unit.provider_stats.record_failed_search(PROVIDER)
                unit.provider_stats.record_download_failure(PROVIDER)
        except SublarrError as error:
            errors.append(error.code)
    return errors


def want(database: Database, seed: int) -> list[str]:
    """Add, move, take away and undo wanted rows, and delete and move the files they hang on; answers what came of it."""
    chance = random.Random(seed)
    return [_want_once(database, chance) for _ in range(25)]


def _want_once(database: Database, chance: random.Random) -> str:
    try:
        with database.write() as unit:
            _change_something(unit, chance)
            if chance.random() < 0.2:
                raise _Undone
    except _Undone:
        return "undone"
    except DatabaseBusy:
        # Two that lock the same rows in opposite order: one of them is told so, and has changed nothing.
        return "deadlock"
    except Conflict:
        return "undone"
    return "done"


class _Undone(Exception):
    """The transaction is taken back."""


def _change_something(unit: Unit, chance: random.Random) -> None:
    files = list(unit.files.known(1).values()) + list(unit.files.known(2).values())
    if not files or chance.random() < 0.1:
        path = f"/media/new {chance.randrange(10**9)}.mkv"
        write = FileWrite(1, FoundFile(path, 1, 1), ProbeStatus.OK, "", "", None, ())
        unit.files.upsert_many([write])
        return
    chosen = chance.choice(files).id
    match chance.randrange(6):
        case 0:
            unit.files.delete([chosen])
        case 1:
            moved = text("UPDATE media_files SET source_id = :source WHERE id = :id")
            unit.connection.execute(moved, {"source": chance.choice((1, 2)), "id": chosen})
        case 2:
            ids = [row.id for row in unit.wanted.of_file(chosen)]
            unit.wanted.move(ids, chance.choice(list(WantedStatus)))
        case _:
            languages = chance.sample(["de", "en", "fr", "it"], 2)
            film = unit.connection.execute(text("SELECT min(id) FROM media")).scalar_one()
            wishes = [
                WantedWish(
                    chosen, film, None, MediaKind.MOVIE, language, SubtitleType.FULL, is_satisfied=False
                )
                for language in languages
            ]
            unit.wanted.reconcile([chosen], wishes)


def prepare(database: Database, _: int) -> dict[str, str]:
    """Make the schema."""
    return {name: str(value) for name, value in asdict(schema.prepare(database)).items()}


def write_until_told(database: Database, _: int) -> list[float]:
    """Write now and then until somebody saves that it is over; answers the milliseconds of each write."""
    waits: list[float] = []
    pause = threading.Event()
    while True:
        pause.wait(0.005)
        started = perf_counter()
        with database.write() as unit:
            is_over = unit.config.find("is over") is not None
            unit.config.save("process", str(started))
        waits.append((perf_counter() - started) * 1000)
        if is_over:
            return waits


def get_or_create(database: Database, rounds: int) -> dict[str, list[object]]:
    """Ask for each thing of each round as if it might not be there; answers what was got."""
    return {name: [ask_for(database, name, number) for number in range(rounds)] for name in ASKS}


ACTIONS: dict[str, Callable[[Database, int], object]] = {
    "get_or_create": get_or_create,
    "increment": increment,
    "claim_all": claim_all,
    "count_days": count_days,
    "trigger": trigger,
    "use_provider": use_provider,
    "write_until_told": write_until_told,
    "prepare": prepare,
    "want": want,
    "search_all": search_all,
}


def main() -> None:
    """Fork at the word, gather the answers."""
    action, url, *numbers = sys.argv[1:]
    print("ready", flush=True)
    sys.stdin.readline()
    answers = [_in_a_process(action, url, int(number)) for number in numbers]
    print(json.dumps([json.load(answer) for answer in answers]), flush=True)


def _in_a_process(action: str, url: str, number: int) -> TextIO:
    reading, writing = os.pipe()
    if os.fork() == 0:
        database = Database(DatabaseOptions(url=url))
        with os.fdopen(writing, "w") as answer:
            json.dump(ACTIONS[action](database, number), answer)
        database.close()
        os._exit(0)
    os.close(writing)
    return os.fdopen(reading)


if __name__ == "__main__":
    main()
