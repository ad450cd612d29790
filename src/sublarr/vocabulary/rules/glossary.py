"""What may be said of a term and its translation, and where it holds."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from sublarr.vocabulary.errors import FieldProblem
from sublarr.vocabulary.rules.kinds import Id, Label, Notes, Percent, storable
from sublarr.vocabulary.rules.rule import rule

Term = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), AfterValidator(storable)
]


@rule
class GlossaryScope:
    """Where a term holds: in a series, by the number it has at its source, or everywhere."""

    source_id: Id | None = None
    series_id: Id | None = None

    def check(self) -> Iterator[FieldProblem]:
        """A series is known by both, and a whole source has no terms."""
        if self.source_id is not None and self.series_id is None:
            yield FieldProblem("series_id", "is missing")


@rule
class NewTerm:
    """A term to be added; `confidence` is between 0 and 1 where a machine proposed it."""

    source_term: Term
    target_term: Term
    notes: Notes = ""
    term_type: Label = ""
    confidence: Percent | None = None
    approved: bool = True


@rule
class TermEdit:
    """What a person may change of a term; None leaves a field as it is."""

    source_term: Term | None = None
    target_term: Term | None = None
    notes: Notes | None = None
    term_type: Label | None = None
    approved: bool | None = None
