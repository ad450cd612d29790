"""Which tracks become files."""

from sublarr.subtitles.rules import tracks_to_extract
from sublarr.vocabulary.media import Track, TrackKind
from sublarr.vocabulary.subtitles import Sidecar, SubtitleFormat, SubtitleType


def track(index, codec="subrip", language="en", title="", **flags):
    return Track(index, TrackKind.SUBTITLE, codec, language, title, **flags)


def sidecar(language, subtitle_format, subtitle_type=SubtitleType.FULL, *, is_hearing_impaired=False):
    return Sidecar("/f.srt", language, subtitle_format, subtitle_type, is_hearing_impaired, 1, 1)


def chosen(tracks, existing=(), languages=("en",)):
    return [extraction.track.index for extraction in tracks_to_extract(tracks, existing, languages)]


def test_only_text_of_wanted_languages_is_taken():
    tracks = [
        Track(0, TrackKind.VIDEO, "h264", "en"),
        track(1, "hdmv_pgs_subtitle"),
        track(2, language="de"),
        track(3, language=None),
        track(4, "mov_text"),
    ]
    assert chosen(tracks) == [4]
    assert chosen(tracks, languages=["de", "en"]) == [2, 4]


def test_a_region_satisfies_its_language_and_is_kept_in_the_name():
    (extraction,) = tracks_to_extract([track(2, language="pt-BR")], (), ["pt"])
    assert extraction.language == "pt-BR"


def test_the_default_track_wins_then_ass_then_the_first():
    assert chosen([track(1, "ass"), track(2, is_default=True)]) == [2]
    assert chosen([track(1), track(2, "ass"), track(3, "ass")]) == [2]
    assert chosen([track(1), track(2)]) == [1]


def test_full_forced_and_hard_of_hearing_are_three_files():
    found = tracks_to_extract(
        [track(1), track(2, title="Signs"), track(3, title="SDH"), track(4)], (), ["en"]
    )
    assert [(e.track.index, e.subtitle_type, e.is_hearing_impaired) for e in found] == [
        (1, SubtitleType.FULL, False),
        (2, SubtitleType.FORCED, False),
        (3, SubtitleType.FULL, True),
    ]


def test_a_commentary_never_passes_for_the_films_subtitle():
    assert chosen([track(1, title="Director's commentary", is_default=True), track(2)]) == [2]
    assert chosen([track(1, title="Commentary")]) == []


def test_what_is_there_already_is_not_extracted_again():
    tracks = [track(1), track(2, title="Forced")]
    assert chosen(tracks, [sidecar("en", SubtitleFormat.SRT)]) == [2]
    assert chosen(tracks, [sidecar("en", SubtitleFormat.ASS)]) == [2]
    assert chosen(tracks, [sidecar("en", SubtitleFormat.SRT, SubtitleType.FORCED)]) == [1]
    assert chosen(tracks, [sidecar("en", SubtitleFormat.SRT, is_hearing_impaired=True)]) == [1, 2]
    assert chosen(tracks, [sidecar(None, SubtitleFormat.SRT), sidecar("de", SubtitleFormat.SRT)]) == [1, 2]


def test_an_ass_track_is_worth_extracting_beside_an_srt():
    assert chosen([track(1, "ass")], [sidecar("en", SubtitleFormat.SRT)]) == [1]
    assert chosen([track(1, "ass"), track(2)], [sidecar("en", SubtitleFormat.ASS)]) == []
