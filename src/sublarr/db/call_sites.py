"""Where in the program something was asked of the data layer: frames become `module:line function`."""

import sys
import threading
from collections.abc import Iterator
from types import CodeType, FrameType

_OURS = ("sublarr.db.", "sqlalchemy.", "contextlib")
_STACK_DEPTH = 15

# Not the frame itself, which would keep every local of the caller alive.
CallSite = tuple[str, int, CodeType]


def find_call_site(depth: int = 1) -> CallSite:
    """The innermost frame outside the data layer; `depth` frames are known to be inside it."""
    # Documented, and the only way that does not read source files.
    frame = sys._getframe(depth)  # noqa: SLF001
    while _is_ours(frame) and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_globals.get("__name__", "?"), frame.f_lineno, frame.f_code


def describe_call_site(site: CallSite) -> str:
    """`module:line function`."""
    module, line, code = site
    return f"{module}:{line} {code.co_qualname}"


def describe_stack(thread_id: int) -> str:
    """What a thread is doing at this moment, innermost first; '' where it has ended."""
    frame = sys._current_frames().get(thread_id)  # noqa: SLF001 - documented for just this
    return " < ".join(_described(frame)) if frame is not None else ""


def thread_name(thread_id: int) -> str:
    """The name of a living thread, or its number."""
    named = (thread.name for thread in threading.enumerate() if thread.ident == thread_id)
    return next(named, f"thread {thread_id}")


def _described(frame: FrameType | None) -> Iterator[str]:
    for _ in range(_STACK_DEPTH):
        if frame is None:
            return
        yield describe_call_site((frame.f_globals.get("__name__", "?"), frame.f_lineno, frame.f_code))
        frame = frame.f_back


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith(_OURS)
