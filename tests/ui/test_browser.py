"""The pages in a real browser: what htmx adds, what works without it, and what people with a keyboard or a phone get."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from sublarr.vocabulary.subtitles import WantedStatus
from sublarr.web.app import create_app
from sublarr.web.pages.frame import STATIC
from sublarr.web.server import Server
from sublarr.web.streaming import feed_of
from tests.ui.household import (
    Household,
    add_jobs,
    complete,
    furnish,
    open_empty,
    report_progress,
    start_scan,
)
from tests.ui.test_pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (STATIC / "vendor" / "htmx.min.js").exists(),
        reason="NOT TESTED: the front-end assets are not there; scripts/test fetches them",
    ),
]

PHONE = {"width": 390, "height": 844}


@dataclass
class Site:
    """A household behind a running server, and what the browser complained of."""

    household: Household
    url: str
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: "Page") -> "Page":
        """Collect the page's errors; a violated CSP is one of them."""
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self._lost(request.url))
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _lost(self, url: str) -> None:
        # A stream ends with its page.
        if "/live/" not in url:
            self.complaints.append(f"not loaded: {url}")

    def ignored(self) -> int:
        """How many subtitles are ignored, as the database has it."""
        with self.household.house.database.read() as unit:
            return unit.wanted.summary().by_status.get(WantedStatus.IGNORED, 0)


@pytest.fixture
def site(tmp_path: Path, prepared_sqlite_url: str) -> Iterator[Site]:
    house = open_empty(tmp_path / "config", prepared_sqlite_url)
    household = furnish(house, tmp_path / "media", episodes=8)
    app = create_app(house)
    server = Server(app, "127.0.0.1", 0, on_stop=feed_of(app).stop)
    thread = Thread(target=server.run)
    thread.start()
    yield Site(household, f"http://127.0.0.1:{server.port}")
    server.stop()
    thread.join()
    house.close()


@pytest.fixture
def open_context(browser: "Browser") -> Iterator[Callable[..., "Page"]]:
    opened = []

    def open_page(**options: object) -> "Page":
        context = browser.new_context(**options)
        opened.append(context)
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


def test_every_page_loads_without_a_complaint(site: Site, page: "Page") -> None:
    jobs = add_jobs(site.household)
    site.watch(page)
    household = site.household
    places = [
        *PAGES,
        f"/series/{household.series_id}",
        f"/movies/{household.movie_id}",
        f"/activity/queue/{jobs['running']}",
    ]
    for place in places:
        page.goto(site.url + place)
        page.locator("h1").wait_for()
        page.wait_for_function("window.htmx !== undefined")
    assert site.complaints == []


