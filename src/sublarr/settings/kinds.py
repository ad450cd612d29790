"""The kinds of value a setting may have, each with the words that tell a person what is expected.

Every setting arrives as text. Pydantic turns it into whole numbers, booleans, enumerations and paths; what
only this program knows (URLs, languages, lists, times of day) is read by the functions here, which raise
`ValueError` with a detail that never repeats the value, because the value may be a secret.
"""

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, Secret, SecretStr

from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.masking import mask_url


@dataclass(frozen=True, slots=True)
class Expected:
    """What a person should write, as the end of the sentence "expected …"."""

    words: str
    can_be_empty: bool = False


class Choice(StrEnum):
    """An enumeration whose members are recognised in any case."""

    @classmethod
    def _missing_(cls, value: object) -> "Choice | None":
        return next((member for member in cls if member.lower() == str(value).lower()), None)


class LogLevel(Choice):
    """How much is logged."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"
    CRITICAL = "CRITICAL"


class LogFormat(Choice):
    """Lines for people, or one JSON object a line."""

    TEXT = "text"
    JSON = "json"


class CacheProvider(Choice):
    """Where cached values live; AUTO takes Redis where it is set, else memory and the database."""

    AUTO = "auto"
    MEMORY = "memory"
    DATABASE = "database"
    REDIS = "redis"


class QueueFallback(Choice):
    """What happens to jobs while Redis is gone: worker threads here take them, or they wait."""

    EMBEDDED = "embedded"
    NONE = "none"


class KeptFormat(Choice):
    """Which sidecars a clean-up keeps where a language has several."""

    ANY = "any"
    ASS = "ass"
    SRT = "srt"


class MaskedUrl(Secret[str]):
    """A URL that shows itself without its password; `get_secret_value` tells it whole."""

    def _display(self) -> str:
        return mask_url(self.get_secret_value())


class PathMapping(NamedTuple):
    """A folder as another program names it, and as this one does."""

    remote: str
    local: str


def _url_reader(*schemes: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            return text
        scheme, separator, rest = text.partition("://")
        if not separator or scheme.lower() not in schemes:
            raise ValueError(f"it must begin with {' or '.join(f'{known}://' for known in schemes)}")
        if scheme.lower() not in ("sqlite", "unix"):
            _check_address(text)
        elif not rest.startswith("/"):
            raise ValueError(f"the path follows {scheme}://, and begins with /")
        return text.rstrip("/") if scheme.lower() in ("http", "https") else text

    return read


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        port, has_host = parts.port, bool(parts.hostname)
    except ValueError:
        raise ValueError(
            "its host or port cannot be read; special characters in a password are %-escaped"
        ) from None
    # libpq reaches a local server without a host: postgresql:///name?host=/run/postgresql
    if not has_host and not parts.scheme.startswith("postgres"):
        raise ValueError("it names no host")
    if port == 0:
        raise ValueError("port 0 cannot be connected to")


def _read_language(text: str) -> str:
    tag = parse_language(text)
    if tag is None:
        raise ValueError("no such language is known")
    return tag


def _read_list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _read_lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _read_languages(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_read_language(part) for part in _read_list(text)))


def _read_networks(text: str) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_network(part, strict=False)) for part in _read_list(text))


def _read_mappings(text: str) -> tuple[PathMapping, ...]:
    mappings = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        remote, equals, local = (piece.strip() for piece in part.partition("="))
        if not (remote and equals and local):
            raise ValueError("a folder on each side of = is needed")
        mappings.append(PathMapping(remote, local))
    return tuple(mappings)


def _read_time(text: str) -> time:
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if found is None:
        raise ValueError("hours go from 00 to 23 and minutes from 00 to 59")
    return time(int(found.group(1)), int(found.group(2)))


def _parse_json(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as broken:
        raise ValueError(f"it is not JSON: {broken.msg} at character {broken.pos + 1}") from None


def _read_objects(text: str) -> str:
    if text.strip():
        entries = _parse_json(text)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise ValueError("it is JSON, but not an array of objects")
    return text.strip()


def _read_object(text: str) -> str:
    if text and not isinstance(_parse_json(text), dict):
        raise ValueError("it is JSON, but not an object")
    return text


def _read_notification_urls(text: str) -> tuple[str, ...]:
    if not text.lstrip().startswith("["):
        urls = list(_read_lines(text))
    else:
        parsed = _parse_json(text)
        urls = [url for url in parsed if isinstance(url, str)] if isinstance(parsed, list) else []
        if not isinstance(parsed, list) or len(urls) != len(parsed):
            raise ValueError("it is JSON, but not an array of texts")
    if not all("://" in url for url in urls):
        raise ValueError("each is a URL such as ntfy://topic")
    return tuple(urls)


def _read_path(text: str | Path) -> Path:
    if "\0" in str(text):
        raise ValueError("a path cannot hold a NUL character")
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        raise ValueError("the home folder that ~ stands for is not known") from None


def _read_log_file(text: str | Path) -> Path | None:
    return None if str(text).lower() == "none" else _read_path(text)


def _read_base_path(text: str) -> str:
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[\w.~-]+)+", path, re.ASCII):
        raise ValueError("letters, digits and . _ ~ - between slashes")
    return path


def _read_host(text: str) -> str:
    if not re.fullmatch(r"\[?[\w.:%-]+\]?", text, re.ASCII):
        raise ValueError("without scheme, port or spaces")
    return text.strip("[]")


Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
CountOrZero = Annotated[int, Field(ge=0)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Factor = Annotated[float, Field(ge=1, allow_inf_nan=False)]
Temperature = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
Percent = Annotated[int, Field(ge=0, le=100)]

Language = Annotated[
    str,
    BeforeValidator(_read_language),
    Expected("a language in any usual form, such as de, ger, German or pt-BR"),
]
Languages = Annotated[
    tuple[str, ...],
    BeforeValidator(_read_languages),
    Expected("languages separated by commas", can_be_empty=True),
]
Names = Annotated[
    tuple[str, ...], BeforeValidator(_read_list), Expected("names separated by commas", can_be_empty=True)
]
Lines = Annotated[
    tuple[str, ...], BeforeValidator(_read_lines), Expected("one entry a line", can_be_empty=True)
]
Networks = Annotated[
    tuple[str, ...],
    BeforeValidator(_read_networks),
    Expected(
        "addresses or networks separated by commas, such as 127.0.0.1, 172.16.0.0/12", can_be_empty=True
    ),
]
PathMappings = Annotated[
    tuple[PathMapping, ...],
    BeforeValidator(_read_mappings),
    Expected(
        "remote=local pairs separated by semicolons, such as /tv=/media/tv;/anime=/media/anime",
        can_be_empty=True,
    ),
]
TimeOfDay = Annotated[time, BeforeValidator(_read_time), Expected("a time of day such as 02:00")]
File = Annotated[Path, BeforeValidator(_read_path), Expected("a path to a file")]
Folder = Annotated[Path, BeforeValidator(_read_path), Expected("a path to a folder")]
OptionalFolder = Annotated[
    Path | None, BeforeValidator(_read_path), Expected("empty, or a path to a folder", can_be_empty=True)
]
LogFile = Annotated[
    Path | None, BeforeValidator(_read_log_file), Expected("a path to a file, or none for no file")
]
Host = Annotated[str, BeforeValidator(_read_host), Expected("an address or a host name")]
BasePath = Annotated[
    str, BeforeValidator(_read_base_path), Expected("empty, or a path such as /sublarr", can_be_empty=True)
]
Handling = Literal["include", "prefer", "exclude", "only"]

HttpUrl = Annotated[
    MaskedUrl,
    BeforeValidator(_url_reader("http", "https")),
    Expected("empty, or a URL such as http://host:8989", can_be_empty=True),
]
DatabaseUrl = Annotated[
    MaskedUrl,
    BeforeValidator(
        _url_reader("postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgres", "sqlite")
    ),
    Expected("empty, postgresql://user:password@host:5432/name, or sqlite:///path", can_be_empty=True),
]
ReplicaUrl = Annotated[
    MaskedUrl,
    BeforeValidator(_url_reader("postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgres")),
    Expected("empty, or postgresql://user:password@host:5432/name", can_be_empty=True),
]
RedisUrl = Annotated[
    MaskedUrl,
    BeforeValidator(_url_reader("redis", "rediss", "unix")),
    Expected("empty, redis://host:6379/0, rediss://… or unix:///path", can_be_empty=True),
]

JsonObjects = Annotated[
    SecretStr,
    BeforeValidator(_read_objects),
    Expected("empty, or a JSON array of objects", can_be_empty=True),
]
JsonObject = Annotated[
    str, BeforeValidator(_read_object), Expected("empty, or a JSON object", can_be_empty=True)
]
NotificationUrls = Annotated[
    tuple[SecretStr, ...],
    BeforeValidator(_read_notification_urls),
    Expected("Apprise URLs as a JSON array or one a line", can_be_empty=True),
]
