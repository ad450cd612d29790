"""Which files the sample library holds: names as Sonarr, Radarr and anime groups write them, tracks, damage.

Only data: every title is invented. Between them the files show each format, flag and oddity that the program
has to deal with; how they are made is `library`'s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sublarr.demo.captions import Coverage
from sublarr.vocabulary.media import FolderContent
from sublarr.vocabulary.subtitles import SubtitleFormat

_SRT, _ASS, _VTT = SubtitleFormat.SRT, SubtitleFormat.ASS, SubtitleFormat.VTT
_FORCED, _HEARING_IMPAIRED = Coverage.FORCED, Coverage.HEARING_IMPAIRED

FOLDERS: Final = (
    ("TV", FolderContent.TV),
    ("Films", FolderContent.MOVIE),
    ("Anime", FolderContent.TV),
)


@dataclass(frozen=True, slots=True)
class DemoTrack:
    """A subtitle track; `language` is a key of the scripts, no title means the language's own name."""

    language: str
    form: SubtitleFormat = _SRT
    coverage: Coverage = Coverage.FULL
    is_default: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class DemoSidecar:
    """A file beside the video: the video's name with `suffix` in place of its own."""

    suffix: str
    language: str
    coverage: Coverage = Coverage.FULL


@dataclass(frozen=True, slots=True)
class DemoVideo:
    """A video by its path under the library's root; its container goes by the suffix.

    `kept_bytes` cuts the file short, to show what a broken download looks like.
    """

    path: str
    tracks: tuple[DemoTrack, ...] = ()
    sidecars: tuple[DemoSidecar, ...] = ()
    spoken: str = "en"
    kept_bytes: int | None = None


def _mov_text(*languages: str) -> tuple[DemoTrack, ...]:
    return tuple(DemoTrack(language, SubtitleFormat.MOV_TEXT) for language in languages)


def _srt(*languages: str) -> tuple[DemoTrack, ...]:
    return tuple(DemoTrack(language, is_default=number == 0) for number, language in enumerate(languages))


def _web(*languages: str) -> tuple[DemoTrack, ...]:
    return tuple(DemoTrack(language, _VTT) for language in languages)


def _series() -> Iterator[DemoVideo]:
    def series(name: str, release: str) -> str:
        return f"TV/{name}/{{}}/{name} - {{}} [{release}"

    ledger = series("The Lighthouse Ledger (2019)", "WEBDL-1080p][AAC 2.0][h264]-LANTERN.mkv")
    first, second = "Season 01", "Season 02"
    yield DemoVideo(
        ledger.format(first, "S01E01 - The First Lamp"),
        (*_srt("en", "de", "fr", "es", "ja"), DemoTrack("pt-BR")),
    )
    yield DemoVideo(
        ledger.format(first, "S01E02 - Fog Signals"),
        (*_srt("en", "de"), DemoTrack("en", coverage=_HEARING_IMPAIRED, title="English (SDH)")),
    )
    yield DemoVideo(
        ledger.format(first, "S01E03 - Salt in the Ink"),
        (DemoTrack("en"), DemoTrack("en", coverage=_FORCED, is_default=True, title="Signs")),
        (DemoSidecar(".ger.srt", "de"),),
    )
    yield DemoVideo(ledger.format(first, "S01E04 - The Keeper's Daughter"), _srt("en"))
    yield DemoVideo(ledger.format(first, "S01E05-E06 - The Long Night + The Short Morning"), _srt("en", "fr"))
    yield DemoVideo(
        ledger.format(second, "S02E01 - New Oil"),
        (DemoTrack("en", _ASS, is_default=True), DemoTrack("de", _ASS)),
        (DemoSidecar(".pt-BR.ass", "pt-BR"),),
    )
    yield DemoVideo(ledger.format(second, "S02E02 - No Ships Tonight"))
    yield DemoVideo(ledger.format("Specials", "S00E01 - How the Lamp Was Built"), _srt("en"))

    kitchen = series("Copper Street Kitchen (2021)", "HDTV-720p][AAC 2.0][h264]-SPOON.mp4")
    yield DemoVideo(kitchen.format(first, "S01E01 - Onions"), _mov_text("en", "de", "es"))
    yield DemoVideo(kitchen.format(first, "S01E02 - The Health Inspector"), _mov_text("en", "ja"))
    yield DemoVideo(
        kitchen.format(first, "S01E03 - Closed on Mondays"),
        (),
        (DemoSidecar(".en.srt", "en"), DemoSidecar(".fr.srt", "fr")),
    )

    radio = series("Harbour Radio (2022)", "WEBRip-480p][Opus 1.0][VP8]-WAVE.webm")
    yield DemoVideo(radio.format(first, "S01E01 - Shipping Forecast"), _web("en", "de", "fr"))
    yield DemoVideo(radio.format(first, "S01E02 - Dead Air"), _web("en", "pt-BR"))

    northern = series("Северный фонарь (2018)", "WEBDL-1080p][AAC 2.0][h264]-ЛАМПА.mkv")
    yield DemoVideo(northern.format(first, "S01E01 - Первая ночь"), _srt("ru", "en"), spoken="ru")
    yield DemoVideo(
        northern.format(first, "S01E02 - Чайки"), _srt("ru"), (DemoSidecar(".en.srt", "en"),), spoken="ru"
    )


