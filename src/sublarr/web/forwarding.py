"""Reverse proxies: whose word is taken for who asks, and below which path Sublarr is served.

What an X-Forwarded header says is believed only if the connection itself comes from a proxy the settings
trust. Everybody else's is left where it is, and looked at by nobody but the guard.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


class TrustedProxies:
    """WSGI middleware that puts the visitor's address, scheme and host in place of the proxy's."""

    def __init__(self, application: "WSGIApplication", networks: Sequence[str]) -> None:
        self._application = application
        self._networks = [ipaddress.ip_network(network) for network in networks]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer, believing a trusted proxy."""
        if self._is_trusted(environ.get("REMOTE_ADDR", "")):
            self._believe(environ)
        return self._application(environ, start_response)

    def _believe(self, environ: "WSGIEnvironment") -> None:
        hops = _parts(environ.get("HTTP_X_FORWARDED_FOR", ""))
        if hops:
            # From the right: each proxy appends whom it heard from; left of the first stranger all is hearsay.
            strangers = [hop for hop in hops if not self._is_trusted(hop)]
            environ["REMOTE_ADDR"] = strangers[-1] if strangers else hops[0]
        scheme = _parts(environ.get("HTTP_X_FORWARDED_PROTO", ""))
        if scheme and scheme[-1] in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme[-1]
        host = _parts(environ.get("HTTP_X_FORWARDED_HOST", ""))
        if host:
            environ["HTTP_HOST"] = host[-1]

    def _is_trusted(self, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


class BasePath:
    """WSGI middleware for a proxy that serves Sublarr below a path, whether it strips that path or not."""

    def __init__(self, application: "WSGIApplication", base_path: str) -> None:
        self._application = application
        self._base_path = base_path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer what lies below the path, and what comes without it."""
        path = environ.get("PATH_INFO", "")
        if path == self._base_path or path.startswith(self._base_path + "/"):
            environ["PATH_INFO"] = path[len(self._base_path) :] or "/"
        environ["SCRIPT_NAME"] = self._base_path
        return self._application(environ, start_response)


def _parts(header: str) -> list[str]:
    return [part.strip() for part in header.split(",") if part.strip()]
