"""What may be said in a prompt preset."""

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from sublarr.vocabulary.rules.kinds import Name, storable
from sublarr.vocabulary.rules.rule import rule

# What a prompt may ask to be filled in; any other braces, those of a JSON example for one, are plain text.
PLACEHOLDERS = (
    "lines",
    "context",
    "glossary",
    "title",
    "source_language",
    "source_language_name",
    "target_language",
    "target_language_name",
)
_PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*)\}")


def _known_placeholders(template: str) -> str:
    if not set(_PLACEHOLDER.findall(template)) <= set(PLACEHOLDERS):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValueError(f"holds a placeholder that nothing fills in; there are {known}")
    return storable(template)


Template = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000),
    AfterValidator(_known_placeholders),
]


@rule
class NewPreset:
    """A preset to be; a new default takes the place of the old one."""

    name: Name
    prompt_template: Template
    is_default: bool = False


@rule
class PresetEdit:
    """What a person may change of a preset; None leaves a field as it is."""

    name: Name | None = None
    prompt_template: Template | None = None
    is_default: bool | None = None
