"""The server itself: ports, slow and broken clients, and stopping without losing an answer."""

import json
import socket
from http.client import HTTPConnection
from threading import Event, Thread

import pytest
from flask import Flask

from sublarr.bootstrap import House
from sublarr.vocabulary.errors import InvalidInput, Unavailable
from sublarr.web.app import BODY_BYTES, create_app
from sublarr.web.server import Server
from tests.api.houses import serving


def get(port: int, path: str = "/health") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture
def app(small: House) -> Flask:
    return create_app(small)


def test_a_port_in_use_is_told_with_the_way_out(app: Flask) -> None:
    with serving(app) as server, pytest.raises(Unavailable, match=f"port {server.port} is in use") as refused:
        Server(app, "127.0.0.1", server.port)
    assert "SUBLARR_PORT" in refused.value.remedy


def test_a_host_that_is_none_of_ours_is_told(app: Flask) -> None:
    with pytest.raises(InvalidInput, match=r"192\.0\.2\.1"):
        Server(app, "192.0.2.1", 0)
    with pytest.raises(InvalidInput, match="no address"):
        Server(app, "no such host", 0)


def test_both_kinds_of_address_reach_it(app: Flask) -> None:
    server = Server(app, "::", 0)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    assert get(server.port) == 200
    assert server.url == f"http://localhost:{server.port}"
    server.stop()
    thread.join(10)


def test_a_stop_lets_the_request_in_flight_finish(app: Flask) -> None:
    began, may_end, answers = Event(), Event(), []

    def slow() -> str:
        began.set()
        may_end.wait(10)
        return "done"

    app.add_url_rule("/health/slow", "slow", slow)
    server = Server(app, "127.0.0.1", 0)
    ended = []
    runner = Thread(target=lambda: ended.append(server.run()))
    runner.start()
    asker = Thread(target=lambda: answers.append(get(server.port, "/health/slow")))
    asker.start()
    assert began.wait(10)
    server.stop()
    may_end.set()
    asker.join(10)
    runner.join(10)
    assert (answers, ended) == ([200], [True])


def test_a_request_that_never_ends_does_not_hold_up_the_stop(app: Flask, monkeypatch) -> None:
    from sublarr.web import server as module

    monkeypatch.setattr(module, "GRACE_SECONDS", 0.2)
    began, may_end = Event(), Event()

    def stuck() -> str:
        began.set()
        may_end.wait(20)
        return ""

    app.add_url_rule("/health/stuck", "stuck", stuck)
    server = Server(app, "127.0.0.1", 0)
    ended = []
    runner = Thread(target=lambda: ended.append(server.run()))
    runner.start()
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/health/stuck")
    assert began.wait(10)
    server.stop()
    runner.join(10)
    assert ended == [False]
    may_end.set()
    connection.close()


def test_an_event_from_outside_stops_it_too(app: Flask) -> None:
    server, stop = Server(app, "127.0.0.1", 0), Event()
    runner = Thread(target=server.run, args=(stop,))
    runner.start()
    assert get(server.port) == 200
    stop.set()
    runner.join(10)
    assert not runner.is_alive()


def test_the_port_is_free_again_at_once(app: Flask) -> None:
    with serving(app) as server:
        assert get(server.port) == 200
    Server(app, "127.0.0.1", server.port)._close()


def test_clients_that_send_nothing_keep_nobody_waiting(app: Flask) -> None:
    with serving(app) as server:
        silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(60)]
        for client in silent:
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert get(server.port) == 200
        for client in silent:
            client.close()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (
            f"POST /api/v1/scan HTTP/1.1\r\nHost: localhost\r\nContent-Length: {BODY_BYTES * 2}\r\n\r\n".encode(),
            413,
        ),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 65_600 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nbad header\r\n\r\n", 400),
    ],
)
def test_what_the_server_refuses_itself_has_the_shape_of_every_problem(
    app: Flask, request_bytes: bytes, status: int
) -> None:
    with serving(app) as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(request_bytes)
        head, _, body = b"".join(iter(lambda: client.recv(65536), b"")).partition(b"\r\n\r\n")
    assert head.startswith((f"HTTP/1.1 {status}".encode(), f"HTTP/1.0 {status}".encode()))
    assert b"application/problem+json" in head
    assert json.loads(body)["status"] == status
