"""An HTTP client of sockets alone: it shares two cores with the server, so what it costs would be measured too."""

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from statistics import median
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Client:
    """One connection that is kept."""

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> bytes:
        """The body of an answer; raises where it is not a good one."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        received = b""
        while _END_OF_HEAD not in received:
            received += self._more()
        head, _, body = received.partition(_END_OF_HEAD)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {head.decode('latin-1')}\n{body.decode(errors='replace')}")
        lowered = head.lower()
        start = lowered.index(_LENGTH) + len(_LENGTH)
        length = int(lowered[start:].split(b"\r\n", 1)[0])
        parts, missing = [body], length - len(body)
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bytes:
        data = self._socket.recv(262_144)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def close(self) -> None:
        """Let go of the connection."""
        self._socket.close()

    def pages(self, path: str, **query: object) -> Iterator[dict[str, Any]]:
        """Every page of a list, in order."""
        cursor: str | None = ""
        while cursor is not None:
            given = {**query, "cursor": cursor} if cursor else query
            page = json.loads(self.get(f"{path}?{urlencode(given, doseq=True)}"))
            yield page
            cursor = page["next"]


def milliseconds(questions: Sequence[tuple[Client, str]], times: int) -> list[float]:
    """The median of each, asked in turns so that a noisy moment is everybody's."""
    taken: list[list[float]] = [[] for _ in questions]
    for _ in range(times):
        for (client, path), figures in zip(questions, taken, strict=True):
            started = perf_counter()
            client.get(path)
            figures.append((perf_counter() - started) * 1000)
    return [median(figures) for figures in taken]


def requests_a_second(port: int, paths: Sequence[str], clients: int, requests: int) -> float:
    """How many answers all clients together get; each goes through the paths from another one on."""
    failures: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            client = Client(port)
            for path in islice(cycle(paths), number, number + requests // clients):
                client.get(path)
            client.close()
        except Exception as error:  # noqa: BLE001 - told by the caller, who would not see a thread's
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    started = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = perf_counter() - started
    if failures:
        raise failures[0]
    return requests // clients * clients / elapsed
