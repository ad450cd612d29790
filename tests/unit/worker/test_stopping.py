"""Signals are sent to a process of its own: what is tested may end it."""

import signal
import subprocess
import sys

import pytest

CODE = """
import time
from sublarr.worker.stopping import StopSignals

with StopSignals(lambda: print("told", flush=True)) as signals:
    print("up", flush=True)
    signals.wait()
    print("stopping", flush=True)
    while {stays}:
        time.sleep(10)
print("stopped", flush=True)
"""


def _start(*, stays: bool) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", CODE.format(stays=stays)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "up\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_first_signal_asks(number):
    process = _start(stays=False)
    process.send_signal(number)
    assert process.communicate(timeout=30)[0] == "told\nstopping\nstopped\n"
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_second_signal_ends_a_process_that_does_not_stop(number):
    process = _start(stays=True)
    process.send_signal(signal.SIGTERM)
    assert process.stdout.readline() == "told\n"
    assert process.stdout.readline() == "stopping\n"
    process.send_signal(number)
    assert process.communicate(timeout=30)[0] == ""
    assert process.returncode == -number


def test_what_was_there_before_is_there_again():
    from sublarr.worker.stopping import StopSignals

    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    with StopSignals():
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) != before
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
