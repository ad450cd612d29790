"""What people and their tools write, to every repository: kept to the letter, or refused as invalid input.

Nothing in between: not cut, not changed, no error of one database's own.
"""

# ruff: noqa: PT012 - it is a whole unit of work that is given up

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from sublarr.db.base import Base
from sublarr.db.database import Database
from sublarr.db.repositories.anidb import AnidbWrite
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.claims import Claim, Progress
from sublarr.db.repositories.downloads import NewDownload
from sublarr.db.repositories.files import SubtitleRow
from sublarr.db.repositories.glossary import EVERYWHERE, GlossaryScope, NewTerm
from sublarr.db.repositories.hook_log import NewDelivery
from sublarr.db.repositories.hooks import NewHook
from sublarr.db.repositories.media import MediaWrite
from sublarr.db.repositories.metadata import MetadataWrite
from sublarr.db.repositories.probes import ProbeWrite
from sublarr.db.repositories.provider_results import NewProviderResult
from sublarr.db.repositories.schedules import ScheduleSpec
from sublarr.db.repositories.standalone import MovieWrite, SeriesWrite
from sublarr.db.repositories.transcriptions import NewTranscription
from sublarr.db.repositories.translation_configs import UsedConfig
from sublarr.db.repositories.translation_memory import MemoryScope, RememberedLine
from sublarr.db.repositories.upgrades import NewUpgrade
from sublarr.db.repositories.webhooks import NewWebhook
from sublarr.db.repositories.workers import NewWorker
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.events import EventName
from sublarr.vocabulary.jobs import ScanFolder
from sublarr.vocabulary.media import FoundFile, MediaKind, ProbeOutcome, ProbeStatus
from sublarr.vocabulary.rules.profiles import NewProfile
from sublarr.vocabulary.statistics import StatisticsDimension
from sublarr.vocabulary.subtitles import SubtitleFormat, SubtitleOrigin, SubtitleType
from tests.contract.db.rows import GREATEST, HOSTILE_TEXTS, a_file, a_film, a_scan, a_source, a_wish, a_worker
from tests.contract.db.test_completeness import REPOSITORIES

_LONG = "ä字🎬\"'%" * 20_000
_DAY = date(2026, 2, 18)
_SCOPE = MemoryScope("en", "de")


@dataclass(frozen=True)
class Writer:
    """A method that stores a text, and the column in which it ends up."""

    write: Callable[[Unit, str], object]
    column: str
    # What its rule asks (sublarr.vocabulary.rules): ends are trimmed, nothing may not stand for something, a line
    # stays a line, and a text that is longer is refused.
    is_stripped: bool = False
    is_required: bool = False
    is_one_line: bool = False
    longest: int | None = None
    # What a foreign program said: NUL is left out, for the rest is worth keeping.
    drops_nul: bool = False
    # Only the beginning is kept.
    length: int | None = None
    # "" stands for nothing, and is kept as this.
    empty: str = ""
    # Part of an index, which PostgreSQL limits to some 2,700 bytes after compression.
    is_key: bool = False


def _claim(unit: Unit) -> Claim:
    unit.jobs.enqueue(a_scan(1))
    claim = unit.claims.claim(a_worker(unit), [ScanFolder.kind])
    assert claim is not None
    return claim


def _delivery(unit: Unit, text: str) -> None:
    unit.hook_log.add(NewDelivery(text, "script", success=True))


def _subtitle(unit: Unit, title: str) -> None:
    file_id = a_file(unit, a_source(unit), "/media/a.mkv")
    row = SubtitleRow(
        file_id,
        SubtitleOrigin.EMBEDDED,
        2,
        "",
        "de",
        SubtitleType.FULL,
        SubtitleFormat.SRT,
        False,
        True,
        title,
        1,
        1,
    )
    unit.files.set_subtitles([file_id], [row])


def _existing(unit: Unit, text: str) -> None:
    film = a_film(unit)
    wish = a_wish(film)
    values = {name: getattr(wish, name) for name in wish.__slots__}
    unit.wanted.reconcile([film.file_id], [type(wish)(**values | {"existing_sub": text})])


def _probe(unit: Unit, text: str) -> None:
    outcome = ProbeOutcome("/a", ProbeStatus.UNREADABLE, message=text)
    unit.probes.upsert_many([ProbeWrite(FoundFile("/a", 1, 1), outcome)])


def _download(unit: Unit, text: str) -> None:
    download = NewDownload("jimaku", text, "de", "srt", "/a", "/a", SubtitleType.FULL, "", None, "")
    unit.downloads.add_many([download])


