"""What may be said of a subtitle that must never be fetched again."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from sublarr.vocabulary.rules.kinds import AnyPath, Label, Name, Notes, storable
from sublarr.vocabulary.rules.rule import rule

# Providers' own ids, in which even a space at the end may count.
SubtitleId = Annotated[str, StringConstraints(min_length=1, max_length=2000), AfterValidator(storable)]


@rule
class NewBlock:
    """A subtitle to be refused from now on, with what it was and why, for people to read."""

    provider_name: Name
    subtitle_id: SubtitleId
    language: Label = ""
    file_path: AnyPath = ""
    title: Notes = ""
    reason: Notes = ""
