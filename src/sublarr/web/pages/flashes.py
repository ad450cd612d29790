"""A message from one request to the next: what an action did, told on the page it leads to.

It travels in a signed cookie of its own, so that it works before there are sessions and any process of the
house can read what another wrote.
"""

from dataclasses import dataclass
from functools import cached_property

from flask import Request, Response
from itsdangerous import BadData, URLSafeTimedSerializer

from sublarr.db.database import Database

_COOKIE = "sublarr_flash"
_KEPT_SECONDS = 120
# Browsers drop cookies over 4 KB without a word.
_LONGEST = 800


@dataclass(frozen=True, slots=True)
class Flash:
    """One message, and whether it tells of a failure."""

    text: str
    is_problem: bool = False


class Flashes:
    """Writes, reads and clears the message of a browser."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def _signer(self) -> URLSafeTimedSerializer:
        with self._database.read() as unit:
            secret = unit.secrets.find(_COOKIE)
        if secret is None:
            with self._database.write(urgent=True) as unit:
                secret = unit.secrets.get_or_make(_COOKIE)
        return URLSafeTimedSerializer(secret, salt=_COOKIE)

    def leave(self, request: Request, response: Response, flash: Flash) -> None:
        """Have the browser's next page show `flash`."""
        response.set_cookie(
            _COOKIE,
            str(self._signer.dumps([flash.text[:_LONGEST], flash.is_problem])),
            max_age=_KEPT_SECONDS,
            path=f"{request.script_root}/",
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )

    def read(self, request: Request) -> Flash | None:
        """The message that waits, or None."""
        cookie = request.cookies.get(_COOKIE)
        if not cookie:
            return None
        try:
            text, is_problem = self._signer.loads(cookie, max_age=_KEPT_SECONDS)
        except (BadData, ValueError):
            return None
        return Flash(str(text), bool(is_problem))

    def clear(self, request: Request, response: Response) -> None:
        """Take the message away: it is on the page."""
        if _COOKIE in request.cookies:
            response.delete_cookie(_COOKIE, path=f"{request.script_root}/")
