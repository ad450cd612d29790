"""Which of a film's tracks are worth a file of their own beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sublarr.subtitles.detection import is_commentary, is_hearing_impaired, subtitle_type_of
from sublarr.vocabulary.language import is_same_language
from sublarr.vocabulary.media import Track, TrackKind
from sublarr.vocabulary.subtitles import Sidecar, SubtitleFormat, SubtitleType, format_of_codec

# The richer format first; what is not named here comes last.
_FORMAT_ORDER = (SubtitleFormat.ASS, SubtitleFormat.SSA)


@dataclass(frozen=True, slots=True)
class Extraction:
    """A track and the file it becomes: the facts that `sidecar_path` takes."""

    track: Track
    language: str
    subtitle_type: SubtitleType
    is_hearing_impaired: bool
    format: SubtitleFormat


def tracks_to_extract(
    tracks: Iterable[Track], existing: Sequence[Sidecar], languages: Sequence[str]
) -> tuple[Extraction, ...]:
    """The best text track for each language, type and hearing-impaired flag, in the order of the tracks.

    The default track is better than others, then ASS than SRT, then the earlier one. Commentaries are no
    subtitles of the film. One whose sidecar exists in the same or a richer format is left.
    """
    best: dict[tuple[str, SubtitleType, bool], Extraction] = {}
    for track in tracks:
        found = _as_extraction(track, languages)
        if found is None or any(_makes_needless(sidecar, found) for sidecar in existing):
            continue
        kind = (found.language, found.subtitle_type, found.is_hearing_impaired)
        best[kind] = min(best.get(kind, found), found, key=_rank)
    return tuple(sorted(best.values(), key=lambda extraction: extraction.track.index))


def _as_extraction(track: Track, languages: Sequence[str]) -> Extraction | None:
    subtitle_format = format_of_codec(track.codec)
    if track.kind is not TrackKind.SUBTITLE or not subtitle_format.is_text or is_commentary(track):
        return None
    language = track.language
    if language is None or not any(is_same_language(language, wanted) for wanted in languages):
        return None
    subtitle_type = subtitle_type_of(track)
    target = SubtitleFormat(subtitle_format.sidecar_suffix)
    return Extraction(track, language, subtitle_type, is_hearing_impaired(track), target)


def _makes_needless(sidecar: Sidecar, extraction: Extraction) -> bool:
    return (
        sidecar.language is not None
        and is_same_language(sidecar.language, extraction.language)
        and sidecar.subtitle_type is extraction.subtitle_type
        and sidecar.is_hearing_impaired == extraction.is_hearing_impaired
        and _richness(sidecar.format) <= _richness(extraction.format)
    )


def _rank(extraction: Extraction) -> tuple[bool, int, int]:
    track = extraction.track
    return not track.is_default, _richness(extraction.format), track.index


def _richness(subtitle_format: SubtitleFormat) -> int:
    """The place in the order of formats: the smaller, the richer."""
    return _FORMAT_ORDER.index(subtitle_format) if subtitle_format in _FORMAT_ORDER else len(_FORMAT_ORDER)
