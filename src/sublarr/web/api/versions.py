"""Changes made from what somebody read: the ETag is the version, and `If-Match` says which one was read."""

import re
from collections.abc import Sequence

from pydantic import ConfigDict, Field

from sublarr.vocabulary.errors import FieldProblem, StaleRow
from sublarr.web.api.shapes import Given
from sublarr.web.errors import PreconditionMissing

# A proxy that compresses makes the tag a weak one.
_TAG = re.compile(r'(?:W/)?"(\d{1,18})"')
_ANY = "*"


class IfMatch(Given):
    """The ETag of what the change was made from."""

    model_config = ConfigDict(populate_by_name=True)

    tag: str | None = Field(
        None, alias="If-Match", description='The ETag that was read, or * for "whatever is there"'
    )

    def check(self, version: int, fields: Sequence[FieldProblem]) -> None:
        """Raises `StaleRow`, telling `fields` as they are now, unless this is the version that was read."""
        if self.tag is None:
            raise PreconditionMissing(
                "the header If-Match is missing",
                remedy="Send the ETag of what you read, so that nobody else's change is lost.",
            )
        if self.tag.strip() == _ANY:
            return
        if str(version) not in _TAG.findall(self.tag):
            raise StaleRow(
                "it was changed since you read it",
                problems=fields,
                remedy="Read it again and repeat the change.",
            )


def etag(version: int) -> dict[str, str]:
    """The header that names a version."""
    return {"ETag": f'"{version}"'}
