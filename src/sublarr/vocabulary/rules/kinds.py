"""The kinds of value that rules are made of: names, notes, paths, addresses, languages, numbers.

Texts are trimmed at both ends and otherwise kept as they were written, in any script.
"""

import ipaddress
import posixpath
from enum import Enum
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from sublarr.vocabulary.events import EventName
from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.paths import is_storable
from sublarr.vocabulary.scoring import GREATEST_POINTS

EVERY_EVENT = "*"
LARGEST_ID = 2**63 - 1
MOST_LANGUAGES = 50
# By name, because a resolver inside a cloud answers them with addresses of its own choice.
_METADATA_HOSTS = frozenset({"metadata", "metadata.google.internal", "instance-data"})


class Unchanged(Enum):
    """What an edit says of a field in which "nothing" is a value of its own."""

    UNCHANGED = "unchanged"


UNCHANGED = Unchanged.UNCHANGED


def storable(text: str) -> str:
    """The text itself; raises `ValueError` for what a database cannot hold."""
    if not is_storable(text):
        raise ValueError("must not hold NUL characters or halves of characters")
    return text


def one_line(text: str) -> str:
    """The text itself; raises `ValueError` where it would not stay on its line in a list or a log."""
    if any(character < " " or character == "\x7f" for character in text):
        raise ValueError("must not hold control characters")
    return storable(text)


def language_tag(text: str) -> str:
    """The canonical tag of a language in any usual form; raises `ValueError`."""
    tag = parse_language(text)
    if tag is None:
        raise ValueError("no such language is known; de, ger, German or pt-BR would be")
    return tag


def _each_once(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _known_event(name: str) -> str:
    if name != EVERY_EVENT and name not in tuple(EventName):
        raise ValueError(f"no event has this name; {EVERY_EVENT} stands for every event")
    return name


def _absolute_path(path: str) -> str:
    storable(path)
    if not path.startswith("/"):
        raise ValueError("must be an absolute path")
    # POSIX leaves a second slash at the very beginning its meaning; we know none.
    if posixpath.normpath(path).replace("//", "/") != path:
        raise ValueError("must be a path without . or .. or slashes too many")
    return path


def _script_path(path: str) -> str:
    one_line(path)
    if path.startswith(("/", "\\", "~")) or ":" in path.partition("/")[0]:
        raise ValueError("must be relative to the hooks folder")
    if "\\" in path or any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError("must name a file of the hooks folder, without . or .. in it")
    return path


def web_url(url: str) -> str:
    """The address itself; raises `ValueError` for what is no http(s) address, or must never be called."""
    one_line(url)
    if " " in url:
        raise ValueError("must not hold spaces")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("its host or port cannot be read") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError("must begin with http:// or https://")
    if not host:
        raise ValueError("names no host")
    if port == 0:
        raise ValueError("port 0 cannot be connected to")
    if _must_not_be_called(host):
        raise ValueError("link-local and metadata addresses are not called")
    return url


def _must_not_be_called(host: str) -> bool:
    if host.rstrip(".").lower() in _METADATA_HOSTS:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_link_local


def _optional_web_url(url: str) -> str:
    return web_url(url).rstrip("/") if url else url


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Version = Annotated[int, Field(ge=0, le=LARGEST_ID)]
Points = Annotated[int, Field(ge=-GREATEST_POINTS, le=GREATEST_POINTS)]
Percent = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

# What stands in one line of a list.
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(one_line)
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000), AfterValidator(one_line)]
# What may have lines of its own.
Notes = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), AfterValidator(storable)]
Secret = Annotated[str, StringConstraints(max_length=1000), AfterValidator(one_line)]

LanguageTag = Annotated[str, StringConstraints(max_length=100), AfterValidator(language_tag)]
Languages = Annotated[tuple[LanguageTag, ...], Field(max_length=MOST_LANGUAGES), AfterValidator(_each_once)]
Names = Annotated[tuple[Name, ...], Field(max_length=50), AfterValidator(_each_once)]
EventChoice = Annotated[str, StringConstraints(max_length=100), AfterValidator(_known_event)]
FolderPath = Annotated[str, StringConstraints(min_length=1, max_length=4096), AfterValidator(_absolute_path)]
# A path somebody else's program wrote down, which may mean nothing here.
AnyPath = Annotated[str, StringConstraints(max_length=4096), AfterValidator(storable)]
ScriptPath = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
    AfterValidator(_script_path),
]
WebUrl = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(web_url)
]
OptionalWebUrl = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_optional_web_url)
]
TimeoutSeconds = Annotated[int, Field(ge=1, le=3600)]
RetryCount = Annotated[int, Field(ge=0, le=20)]
