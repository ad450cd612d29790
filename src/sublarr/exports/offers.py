"""Which lists can be exported, what each heeds of a filter, and where its rows come from."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from sublarr.db.repositories.audited import AuditRow
from sublarr.db.repositories.blocklist import BlockRow
from sublarr.db.repositories.daily_statistics import DayBreakdown, DayCounts
from sublarr.db.repositories.downloads import DownloadRow
from sublarr.db.repositories.events import EventRow
from sublarr.db.repositories.files import FileRow
from sublarr.db.repositories.glossary import TermRow
from sublarr.db.repositories.hook_log import DeliveryRow
from sublarr.db.repositories.jobs import JobFilter, JobRow
from sublarr.db.repositories.media import MediaRow
from sublarr.db.repositories.provider_stats import ProviderStatRow
from sublarr.db.repositories.translation_memory import MemoryRow
from sublarr.db.repositories.upgrades import UpgradeRow
from sublarr.db.repositories.wanted import WantedFilter, WantedRow
from sublarr.db.unit import Unit
from sublarr.vocabulary.errors import FieldProblem, InvalidInput
from sublarr.vocabulary.exports import ExportName
from sublarr.vocabulary.jobs import PAYLOADS, JobStatus
from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import WantedStatus

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Which rows of a list; what is empty leaves nothing out."""

    statuses: tuple[str, ...] = ()
    kind: str = ""
    language: str = ""
    provider: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A list: the class of its rows, whose fields are the columns, and its rows; `heeds` names parts of a filter."""

    row: type
    rows: Callable[[Unit, ExportFilter], Iterator[Any]]
    heeds: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of what is told of a row, in order."""
        return tuple(field.name for field in fields(self.row))


def open_export(unit: Unit, name: ExportName, chosen: ExportFilter) -> tuple[tuple[str, ...], Iterator[Any]]:
    """The columns and the rows of an export, which are read while they are asked for, inside the unit.

    Raises `InvalidInput` for a filter that this list has no use for, or that names nothing.
    """
    offer = OFFERS[name]
    idle = [part for part, value in asdict(chosen).items() if value and part not in offer.heeds]
    if idle:
        problems = [
            FieldProblem(_SPOKEN[part], f"{name} cannot be filtered by {_SPOKEN[part]}") for part in idle
        ]
        raise InvalidInput(problems[0].message, problems=problems)
    return offer.columns, offer.rows(unit, chosen)


_SPOKEN = {
    "statuses": "status",
    "kind": "kind",
    "language": "language",
    "provider": "provider",
    "words": "words",
}


def _wanted(unit: Unit, chosen: ExportFilter) -> Iterator[Any]:
    return unit.wanted.stream(
        WantedFilter(
            statuses=tuple(_member(WantedStatus, "status", status) for status in chosen.statuses),
            item_type=_member(MediaKind, "kind", chosen.kind) if chosen.kind else None,
            target_language=_language(chosen),
            words=chosen.words,
        )
    )


def _media(unit: Unit, chosen: ExportFilter) -> Iterator[Any]:
    return unit.media.stream(_member(MediaKind, "kind", chosen.kind) if chosen.kind else None)


def _jobs(unit: Unit, chosen: ExportFilter) -> Iterator[Any]:
    if chosen.kind and chosen.kind not in PAYLOADS:
        raise _refused("kind", chosen.kind, sorted(PAYLOADS))
    statuses = tuple(_member(JobStatus, "status", status) for status in chosen.statuses)
    return unit.jobs.stream(JobFilter(statuses, chosen.kind, chosen.words))


def _downloads(unit: Unit, chosen: ExportFilter) -> Iterator[Any]:
    return unit.downloads.stream(chosen.provider, _language(chosen))


def _language(chosen: ExportFilter) -> str:
    tag = parse_language(chosen.language)
    if chosen.language and not tag:
        message = f"{chosen.language} names no language"
        raise InvalidInput(
            message,
            problems=[FieldProblem("language", message)],
            remedy="Write a tag (de, pt-BR) or an English name.",
        )
    return tag or ""


def _member(members: type[Member], field: str, value: str) -> Member:
    try:
        return members(value)
    except ValueError:
        raise _refused(field, value, [member.value for member in members]) from None


def _refused(field: str, value: str, known: list[str]) -> InvalidInput:
    message = f"no {field} {value!r}: it is one of {', '.join(known)}"
    return InvalidInput(message, problems=[FieldProblem(field, message)])


OFFERS: Mapping[ExportName, Offer] = {
    ExportName.WANTED: Offer(WantedRow, _wanted, frozenset({"statuses", "kind", "language", "words"})),
    ExportName.MEDIA: Offer(MediaRow, _media, frozenset({"kind"})),
    ExportName.FILES: Offer(FileRow, lambda unit, _: unit.files.stream()),
    ExportName.JOBS: Offer(JobRow, _jobs, frozenset({"statuses", "kind", "words"})),
    ExportName.DOWNLOADS: Offer(DownloadRow, _downloads, frozenset({"provider", "language"})),
    ExportName.UPGRADES: Offer(UpgradeRow, lambda unit, _: unit.upgrades.stream()),
    ExportName.BLOCKLIST: Offer(BlockRow, lambda unit, _: unit.blocklist.stream()),
    ExportName.GLOSSARY: Offer(TermRow, lambda unit, _: unit.glossary.stream()),
    ExportName.TRANSLATION_MEMORY: Offer(MemoryRow, lambda unit, _: unit.translation_memory.stream()),
    ExportName.PROVIDERS: Offer(ProviderStatRow, lambda unit, _: unit.provider_stats.stream()),
    ExportName.DELIVERIES: Offer(DeliveryRow, lambda unit, _: unit.hook_log.stream()),
    ExportName.EVENTS: Offer(EventRow, lambda unit, _: unit.events.stream()),
    ExportName.DAYS: Offer(DayCounts, lambda unit, _: unit.daily_statistics.stream()),
    ExportName.BREAKDOWNS: Offer(DayBreakdown, lambda unit, _: unit.daily_statistics.stream_breakdowns()),
    ExportName.AUDIT: Offer(AuditRow, lambda unit, _: unit.audit.stream()),
}
