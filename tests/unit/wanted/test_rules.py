from dataclasses import replace
from typing import Any

import pytest

from sublarr.db.repositories.files import FileOwner, SubtitleRow
from sublarr.db.repositories.profiles import ProfileRow
from sublarr.db.repositories.reconciling import WantedWish
from sublarr.vocabulary.media import MediaKind
from sublarr.vocabulary.subtitles import (
    ForcedPreference,
    FormatPreference,
    SubtitleFormat,
    SubtitleOrigin,
    SubtitleType,
)
from sublarr.wanted.rules import WantedRules, wishes_for

FILM = FileOwner(file_id=1, media_id=2, series_id=None, is_anime=False)
EPISODE = replace(FILM, series_id=9)
PROFILE = ProfileRow(
    id=1,
    name="Default",
    source_language="en",
    target_languages=["de"],
    is_default=True,
    forced_preference=ForcedPreference.DISABLED,
    preferred_format=FormatPreference.ANY,
    version=1,
)


def _subtitle(language: str | None = "de", **other: Any) -> SubtitleRow:
    row = SubtitleRow(
        file_id=1,
        origin=SubtitleOrigin.SIDECAR,
        track_index=None,
        path="/m/a.srt",
        language=language,
        subtitle_type=SubtitleType.FULL,
        format=SubtitleFormat.SRT,
        is_hearing_impaired=False,
        is_default=False,
        title="",
        size=1,
        mtime_ns=1,
    )
    return replace(row, **other)


def _wishes(
    *subtitles: SubtitleRow,
    owner: FileOwner = FILM,
    profile: ProfileRow = PROFILE,
    upgrades: bool = True,
) -> list[WantedWish]:
    return list(wishes_for(owner, subtitles, profile, WantedRules(upgrades)))


def test_a_film_without_subtitles_wants_each_language_of_its_profile() -> None:
    wishes = _wishes(profile=replace(PROFILE, target_languages=["de", "fr"]))
    assert [(wish.target_language, wish.is_satisfied) for wish in wishes] == [("de", False), ("fr", False)]
    assert {wish.item_type for wish in wishes} == {MediaKind.MOVIE}


def test_an_episodes_rows_hang_on_its_series() -> None:
    (wish,) = _wishes(owner=EPISODE)
    assert (wish.item_type, wish.series_id) == (MediaKind.EPISODE, 9)


@pytest.mark.parametrize(
    ("subtitle", "existing"),
    [
        (_subtitle(), "srt"),
        (_subtitle(origin=SubtitleOrigin.EMBEDDED, track_index=3, format=SubtitleFormat.ASS), "embedded_ass"),
        (_subtitle(is_hearing_impaired=True), "srt"),
    ],
)
def test_what_is_there_is_not_wanted(subtitle: SubtitleRow, existing: str) -> None:
    (wish,) = _wishes(subtitle)
    assert (wish.is_satisfied, wish.existing_sub, wish.upgrade_candidate) == (True, existing, False)


@pytest.mark.parametrize(
    "subtitle", [_subtitle("fr"), _subtitle(None), _subtitle(subtitle_type=SubtitleType.FORCED)]
)
def test_what_is_something_else_does_not_count(subtitle: SubtitleRow) -> None:
    (wish,) = _wishes(subtitle)
    assert (wish.is_satisfied, wish.existing_sub) == (False, "")


def test_forced_subtitles_are_wanted_of_their_own_only_where_the_profile_says_so() -> None:
    profile = replace(PROFILE, forced_preference=ForcedPreference.SEPARATE)
    wishes = _wishes(_subtitle(), profile=profile)
    assert {wish.subtitle_type: wish.is_satisfied for wish in wishes} == {
        SubtitleType.FULL: True,
        SubtitleType.FORCED: False,
    }
    auto = replace(PROFILE, forced_preference=ForcedPreference.AUTO)
    assert len(_wishes(profile=auto)) == 1


@pytest.mark.parametrize(
    ("owner", "preferred"),
    [
        (FILM, FormatPreference.ASS_FIRST),
        (replace(EPISODE, is_anime=True), FormatPreference.ANY),
    ],
)
def test_where_styles_come_first_plain_text_leaves_a_wish_for_better(
    owner: FileOwner, preferred: FormatPreference
) -> None:
    profile = replace(PROFILE, preferred_format=preferred)
    (wish,) = _wishes(_subtitle(), owner=owner, profile=profile)
    assert (wish.is_satisfied, wish.upgrade_candidate, wish.existing_sub) == (False, True, "srt")
    (content,) = _wishes(_subtitle(), owner=owner, profile=profile, upgrades=False)
    assert content.is_satisfied
    (styled,) = _wishes(_subtitle(), _subtitle(format=SubtitleFormat.SSA), owner=owner, profile=profile)
    assert (styled.is_satisfied, styled.existing_sub) == (True, "ssa")


def test_the_fingerprint_tells_every_change_that_matters_and_no_other() -> None:
    rules = WantedRules()
    base = rules.fingerprint([PROFILE])
    other = replace(PROFILE, id=2, is_default=False)
    assert rules.fingerprint([other, PROFILE]) == rules.fingerprint([PROFILE, other])
    assert rules.fingerprint([replace(PROFILE, version=7, name="Renamed", source_language="ja")]) == base
    changed = [
        [replace(PROFILE, target_languages=["fr"])],
        [replace(PROFILE, forced_preference=ForcedPreference.SEPARATE)],
        [replace(PROFILE, preferred_format=FormatPreference.ASS_FIRST)],
        [PROFILE, other],
    ]
    prints = [rules.fingerprint(profiles) for profiles in changed]
    prints.append(WantedRules(upgrades_enabled=False).fingerprint([PROFILE]))
    assert len({base, *prints}) == len(prints) + 1