def _films() -> Iterator[DemoVideo]:
    def film(name: str, quality: str, suffix: str = "mkv") -> str:
        return f"Films/{name}/{name} [{quality}].{suffix}"

    yield DemoVideo(
        film("Paper Moons over Tarn Hill (2020)", "Bluray-1080p][DTS 5.1][x264"),
        (
            DemoTrack("en", is_default=True),
            DemoTrack("en", coverage=_HEARING_IMPAIRED, title="English (SDH)"),
            DemoTrack("en", coverage=_FORCED, title="English (forced)"),
            *(DemoTrack(language) for language in ("de", "fr", "es", "ja", "pt-BR")),
            DemoTrack("de", coverage=_FORCED, title="Deutsch (erzwungen)"),
        ),
    )
    yield DemoVideo(
        film("The Quiet Orchard (2016)", "Bluray-720p][AC3 5.1][x264"),
        _srt("en"),
        (
            DemoSidecar(".en.srt", "en"),
            DemoSidecar(".ger.srt", "de"),
            DemoSidecar(".pt-BR.ass", "pt-BR"),
            DemoSidecar(".en.forced.srt", "en", _FORCED),
            DemoSidecar(".es.hi.srt", "es", _HEARING_IMPAIRED),
        ),
    )
    yield DemoVideo(
        film("Le Dernier Sémaphore (2014)", "WEBDL-1080p][AAC 2.0][h264", "mp4"),
        _mov_text("fr", "en"),
        spoken="fr",
    )
    yield DemoVideo(
        film("Tides for Beginners (2021)", "WEBRip-480p][Opus 1.0][VP8", "webm"), _web("en", "es", "ja")
    )
    yield DemoVideo(
        film("Letters in the Margin (2018)", "WEBDL-1080p][AAC 2.0][h264"),
        (*_web("en", "de"), DemoTrack("fr", _ASS), DemoTrack("es")),
    )
    yield DemoVideo(
        film("Night Ferry to Nowhere (2012)", "Remux-1080p][DTS-HD MA 5.1][AVC"),
        (DemoTrack("en", SubtitleFormat.PGS, is_default=True), DemoTrack("de", SubtitleFormat.PGS)),
    )
    yield DemoVideo(
        film("The Cartographer's Cat (2003)", "DVD][AC3 2.0][MPEG2"),
        (DemoTrack("en", SubtitleFormat.VOBSUB),),
    )
    yield DemoVideo(film("Tin Parade (1998)", "SDTV][MP2 2.0][XviD", "avi"), (), (DemoSidecar(".srt", "en"),))
    yield DemoVideo(film("霧の駅 (2017)", "Bluray-1080p][AAC 2.0][x264"), _srt("ja", "en"), spoken="ja")
    yield DemoVideo(film("حديقة الملح (2015)", "WEBDL-720p][AAC 2.0][h264"), _srt("ar"), spoken="ar")
    yield DemoVideo(film("Snow & Noodles 🍜 (2022)", "WEBDL-1080p][AAC 2.0][h264"), _srt("en", "ja"))
    yield DemoVideo(film("Static Bloom (2023)", "WEBDL-2160p][EAC3 5.1][h265"))
    yield DemoVideo(film("The Broken Compass (2011)", "HDTV-1080p][AAC 2.0][h264"), kept_bytes=40)
    yield DemoVideo(film("Half a Bridge (2010)", "WEBDL-720p][AAC 2.0][h264", "mp4"), kept_bytes=20_000)
    yield DemoVideo(film("An Empty Promise (2013)", "WEBDL-1080p][AAC 2.0][h264"), kept_bytes=0)


def _anime() -> Iterator[DemoVideo]:
    signs = DemoTrack("en", _ASS, _FORCED, title="Signs & Songs")
    full = DemoTrack("en", _ASS, is_default=True, title="Full Subtitles")
    for number, checksum in enumerate(("A1B2C3D4", "0F9E8D7C", "5B6A7988", "C0FFEE11", "7E57D0C5"), start=1):
        tracks = (full, signs, DemoTrack("de", _ASS)) if number % 2 else (full,)
        yield DemoVideo(
            f"Anime/[Lanternfish] Clockwork Kitsune - {number:02} [{checksum}].mkv", tracks, spoken="ja"
        )
    yield DemoVideo(
        "Anime/[Tidewater] Paper Kaiju - 05v2 (1080p) [3D2C1B0A].mkv",
        (DemoTrack("ja", _ASS), DemoTrack("pt-BR", _ASS)),
        spoken="ja",
    )
    yield DemoVideo("Anime/[Tidewater] Paper Kaiju - 06 (1080p) [9A8B7C6D].mkv", spoken="ja")
    yield DemoVideo(
        "Anime/[Lanternfish] 月面喫茶 - 03 [7F3A90C1].mkv",
        (DemoTrack("ja"),),
        (DemoSidecar(".en.ass", "en"),),
        spoken="ja",
    )


VIDEOS: Final = (*_series(), *_films(), *_anime())
