"""What is wanted of one file."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sublarr.db.repositories.files import FileOwner, SubtitleRow
from sublarr.db.repositories.profiles import ProfileRow
from sublarr.db.repositories.reconciling import WantedWish
from sublarr.vocabulary.language import is_same_language
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import (
    ForcedPreference,
    FormatPreference,
    SubtitleFormat,
    SubtitleOrigin,
    SubtitleType,
)

# To be raised when the rules below change, so that every file is looked at again.
_RULES_VERSION = 1
_STYLED = (SubtitleFormat.ASS, SubtitleFormat.SSA)


@dataclass(frozen=True, slots=True)
class WantedRules:
    """The household's choices that hold for every profile."""

    upgrades_enabled: bool = True

    def fingerprint(self, profiles: Iterable[ProfileRow]) -> str:
        """A name for these rules with these profiles; rows made under another must be made anew."""
        facts = [
            _RULES_VERSION,
            self.upgrades_enabled,
            [
                (
                    profile.id,
                    profile.target_languages,
                    profile.forced_preference,
                    profile.preferred_format,
                    profile.is_default,
                )
                for profile in sorted(profiles, key=lambda profile: profile.id)
            ],
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def wishes_for(
    owner: FileOwner, subtitles: Sequence[SubtitleRow], profile: ProfileRow, rules: WantedRules
) -> Iterator[WantedWish]:
    """Every subtitle the profile asks of a file, each with whether it is there already.

    A track inside the file counts as there, extracted or not. Where ASS comes first, another format
    satisfies only if upgrades are off; else it leaves a candidate for an upgrade.
    """
    wants_styled = rules.upgrades_enabled and (
        profile.preferred_format is FormatPreference.ASS_FIRST or owner.is_anime
    )
    types = [SubtitleType.FULL]
    if profile.forced_preference is ForcedPreference.SEPARATE:
        types.append(SubtitleType.FORCED)
    for language in profile.target_languages:
        for subtitle_type in types:
            there = [
                row
                for row in subtitles
                if row.subtitle_type is subtitle_type
                and row.language is not None
                and is_same_language(row.language, language)
            ]
            has_styled = any(row.format in _STYLED for row in there)
            is_satisfied = has_styled if wants_styled else bool(there)
            yield WantedWish(
                file_id=owner.file_id,
                media_id=owner.media_id,
                series_id=owner.series_id,
                item_type=MediaKind.EPISODE if owner.series_id is not None else MediaKind.MOVIE,
                target_language=language,
                subtitle_type=subtitle_type,
                is_satisfied=is_satisfied,
                existing_sub=_existing(there),
                upgrade_candidate=bool(there) and not is_satisfied,
            )


def _existing(there: Sequence[SubtitleRow]) -> str:
    """What there is, in the words that are stored: `srt`, `embedded_ass`, '' for nothing."""
    if not there:
        return ""
    best = min(there, key=lambda row: (row.origin is SubtitleOrigin.EMBEDDED, row.format not in _STYLED))
    prefix = "embedded_" if best.origin is SubtitleOrigin.EMBEDDED else ""
    return f"{prefix}{best.format}"
