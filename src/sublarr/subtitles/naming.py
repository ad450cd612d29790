"""Names of subtitle files beside a video: `<base>.<language>[.forced|.sdh|.hi|.cc].<ass|ssa|srt|vtt>`.

Read leniently, as every player and downloader writes them (any order, any case, words of a title in between), and
written one way that Jellyfin, Plex, Emby and Kodi all understand. Paths are path text.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.media import FoundFile
from sublarr.vocabulary.paths import for_display, to_native
from sublarr.vocabulary.subtitles import Sidecar, SubtitleFormat, SubtitleType

# What the file systems of Linux, and most network shares, allow for a name.
LONGEST_NAME_BYTES = 255

_FORMATS = {
    member.value: member
    for member in (SubtitleFormat.ASS, SubtitleFormat.SSA, SubtitleFormat.SRT, SubtitleFormat.VTT)
}
_FORCED = frozenset({"forced", "foreign"})
_HEARING_IMPAIRED = frozenset({"sdh", "cc"})
_HINDI_OR_HEARING_IMPAIRED = "hi"
# Said by players' conventions, of no meaning here.
_IGNORED = frozenset({"default", "full"})


class SidecarName(NamedTuple):
    """What a subtitle file's name says; `language` is None where it does not tell."""

    language: str | None
    subtitle_type: SubtitleType
    is_hearing_impaired: bool
    format: SubtitleFormat


def parse_sidecar(name_or_path: str, video_stem: str) -> SidecarName | None:
    """What a file's name says beside the video `<video_stem>.<ending>`; None if it is no subtitle of that video.

    `hi` is the hard of hearing's flag and the tag of Hindi: beside another language it is the flag, alone it is
    Hindi, and `hi.hi` or `hi.sdh` is Hindi for the hard of hearing.
    """
    name = name_or_path.rpartition("/")[2]
    base, following = name[: len(video_stem)], name[len(video_stem) :]
    if base.casefold() != video_stem.casefold() or not following.startswith("."):
        return None
    *words, suffix = following[1:].split(".")
    return _read_words(words, suffix)


def match_sidecars(
    videos: Iterable[str], subtitles: Iterable[FoundFile]
) -> Mapping[str, tuple[Sidecar, ...]]:
    """The subtitle files of each video of one directory, every video included; a file is its longest base's.

    A base is compared exactly, then regardless of case. Videos of one base share its subtitles. A name such as
    `Film.Part 2.en.srt` is taken for the film `Film` with a title in between only where no `Film.Part 2` is.
    """
    found: dict[str, list[Sidecar]] = {video: [] for video in videos}
    exact: dict[str, list[str]] = {}
    folded: dict[str, list[str]] = {}
    for video in found:
        stem = _stem(video)
        exact.setdefault(stem, []).append(video)
        folded.setdefault(stem.casefold(), []).append(video)
    for file in subtitles:
        for base, words, suffix in _splits(file.path.rpartition("/")[2]):
            owners = exact.get(base) or folded.get(base.casefold())
            if owners:
                said = _read_words(words, suffix)
                if said is not None:
                    sidecar = _sidecar(file, said)
                    for video in owners:
                        found[video].append(sidecar)
                break
    return {video: tuple(sidecars) for video, sidecars in found.items()}


def sidecar_path(
    video_path: str,
    language: str,
    subtitle_type: SubtitleType,
    is_hearing_impaired: bool,  # noqa: FBT001 - the four facts of a name, in the order they are written
    subtitle_format: SubtitleFormat,
) -> str:
    """The path of the subtitle file beside `video_path`; raises InvalidInput where there can be none.

    The base is never shortened: a player finds the file by the video's exact name.
    """
    suffix = subtitle_format.sidecar_suffix
    if not suffix:
        raise InvalidInput(f"{subtitle_format} subtitles are pictures and have no text file")
    folder, separator, _ = video_path.rpartition("/")
    flags = [language]
    if subtitle_type is SubtitleType.FORCED:
        flags.append("forced")
    if is_hearing_impaired:
        # Of the three flags the one that every player knows and that is no language.
        flags.append("sdh")
    name = ".".join([_stem(video_path), *flags, suffix])
    if len(os.fsencode(to_native(name))) > LONGEST_NAME_BYTES:
        raise InvalidInput(
            f"the subtitle's name would be longer than {LONGEST_NAME_BYTES} bytes: {for_display(name)}",
            remedy="Give the video a shorter name; players need the subtitle to begin with exactly that name.",
        )
    return f"{folder}{separator}{name}"


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    stem, dot, _ = name.rpartition(".")
    return stem if dot else name


def _splits(name: str) -> Iterator[tuple[str, Sequence[str], str]]:
    """Every way to see a base in a name, the longest first: the base, the words after it, the suffix."""
    if name.startswith("."):
        return  # hidden: another program's, or a write of ours that is under way
    base, dot, suffix = name.rpartition(".")
    words: list[str] = []
    while dot:
        yield base, words[::-1], suffix
        base, dot, word = base.rpartition(".")
        words.append(word)


def _read_words(words: Sequence[str], suffix: str) -> SidecarName | None:
    subtitle_format = _FORMATS.get(suffix.lower())
    if subtitle_format is None:
        return None
    lowered = [word.strip().lower() for word in words]
    flags = _FORCED | _HEARING_IMPAIRED | _IGNORED | {_HINDI_OR_HEARING_IMPAIRED}
    language = _find_language([word for word in lowered if word and word not in flags and not word.isdigit()])
    ambiguous = lowered.count(_HINDI_OR_HEARING_IMPAIRED)
    if language is None and ambiguous:
        language, ambiguous = "hi", ambiguous - 1
    return SidecarName(
        language=language,
        subtitle_type=SubtitleType.FULL if _FORCED.isdisjoint(lowered) else SubtitleType.FORCED,
        is_hearing_impaired=ambiguous > 0 or not _HEARING_IMPAIRED.isdisjoint(lowered),
        format=subtitle_format,
    )


def _find_language(words: Sequence[str]) -> str | None:
    """The language that the last word names, or the first: a title may stand before or after it.

    Nearly every word of three letters is some language's code ("the" is Chitwania Tharu's), so at the place where a
    title begins only other forms are believed.
    """
    if not words:
        return None
    language = parse_language(words[-1])
    if language is None and len(words[0].replace("_", "-").partition("-")[0]) != 3:
        language = parse_language(words[0])
    return language


def _sidecar(file: FoundFile, said: SidecarName) -> Sidecar:
    return Sidecar(
        path=file.path,
        language=said.language,
        format=said.format,
        subtitle_type=said.subtitle_type,
        is_hearing_impaired=said.is_hearing_impaired,
        size=file.size,
        mtime_ns=file.mtime_ns,
    )
