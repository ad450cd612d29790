"""All settings of a running program, with where each value came from.

`Settings` is built by `sublarr.settings.reading` and never changes; a saved change makes a new one.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from enum import Enum, StrEnum
from typing import Any, Literal, get_args, get_origin
from urllib.parse import unquote

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from sublarr.settings.kinds import Expected, MaskedUrl, PathMapping
from sublarr.settings.sections.catalogue import EventSettings, LibrarySettings, SourceSettings, WantedSettings
from sublarr.settings.sections.fetching import (
    ProviderSettings,
    ScoringSettings,
    SubtitleSettings,
    TranslationSettings,
)
from sublarr.settings.sections.process import (
    BackupSettings,
    CacheSettings,
    DatabaseSettings,
    LogSettings,
    PathSettings,
    QueueSettings,
    RetentionSettings,
    ServerSettings,
)
from sublarr.settings.sections.section import Section
from sublarr.vocabulary.errors import NotFound
from sublarr.vocabulary.masking import MASK, mask_text, password_in

PREFIX = "SUBLARR_"

_NOT_SECRET_KEYS = frozenset({"name", "type", "path_mapping", "enabled"})


class Origin(StrEnum):
    """Where a value came from, the strongest last."""

    DEFAULT = "default"
    ENV_FILE = "env_file"
    ENVIRONMENT = "environment"
    FILE = "file"
    SAVED = "saved"


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One setting as a page or the terminal shows it; `value` is masked."""

    name: str
    environment_name: str
    section: str
    meaning: str
    expected: str
    default: str
    value: str
    origin: Origin
    is_secret: bool
    is_boot_only: bool


@dataclass(frozen=True)
class Settings:
    """Every setting, by section; `unknown` and `ignored` name what was given and has no effect.

    `unknown` holds environment names that mean nothing here; `ignored` says for the others why.
    """

    paths: PathSettings
    server: ServerSettings
    logs: LogSettings
    database: DatabaseSettings
    cache: CacheSettings
    queue: QueueSettings
    retention: RetentionSettings
    backup: BackupSettings
    library: LibrarySettings
    sources: SourceSettings
    wanted: WantedSettings
    providers: ProviderSettings
    scoring: ScoringSettings
    subtitles: SubtitleSettings
    translation: TranslationSettings
    events: EventSettings
    origins: Mapping[str, Origin] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)

    def value_of(self, name: str) -> object:
        """The value of a setting by its name; raises `NotFound`."""
        section = SECTION_OF.get(name)
        if section is None:
            raise NotFound(f"There is no setting {name!r}.")
        return getattr(getattr(self, section), name)

    def origin_of(self, name: str) -> Origin:
        """Where the value of a setting came from; raises `NotFound`."""
        if name not in SECTION_OF:
            raise NotFound(f"There is no setting {name!r}.")
        return self.origins.get(name, Origin.DEFAULT)

    def describe(self) -> list[SettingInfo]:
        """Every setting in the order of the documentation, fit to be shown to anyone."""
        return [self._describe_one(name) for name in SECTION_OF]

    def _describe_one(self, name: str) -> SettingInfo:
        section = SECTIONS[SECTION_OF[name]]
        info = section.model_fields[name]
        return SettingInfo(
            name=name,
            environment_name=PREFIX + name.upper(),
            section=SECTION_OF[name],
            meaning=info.description or "",
            expected=expected_words(info),
            default=section.computed_defaults.get(name) or shown(info.default),
            value=shown(self.value_of(name)),
            origin=self.origin_of(name),
            is_secret=is_secret(name),
            is_boot_only=is_boot_only(name),
        )

    def secret_values(self) -> frozenset[str]:
        """Every secret in use, as it could appear in a log line."""
        return frozenset(
            secret for name in SECTION_OF for secret in _secrets_in(self.value_of(name)) if secret
        )


SECTIONS: Mapping[str, type[Section]] = {
    section.name: section.type
    for section in fields(Settings)
    if isinstance(section.type, type) and issubclass(section.type, Section)
}
SECTION_OF: Mapping[str, str] = {
    name: section for section, model in SECTIONS.items() for name in model.model_fields
}


def mask_secrets(text: str, settings: Settings) -> str:
    """The text without any secret in use and without passwords in URLs."""
    return mask_text(text, settings.secret_values())


def is_setting(name: str) -> bool:
    """Whether a saved key is a setting's name rather than a plug-in's or nobody's."""
    return name in SECTION_OF


def is_boot_only(name: str) -> bool:
    """Whether a setting is taken from the environment alone."""
    return name in SECTIONS[SECTION_OF[name]].boot_only


def is_secret(name: str) -> bool:
    """Whether a setting is shown to nobody."""
    annotation = SECTIONS[SECTION_OF[name]].model_fields[name].annotation
    return annotation is SecretStr or SecretStr in get_args(annotation)


def may_hold_secret(name: str) -> bool:
    """Whether a setting is a secret or a URL with room for one; such a one may be read from a file."""
    return is_secret(name) or SECTIONS[SECTION_OF[name]].model_fields[name].annotation is MaskedUrl


def expected_words(info: FieldInfo) -> str:
    """What a person should write for a setting."""
    told = next((marker.words for marker in info.metadata if isinstance(marker, Expected)), None)
    if told is not None:
        return told
    annotation: Any = info.annotation
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "one of " + ", ".join(str(member.value) for member in annotation)
    if annotation is bool:
        return "true or false"
    if annotation == bool | None:
        return "true, false, or empty"
    if annotation in (int, float):
        return ("a whole number" if annotation is int else "a number") + _range_words(info)
    return "text"


def _range_words(info: FieldInfo) -> str:
    low = next((marker.ge for marker in info.metadata if hasattr(marker, "ge")), None)
    high = next((marker.le for marker in info.metadata if hasattr(marker, "le")), None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return "" if low is None else f", {low} or more"


def can_be_empty(info: FieldInfo) -> bool:
    """Whether the empty text is a value of its own for a setting."""
    marker = next((marker for marker in info.metadata if isinstance(marker, Expected)), None)
    return marker.can_be_empty if marker else info.annotation in (str, SecretStr)


def shown(value: object) -> str:
    """A value as text, secrets masked: what a person would write to get it again."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case SecretStr():
            return MASK if value.get_secret_value() else ""
        case time():
            return value.strftime("%H:%M")
        case PathMapping():
            return f"{value.remote}={value.local}"
        case tuple():
            separator = ";" if any(isinstance(part, PathMapping) for part in value) else ", "
            return separator.join(shown(part) for part in value)
        case _:
            return str(value)


def _secrets_in(value: object) -> Iterator[str]:
    match value:
        case MaskedUrl():
            yield from _url_passwords(value.get_secret_value())
        case SecretStr():
            text = value.get_secret_value()
            yield text
            if text.startswith("["):
                yield from _secrets_in_json(text)
        case tuple():
            for part in value:
                yield from _secrets_in(part)


def _secrets_in_json(text: str) -> Iterator[str]:
    for entry in json.loads(text):
        for key, part in entry.items():
            if not isinstance(part, str) or key in _NOT_SECRET_KEYS:
                continue
            if "://" in part:
                yield from _url_passwords(part)
            else:
                yield part


def _url_passwords(url: str) -> Iterator[str]:
    password = password_in(url)
    yield from (password, unquote(password))
