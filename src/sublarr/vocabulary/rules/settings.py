"""What may be saved under a key; what each setting accepts is its own reader's (`sublarr.settings`) to say."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from sublarr.vocabulary.rules.kinds import storable
from sublarr.vocabulary.rules.rule import rule

LONGEST_VALUE = 2_000_000


@rule
class SavedValue:
    """A value under its key; the keys of plug-ins have dots in them."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(storable)]
    value: Annotated[str, StringConstraints(max_length=LONGEST_VALUE), AfterValidator(storable)]
