"""Wanted: which subtitles are missing, in which language, and what a person may do about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, request

from sublarr.db.repositories.folders import FolderRow
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.jobs import asking as jobs
from sublarr.vocabulary.errors import SublarrError
from sublarr.vocabulary.jobs import JobStatus
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import SubtitleType, WantedStatus
from sublarr.web.journal import request_id
from sublarr.web.pages import asking
from sublarr.web.pages.formats import plural
from sublarr.web.pages.fragments import OPEN
from sublarr.web.pages.frame import Frame

_ROWS = 50
_RUNNING_SHOWN = 3
_STATES: Mapping[str, tuple[WantedStatus, ...]] = {
    "open": OPEN,
    "failed": (WantedStatus.FAILED,),
    "got": (WantedStatus.FOUND, WantedStatus.EXTRACTED),
    "ignored": (WantedStatus.IGNORED,),
    "all": (),
}


@dataclass(frozen=True, slots=True)
class _Choice:
    """What the filter form says, as the page shows it again."""

    state: str
    language: str
    subtitle_type: SubtitleType | None
    kind: MediaKind | None
    words: str

    @property
    def is_narrowed(self) -> bool:
        """Whether a person asked for less than everything in one state."""
        return bool(self.language or self.subtitle_type or self.kind or self.words)


def add_routes(frame: Frame) -> None:
    """Register both lists and their actions."""
    frame.get("/wanted", show)
    frame.get("/wanted/upgrades", show_upgrades)
    frame.post("/wanted/act", act)
    frame.post("/wanted/upgrades/act", act_on_upgrades)


def show(frame: Frame) -> Response:
    """Everything that is wanted."""
    return _show(frame, "/wanted", upgrades_only=False)


def show_upgrades(frame: Frame) -> Response:
    """What is there but would be replaced by something better."""
    return _show(frame, "/wanted/upgrades", upgrades_only=True)


def act(frame: Frame) -> Response:
    """Do what was asked with the ticked rows."""
    return _act(frame, "/wanted")


def act_on_upgrades(frame: Frame) -> Response:
    """Do what was asked with the ticked rows of the list of upgrades."""
    return _act(frame, "/wanted/upgrades")


def _show(frame: Frame, path: str, *, upgrades_only: bool) -> Response:
    choice = _read_choice()
    wanted = WantedFilter(
        statuses=_STATES[choice.state],
        item_type=choice.kind,
        target_language=choice.language,
        subtitle_type=choice.subtitle_type,
        upgrades_only=upgrades_only,
        words=choice.words,
    )
    with frame.house.database.read(stale_ok=True) as unit:
        # What no filter narrows is counted already.
        wants_total = choice.is_narrowed or (upgrades_only and choice.state != "open")
        page = unit.wanted.page(wanted, asking.page_request(_ROWS, wants_total=wants_total))
        folders = unit.folders.listed()
        profile = unit.profiles.find_default()
        jobs_shown = unit.jobs.active(_RUNNING_SHOWN)
    return frame.render(
        "wanted.html",
        path=path,
        page=page,
        choice=choice,
        upgrades_only=upgrades_only,
        folders=folders,
        has_scanned=_has_scanned(folders),
        running=[job for job in jobs_shown if job.status is JobStatus.RUNNING],
        languages=profile.target_languages if profile else (),
        query=asking.query_without("cursor"),
        full_query=asking.query_without(),
    )


def _has_scanned(folders: tuple[FolderRow, ...]) -> bool:
    return any(folder.last_scan_at is not None for folder in folders)


def _read_choice() -> _Choice:
    state = request.args.get("status", "open")
    return _Choice(
        state=state if state in _STATES else "open",
        language=asking.words("language")[:35],
        subtitle_type=asking.chosen(SubtitleType, "type"),
        kind=asking.chosen(MediaKind, "kind"),
        words=asking.words(),
    )


def _act(frame: Frame, path: str) -> Response:
    query = asking.query_without()
    try:
        return frame.done(path, _do(frame, request.form.get("action", "")), query)
    except SublarrError as problem:
        return frame.refused(path, problem, query)


def _do(frame: Frame, action: str) -> str:
    """Do one action; what to tell the person."""
    database = frame.house.database
    if action == "scan":
        return f"{plural(len(jobs.scan_all(database, request_id=request_id())), 'scan')} asked for."
    items = asking.ticked("item")
    if not items:
        return "Nothing was selected: tick the rows first."
    match action:
        case "extract":
            return told_extraction(jobs.extract_wanted(database, items, request_id=request_id()))
        case "ignore":
            moved = _move(frame, items, WantedStatus.IGNORED)
            return f"{plural(moved, 'subtitle')} ignored. They stay so until you want them again."
        case "want":
            return f"{plural(_move(frame, items, WantedStatus.WANTED), 'subtitle')} wanted again."
        case _:
            return "That is no action of this page."


def _move(frame: Frame, items: tuple[int, ...], target: WantedStatus) -> int:
    with frame.house.database.write(urgent=True) as unit:
        return unit.wanted.move(items, target)


def told_extraction(new_jobs: int) -> str:
    """What to tell of an extraction that was asked for."""
    if not new_jobs:
        return "There is nothing to extract: no embedded text subtitle in a wanted language is missing beside its file."
    return f"{plural(new_jobs, 'extraction')} asked for."
