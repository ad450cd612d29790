"""What may be said of the points for one kind of match."""

from collections.abc import Iterator

from sublarr.vocabulary.errors import FieldProblem
from sublarr.vocabulary.rules.kinds import Label, Points, Version
from sublarr.vocabulary.rules.rule import rule
from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, ScoreType


@rule
class WeightEdit:
    """A weight to be set.

    `version` is the one that was seen, 0 where none was set; None sets it whatever is there.
    """

    score_type: ScoreType
    weight_key: Label
    weight_value: Points
    version: Version | None = None

    def check(self) -> Iterator[FieldProblem]:
        """Films have no season, and series no film's title."""
        if self.weight_key not in DEFAULT_WEIGHTS[self.score_type]:
            yield FieldProblem("weight_key", f"no {self.score_type} is scored by this")
