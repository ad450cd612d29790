"""The HTTP server: waitress with a loop of our own, so that it stops gracefully (docs/decisions/0001).

A server owns its listening socket from the moment it is made, which is when a taken port is noticed. It prints
nothing: who starts it says where it listens.
"""

import errno
import logging
import os
import socket
from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from sublarr.vocabulary.errors import InvalidInput, Unavailable
from sublarr.web.app import BODY_BYTES
from sublarr.web.errors import PROBLEM_TYPE, problem_body
from sublarr.web.live import MOST_LISTENERS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REQUEST_THREADS = 8
GRACE_SECONDS = 5.0
_TURN_SECONDS = 1.0
_DRAIN_TURN_SECONDS = 0.05
_CONNECTIONS = 500
_HEADER_BYTES = 64 * 1024
_BACKLOG = 1024
# What the application refuses itself, in the API's shape, passes here; beyond it nothing is even read.
_MARGIN_BYTES = 64 * 1024


class _ProblemTask(ErrorTask):  # type: ignore[misc] # waitress has no types
    """What waitress refuses before the application sees it, in the shape of every other problem."""

    def execute(self) -> None:
        error = self.request.error
        body = problem_body(error.code, error.body).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", PROBLEM_TYPE))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Channel(HTTPChannel):  # type: ignore[misc] # waitress has no types
    error_task_class = _ProblemTask


class Server:
    """One listening socket and the threads behind it; `on_stop` ends what would otherwise hold threads.

    Raises `Unavailable` where the port cannot be had, `InvalidInput` where the host is none of this machine's.
    """

    def __init__(
        self, app: "WSGIApplication", host: str, port: int, *, on_stop: Callable[[], None] = lambda: None
    ) -> None:
        self._socket = _listen(host, port)
        self.host: str = host
        self.port: int = self._socket.getsockname()[1]
        self._on_stop = on_stop
        self._stopping = Event()
        # Many short tasks wait for a thread for a moment; waitress warns of each.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        self._waitress = create_server(
            app,
            map=self._map,
            sockets=[self._socket],
            threads=REQUEST_THREADS + MOST_LISTENERS,
            connection_limit=_CONNECTIONS,
            backlog=_BACKLOG,
            channel_request_lookahead=1,
            max_request_body_size=BODY_BYTES + _MARGIN_BYTES,
            max_request_header_size=_HEADER_BYTES,
            clear_untrusted_proxy_headers=False,
            asyncore_use_poll=True,
            ident=None,
        )
        self._waitress.channel_class = _Channel

    @property
    def url(self) -> str:
        """Where a browser on this machine reaches it."""
        name = {"0.0.0.0": "localhost", "::": "localhost", "127.0.0.1": "localhost"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{name}]' if ':' in name else name}:{self.port}"

    def run(self, stop: Event | None = None) -> bool:
        """Serve until `stop` is set (noticed within a second) or `stop()` is called; whether all ended in time."""
        while not self._stopping.is_set() and not (stop is not None and stop.is_set()):
            self._turn(_TURN_SECONDS)
        return self._close()

    def stop(self) -> None:
        """Have `run` end at once, from any thread or signal handler."""
        self._stopping.set()
        self._waitress.pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _close(self) -> bool:
        """Take no more connections, end the streams, let requests finish and answers be sent, then close."""
        wasyncore.dispatcher.close(self._waitress)
        self._on_stop()
        until = monotonic() + GRACE_SECONDS
        while self._is_busy() and monotonic() < until:
            self._turn(_DRAIN_TURN_SECONDS)
        is_done = not self._is_busy()
        self._waitress.task_dispatcher.shutdown(timeout=GRACE_SECONDS if is_done else 0)
        self._waitress.trigger.close()
        wasyncore.close_all(self._map)
        return is_done

    def _is_busy(self) -> bool:
        return any(
            channel.requests or channel.total_outbufs_len
            for channel in self._waitress.active_channels.values()
        )


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise InvalidInput(
            f"there is no address {host} to listen on: {error.strerror}", remedy="Correct SUBLARR_HOST."
        ) from error
    # A name may have addresses of both families; one listener is one server, and every client speaks IPv4.
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _refused(error, host, port) from error
    return listener


def _refused(error: OSError, host: str, port: int) -> Unavailable | InvalidInput:
    match error.errno:
        case errno.EADDRINUSE:
            return Unavailable(
                f"port {port} is in use by another program",
                remedy="Stop that program (is Sublarr running already?), or set SUBLARR_PORT to another port.",
            )
        case errno.EACCES:
            return Unavailable(
                f"port {port} may not be used by this user", remedy="Set SUBLARR_PORT to 1024 or more."
            )
        case errno.EADDRNOTAVAIL:
            return InvalidInput(
                f"{host} is no address of this machine",
                remedy="Correct SUBLARR_HOST; 0.0.0.0 is all of them.",
            )
        case _:
            return Unavailable(f"cannot listen on {host}, port {port}: {error.strerror}")
