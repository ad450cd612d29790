"""Makes as many small media files as wanted, to see how Sublarr copes with a library of that size.

One file is muxed; all others are copies of it with a number at the end, so that no two are the same bytes. Names
follow one of two layouts: folders as Sonarr and Radarr keep them, or one flat folder of unrelated release names.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from sublarr.demo.captions import Coverage, write_captions
from sublarr.demo.dialogue import SCRIPTS
from sublarr.demo.ffmpeg import find_ffmpeg
from sublarr.demo.folder import DemoFolder, DemoReport, claim_folder, placed
from sublarr.vocabulary.media import FolderContent
from sublarr.vocabulary.subtitles import SubtitleFormat

Layout = Literal["arr", "scene"]

_MOODS = "Amber Bitter Copper Distant Early Fallen Gentle Hollow Iron Jagged Late Mild Narrow Open Pale Quiet".split()
_THINGS = (
    "Anchor Bridge Candle Door Engine Ferry Garden Harbour Island Jetty Kettle Ladder Mirror Net Oar".split()
)
_PLACES = (
    "Ashby Brack Corrin Dunmore Eskdale Farrow Gault Holm Inver Jarrow Kell Lorne Marsk Norby Orrin".split()
)
_GROUPS = ("LANTERN", "WAVE", "SPOON", "GULL")
_QUALITIES = ("720p.HDTV.x264", "1080p.WEB-DL.H264", "1080p.BluRay.x264", "2160p.WEBRip.x265")
_EPISODES_A_SEASON, _SEASONS_A_SERIES = 20, 2
_EPISODES_A_SERIES = _EPISODES_A_SEASON * _SEASONS_A_SERIES
_PROGRESS_EVERY = 500


def _say_nothing(_done: int, _total: int, _name: str) -> None:
    """For a caller who does not watch."""


def make_many(
    directory: Path,
    count: int,
    *,
    layout: Layout,
    on_progress: Callable[[int, int, str], None] = _say_nothing,
) -> DemoReport:
    """Fills `directory` with `count` small files in that layout; those there already are kept.

    Raises InvalidInput where the directory holds anything else, Unavailable where there is no ffmpeg.
    """
    claim_folder(directory)
    content = _small_video()
    made = 0
    names = _library_names() if layout == "arr" else _release_names()
    for number, name in enumerate(islice(names, count)):
        target = directory / name
        if not target.exists():
            with placed(target, durable=False) as temporary:
                temporary.write_bytes(content + _numbered_void(number))
            made += 1
        if (number + 1) % _PROGRESS_EVERY == 0 or number + 1 == count:
            on_progress(number + 1, count, name)
    return DemoReport(
        folders=_folders(directory, layout),
        made=made,
        kept=count - made,
        total_bytes=count * len(content + _numbered_void(0)),
    )


def _folders(directory: Path, layout: Layout) -> tuple[DemoFolder, ...]:
    if layout == "scene":
        return (DemoFolder(directory, FolderContent.AUTO),)
    return (
        DemoFolder(directory / "TV", FolderContent.TV),
        DemoFolder(directory / "Films", FolderContent.MOVIE),
    )


def _small_video() -> bytes:
    """A Matroska file of one second with a text track in English and one in German."""
    with TemporaryDirectory(prefix="sublarr-demo-") as workshop:
        captions = [Path(workshop) / "english.srt", Path(workshop) / "german.ass"]
        for language, caption in zip(("en", "de"), captions, strict=True):
            form = SubtitleFormat(caption.suffix.removeprefix("."))
            caption.write_bytes(write_captions(SCRIPTS[language], form, Coverage.FULL, first_line=0))
        video = Path(workshop) / "video.mkv"
        find_ffmpeg().run(
            *("-f", "lavfi", "-i", "color=size=64x36:rate=2:duration=1"),
            *(argument for caption in captions for argument in ("-i", str(caption))),
            *("-map", "0", "-map", "1", "-map", "2", "-c:v", "mpeg4", "-c:s", "copy", "-fflags", "+bitexact"),
            *("-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=ger", str(video)),
        )
        return video.read_bytes()


def _numbered_void(number: int) -> bytes:
    """A Void element, which EBML allows anywhere and readers pass over, holding the number (RFC 8794 §11.3.2)."""
    return b"\xec\x88" + number.to_bytes(8)


def _library_names() -> Iterator[str]:
    """Of each ten files nine are episodes, in series of two seasons, and one is a film."""
    films, episodes = _film_names(), _episode_names()
    while True:
        yield from islice(episodes, 9)
        yield next(films)


def _film_names() -> Iterator[str]:
    for number, title in enumerate(_titles(_PLACES, _THINGS)):
        film = f"{title} ({1970 + number % 55})"
        yield f"Films/{film}/{film} [Bluray-1080p][x264].mkv"


def _episode_names() -> Iterator[str]:
    for number, title in enumerate(_titles(_MOODS, _THINGS)):
        series = f"{title} ({1970 + number % 55})"
        for position in range(_EPISODES_A_SERIES):
            season, episode = position // _EPISODES_A_SEASON + 1, position % _EPISODES_A_SEASON + 1
            subject = f"The {_THINGS[(number + position) % len(_THINGS)]}"
            code = f"S{season:02}E{episode:02}"
            yield f"TV/{series}/Season {season:02}/{series} - {code} - {subject} [WEBDL-1080p][h264]-LANTERN.mkv"


def _release_names() -> Iterator[str]:
    for number, title in enumerate(_titles(_MOODS, _THINGS)):
        words = title.replace(" ", ".")
        quality, group = _QUALITIES[number % len(_QUALITIES)], _GROUPS[number // 7 % len(_GROUPS)]
        if number % 2:
            yield f"{words}.S{number % 9 + 1:02}E{number % 23 + 1:02}.{quality}-{group}.mkv"
        else:
            yield f"{words}.{1970 + number % 55}.{quality}-{group}.mkv"


def _titles(first: list[str], second: list[str]) -> Iterator[str]:
    """Endless titles, no two alike: every pair of words alone, then with each place, then numbered."""
    pairs = [f"{one} {other}" for one in first for other in second]
    yield from pairs
    yield from (f"{pair} of {place}" for place in _PLACES for pair in pairs)
    round_number = 2
    while True:
        yield from (f"{pair} of {place} {round_number}" for place in _PLACES for pair in pairs)
        round_number += 1