def _fail_transcription(unit: Unit, text: str) -> None:
    unit.transcriptions.add(NewTranscription("t", "/a"))
    unit.transcriptions.fail("t", text)


def _trigger(unit: Unit, text: str) -> None:
    webhook = unit.webhooks.add(NewWebhook("Chat", "*", "http://chat.lan"))
    unit.webhooks.record_trigger(webhook.id, success=False, error=text)


WRITERS: Mapping[str, Writer] = {
    "config: value": Writer(lambda unit, text: unit.config.save("key", text), "config_entries.value"),
    "config: key": Writer(
        lambda unit, text: unit.config.save(text, "x"),
        "config_entries.key",
        is_required=True,
        longest=1000,
        is_key=True,
    ),
    "secrets: name": Writer(lambda unit, text: unit.secrets.get_or_make(text), "secrets.name", is_key=True),
    "plugins: value": Writer(
        lambda unit, text: unit.plugins.save("p", {"key": text}), "config_entries.value"
    ),
    "folders: label": Writer(
        lambda unit, text: unit.folders.add("/a", text),
        "watched_folders.label",
        is_stripped=True,
        is_one_line=True,
        longest=1000,
    ),
    "media: title": Writer(
        lambda unit, text: unit.media.upsert_many([MediaWrite(MediaKind.MOVIE, a_source(unit), "k", text)]),
        "media.title",
        is_key=True,
    ),
    "files: title of a track": Writer(_subtitle, "media_subtitles.title"),
    "probes: message": Writer(_probe, "ffprobe_cache.message"),
    "wanted: what there is instead": Writer(_existing, "wanted_items.existing_sub"),
    "downloads: subtitle": Writer(_download, "subtitle_downloads.subtitle_id"),
    "upgrades: reason": Writer(
        lambda unit, text: unit.upgrades.add(NewUpgrade("/a", "srt", 1, "ass", 2, "p", text)),
        "upgrade_history.upgrade_reason",
    ),
    "blocklist: reason": Writer(
        lambda unit, text: unit.blocklist.add(NewBlock("p", "1", reason=text)),
        "blacklist_entries.reason",
        is_stripped=True,
        longest=10_000,
    ),
    "blocklist: subtitle": Writer(
        lambda unit, text: unit.blocklist.add_many([NewBlock("p", text)]),
        "blacklist_entries.subtitle_id",
        is_required=True,
        longest=2000,
        is_key=True,
    ),
    "modifiers: provider": Writer(
        lambda unit, text: unit.modifiers.save(text, 1),
        "provider_score_modifiers.provider_name",
        is_stripped=True,
        is_required=True,
        is_one_line=True,
        longest=100,
        is_key=True,
    ),
    "provider_stats: provider": Writer(
        lambda unit, text: unit.provider_stats.record_search(text),
        "provider_stats.provider_name",
        is_key=True,
    ),
    "provider_results: query": Writer(
        lambda unit, text: unit.provider_results.upsert_many([NewProviderResult("p", text, [], 1)]),
        "provider_cache.query_hash",
        is_key=True,
    ),
    "provider_results: answer": Writer(
        lambda unit, text: unit.provider_results.upsert_many([NewProviderResult("p", "1", text, 1)]),
        "provider_cache.results",
    ),
    "jobs: error": Writer(lambda unit, text: unit.claims.fail(_claim(unit), text, ""), "jobs.error"),
    "claims: note": Writer(
        lambda unit, text: unit.claims.progress(_claim(unit), Progress(note=text)), "jobs.progress_note"
    ),
    "claims: result": Writer(
        lambda unit, text: unit.claims.complete(_claim(unit), {"text": text}), "jobs.result"
    ),
    "workers: host": Writer(
        lambda unit, text: unit.workers.add(NewWorker("w", text, 1, "embedded", 1, "1", "")),
        "job_workers.host",
    ),
    "schedules: title": Writer(
        lambda unit, text: unit.schedules.upsert_many((ScheduleSpec("s", text, "scan_library", {}),)),
        "job_schedules.title",
    ),
    "transcriptions: language": Writer(
        lambda unit, text: unit.transcriptions.add(NewTranscription("t", "/a", text)), "whisper_jobs.language"
    ),
    "transcriptions: error": Writer(_fail_transcription, "whisper_jobs.error", drops_nul=True),
    "translation_configs: prompt": Writer(
        lambda unit, text: unit.translation_configs.record(UsedConfig("h", "m", text, "de")),
        "translation_config_history.prompt_template",
    ),
    "translation_memory: line": Writer(
        lambda unit, text: unit.translation_memory.upsert_many(_SCOPE, [RememberedLine("h", "x", text)]),
        "translation_memory.translated_text",
    ),
    "glossary: term": Writer(
        lambda unit, text: unit.glossary.add(EVERYWHERE, NewTerm("x", text)),
        "glossary_entries.target_term",
        is_stripped=True,
        is_required=True,
        longest=1000,
    ),
    "prompt_presets: prompt": Writer(
        lambda unit, text: unit.prompt_presets.add("x", text),
        "prompt_presets.prompt_template",
        is_stripped=True,
        is_required=True,
        longest=20_000,
    ),
    "backend_statistics: error": Writer(
        lambda unit, text: unit.backend_statistics.record_failure("b", text),
        "translation_backend_stats.last_error",
        drops_nul=True,
        length=500,
    ),
    "daily_statistics: key": Writer(
        lambda unit, text: unit.daily_statistics.record_traits(_DAY, {StatisticsDimension.PROVIDER: text}),
        "daily_breakdowns.key",
        empty="unknown",
        is_key=True,
    ),
    "events: payload": Writer(
        lambda unit, text: unit.events.add(EventName.JOB_FAILED, {"text": text}), "event_outbox.payload"
    ),
    "hooks: name": Writer(
        lambda unit, text: unit.hooks.add(NewHook(text, "*", "notify.sh")),
        "hook_configs.name",
        is_stripped=True,
        is_required=True,
        is_one_line=True,
        longest=100,
    ),
    "webhooks: name": Writer(
        lambda unit, text: unit.webhooks.add(NewWebhook(text, "*", "http://chat.lan")),
        "webhook_configs.name",
        is_stripped=True,
        is_required=True,
        is_one_line=True,
        longest=100,
    ),
    "webhooks: secret": Writer(
        lambda unit, text: unit.webhooks.add(NewWebhook("Chat", "*", "http://chat.lan", text)),
        "webhook_configs.secret",
        is_one_line=True,
        longest=1000,
    ),
    "hook_log: event": Writer(_delivery, "hook_log.event_name"),
    "anidb: title": Writer(
        lambda unit, text: unit.anidb.upsert_many([AnidbWrite(1, 1, text)]), "anidb_mappings.series_title"
    ),
    "metadata: answer": Writer(
        lambda unit, text: unit.metadata.upsert_many([MetadataWrite("k", "p", {"text": text})]),
        "metadata_cache.response",
    ),
    "standalone_series: poster": Writer(
        lambda unit, text: unit.standalone_series.upsert_many(
            [SeriesWrite(title="x", folder_path="/a", poster_url=text)]
        ),
        "standalone_series.poster_url",
    ),
    "standalone_movies: poster": Writer(
        lambda unit, text: unit.standalone_movies.upsert_many(
            [MovieWrite(title="x", file_path="/a", poster_url=text)]
        ),
        "standalone_movies.poster_url",
    ),
    "profiles: name": Writer(
        lambda unit, text: unit.profiles.add(NewProfile(text)),
        "language_profiles.name",
        is_stripped=True,
        is_required=True,
        is_one_line=True,
        longest=100,
    ),
}
# Repositories that take no text of anybody's, with the reason.
TEXTLESS = {
    "audit": "its lines are written with what they tell of, by the repositories of that",
    "counters": "counts the rows of others",
    "file_history": "only looks",
    "outdated_jobs": "only looks",
    "search": "only looks, and rebuilds",
    "statistics": "only looks",
    "weights": "takes names of a fixed list, and numbers",
}


