"""Have the rights of files bind root, too: without two capabilities it is a user like any other.

Both the capabilities and the bit that keeps children from getting them back are the calling thread's own.
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_VERSION_3 = 0x20080522
_OVERRIDE = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_GET_SECUREBITS, _SET_SECUREBITS = 27, 28
_NOROOT = 1


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


class CannotGiveUpRights(Exception):
    """This system does not let a process do without."""


@contextmanager
def bound(folder: Path) -> Iterator[None]:
    """For a while, what may not be read cannot be read; `folder` is a place to try it."""
    if os.geteuid() != 0:
        yield
        return
    library = ctypes.CDLL(None, use_errno=True)
    sets = (_Sets * 2)()
    bits = library.prctl(_GET_SECUREBITS, 0, 0, 0, 0)
    _ask(library.capget(ctypes.byref(_Header(_VERSION_3, 0)), sets))
    full = sets[0].effective
    _ask(library.prctl(_SET_SECUREBITS, bits | _NOROOT, 0, 0, 0))
    sets[0].effective = full & ~_OVERRIDE
    try:
        _ask(library.capset(ctypes.byref(_Header(_VERSION_3, 0)), sets))
        _try(folder / "closed")
        yield
    finally:
        sets[0].effective = full
        library.capset(ctypes.byref(_Header(_VERSION_3, 0)), sets)
        library.prctl(_SET_SECUREBITS, bits, 0, 0, 0)


def _ask(answer: int) -> None:
    if answer != 0:
        raise CannotGiveUpRights(os.strerror(ctypes.get_errno()))


def _try(place: Path) -> None:
    place.mkdir(mode=0)
    try:
        os.listdir(place)
    except PermissionError:
        return
    finally:
        place.rmdir()
    raise CannotGiveUpRights("a closed directory could be read all the same")
