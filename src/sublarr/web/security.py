"""Who may ask for what: the key of programs, the signed cookie of browsers, and what browsers may be tricked into.

With an API key set, everything but the few open paths needs it. Without one, only this machine is served: its
loopback addresses, by a loopback name (a web page elsewhere could otherwise point its own name here), and not
through a proxy (whose visitors all look like this machine).
"""

import hashlib
import hmac
import ipaddress
import logging
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from urllib.parse import quote, urlsplit

from flask import Flask, Response, current_app, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from werkzeug.wrappers import Response as AnyResponse

from sublarr.bootstrap import House
from sublarr.logs import act_for
from sublarr.settings import Settings
from sublarr.vocabulary.errors import Rejected
from sublarr.web.attempts import GuessLimit
from sublarr.web.errors import NotSignedIn, is_for_programs
from sublarr.web.forwarding import FORWARDING_HEADERS

_log = logging.getLogger(__name__)

LOGIN_PATH = "/login"
COOKIE = "sublarr_session"
_EXTENSION = "sublarr_guard"
_KNOWN_KEY = "key"
_SIGNER = "web_sessions"
_COOKIE_DAYS = 30
_OPEN_PATHS = frozenset({"/ping", "/health", "/ready", "/api/v1/health", LOGIN_PATH})
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_HEADERS = {
    # No inline code or style: what a file name or a title smuggles into a page is never run.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class _SessionCookie(SecureCookieSessionInterface):
    """The cookie is sent over HTTPS only where it was set over HTTPS: many homes have plain HTTP."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


class Guard:
    """Lets requests through, or raises why not. `secret` is this house's own, the same in each process."""

    def __init__(self, house: House, secret: str, clock: Callable[[], float] = monotonic) -> None:
        self._house = house
        self._secret = secret.encode()
        self._limit = GuessLimit(clock)

    @property
    def has_key(self) -> bool:
        """Whether a key is needed; else only this machine is served."""
        return bool(self._key)

    @property
    def _key(self) -> str:
        # Asked for anew each time: it may be changed in the app.
        return self._house.settings.server.api_key.get_secret_value()

    def check(self) -> AnyResponse | None:
        """Let the present request pass (None), or answer it with the way to the login page."""
        if self.has_key:
            if not self._is_open() and not self._is_known():
                return _ask_for_key()
        else:
            _refuse_other_machines()
        _refuse_foreign_pages()
        door = "API" if is_for_programs(request.path) else "page"
        act_for(f"{door} at {request.remote_addr}")
        return None

    def sign_in(self, key: str) -> None:
        """Remember this browser; raises `NotSignedIn` for a wrong key, `TooManyAttempts` for too many."""
        self._try_key(key)
        session.permanent = True
        session[_KNOWN_KEY] = self._mark()

    def _is_known(self) -> bool:
        given = request.headers.get("X-Api-Key")
        if given is not None:
            self._try_key(given)
            return True
        # A changed key ends every session.
        return hmac.compare_digest(str(session.get(_KNOWN_KEY, "")), self._mark())

    def _mark(self) -> str:
        """What a session that was begun with the present key holds; it tells nothing of the key."""
        return hmac.new(self._secret, self._key.encode(), hashlib.sha256).hexdigest()

    def _try_key(self, given: str) -> None:
        address = request.remote_addr or ""
        self._limit.check(address)
        if hmac.compare_digest(_digest(given), _digest(self._key)):
            return
        if self._limit.note_wrong(address, given):
            _log.warning("a wrong API key came from %s", address)
        raise NotSignedIn("this is not the API key")

    def _is_open(self) -> bool:
        if request.path == "/metrics":
            return not self._house.settings.server.metrics_auth
        return request.path in _OPEN_PATHS or (request.endpoint or "").rpartition(".")[2] == "static"


def guard(app: Flask, house: House) -> None:
    """Put a guard before `app`, and headers that browsers obey behind it."""
    secret = _own_secret(house)
    watch = Guard(house, secret)
    app.extensions[_EXTENSION] = watch
    app.secret_key = secret
    app.session_interface = _SessionCookie()
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH=f"{house.settings.server.base_path}/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=_COOKIE_DAYS),
    )
    app.before_request(watch.check)
    if not watch.has_key:
        _log.info("no API key is set, so only this machine is served; set SUBLARR_API_KEY to serve others")
    app.after_request(_add_headers)


def _own_secret(house: House) -> str:
    with house.database.read() as unit:
        found = unit.secrets.find(_SIGNER)
    if found is not None:
        return found
    with house.database.write() as unit:
        return unit.secrets.get_or_make(_SIGNER)


def log_in(key: str) -> None:
    """Remember this browser; raises `NotSignedIn` for a wrong key, `TooManyAttempts` for too many."""
    _present_guard().sign_in(key)


def log_out() -> None:
    """Forget this browser."""
    session.clear()


def needs_key() -> bool:
    """Whether this house asks for a key at all."""
    return _present_guard().has_key


def _present_guard() -> Guard:
    watch: Guard = current_app.extensions[_EXTENSION]
    return watch


def listening_host(settings: Settings) -> str:
    """The address to listen on: the one that is set, or this machine's own while there is no key."""
    host = settings.server.host
    if settings.server.api_key.get_secret_value() or _is_loopback(host):
        return host
    return "127.0.0.1"


def _digest(key: str) -> bytes:
    # Equally long, so that the comparison takes as long for any key.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _ask_for_key() -> AnyResponse:
    if is_for_programs(request.path):
        raise NotSignedIn("an API key is needed", remedy="Send it in the header X-Api-Key.")
    if "HX-Request" in request.headers:
        # htmx follows redirects inside the page; this header makes the browser go there.
        return Response(status=401, headers={"HX-Redirect": request.script_root + LOGIN_PATH})
    query = f"?next={quote(request.full_path.rstrip('?'))}" if request.method == "GET" else ""
    return redirect(request.script_root + LOGIN_PATH + query, 303)


def _refuse_other_machines() -> None:
    remedy = "Set SUBLARR_API_KEY to serve other machines."
    if not _is_loopback(request.remote_addr or ""):
        raise Rejected("while no API key is set, only this machine is served", remedy=remedy)
    if not _is_loopback(_host_name(request.environ.get("HTTP_HOST", ""))):
        raise Rejected(
            "while no API key is set, Sublarr is reached as localhost or 127.0.0.1 only", remedy=remedy
        )
    if any(header in request.environ for header in FORWARDING_HEADERS):
        raise Rejected("while no API key is set, no proxy is served", remedy=remedy)


def _refuse_foreign_pages() -> None:
    """Raises `Rejected` where another site's page makes a signed-in browser change something here.

    A request with neither header is no browser's: each of today's sends at least `Origin` with every POST
    to another site. One with X-Api-Key is no foreign page's: those may not send it without being allowed to.
    """
    if request.method in _SAFE_METHODS or "X-Api-Key" in request.headers:
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        is_ours = site in ("same-origin", "none")
    else:
        is_ours = origin is None or urlsplit(origin).netloc.lower() == request.host.lower()
    if not is_ours:
        raise Rejected("this request was made by another site's page, which may change nothing here")


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    plain = name.rstrip(".").lower()
    if plain == "localhost" or plain.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not response.cache_control and not response.headers.get("ETag"):
        # What a household has and lacks is not for shared caches, nor for the back button after logging out.
        response.headers["Cache-Control"] = "no-store"
    return response
