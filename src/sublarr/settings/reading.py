"""Reading the settings: a saved value, else the environment, else a `.env` file, else the default.

Nothing here looks at the process's own environment; the door that starts the program hands it in. All that
is wrong is told at once, in words that never repeat a secret.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sublarr.settings.household import household_language, platform_config_dir
from sublarr.settings.model import (
    PREFIX,
    SECTION_OF,
    SECTIONS,
    Origin,
    Settings,
    can_be_empty,
    expected_words,
    is_boot_only,
    is_secret,
    may_hold_secret,
)
from sublarr.settings.retired import RETIRED
from sublarr.settings.sections.process import DatabaseSettings
from sublarr.vocabulary.errors import FieldProblem, InvalidInput

_FILE_SUFFIX = "_file"
# The test suite's own variables, and those a script hook is given, are not settings.
_NOT_SETTINGS = ("test_", "event")
_BOOT_ONLY_REASON = "It is taken from the environment only, because it is needed before the database is open."


@dataclass(frozen=True, slots=True)
class _Given:
    """A value as text, and where it was written."""

    text: str
    origin: Origin
    place: str


class _Sources:
    """The layers as they are laid over each other, and what was found to be wrong with them."""

    def __init__(self) -> None:
        self.given: dict[str, _Given] = {}
        self.problems: list[FieldProblem] = []
        self.unknown: list[str] = []
        self.ignored: dict[str, str] = {}

    def add_variables(self, variables: Mapping[str, str], origin: Origin, place: str = "") -> None:
        """Lay environment variables over what is there; blank ones count as unset."""
        ours = dict(_without_prefix(variables))
        for name, text in ours.items():
            if not text.strip():
                continue
            if name in SECTION_OF:
                self._add_text(name, text, origin, place)
            elif name in RETIRED:
                self.ignored[PREFIX + name.upper()] = RETIRED[name]
            elif _is_file_of_secret(name):
                self._add_file(name.removesuffix(_FILE_SUFFIX), text.strip(), ours, place)
            elif not name.startswith(_NOT_SETTINGS):
                self.unknown.append(PREFIX + name.upper())

    def _add_text(self, name: str, text: str, origin: Origin, place: str) -> None:
        if not is_secret(name):
            text = text.strip()
        self.given[name] = _Given(text, origin, f"{PREFIX}{name.upper()}{place}")

    def _add_file(self, name: str, path: str, ours: Mapping[str, str], place: str) -> None:
        variable = f"{PREFIX}{name.upper()}_FILE{place}"
        if ours.get(name, "").strip():
            self.problems.append(
                FieldProblem(name, f"{variable} and {PREFIX}{name.upper()} exclude each other.")
            )
            return
        try:
            text = Path(path).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.problems.append(
                FieldProblem(name, f"{variable} names {path!r}, which cannot be read: {reason}.")
            )
            return
        self.given[name] = _Given(text, Origin.FILE, variable)

    def add_saved(self, saved: Mapping[str, str]) -> None:
        """Lay the values saved in the app on top; dotted keys belong to back-ends and plug-ins."""
        for name, text in saved.items():
            if "." in name:
                continue
            if name in RETIRED:
                self.ignored[name] = RETIRED[name]
            elif name not in SECTION_OF:
                self.ignored[name] = "No setting has this name."
            elif is_boot_only(name):
                self.ignored[name] = _BOOT_ONLY_REASON
            elif text.strip() or can_be_empty(SECTIONS[SECTION_OF[name]].model_fields[name]):
                self.given[name] = _Given(
                    text if is_secret(name) else text.strip(), Origin.SAVED, "the saved value"
                )


def load_settings(
    environment: Mapping[str, str], saved: Mapping[str, str] | None = None, env_file: Path | None = None
) -> Settings:
    """The settings in force; raises `InvalidInput` with one problem for each that is not acceptable."""
    sources = _Sources()
    file_variables = _read_env_file(env_file)
    sources.add_variables(file_variables, Origin.ENV_FILE, f" in {env_file}")
    sources.add_variables(environment, Origin.ENVIRONMENT)
    sources.add_saved(saved or {})
    sections = _build_sections(sources, {**file_variables, **environment})
    if sources.problems:
        raise InvalidInput(
            "Some settings are not acceptable.",
            problems=sources.problems,
            remedy="Correct them where they are set; a saved one is reset with `sublarr config unset NAME`.",
        )
    return Settings(
        **sections,
        origins={name: given.origin for name, given in sources.given.items()},
        unknown=tuple(dict.fromkeys(sources.unknown)),
        ignored=sources.ignored,
    )


def validate_saved(name: str, text: str) -> None:
    """Raises `InvalidInput` unless `text` may be saved in the app as the value of setting `name`."""
    problem = _problem_with_saved(name, text)
    if problem:
        raise InvalidInput(f"{name} cannot be saved. {problem}", problems=[FieldProblem(name, problem)])


def _problem_with_saved(name: str, text: str) -> str | None:
    if name in RETIRED:
        return f"It has no effect any more. {RETIRED[name]}"
    if name not in SECTION_OF:
        return "There is no setting with this name."
    if is_boot_only(name):
        return _BOOT_ONLY_REASON
    section = SECTIONS[SECTION_OF[name]]
    given = _Given(text if is_secret(name) else text.strip(), Origin.SAVED, "The value")
    if not given.text and not can_be_empty(section.model_fields[name]):
        return f"The value is empty; expected {expected_words(section.model_fields[name])}."
    try:
        section.model_validate({name: given.text})
    except ValidationError as error:
        return next(_problems_of(error, {name: given})).message
    return None


def _build_sections(sources: _Sources, environment: Mapping[str, str]) -> dict[str, Any]:
    texts: dict[str, object] = {name: given.text for name, given in sources.given.items()}
    texts.setdefault("target_language", household_language(environment))
    if "config_dir" not in texts:
        texts["config_dir"] = platform_config_dir()
    sections: dict[str, Any] = {}
    for title, model in SECTIONS.items():
        try:
            sections[title] = model.model_validate(
                {name: texts[name] for name in model.model_fields if name in texts}
            )
        except ValidationError as error:
            sources.problems.extend(_problems_of(error, sources.given))
    if "database" in sections:
        sources.problems.extend(_replica_problems(sections["database"]))
    return sections


def _problems_of(error: ValidationError, given: Mapping[str, _Given]) -> Iterator[FieldProblem]:
    """One problem a setting; a default that could not be computed follows from another's problem."""
    told: set[str] = set()
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0])
        if name in told or name not in given:
            continue
        told.add(name)
        source = given[name]
        info = SECTIONS[SECTION_OF[name]].model_fields[name]
        value = "is not acceptable" if may_hold_secret(name) else f"is {source.text!r}"
        reason = detail.get("ctx", {}).get("error")
        because = f" ({reason})" if isinstance(reason, ValueError) else ""
        yield FieldProblem(name, f"{source.place} {value}; expected {expected_words(info)}{because}.")


def _replica_problems(database: DatabaseSettings) -> Iterator[FieldProblem]:
    main = database.database_url.get_secret_value()
    if database.database_replica_url.get_secret_value() and not main.startswith("postgres"):
        yield FieldProblem(
            "database_replica_url",
            "A replica needs SUBLARR_DATABASE_URL to be the PostgreSQL server it follows.",
        )


def _without_prefix(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Our variables by setting name; where two differ only in case, the upper-case one comes last and wins."""
    for variable in sorted(variables, key=str.isupper):
        if variable.upper().startswith(PREFIX):
            yield variable.upper().removeprefix(PREFIX).lower(), variables[variable]


def _is_file_of_secret(name: str) -> bool:
    setting = name.removesuffix(_FILE_SUFFIX)
    return setting != name and setting in SECTION_OF and may_hold_secret(setting)


def _read_env_file(path: Path | None) -> Mapping[str, str]:
    if path is None or not os.path.exists(path):
        return {}
    # Most installations have no such file; they need not load its parser.
    from dotenv import dotenv_values  # noqa: PLC0415 (reason above)

    try:
        found = dotenv_values(path)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The settings file {path} cannot be read: {error}.") from error
    return {name: text for name, text in found.items() if text is not None}
