"""Several processes at once on one database."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any


def start(action: str, url: str, numbers: Sequence[int]) -> "subprocess.Popen[str]":
    """Processes of tests.integration.db.writing, one for each number, all of them waiting to begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.db.writing", action, url, *map(str, numbers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == "ready\n", line + process.communicate()[1]
    return process


def begin(process: "subprocess.Popen[str]") -> None:
    """Let them all go."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def finish(process: "subprocess.Popen[str]") -> list[Any]:
    """What each of them answered."""
    output, errors = process.communicate(timeout=100)
    assert process.returncode == 0, errors
    answers = json.loads(output)
    assert isinstance(answers, list)
    return answers
