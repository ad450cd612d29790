"""Kinds of tracks, by flag and title."""

import pytest

from sublarr.subtitles.detection import (
    is_commentary,
    is_forced_track,
    is_hearing_impaired,
    subtitle_type_of,
)
from sublarr.vocabulary.media import Track, TrackKind
from sublarr.vocabulary.subtitles import SubtitleType


def titled(title, **flags):
    return Track(2, TrackKind.SUBTITLE, "ass", "en", title, **flags)


@pytest.mark.parametrize(
    "title",
    ["Forced", "English (Forced)", "Signs & Songs", "Signs/Songs", "S&S", "Foreign Parts Only", "Deutsch erzwungen",
     "Français forcé", "Forcés", "Español (Forzados)", "Forçadas", "Forzati", "Polskie wymuszone", "Форсированные",
     "Надписи", "强制", "Nucené"],
)  # fmt: skip
def test_a_forced_track_is_known_by_its_title(title):
    assert is_forced_track(titled(title))
    assert subtitle_type_of(titled(title)) is SubtitleType.FORCED


@pytest.mark.parametrize(
    "title", ["", "English", "Full", "Full Subtitles + Signs & Songs", "Dialogue + Signs", "Non-Forced", "Reinforced",
              "Designs"],
)  # fmt: skip
def test_a_full_track_is_not_lost_as_a_forced_one(title):
    assert not is_forced_track(titled(title))


@pytest.mark.parametrize(
    "title",
    ["SDH", "English [SDH]", "English (CC)", "HI", "Closed Captions", "Hearing Impaired", "Hörgeschädigte",
     "Sourds et malentendants", "Sordos", "per non udenti", "Слабослышащих", "听障"],
)  # fmt: skip
def test_a_track_for_the_hard_of_hearing_is_known_by_its_title(title):
    assert is_hearing_impaired(titled(title))


@pytest.mark.parametrize("title", ["", "English", "Hi there", "Chinese", "Accents"])
def test_other_tracks_are_not_for_the_hard_of_hearing(title):
    assert not is_hearing_impaired(titled(title))


def test_the_containers_flags_outweigh_the_title():
    assert is_forced_track(titled("Full", is_forced=True))
    assert is_hearing_impaired(titled("English", is_hearing_impaired=True))


@pytest.mark.parametrize("title", ["Director's Commentary", "Kommentar", "Commentaire audio"])
def test_a_commentary_is_known(title):
    assert is_commentary(titled(title))
    assert not is_commentary(titled("English"))
