"""What may be said of a Sonarr, a Radarr, or the source behind a watched folder."""

from collections.abc import Iterator
from dataclasses import field
from typing import Annotated

from pydantic import Field

from sublarr.vocabulary.errors import FieldProblem
from sublarr.vocabulary.media import SourceKind
from sublarr.vocabulary.rules.kinds import AnyPath, Name, OptionalWebUrl, Secret
from sublarr.vocabulary.rules.rule import rule


@rule
class PathPair:
    """A folder as the other program names it, and as this one does."""

    remote: Annotated[AnyPath, Field(min_length=1)]
    local: Annotated[AnyPath, Field(min_length=1)]


PathPairs = Annotated[tuple[PathPair, ...], Field(max_length=100)]


@rule
class NewSource:
    """A Sonarr or a Radarr to be; a folder's source is made with its folder."""

    kind: SourceKind
    name: Name
    url: OptionalWebUrl = field(default="", repr=False)
    api_key: Secret = field(default="", repr=False)
    enabled: bool = True
    path_mapping: PathPairs = ()

    def check(self) -> Iterator[FieldProblem]:
        """A server needs an address and a key, and a folder has neither."""
        is_folder = self.kind is SourceKind.FOLDER
        for name in ("url", "api_key"):
            if bool(getattr(self, name)) is is_folder:
                yield FieldProblem(name, "a folder has none" if is_folder else "must not be blank")


@rule
class SourceEdit:
    """What a person may change of a Sonarr or a Radarr; None leaves a field as it is."""

    name: Name | None = None
    url: Annotated[OptionalWebUrl, Field(min_length=1)] | None = field(default=None, repr=False)
    api_key: Annotated[Secret, Field(min_length=1)] | None = field(default=None, repr=False)
    enabled: bool | None = None
    path_mapping: PathPairs | None = None
