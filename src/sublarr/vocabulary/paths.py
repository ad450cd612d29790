"""File names as text that every store, page and log can hold.

POSIX file names are bytes. Python shows undecodable ones as lone surrogates, which neither a database
nor JSON can carry. Inside the house a path is therefore *path text*: ordinary Unicode in which each
undecodable byte 0x80-0xFF stands as one character U+EF80-U+EFFF (the convention of MirBSD's OPTU-8).
A name that really holds such a character has its UTF-8 bytes escaped one by one, so the mapping is
one to one. `to_text` is called where names come in, `to_native` where the operating system is asked.
"""

import os

_ESCAPE_BASE = 0xEF00
_FIRST, _LAST = 0xEF80, 0xEFFF


def _is_escape(character: str) -> bool:
    return _FIRST <= ord(character) <= _LAST


def to_text(native: str | os.PathLike[str]) -> str:
    """The path text of a path as the operating system gave it."""
    name = os.fspath(native)
    if name.isascii():
        return name
    if not any(_is_escape(c) or "\ud800" <= c <= "\udfff" for c in name):
        return name
    parts: list[str] = []
    for character in name:
        if "\udc80" <= character <= "\udcff":
            parts.append(chr(_ESCAPE_BASE + ord(character) - 0xDC00))
        elif _is_escape(character) or "\ud800" <= character <= "\udfff":
            raw = character.encode("utf-8", "surrogatepass")
            parts.extend(chr(_ESCAPE_BASE + byte) for byte in raw)
        else:
            parts.append(character)
    return "".join(parts)


def to_native(text: str) -> str:
    """The path to hand to the operating system for a path text."""
    if text.isascii() or not any(_is_escape(c) for c in text):
        return text
    raw = b"".join(bytes([ord(c) - _ESCAPE_BASE]) if _is_escape(c) else c.encode("utf-8") for c in text)
    return os.fsdecode(raw)


def for_display(text: str) -> str:
    """The path text with undecodable bytes and control characters made visible, on one line."""
    if text.isprintable():
        # What stands for undecodable bytes is of private use, which Python does not call printable.
        return text
    return "".join(
        "�" if _is_escape(c) else c if c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )


def is_storable(text: str) -> bool:
    """Whether every store can hold the text: no NUL, no lone surrogates."""
    return "\0" not in text and (
        text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
    )


def is_within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it, compared by whole path components."""
    folder = folder.rstrip("/") or "/"
    return path == folder or path.startswith(folder if folder == "/" else folder + "/")
