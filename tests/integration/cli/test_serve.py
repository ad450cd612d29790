"""`sublarr serve` as a process: starts, answers, stops."""

import json
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from tests.integration.cli.conftest import end, wait_for_line, wait_until_running


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        chosen: int = listener.getsockname()[1]
        return chosen


def _health(port: int) -> dict[str, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
        assert answer.status == 200
        read: dict[str, str] = json.load(answer)
        return read


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_answers_and_stops_cleanly(terminal, port, number):
    serve = terminal.start("serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
    line = wait_for_line(serve, "Sublarr ")
    database = Path(terminal.folder) / "config" / "sublarr.db"
    assert f"on http://localhost:{port} — SQLite at {database}, 1 worker, watching 0 folders" in line
    _health(port)
    code, err = end(serve, number)
    assert code == 0
    assert "Traceback" not in err
    assert terminal.run("health").returncode == 0


def test_a_new_folder_is_watched_and_scanned_once(terminal, port, make_media):
    media = make_media(10)
    words = ("serve", "--host", "127.0.0.1", "--port", str(port), "--folder", str(media))
    serve = terminal.start(*words)
    wait_for_line(serve, "watching 1 folder")
    assert terminal.run("scan").returncode == 0
    assert terminal.json("wanted")["total"] == 10
    assert end(serve)[0] == 0
    before = terminal.json("jobs", "list", "--kind", "scan_folder")["total"]
    again = terminal.start(*words)
    wait_for_line(again, "watching 1 folder")
    assert end(again)[0] == 0
    assert terminal.json("jobs", "list", "--kind", "scan_folder")["total"] == before


def test_a_folder_that_is_not_there_stops_the_start_with_the_reason(terminal, port):
    done = terminal.run("serve", "--port", str(port), "--folder", "nowhere")
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said_before_anything_is_started(terminal):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = terminal.run("serve", "--host", "127.0.0.1", "--port", str(port))
    assert done.returncode == 1
    assert f"port {port} is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_pages_alone_are_served_without_workers(terminal, port):
    serve = terminal.start("serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "0")
    wait_for_line(serve, "0 workers")
    assert "no worker runs jobs" in terminal.run("health").stdout
    assert end(serve)[0] == 0


def test_whoever_asks_for_another_address_without_a_key_is_told_why_it_is_not_served(terminal, port):
    serve = terminal.start("serve", "--host", "192.0.2.2", "--port", str(port), "--workers", "0")
    line = wait_for_line(serve, "192.0.2.2")
    assert "WARNING" in line
    assert "listening on 127.0.0.1 instead of 192.0.2.2, because SUBLARR_API_KEY is not set" in line
    wait_for_line(serve, "0 workers")
    assert end(serve)[0] == 0


def test_work_is_handed_back_when_it_stops_and_goes_on_at_the_next_start(terminal, port, large_media):
    words = ("serve", "--host", "127.0.0.1", "--port", str(port), "--folder", str(large_media))
    serve = terminal.start(*words)
    wait_for_line(serve, "watching 1 folder")
    wait_until_running(terminal)
    assert end(serve)[0] == 0
    [job] = terminal.json("jobs", "list", "--kind", "scan_folder")["items"]
    assert (job["status"], job["attempts"], job["crashes"]) == ("queued", 0, 0)
