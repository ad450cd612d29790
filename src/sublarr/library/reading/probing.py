"""What a container's header says: its format, how long it runs and which tracks it holds.

Imported by the children alone. Nothing is decoded, and of a file with a header only its beginning (and what that
points at) is read, so that a library can be listed without waking more of a disk than needed.
"""

from av.codec import CodecContext
from av.container import InputContainer
from av.stream import Disposition, Stream

from sublarr.library.reading.containers import open_media
from sublarr.vocabulary.errors import Corrupt, Unavailable
from sublarr.vocabulary.language import parse_language
from sublarr.vocabulary.media import Probe, ProbeOutcome, ProbeStatus, Track, TrackKind

_KINDS = {"video": TrackKind.VIDEO, "audio": TrackKind.AUDIO, "subtitle": TrackKind.SUBTITLE}
# Demuxers that serve several formats are named after all of them.
_NAMES = {"matroska,webm": "matroska", "mov,mp4,m4a,3gp,3g2,mj2": "mp4"}
_UNKNOWN_CODEC = "unknown"


def probe(path: str) -> ProbeOutcome:
    """The tracks of the file at path text `path`, or in words why they cannot be told; raises nothing."""
    try:
        with open_media(path, is_header_enough=True) as container:
            return ProbeOutcome(path, ProbeStatus.OK, _describe(container))
    except Unavailable as error:
        return ProbeOutcome(path, ProbeStatus.UNREADABLE, message=error.message)
    except Corrupt as error:
        return ProbeOutcome(path, ProbeStatus.BROKEN, message=error.message)


def codec_of(stream: Stream) -> str:
    """FFmpeg's name of a stream's codec; 'unknown' where this build of it has no decoder to ask."""
    return _codec_name(stream.codec_context)


def _codec_name(context: CodecContext | None) -> str:
    # A decoder has a name of its own: ASS is decoded by "ssa", AV1 by "libdav1d".
    return _UNKNOWN_CODEC if context is None else context.codec.canonical_name


def _describe(container: InputContainer) -> Probe:
    name = container.format.name
    tracks = tuple(_track(stream) for stream in container.streams)
    if not tracks:
        raise Corrupt("not a media file or damaged: it holds no tracks")
    return Probe(_NAMES.get(name, name), _duration_seconds(container), tracks)


def _duration_seconds(container: InputContainer) -> float | None:
    if container.duration is None or container.duration <= 0:
        return None
    streams = container.streams
    has_seen_packets = any(stream.start_time is not None for stream in streams)
    has_guessed = has_seen_packets and all(stream.duration is not None for stream in streams)
    if has_guessed and "matroska" in container.format.name:
        # The header names no duration (a recording that was cut off), and libavformat divided the file's size by
        # whatever bit rate it knew of. Otherwise a Matroska stream whose beginning was seen has none of its own.
        return None
    return container.duration / 1_000_000


def _track(stream: Stream) -> Track:
    flags = stream.disposition
    kind = _KINDS.get(stream.type, TrackKind.OTHER)
    if flags & (Disposition.attached_pic | Disposition.timed_thumbnails):
        kind = TrackKind.OTHER
    return Track(
        index=stream.index,
        kind=kind,
        codec=codec_of(stream),
        language=parse_language(stream.metadata.get("language", "")),
        title=" ".join(stream.metadata.get("title", "").split()),
        is_default=bool(flags & Disposition.default),
        is_forced=bool(flags & Disposition.forced),
        is_hearing_impaired=bool(flags & (Disposition.hearing_impaired | Disposition.captions)),
    )