def test_typing_filters_the_list_and_keeps_the_focus_and_the_address(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    site.watch(page).goto(site.url + "/wanted")
    expect(page.locator("tbody tr")).to_have_count(9)
    search = page.get_by_placeholder("Search titles and paths")
    search.press_sequentially("tin")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(search).to_be_focused()
    expect(search).to_have_value("tin")
    assert "q=tin" in page.url
    page.get_by_role("combobox", name="Kind").or_(page.locator("select[name=kind]")).first.select_option(
        "episode"
    )
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    assert site.complaints == []


def test_selected_rows_are_ignored_in_place(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    site.watch(page).goto(site.url + "/wanted")
    page.evaluate("window.isSamePage = true")
    boxes = page.locator("tbody input[type=checkbox]")
    boxes.nth(0).check()
    boxes.nth(2).check()
    expect(page.locator("[data-ticked]")).to_have_text("2 selected ·")
    page.get_by_role("button", name="Ignore").click()
    expect(page.locator("#flash")).to_contain_text("2 subtitles ignored")
    expect(page.locator("tbody tr")).to_have_count(7)
    assert page.evaluate("window.isSamePage")
    assert site.ignored() == 2
    assert site.complaints == []


def test_one_box_selects_all(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    page.goto(site.url + "/wanted")
    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-ticked]")).to_have_text("9 selected ·")
    page.locator("tbody input[type=checkbox]").first.uncheck()
    expect(page.locator("[data-ticked]")).to_have_text("8 selected ·")
    assert page.get_by_label("Select all on this page").evaluate("box => box.indeterminate")


def test_progress_appears_without_a_reload(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    running = start_scan(site.household)
    site.watch(page).goto(site.url + "/activity/queue")
    page.evaluate("window.isSamePage = true")
    row = page.locator(f"#job-{running.job_id}")
    expect(row).to_be_visible()
    for done in (100, 1900):
        report_progress(site.household, running, done)
        expect(row.locator(".figures")).to_have_text(f"{done:,} / 2,000", timeout=15_000)
    complete(site.household, running)
    expect(row).to_contain_text("Completed", timeout=15_000)
    expect(page.get_by_role("heading", name="Ended lately")).to_be_visible(timeout=15_000)
    assert page.evaluate("window.isSamePage")
    assert site.complaints == []


def test_new_jobs_and_counts_appear_without_a_reload(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    site.watch(page).goto(site.url + "/activity/queue")
    expect(page.get_by_text("Nothing runs or waits")).to_be_visible()
    running = start_scan(site.household)
    expect(page.locator(f"#job-{running.job_id}")).to_be_visible(timeout=15_000)
    expect(page.locator(".wide .nav-jobs")).to_have_text("1")
    assert site.complaints == []


def test_what_runs_shows_on_wanted_and_ticks_survive_it(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    site.watch(page).goto(site.url + "/wanted")
    page.locator("tbody input[type=checkbox]").nth(1).check()
    ticked = page.locator("tbody input:checked").get_attribute("value")
    running = start_scan(site.household)
    expect(page.locator(f"#job-{running.job_id}")).to_be_visible(timeout=15_000)
    assert page.locator("tbody input:checked").get_attribute("value") == ticked
    report_progress(site.household, running, 77)
    expect(page.locator(f"#job-{running.job_id} .figures")).to_have_text("77 / 2,000", timeout=15_000)
    assert site.complaints == []


def test_a_job_is_paused_in_place(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    jobs = add_jobs(site.household)
    site.watch(page).goto(site.url + "/activity/queue")
    row = page.locator(f"#job-{jobs['queued']}")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("Paused")
    row.get_by_role("button", name="Resume").click()
    expect(row).to_contain_text("Queued")
    expect(page.locator("#flash")).to_contain_text("Back in the queue")
    assert site.complaints == []


def test_everything_works_without_javascript(site: Site, open_context: Callable[..., "Page"]) -> None:
    page = open_context(java_script_enabled=False)
    site.watch(page).goto(site.url + "/wanted")
    page.get_by_placeholder("Search titles and paths").fill("harbour")
    page.get_by_role("button", name="Apply").click()
    assert page.locator("tbody tr").count() == 8
    page.locator("tbody input[type=checkbox]").first.check()
    page.get_by_role("button", name="Ignore").click()
    assert "1 subtitle ignored" in page.locator("#flash").inner_text()
    assert page.locator("tbody tr").count() == 7
    assert "q=harbour" in page.url
    assert site.ignored() == 1
    page.get_by_role("button", name="Scan library").click()
    page.get_by_role("link", name="Queue").first.click()
    page.get_by_role("button", name="Cancel").click()
    assert "Cancelled" in page.locator("#flash").inner_text()
    page.get_by_role("button", name="Light").first.click()
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert site.complaints == []


def test_nothing_scrolls_sideways_on_a_phone(site: Site, open_context: Callable[..., "Page"]) -> None:
    add_jobs(site.household)
    page = open_context(viewport=PHONE, has_touch=True, is_mobile=True)
    household = site.household
    for place in (*PAGES, f"/series/{household.series_id}", f"/movies/{household.movie_id}"):
        page.goto(site.url + place)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], f"{place} is {width} wide"


def test_the_phone_menu_leads_everywhere(site: Site, open_context: Callable[..., "Page"]) -> None:
    page = open_context(viewport=PHONE)
    page.goto(site.url + "/wanted")
    menu = page.locator(".menu")
    assert not menu.get_by_role("link", name="Database").is_visible()
    menu.locator("summary").click()
    menu.get_by_role("link", name="Database").click()
    page.wait_for_url("**/system/database")


def test_the_keyboard_reaches_content_and_actions(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    page.goto(site.url + "/wanted")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    reached = []
    for _ in range(25):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(_FOCUSED))
    for wanted in ("q", "language", "Extract embedded", "Ignore", "Want again", "Scan library", "item"):
        assert wanted in reached
    page.get_by_label("Select Tin Parade").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Ignore").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#flash")).to_contain_text("1 subtitle ignored")


def test_going_back_brings_the_list_as_it_was(site: Site, page: "Page") -> None:
    from playwright.sync_api import expect

    site.watch(page).goto(site.url + "/wanted")
    page.get_by_placeholder("Search titles and paths").fill("tin")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(9)
    assert site.complaints == []


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_text_can_be_read_in_both_schemes(
    site: Site, open_context: Callable[..., "Page"], scheme: str
) -> None:
    add_jobs(site.household)
    page = open_context(color_scheme=scheme)
    for place in (*PAGES, f"/series/{site.household.series_id}", f"/movies/{site.household.movie_id}"):
        page.goto(site.url + place)
        assert page.evaluate(_FAINT_TEXT) == [], place


_FOCUSED = """() => {
  const element = document.activeElement;
  return element.matches("a, button") ? element.textContent.trim() : element.name;
}"""

# WCAG 2.2, 1.4.3: 4.5 to 1 for text of ordinary size. Colours are painted onto a canvas to be read as sRGB.
_FAINT_TEXT = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const over = (color, below) => {
    canvas.fillStyle = `rgb(${below.join(" ")})`; canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const ground = (element) => element
    ? over(getComputedStyle(element).backgroundColor, ground(element.parentElement)) : [255, 255, 255];
  const light = (rgb) => rgb.map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const faint = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest(":disabled, option")) continue;
    const below = ground(element);
    const [low, high] = [light(over(getComputedStyle(element).color, below)), light(below)].sort((a, b) => a - b);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.add(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
  }
  return [...faint];
}"""
