"""Hiding secrets in text that people will see: pages, logs, error messages.

Works on text alone, so that settings, logs and the database room hide the same things the same way.
"""

import re
from collections.abc import Collection

MASK = "***"

# A shorter value would blank out ordinary words and numbers wherever they occur.
SHORTEST_MASKED = 4

_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.IGNORECASE)
_AUTHORITY = re.compile(r"[^/?#]*")
_SECRET_NAME = re.compile(
    r"password|passwd|passphrase|secret|token|credential|api[_.-]?key|(?:^|[._-])(?:pwd|key|pin|cookie)(?:$|[._-])",
    re.IGNORECASE,
)
_SECRET_PARAMETER = re.compile(
    r"([?&;](?:[a-z_-]*(?:password|passwd|pwd|secret|token)|api[_-]?key|key|pin)=)[^&;#\s]*", re.IGNORECASE
)


def names_secret(name: str) -> bool:
    """Whether a setting's name says that its value is a secret, as `plugin.opensubtitles.api_key` does."""
    return _SECRET_NAME.search(name) is not None


def mask_url(url: str) -> str:
    """The URL with its password, and any secret in its query, replaced by `***`."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    start = _end_of_user_name(rest)
    if start is not None:
        rest = rest[:start] + ":" + MASK + rest[rest.rindex("@") :]
    return scheme + separator + _SECRET_PARAMETER.sub(rf"\1{MASK}", rest)


def password_in(url: str) -> str:
    """The password `mask_url` would hide between user name and host, as it is written; '' where there is none."""
    rest = url.partition("://")[2]
    start = _end_of_user_name(rest)
    return "" if start is None else rest[start + 1 : rest.rindex("@")]


def _end_of_user_name(rest: str) -> int | None:
    """Where the user name of `user:password@host…` ends, None where there is no password.

    People paste passwords with `/`, `?` or `#` unescaped, which ends the authority early; what looks like a
    port and cannot be one is then the start of such a password.
    """
    authority = _AUTHORITY.match(rest)
    head = authority.group() if authority else ""
    name, colon, after = head.partition(":")
    if not colon or "@" not in rest or "@" in name:
        return None
    looks_like_port = after.isdigit() and name != ""
    if "@" not in head and looks_like_port:
        return None
    return len(name)


def mask_text(text: str, secrets: Collection[str] = ()) -> str:
    """The text with every URL masked and every one of `secrets` (four characters or more) replaced."""
    if "://" in text:
        text = _URL.sub(lambda found: mask_url(found.group()), text)
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_MASKED and secret in text:
            text = text.replace(secret, MASK)
    return text
