"""What may be assigned: a profile to any number of series, or of films."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sublarr.vocabulary.errors import FieldProblem
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.rules.kinds import Id, Version
from sublarr.vocabulary.rules.rule import rule

MOST_AT_ONCE = 10_000

AssignableKind = Literal[MediaKind.SERIES, MediaKind.MOVIE]


def _each_once(ids: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(ids))


MediaIds = Annotated[tuple[Id, ...], Field(min_length=1, max_length=MOST_AT_ONCE), AfterValidator(_each_once)]


@rule
class AssignmentScope:
    """The series or films that are meant.

    `versions` are those of the assignments that were seen, by the id of the series or film, 0 where there was
    none; what is not named there is changed whatever it is.
    """

    kind: AssignableKind
    media_ids: MediaIds
    versions: Mapping[Id, Version] | None = None

    def check(self) -> Iterator[FieldProblem]:
        """A version of something else is a mistake of whoever asks."""
        if set(self.versions or ()) - set(self.media_ids):
            yield FieldProblem("versions", "names what is not to be changed")
