"""The page that finds everything, as every browser gets it, and what the keyboard adds."""

from typing import TYPE_CHECKING

from flask.testing import FlaskClient

from sublarr.bootstrap import House
from tests.ui.household import Household
from tests.ui.test_browser import Site, open_context, site
from tests.ui.test_pages import PAGES, Links, followed

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["open_context", "site"]


def test_every_page_has_the_box_that_searches_everything(client: FlaskClient, household: Household) -> None:
    for path in (*PAGES, f"/series/{household.series_id}", "/no/such/page"):
        page = client.get(path).text
        assert 'action="/search"' in page, path
        assert 'id="find" name="q"' in page, path


def test_what_is_found_leads_to_its_page_and_to_what_it_lacks(
    client: FlaskClient, household: Household
) -> None:
    page = client.get("/search?q=HARBOUR").text
    assert "Harbour &lt;b&gt;Radio&lt;/b&gt;" in page
    assert ">Series</span>" in page
    assert ">Episode</span>" in page
    assert "missing</a>" in page
    places = Links(page).places
    assert f"/series/{household.series_id}" in places
    wanted = next(place for place in places if place.startswith("/wanted?q="))
    assert "Nothing matches" not in client.get(wanted).text


def test_a_kind_narrows_what_is_found(client: FlaskClient, household: Household) -> None:
    page = client.get("/search?q=harbour&kind=series").text
    assert ">Series</span>" in page
    assert 'class="mark is-episode"' not in page


def test_a_page_with_nothing_on_it_says_what_to_do(client: FlaskClient) -> None:
    assert "What are you looking for?" in client.get("/search").text
    assert "What are you looking for?" in client.get("/search?q=%CC%81").text
    unknown = client.get("/search?q=zzz").text
    assert "Add the folder your films or series are in" in unknown
    assert "/settings/sources" in Links(unknown).places


def test_words_that_nothing_holds_are_told_so(client: FlaskClient, household: Household) -> None:
    assert "Nothing holds this word" in client.get("/search?q=zzz").text
    assert "Look among all kinds" in client.get("/search?q=zzz&kind=movie").text


def test_the_database_page_has_the_search_put_right(
    client: FlaskClient, house: House, household: Household
) -> None:
    assert 'action="/system/database/search"' in client.get("/system/database").text
    assert "Put the search right" in followed(client, client.post("/system/database/search"))
    with house.database.read() as unit:
        assert [job.kind for job in unit.jobs.active(5)] == ["rebuild_search"]


class TestInABrowser:
    def test_a_slash_leads_to_the_search_and_typing_finds(self, site: Site, page: "Page") -> None:
        from playwright.sync_api import expect

        site.watch(page).goto(f"{site.url}/system/status")
        page.locator("body").press("/")
        expect(page.locator("#find")).to_be_focused()
        page.keyboard.type("harb/")
        expect(page.locator("#find")).to_have_value("harb/")
        page.locator("#find").fill("harbour")
        page.keyboard.press("Enter")
        expect(page.locator("tbody tr").first).to_contain_text("Harbour Radio")
        assert "/search?q=harbour" in page.url
        page.locator("body").press("/")
        expect(page.locator("#q")).to_be_focused()
        assert site.complaints == []
