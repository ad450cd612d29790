"""Settings, general: every setting with its meaning, its value, where that comes from; change and reset."""

from collections.abc import Mapping
from itertools import groupby

from flask import Response, request

from sublarr.settings import Origin, SettingInfo
from sublarr.vocabulary.errors import SublarrError
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame

_PATH = "/settings/general"
_ORIGINS: Mapping[Origin, str] = {
    Origin.DEFAULT: "default",
    Origin.ENV_FILE: ".env file",
    Origin.ENVIRONMENT: "environment",
    Origin.FILE: "secret file",
    Origin.SAVED: "saved here",
}


def add_routes(frame: Frame) -> None:
    """Register the list and its forms."""
    frame.get(_PATH, show)
    frame.post(f"{_PATH}/save", save)
    frame.post(f"{_PATH}/reset", reset)


def show(frame: Frame) -> Response:
    """The settings by section, those that hold the words a person looks for."""
    words = asking.words()
    settings = frame.house.configuration.refresh(frame.house.database)
    found = [info for info in settings.describe() if _matches(info, words.lower())]
    sections = [(name, list(infos)) for name, infos in groupby(found, key=lambda info: info.section)]
    return frame.render(
        "general.html",
        sections=sections,
        origins=_ORIGINS,
        words=words,
        query=asking.query_without(),
        ignored=settings.ignored,
        unknown=settings.unknown,
    )


def _matches(info: SettingInfo, words: str) -> bool:
    told = f"{info.name} {info.environment_name} {info.meaning}".lower()
    return all(word in told for word in words.split())


def save(frame: Frame) -> Response:
    """Save one value, which goes before the environment's."""
    name, value = request.form.get("name", ""), request.form.get("value", "")
    try:
        frame.house.save_setting(name, value)
    except SublarrError as problem:
        return frame.refused(_PATH, problem, asking.query_without())
    return frame.done(_PATH, f"{name}: saved.", asking.query_without())


def reset(frame: Frame) -> Response:
    """Forget a saved value, so that the environment's or the default holds again."""
    name = request.form.get("name", "")
    try:
        was_saved = frame.house.reset_setting(name)
    except SublarrError as problem:
        return frame.refused(_PATH, problem, asking.query_without())
    told = f"{name}: back to what the environment or the default says." if was_saved else "Nothing was saved."
    return frame.done(_PATH, told, asking.query_without())
