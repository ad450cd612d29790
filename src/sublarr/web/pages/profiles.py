"""Settings, languages: what the default profile wants."""

import re

from flask import Response, request

from sublarr.vocabulary.errors import InvalidInput, SublarrError
from sublarr.vocabulary.language import language_name, parse_language
from sublarr.vocabulary.rules.kinds import MOST_LANGUAGES
from sublarr.web.pages import asking
from sublarr.web.pages.frame import Frame

_PATH = "/settings/profiles"
# What the form offers before anybody has typed; any other language may be typed.
_OFFERED = (
    "ar cs da de el en es fi fr he hi hu id it ja ko nl no pl pt pt-BR ro ru sv th tr uk vi zh-Hans zh-Hant"
).split()


def add_routes(frame: Frame) -> None:
    """Register the page and its form."""
    frame.get(_PATH, show)
    frame.post(f"{_PATH}/default", save)


def show(frame: Frame) -> Response:
    """The profiles, and the languages of the default one to be changed."""
    with frame.house.database.read() as unit:
        profiles = unit.profiles.listed()
    return frame.render(
        "profiles.html",
        profiles=profiles,
        offered=[(tag, language_name(tag)) for tag in _OFFERED],
        typed=request.args.get("languages"),
    )


def save(frame: Frame) -> Response:
    """Have the default profile want other languages, and work out anew what is wanted."""
    typed = request.form.get("languages", "")
    try:
        source = _parse(request.form.get("source", ""))
        targets = tuple(dict.fromkeys(_parse(word) for word in re.split(r"[,;\n]", typed) if word.strip()))
        if not targets:
            raise InvalidInput("name at least one language that subtitles are wanted in")
        if len(targets) > MOST_LANGUAGES:
            raise InvalidInput(f"more than {MOST_LANGUAGES} languages are not kept")
        _store(frame, source, targets)
    except SublarrError as problem:
        return frame.refused(_PATH, problem, {"languages": typed[:500]})
    named = ", ".join(language_name(tag) for tag in targets)
    return frame.done(_PATH, f"Subtitles are wanted in {named}. {_consequence(frame)}")


def _parse(text: str) -> str:
    tag = parse_language(text)
    if tag is None:
        shown = text.strip()[:40]
        raise InvalidInput(
            f"“{shown}” names no language" if shown else "the language is missing",
            remedy="Write a name or a code: German, de, pt-BR.",
        )
    return tag


def _store(frame: Frame, source: str, targets: tuple[str, ...]) -> None:
    seen = asking.version()
    with frame.house.database.write(urgent=True, durable=True) as unit:
        unit.profiles.set_default_languages(source, targets, seen)


def _consequence(frame: Frame) -> str:
    with frame.house.database.read() as unit:
        if not unit.folders.listed(enabled_only=True):
            return "It will hold for the first folder you add."
    return "What is missing is being worked out anew."
