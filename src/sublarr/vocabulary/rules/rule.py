"""Making a class a rule: an instance that exists has been checked, and a refusal names every field.

A rule is a frozen dataclass whose annotations Pydantic checks. Making one raises `InvalidInput` with all
problems at once; a name that is no field is one of them. Values are never repeated in messages, because any of
them may be a secret.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from functools import cache
from typing import Any, Generic, TypeVar, dataclass_transform, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic import Field as PydanticField

from sublarr.vocabulary.errors import FieldProblem, InvalidInput

Checked = TypeVar("Checked")

# By the name Pydantic gives to a kind of problem; the braces are filled from what it tells about it.
_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "there is no such field",
    "string_too_long": "is longer than {max_length} characters",
    "string_type": "must be text",
    "string_unicode": "must not hold NUL characters or halves of characters",
    "too_long": "holds more than {max_length}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "finite_number": "must be a number",
}
_BLANK = ("string_too_short", "too_short")
# Pydantic shows an enumeration's members as Python does: <MediaKind.MOVIE: 'movie'>.
_MEMBER = re.compile(r"<\w+\.\w+: ('[^']*')>")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def rule(declared: type[Checked]) -> type[Checked]:
    """Make a class with annotated fields a rule; its `check` method, if it has one, sees all fields together."""
    made = dataclass(frozen=True, slots=True)(declared)
    assign: Callable[..., None] = made.__init__
    names = [known.name for known in fields(made)]  # type: ignore[arg-type] # it was made one above

    def __init__(self: Any, *given: Any, **named: Any) -> None:  # noqa: N807 - it becomes the class's own
        read = _read(made, dict(zip(names, given, strict=False)) | named)
        assign(self, **read)
        problems = tuple(self.check()) if hasattr(self, "check") else ()
        if problems:
            raise _refusal(problems)

    made.__init__ = __init__  # type: ignore[method-assign]
    return made


@dataclass(frozen=True, slots=True)
class Repaired(Generic[Checked]):
    """What could be made of values that were stored elsewhere, and what was wrong with them."""

    value: Checked | None
    problems: tuple[FieldProblem, ...]


def problems_of(wanted: type[Any], values: Mapping[str, Any]) -> tuple[FieldProblem, ...]:
    """What is wrong with these values, one line a field; empty where they are acceptable."""
    try:
        wanted(**values)
    except InvalidInput as refused:
        return refused.problems
    return ()


def repair(wanted: type[Checked], values: Mapping[str, Any]) -> Repaired[Checked]:
    """The values without what is not acceptable and need not be there: a list's members, fields with a default.

    `value` is None where a field is wrong that has no default: that needs a person.
    """
    kept = dict(values)
    found: list[FieldProblem] = []
    while problems := problems_of(wanted, kept):
        found.extend(problems)
        smaller = _without(kept, {problem.field for problem in problems}, _required(wanted))
        if smaller is None:
            return Repaired(None, tuple(found))
        kept = smaller
    return Repaired(wanted(**kept), tuple(found))


def _without(
    values: Mapping[str, Any], places: Collection[str], required: Collection[str]
) -> dict[str, Any] | None:
    """The values without those at these places; None where one is needed, or none of them was given."""
    smaller = dict(values)
    for name in {place.partition(".")[0] for place in places} & values.keys():
        members = {int(rest) for rest in _below(name, places) if rest.isdigit()}
        if members and name not in places and isinstance(values[name], list | tuple):
            smaller[name] = [item for number, item in enumerate(values[name]) if number not in members]
        elif name in required:
            return None
        else:
            del smaller[name]
    return smaller if smaller != values else None


def _below(name: str, places: Collection[str]) -> list[str]:
    return [place.split(".")[1] for place in places if place.startswith(f"{name}.")]


def field_problems(error: ValidationError) -> Iterator[FieldProblem]:
    """Pydantic's findings in our words."""
    for detail in error.errors(include_url=False, include_input=False):
        place = ".".join(map(str, detail["loc"]))
        yield FieldProblem(place, _in_words(detail["type"], detail["msg"], detail.get("ctx", {})))


def _in_words(kind: str, message: str, told: Mapping[str, Any]) -> str:
    if kind in _BLANK:
        return "must not be blank"
    if kind == "value_error":
        return str(told["error"])
    words = _WORDS[kind].format_map(told) if kind in _WORDS else message[:1].lower() + message[1:]
    return _MEMBER.sub(r"\1", words)


def _read(made: type[Any], given: Mapping[str, Any]) -> dict[str, Any]:
    model = _model_of(made)  # type: ignore[arg-type] # every class is hashable
    try:
        checked = model.model_validate(dict(given))
    except ValidationError as error:
        raise _refusal(tuple(field_problems(error))) from None
    return {name: getattr(checked, name) for name in model.model_fields}


def _refusal(problems: tuple[FieldProblem, ...]) -> InvalidInput:
    told = "; ".join(f"{problem.field.replace('_', ' ')}: {problem.message}" for problem in problems)
    return InvalidInput(told, problems=problems)


@cache
def _model_of(made: type[Any]) -> type[BaseModel]:
    """The Pydantic model of a rule, made when the rule is first used."""
    hints = get_type_hints(made, include_extras=True)
    definitions: dict[str, Any] = {known.name: (hints[known.name], _default(known)) for known in fields(made)}
    config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)
    return create_model(made.__name__, __config__=config, **definitions)


def _default(known: Field[Any]) -> Any:
    if known.default_factory is not MISSING:
        return PydanticField(default_factory=known.default_factory)
    return ... if known.default is MISSING else known.default


def _required(wanted: type[Any]) -> set[str]:
    return {
        known.name
        for known in fields(wanted)
        if known.default is MISSING and known.default_factory is MISSING
    }
