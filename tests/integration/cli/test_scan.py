"""A scan from the terminal: done by whoever is there to do it."""

import signal
import sqlite3

import pytest

from tests.integration.cli.conftest import end, wait_for_line, wait_until_running


def test_a_scan_is_done_without_a_server_and_its_extractions_too(terminal, make_media):
    media = make_media(10)
    assert terminal.run("folders", "add", str(media)).returncode == 0
    done = terminal.run("scan", "--extract")
    assert done.returncode == 0, done.stderr
    assert "10 found, 10 new" in done.stdout
    assert terminal.json("wanted", "--status", "wanted")["total"] == 10
    assert len(list(media.rglob("*.en.srt"))) == 10
    assert terminal.json("jobs", "list", "--status", "queued", "--status", "running")["total"] == 0


def test_one_directory_is_scanned_by_its_own_path(terminal, make_media):
    media = make_media(10)
    terminal.run("folders", "add", str(media))
    done = terminal.run("scan", str(media / "Films"))
    assert done.returncode == 0, done.stderr
    assert "1 found, 1 new" in done.stdout


def test_a_folder_behind_a_link_is_the_folder(terminal, make_media):
    media = make_media(10)
    terminal.run("folders", "add", str(media))
    (terminal.folder / "link").symlink_to(media)
    assert terminal.run("scan", "link/Films").returncode == 0


@pytest.mark.parametrize(
    ("words", "hint"), [((), "no folder is watched"), ((".",), "is not in a watched folder")]
)
def test_whoever_scans_what_is_not_watched_is_told_how_to_add_it(terminal, words, hint):
    done = terminal.run("scan", *words)
    assert done.returncode == 2
    assert hint in done.stderr
    assert "sublarr folders add" in done.stderr


def test_a_file_is_no_folder_to_scan(terminal, make_media):
    media = make_media(10)
    terminal.run("folders", "add", str(media))
    done = terminal.run("scan", str(next(media.rglob("*.mkv"))))
    assert done.returncode == 2
    assert "is a file" in done.stderr


def test_a_path_that_does_not_exist_is_said_rather_than_scanned(terminal, make_media):
    media = make_media(10)
    terminal.run("folders", "add", str(media))
    done = terminal.run("scan", str(media / "nope"))
    assert done.returncode == 2
    assert f"there is no folder {media / 'nope'}" in done.stderr
    assert terminal.json("jobs", "list")["total"] == 0


def test_a_scan_that_fails_says_why(terminal):
    media = terminal.folder / "media"
    media.mkdir()
    terminal.run("folders", "add", str(media))
    media.rmdir()
    done = terminal.run("scan")
    assert done.returncode == 1
    assert "does not exist" in done.stderr


def test_a_scan_is_only_asked_for_where_nobody_wants_to_wait(terminal, make_media):
    terminal.run("folders", "add", str(make_media(10)))
    first, second = terminal.run("scan", "--no-wait"), terminal.run("scan", "--no-wait")
    assert first.stdout.endswith(": queued\n")
    assert second.stdout.endswith(": was queued already\n")
    assert terminal.json("jobs", "list", "--status", "queued")["total"] == 1


def test_a_running_worker_does_the_scan_and_the_terminal_only_watches(terminal, make_media):
    worker = terminal.start("worker", "--threads", "1")
    wait_for_line(worker, "runs 1 jobs at a time")
    terminal.run("folders", "add", str(make_media(10)))
    done = terminal.run("scan")
    assert done.returncode == 0, done.stderr
    assert "10 found" in done.stdout
    assert _worker_kinds(terminal) == {"worker"}
    assert end(worker)[0] == 0


def test_a_killed_worker_does_not_keep_a_scan_waiting(terminal, make_media):
    worker = terminal.start("worker")
    wait_for_line(worker, "at a time")
    worker.kill()
    worker.wait()
    terminal.run("folders", "add", str(make_media(10)))
    done = terminal.run("scan")
    assert done.returncode == 0, done.stderr
    assert "command" in _worker_kinds(terminal)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_scan_that_is_stopped_is_cancelled_and_nothing_stays_behind(terminal, large_media, number):
    terminal.run("folders", "add", str(large_media))
    scan = terminal.start("scan")
    wait_until_running(terminal)
    code, err = end(scan, number)
    assert code == 1
    assert "Traceback" not in err
    assert err.endswith("stopped\n")
    [job] = terminal.json("jobs", "list")["items"]
    assert job["status"] == "cancelled"


def _worker_kinds(terminal) -> set[str]:
    connection = sqlite3.connect(terminal.folder / "config" / "sublarr.db")
    try:
        return {kind for (kind,) in connection.execute("SELECT kind FROM job_workers")}
    finally:
        connection.close()
