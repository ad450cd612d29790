"""A terminal's oddities: a reader that leaves, no reader at all, a full disk, another encoding."""

import subprocess
import sys

import pytest


def _shell(terminal, line: str) -> subprocess.CompletedProcess[str]:
    line = line.replace("sublarr", f"{sys.executable} -m sublarr")
    return subprocess.run(  # noqa: PLW1510 - its exit code is what is tested
        ["bash", "-c", line], cwd=terminal.folder, env=terminal.environment, capture_output=True, text=True
    )


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_word(terminal):
    # `:` ends without reading at all.
    done = _shell(terminal, "(sleep 0.2; sublarr config show --json) | :")
    assert done.stderr == ""


def test_a_closed_output_is_no_crash(terminal):
    done = _shell(terminal, "sublarr config show >&-")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_is_said_in_a_line(terminal):
    done = _shell(terminal, "sublarr config show >/dev/full")
    assert done.returncode == 1
    assert done.stderr == "sublarr: No space left on device\n"


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {}])
def test_nothing_is_coloured_on_a_pipe(terminal, settings):
    done = terminal.run("config", "show", **settings)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_name_in_another_script_is_listed_in_any_encoding(terminal, encoding):
    folder = terminal.folder / "塩の庭"
    folder.mkdir()
    assert terminal.run("folders", "add", str(folder), PYTHONIOENCODING="utf-8").returncode == 0
    for words in (("folders", "list"), ("folders", "list", "--json"), ("scan",)):
        done = terminal.run(*words, PYTHONIOENCODING=encoding)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
