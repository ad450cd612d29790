"""What the models of the API share: strictness, lists with cursors, ids, texts, and rows turned into models."""

from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sublarr.db.pages import MAXIMUM_LIMIT, Page, PageRequest

LARGEST_ID = 2**63 - 1
_LONGEST_TEXT = 1000


class Shape(BaseModel):
    """Something the API answers; made from rows by their attributes, and only once it is needed."""

    model_config = ConfigDict(from_attributes=True, defer_build=True)


class Given(BaseModel):
    """Something a caller sends; a name that means nothing is refused rather than passed over."""

    model_config = ConfigDict(extra="forbid", defer_build=True, hide_input_in_errors=True)


def _refuse_controls(text: str) -> str:
    # PostgreSQL can store no NUL, and no title, path or label has a reason to hold the others.
    if any(character < " " for character in text):
        raise ValueError("control characters are not allowed")
    return text


Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Text = Annotated[str, Field(max_length=_LONGEST_TEXT), AfterValidator(_refuse_controls)]
PathText = Annotated[str, Field(max_length=4096), AfterValidator(_refuse_controls)]


class ById(Given):
    """The path of one thing."""

    id: Id


class ListQuery(Given):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=MAXIMUM_LIMIT, description="How many items")
    cursor: Text = Field("", description="`next` or `prev` of another page of the same list")

    def page(self) -> PageRequest:
        """The page as repositories ask for it."""
        return PageRequest(self.limit, self.cursor or None)


Item = TypeVar("Item")
ListShape = TypeVar("ListShape", bound=BaseModel)


class Listed(Shape, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(None, description="The cursor of the following page")
    prev: str | None = Field(None, description="The cursor of the page before")
    total: int | None = Field(None, description="How many there are, counted up to a limit")
    total_capped: bool = Field(False, description="Whether there are more than `total`")


def present(shape: type[ListShape], row: object) -> ListShape:
    """A row, or a page of rows, as the API shows it."""
    return shape.model_validate(row)


def present_all(shape: type[ListShape], rows: tuple[object, ...]) -> ListShape:
    """A short list that is always whole, in the form of a page."""
    return shape.model_validate(Page(rows, total=len(rows)))
