"""Language profiles: which languages everything should have."""

from typing import Annotated

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.db.repositories.profiles import ProfileRow
from sublarr.vocabulary.errors import FieldProblem
from sublarr.vocabulary.rules.kinds import Languages, LanguageTag
from sublarr.vocabulary.subtitles import ForcedPreference, FormatPreference
from sublarr.web.api.shapes import Given, Listed, Shape, present, present_all
from sublarr.web.api.versions import IfMatch, etag
from sublarr.web.routes import Answer, Routes

routes = Routes("profiles", "Language profiles")


class ProfileShape(Shape):
    """A profile: the languages wanted, and how."""

    id: int
    name: str
    source_language: str
    target_languages: list[str]
    is_default: bool
    forced_preference: ForcedPreference
    preferred_format: FormatPreference
    version: int


class ProfilePage(Listed[ProfileShape]):
    """Every profile, the default first."""


class DefaultLanguages(Given):
    """The languages of a profile, in any usual form."""

    source_language: LanguageTag = Field(description="The language translations are made from")
    # A household without any would be told of nothing that is missing.
    target_languages: Annotated[Languages, Field(min_length=1)]


@routes.get("/profiles", ProfilePage)
def list_profiles(house: House) -> ProfilePage:
    """Every profile, the default first."""
    with house.database.read() as unit:
        return present_all(ProfilePage, unit.profiles.listed())


@routes.get("/profiles/default", ProfileShape)
def show_default_profile(house: House) -> Answer:
    """The profile of everything that has none of its own; its ETag is what a change must name."""
    with house.database.read() as unit:
        return _tagged(unit.profiles.get_default())


@routes.add("PUT", "/profiles/default", ProfileShape, problems=(412, 428))
def change_default_profile(house: House, if_match: IfMatch, body: DefaultLanguages) -> Answer:
    """Change the default languages; a job brings the wanted subtitles in line at once."""
    targets = list(body.target_languages)
    with house.database.write(urgent=True, durable=True) as unit:
        row = unit.profiles.get_default()
        if_match.check(row.version, _differing(row, body.source_language, targets))
        changed = unit.profiles.set_default_languages(body.source_language, targets, row.version)
        return _tagged(changed)


def _tagged(row: ProfileRow) -> Answer:
    return Answer(present(ProfileShape, row), etag(row.version))


def _differing(row: ProfileRow, source: str, targets: list[str]) -> list[FieldProblem]:
    now = [
        ("source_language", row.source_language, source),
        ("target_languages", row.target_languages, targets),
    ]
    return [FieldProblem(name, f"it is {stored!r} now") for name, stored, given in now if stored != given]
