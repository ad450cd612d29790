"""Language profiles, and which of them holds for a film or a series."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from sublarr.db.models.catalogue import Media
from sublarr.db.models.profiles import LanguageProfile, MovieLanguageProfile, SeriesLanguageProfile
from sublarr.db.repositories.base import Repository, chunks
from sublarr.vocabulary.errors import NotFound
from sublarr.vocabulary.language import language_name
from sublarr.vocabulary.subtitles import ForcedPreference, FormatPreference


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile as rules need it."""

    id: int
    name: str
    source_language: str
    target_languages: list[str]
    is_default: bool
    forced_preference: ForcedPreference
    preferred_format: FormatPreference
    version: int


_COLUMNS = (
    LanguageProfile.id,
    LanguageProfile.name,
    LanguageProfile.source_language,
    LanguageProfile.target_languages,
    LanguageProfile.is_default,
    LanguageProfile.forced_preference,
    LanguageProfile.preferred_format,
    LanguageProfile.version,
)


class ProfileRepository(Repository):
    """The `language_profiles` table and both tables of assignments."""

    aggregate = "profiles"

    def listed(self) -> tuple[ProfileRow, ...]:
        """The default first, then by name."""
        statement = (
            select(*_COLUMNS)
            .where(LanguageProfile.deleted_at.is_(None))
            .order_by(LanguageProfile.is_default.desc(), LanguageProfile.name)
        )
        return tuple(ProfileRow(*row) for row in self._run("listed", statement))

    def find_default(self) -> ProfileRow | None:
        """The profile for everything without one of its own, or None in a new database."""
        statement = select(*_COLUMNS).where(LanguageProfile.is_default, LanguageProfile.deleted_at.is_(None))
        row = self._run("find_default", statement).one_or_none()
        return None if row is None else ProfileRow(*row)

    def get_default(self) -> ProfileRow:
        """The profile for everything without one of its own; raises `NotFound`."""
        profile = self.find_default()
        if profile is None:
            raise NotFound("there is no default language profile")
        return profile

    def add_default(self, source_language: str, target_languages: Sequence[str]) -> ProfileRow:
        """Make the first profile."""
        values = {
            "name": "Default",
            "source_language": source_language,
            "source_language_name": language_name(source_language),
            "target_languages": list(target_languages),
            "target_language_names": [language_name(tag) for tag in target_languages],
            "is_default": True,
            "created_at": self._now,
            "updated_at": self._now,
        }
        self._run("add_default", insert(LanguageProfile).values(**values))
        return self.get_default()

    def set_default_languages(self, source_language: str, target_languages: Sequence[str]) -> None:
        """Have the default profile want these languages."""
        profile = self._unit.session.get_one(LanguageProfile, self.get_default().id, with_for_update=True)
        profile.source_language = source_language
        profile.source_language_name = language_name(source_language)
        profile.target_languages = list(target_languages)
        profile.target_language_names = [language_name(tag) for tag in target_languages]
        profile.version += 1
        profile.updated_at = self._now
        self._unit.session.flush()

    def assigned(self, media_ids: Sequence[int]) -> Mapping[int, ProfileRow]:
        """The profile of each of these films and series that has one of its own."""
        if not media_ids:
            return {}
        profiles = {profile.id: profile for profile in self.listed()}
        found: dict[int, ProfileRow] = {}
        for chunk in chunks(media_ids):
            for media_id, profile_id in self._assignments(chunk):
                if profile_id in profiles:
                    found[media_id] = profiles[profile_id]
        return found

    def _assignments(self, media_ids: Sequence[int]) -> Iterator[tuple[int, int]]:
        for assignment in (SeriesLanguageProfile, MovieLanguageProfile):
            statement = (
                select(Media.id, assignment.profile_id)
                .join(
                    assignment,
                    (assignment.source_id == Media.source_id) & (assignment.source_key == Media.source_key),
                )
                .where(Media.id.in_(media_ids), assignment.deleted_at.is_(None))
            )
            yield from self._run("assigned", statement)
