"""A Chromium for the pages' tests: SUBLARR_TEST_CHROMIUM, one on PATH, or the one Playwright has downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.servers.process import ServerMissing

PATH_VARIABLE = "SUBLARR_TEST_CHROMIUM"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A headless Chromium; raises `ServerMissing` where there is none."""
    with sync_playwright() as playwright:
        program = find_program(playwright.chromium.executable_path)
        # Root has no sandbox of its own to offer; the pages under test are ours.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def find_program(downloaded: str) -> str:
    """The program to start, `downloaded` being where Playwright would have put its own."""
    named = os.environ.get(PATH_VARIABLE)
    on_path = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    for candidate in (named, on_path, downloaded):
        if candidate and Path(candidate).exists():
            return candidate
    raise ServerMissing(f"no chromium on PATH, and {PATH_VARIABLE} is not set")
