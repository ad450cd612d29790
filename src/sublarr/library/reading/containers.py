"""Opening a media file for libavformat, and nothing but a media file.

A file's name ending proves nothing: a playlist called `film.mkv` would make libavformat fetch what it names, so only
local files and the containers that films come in are let through. Pipes and devices are refused before they are
opened, because opening them waits. Imported by the children alone.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

import av
from av.container import InputContainer

from sublarr.vocabulary.errors import Corrupt, SublarrError, Unavailable
from sublarr.vocabulary.paths import to_native

_CONTAINERS = "matroska,mov,avi,asf,flv,live_flv,mpegts,mpeg,ogg,rm,wtv,mxf,nut,dv,m4v"
# No decoder at all may be opened: tracks and packets are told without one, in a quarter of the time, and decoders are
# where broken files do their harm.
_ALLOWED = {"protocol_whitelist": "file", "format_whitelist": _CONTAINERS, "codec_whitelist": "none"}

# Every track of these is named in the header. Left alone, libavformat would read on for up to 5 MB wherever a
# picture subtitle has not shown yet, to learn its size.
_HEADER_ONLY = {"probesize": "32", "analyzeduration": "0"}
# A transport stream repeats its programme map at least twice a second: 2.5 MB are one second of 20 Mbit/s.
_STREAM = {"probesize": "2500000"}

_END_BYTES = 1 << 16
_MATROSKA = b"\x1a\x45\xdf\xa3"
_ASF = b"\x30\x26\xb2\x75"
_QUICKTIME = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})


@contextmanager
def open_media(path: str, *, is_header_enough: bool) -> Iterator[InputContainer]:
    """The container at path text `path`; raises Unavailable where the system refuses it, Corrupt where libav does."""
    native = to_native(path)
    try:
        beginning = _read_beginning(native)
        analysis = _HEADER_ONLY if is_header_enough and _has_header(beginning) else _STREAM
        with av.open(
            f"file:{native}",
            "r",
            container_options={**_ALLOWED, **analysis},
            metadata_errors="replace",
        ) as container:
            yield container
    except SublarrError:
        raise
    except MemoryError as error:
        raise Corrupt("not a media file or damaged: reading it takes more memory than allowed") from error
    except av.FFmpegError as error:
        raise _explain(error, native) from error
    except OSError as error:
        raise Unavailable(
            f"the file cannot be read: {error.strerror}",
            remedy="Check that the file is there and that Sublarr's user may read it.",
        ) from error


def _read_beginning(native: str) -> bytes:
    mode = os.stat(native).st_mode
    if not stat.S_ISREG(mode):
        raise Unavailable("not a regular file")
    with open(native, "rb", buffering=0) as file:
        beginning = file.read(12)
    if not beginning:
        raise Corrupt("the file is empty", remedy="Wait until it has been copied, or fetch it again.")
    return beginning


def _has_header(beginning: bytes) -> bool:
    if beginning.startswith((_MATROSKA, _ASF)):
        return True
    return beginning[4:8] in _QUICKTIME or (beginning[:4] == b"RIFF" and beginning[8:12] == b"AVI ")


def _explain(error: av.FFmpegError, native: str) -> SublarrError:
    reason = error.strerror or "unknown error"
    # A file that ends too early is an input/output error to some demuxers, as a failing disk is.
    if isinstance(error, OSError) and not _can_read_ends(native):
        return Unavailable(f"the file cannot be read: {reason}")
    if isinstance(error, av.ArgumentError):
        # What the list of containers above does not hold.
        reason = "no known film container"
    return Corrupt(
        f"not a media file or damaged: {reason}", remedy="Play it, and fetch it again if it is broken."
    )


def _can_read_ends(native: str) -> bool:
    try:
        with open(native, "rb", buffering=0) as file:
            file.read(_END_BYTES)
            file.seek(max(0, os.fstat(file.fileno()).st_size - _END_BYTES))
            file.read(_END_BYTES)
    except OSError:
        return False
    return True
