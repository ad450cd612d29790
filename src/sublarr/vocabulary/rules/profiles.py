"""What a language profile may say."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from sublarr.vocabulary.errors import FieldProblem
from sublarr.vocabulary.rules.kinds import (
    UNCHANGED,
    Languages,
    LanguageTag,
    Name,
    Names,
    Points,
    Unchanged,
)
from sublarr.vocabulary.rules.rule import rule
from sublarr.vocabulary.subtitles import ForcedPreference, FormatPreference, HearingImpairedPreference

DEFAULT_BACKEND = "ollama"
Days = Annotated[int, Field(ge=0, le=3650)]


@rule
class NewProfile:
    """A profile to be; one without target languages wants nothing of what it is assigned to.

    An empty `fallback_chain` is the backend alone. `cutoff_score` is the points from which a subtitle is good
    enough, `translate_after_days` when a machine may translate what was not found: 0 at once, None never.
    """

    name: Name
    source_language: LanguageTag = "en"
    target_languages: Languages = ()
    translation_backend: Name = DEFAULT_BACKEND
    fallback_chain: Names = ()
    forced_preference: ForcedPreference = ForcedPreference.DISABLED
    preferred_format: FormatPreference = FormatPreference.ANY
    hearing_impaired_preference: HearingImpairedPreference = HearingImpairedPreference.INCLUDE
    minimum_score: Points = 0
    cutoff_score: Points | None = None
    translate_after_days: Days | None = None
    tags: Names = ()

    def check(self) -> Iterator[FieldProblem]:
        """A subtitle that is good enough must not be refused as too bad."""
        yield from score_problems(self.minimum_score, self.cutoff_score)


@rule
class ProfileEdit:
    """What a person may change of a profile; None, or `UNCHANGED` where None means nothing, leaves it as it is."""

    name: Name | None = None
    source_language: LanguageTag | None = None
    target_languages: Languages | None = None
    translation_backend: Name | None = None
    fallback_chain: Names | None = None
    forced_preference: ForcedPreference | None = None
    preferred_format: FormatPreference | None = None
    hearing_impaired_preference: HearingImpairedPreference | None = None
    minimum_score: Points | None = None
    cutoff_score: Points | Unchanged | None = UNCHANGED
    translate_after_days: Days | Unchanged | None = UNCHANGED
    tags: Names | None = None


def score_problems(minimum: int, cutoff: int | None) -> Iterator[FieldProblem]:
    """What is wrong with two scores together."""
    if cutoff is not None and cutoff < minimum:
        yield FieldProblem("cutoff_score", "must not be below minimum_score")
