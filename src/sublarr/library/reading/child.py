"""The process that reads media files for the pool: `python -m sublarr.library.reading.child`.

It confines itself, says that it is ready, then answers one request a line until its input ends. Whatever a decoder
does to it, the pool sees only that the answer does not come. It imports neither the database nor the web, so that
a start costs little.
"""

import ctypes
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from sublarr.library.reading.demuxing import read_subtitles
from sublarr.library.reading.messages import (
    MAX_ANSWER_BYTES,
    MAX_REQUEST_BYTES,
    READY,
    Answer,
    ReadRequest,
    ReadResult,
    Request,
    SubtitleRequest,
    decode_request,
    encode_answer,
)
from sublarr.library.reading.probing import probe
from sublarr.vocabulary.errors import Corrupt, SublarrError
from sublarr.vocabulary.media import NameFacts

# A child maps 130 MB when it reads ordinary files; what asks for fifteen times that is broken or hostile.
_MEMORY_LIMIT_BYTES = 2 << 30
_NICENESS = 5
_PR_SET_PDEATHSIG = 1


def answer(request: Request) -> Answer:
    """What the file of `request` tells."""
    if isinstance(request, SubtitleRequest):
        return read_subtitles(request.path, request.track_indexes)
    facts = _parse_name(request) if request.wants_name else None
    outcome = probe(request.path) if request.wants_probe else None
    return ReadResult(request.path, facts, outcome)


def main(reply: Callable[[Request], Answer] = answer) -> None:
    """Answer the pool at the other end of the standard streams until it ends them or is gone."""
    _confine()
    answers = _take_over_output()
    with suppress(BrokenPipeError):
        _write(answers, READY)
        while line := sys.stdin.buffer.readline(MAX_REQUEST_BYTES):
            _write(answers, _reply_line(line, reply))


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(_NICENESS)
    if sys.platform == "linux":
        # macOS knows no limit of address space and no signal at a parent's death; there the end of the input has
        # to do, which a child that hangs in a demuxer does not see.
        _, hard_limit = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_memory_limit(hard_limit), hard_limit))
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _memory_limit(hard_limit: int) -> int:
    return (
        _MEMORY_LIMIT_BYTES if hard_limit == resource.RLIM_INFINITY else min(_MEMORY_LIMIT_BYTES, hard_limit)
    )


def _take_over_output() -> BinaryIO:
    """The pipe to the pool for answers alone: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _reply_line(line: bytes, reply: Callable[[Request], Answer]) -> bytes:
    try:
        text = encode_answer(reply(decode_request(line)))
    except SublarrError as error:
        return encode_answer(error)
    except Exception as error:  # noqa: BLE001 - the door of this process: the next file must still be read
        traceback.print_exc()
        return encode_answer(Corrupt(f"reading failed: {error!r}"))
    if len(text) > MAX_ANSWER_BYTES:
        return encode_answer(Corrupt(f"the tracks hold more than {MAX_ANSWER_BYTES >> 20} MB of text"))
    return text


def _parse_name(request: ReadRequest) -> NameFacts:
    # Imported here because guessing names is heavy, and a child that only extracts subtitles never does.
    from sublarr.library.names import parse_name  # noqa: PLC0415

    return parse_name(request.path, request.root, request.content)


def _write(answers: BinaryIO, line: bytes) -> None:
    answers.write(line + b"\n")
    answers.flush()


if __name__ == "__main__":
    main()