def _stored(unit: Unit, column: str) -> list[Any]:
    """The texts of a column, newest writing last; of a JSON document the text inside."""
    table, name = column.split(".")
    values = unit.connection.execute(select(Base.metadata.tables[table].c[name])).scalars().all()
    return [value["text"] if isinstance(value, dict) else value for value in values]


def _expected(writer: Writer, text: str) -> str | None:
    """What must be stored, None where it must be refused."""
    text = text.strip() if writer.is_stripped else text
    is_broken = writer.is_one_line and any(character < " " for character in text)
    is_too_long = writer.longest is not None and len(text) > writer.longest
    if is_broken or is_too_long or (writer.is_required and not text):
        return None
    return (text or writer.empty)[: writer.length]


class _Undo(Exception):
    """Each text is tried on an empty table."""


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
def test_every_character_is_kept(database: Database, writer: Writer) -> None:
    for text in HOSTILE_TEXTS:
        expected = _expected(writer, text)
        if expected is None:
            with pytest.raises(InvalidInput), database.write() as unit:
                writer.write(unit, text)
            continue
        with pytest.raises(_Undo), database.write() as unit:
            writer.write(unit, text)
            assert expected in _stored(unit, writer.column), ascii(text)
            raise _Undo


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
def test_a_text_of_any_length_is_kept_or_refused_as_such(database: Database, writer: Writer) -> None:
    longest = writer.longest or len(_LONG)
    for text in (_LONG[:longest], _LONG[: longest + 1]):
        expected = _expected(writer, text)
        try:
            with pytest.raises(_Undo), database.write() as unit:
                writer.write(unit, text)
                assert expected is not None
                assert expected in _stored(unit, writer.column)
                raise _Undo
        except InvalidInput:
            assert expected is None or (writer.is_key and database.dialect == "postgresql")


@pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS.keys())
def test_what_no_store_can_hold_is_refused(database: Database, writer: Writer) -> None:
    if writer.drops_nul:
        with database.write() as unit:
            writer.write(unit, "a\0b")
            assert "ab" in _stored(unit, writer.column)
        return
    for text in ("a\0b", "a\udc80b"):
        with pytest.raises(InvalidInput), database.write() as unit:
            writer.write(unit, text)


# How a number is written, the column in which it ends up, and the least that its rule accepts.
_NUMBERS: Mapping[str, tuple[Callable[[Unit, int], object], str, int]] = {
    "files: size": (
        lambda unit, number: unit.probes.upsert_many(
            [ProbeWrite(FoundFile("/a", number, number), ProbeOutcome("/a", ProbeStatus.OK))]
        ),
        "ffprobe_cache.size",
        -GREATEST - 1,
    ),
    "glossary: series": (
        lambda unit, number: unit.glossary.add(GlossaryScope(a_source(unit), number), NewTerm("x", "y")),
        "glossary_entries.series_id",
        1,
    ),
    "anidb: id": (
        lambda unit, number: unit.anidb.upsert_many([AnidbWrite(1, number)]),
        "anidb_mappings.anidb_id",
        -GREATEST - 1,
    ),
    "claims: progress": (
        lambda unit, number: unit.claims.progress(_claim(unit), Progress(number)),
        "jobs.progress_done",
        -GREATEST - 1,
    ),
}


@pytest.mark.parametrize(("write", "column", "least"), _NUMBERS.values(), ids=_NUMBERS.keys())
def test_numbers_of_64_bits_are_kept_and_others_refused(
    database: Database, write: Callable[[Unit, int], object], column: str, least: int
) -> None:
    numbers = (1, 0, -1, GREATEST, -GREATEST - 1)
    for number in (number for number in numbers if number >= least):
        with pytest.raises(_Undo), database.write() as unit:
            write(unit, number)
            assert _stored(unit, column) == [number]
            raise _Undo
    for number in (least - 1, GREATEST + 1, *(number for number in numbers if number < least)):
        with pytest.raises(InvalidInput), database.write() as unit:
            write(unit, number)


_REQUIRED: Mapping[str, Callable[[Unit], object]] = {
    "config": lambda unit: unit.config.save("key", None),  # type: ignore[arg-type]
    "blocklist": lambda unit: unit.blocklist.add(NewBlock("p", None)),  # type: ignore[arg-type]
    "hooks": lambda unit: unit.hooks.add(NewHook(None, "*", "x")),  # type: ignore[arg-type]
    "downloads": lambda unit: _download(unit, None),  # type: ignore[arg-type]
    "anidb": lambda unit: unit.anidb.upsert_many([AnidbWrite(1, None)]),  # type: ignore[arg-type]
    "transcriptions": lambda unit: unit.transcriptions.add(NewTranscription("t", None)),  # type: ignore[arg-type]
    "events": lambda unit: unit.events.add(EventName.JOB_FAILED, {}, job_id=None),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("write", _REQUIRED.values(), ids=_REQUIRED.keys())
def test_nothing_where_something_is_required_is_refused(
    database: Database, write: Callable[[Unit], object]
) -> None:
    with pytest.raises(InvalidInput), database.write() as unit:
        write(unit)


def test_no_repository_is_left_untried() -> None:
    tried = {name.partition(":")[0] for name in WRITERS}
    missing = REPOSITORIES.keys() - tried - TEXTLESS.keys()
    assert not missing, "add a writer to WRITERS, or the name to TEXTLESS: " + ", ".join(sorted(missing))
    assert tried | TEXTLESS.keys() <= REPOSITORIES.keys()
