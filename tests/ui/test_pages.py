"""The pages as every browser gets them: links and forms alone, on both databases."""

import re
from html.parser import HTMLParser
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sublarr.bootstrap import House
from sublarr.db.repositories.folders import FolderEdit
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus
from sublarr.vocabulary.subtitles import WantedStatus
from sublarr.web.app import create_app
from sublarr.web.pages.fragments import counts_message, job_message, read_counts
from tests.ui.household import HOSTILE, Household, add_jobs, furnish, move_wanted, open_empty

PAGES = (
    "/wanted",
    "/wanted/upgrades",
    "/series",
    "/movies",
    "/search",
    "/activity/queue",
    "/activity/history",
    "/settings/sources",
    "/settings/profiles",
    "/settings/general",
    "/system/status",
    "/system/tasks",
    "/system/workers",
    "/system/database",
    "/system/audit",
)


class Links(HTMLParser):
    """Collects where a page leads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href and href.startswith("/"):
            self.places.add(href.partition("#")[0])


def followed(client: FlaskClient, answer: TestResponse) -> str:
    """The page an action leads to; the way there is one 303."""
    assert answer.status_code == 303, answer.text[:400]
    page = client.get(answer.headers["Location"])
    assert page.status_code == 200
    return page.text


def flash_of(page: str) -> str:
    """What the page says was done."""
    found = re.search(r'<p class="flash[^"]*">(.*?)</p>', page, re.DOTALL)
    assert found, "the page says nothing"
    return found.group(1)


def test_a_new_household_sees_every_page(client: FlaskClient) -> None:
    for path in PAGES:
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "<h1>" in answer.text, path


def test_home_is_what_is_wanted(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/wanted"


def test_a_new_household_is_told_to_add_a_folder(client: FlaskClient) -> None:
    for path in ("/wanted", "/series", "/movies"):
        page = client.get(path).text
        assert "No folder is watched yet" in page
        assert 'action="/settings/sources/add"' in page


def test_a_household_with_a_library_sees_every_page(client: FlaskClient, household: Household) -> None:
    add_jobs(household)
    for path in PAGES:
        assert client.get(path).status_code == 200, path


def test_no_link_leads_nowhere(client: FlaskClient, household: Household) -> None:
    add_jobs(household)
    open_places, seen = {"/wanted"}, set[str]()
    while open_places:
        place = open_places.pop()
        seen.add(place)
        answer = client.get(place)
        assert answer.status_code == 200, place
        open_places |= Links(answer.text).places - seen
    assert {"/series", "/movies", f"/series/{household.series_id}", f"/movies/{household.movie_id}"} <= seen
    assert any(place.startswith("/activity/queue/") for place in seen)


def test_what_does_not_exist_is_a_page_that_says_so(client: FlaskClient, household: Household) -> None:
    for path in ("/series/999", "/movies/999", f"/series/{household.movie_id}", "/activity/queue/none", "/x"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "Go to Wanted" in answer.text


def test_titles_and_names_cannot_smuggle_code_into_a_page(client: FlaskClient, household: Household) -> None:
    jobs = add_jobs(household)
    paths = [
        *PAGES,
        f"/series/{household.series_id}",
        f"/movies/{household.movie_id}",
        f"/activity/queue/{jobs['failed']}",
        f"/wanted?q={HOSTILE}&language={HOSTILE}",
        f"/activity/history?language={HOSTILE}",
        f"/settings/sources?path={HOSTILE}",
        f"/settings/profiles?languages={HOSTILE}",
    ]
    for path in paths:
        page = client.get(path).text
        assert "<script>alert" not in page, path
        assert "<b>Radio" not in page, path


def test_pages_hold_no_inline_code_or_style(client: FlaskClient, household: Household) -> None:
    add_jobs(household)
    for path in (*PAGES, f"/series/{household.series_id}", f"/movies/{household.movie_id}"):
        page = client.get(path).text
        assert not re.search(r"<script(?![^>]* src=)", page), path
        assert not re.search(r"<[^>]* (style|on\w+|hx-on\S*)=", page), path


def test_ignoring_keeps_the_filter_and_says_what_it_did(client: FlaskClient, household: Household) -> None:
    client.get("/wanted")
    answer = client.post("/wanted/act?status=all", data={"action": "ignore", "item": [*household.wanted_ids]})
    assert answer.headers["Location"].endswith("/wanted?status=all")
    page = followed(client, answer)
    assert "1 subtitle ignored" in flash_of(page)
    assert '<b class="n-ignored">1</b>' in page
    assert '<span class="state is-ignored">' in page
    assert "flash" not in client.get("/wanted").text.split('<div id="flash"')[1].split("</div>")[0]


def test_what_was_ignored_can_be_wanted_again(client: FlaskClient, household: Household) -> None:
    move_wanted(household, WantedStatus.IGNORED)
    data = {"action": "want", "item": [*household.wanted_ids]}
    page = followed(client, client.post("/wanted/act?status=ignored", data=data))
    assert "wanted again" in flash_of(page)
    with household.house.database.read() as unit:
        assert unit.wanted.get(household.wanted_ids[0]).status is WantedStatus.WANTED


def test_acting_without_a_selection_says_to_tick_rows(client: FlaskClient, household: Household) -> None:
    page = followed(client, client.post("/wanted/act", data={"action": "ignore"}))
    assert "tick the rows" in flash_of(page)


def test_a_selection_that_is_none_is_refused_kindly(client: FlaskClient, household: Household) -> None:
    for item in ("x", "-1", "9" * 30, "١"):
        page = followed(client, client.post("/wanted/act", data={"action": "ignore", "item": item}))
        assert "not a row" in flash_of(page)


def test_scanning_from_wanted_queues_every_folder(client: FlaskClient, household: Household) -> None:
    page = followed(client, client.post("/wanted/act", data={"action": "scan"}))
    assert "1 scan asked for" in flash_of(page)
    assert household.folder.path in client.get("/activity/queue").text


def test_scanning_without_a_folder_says_what_to_do(client: FlaskClient) -> None:
    page = followed(client, client.post("/wanted/act", data={"action": "scan"}))
    assert "no folder is watched" in flash_of(page).lower()


def test_extraction_is_asked_for_from_everywhere(client: FlaskClient, household: Household) -> None:
    places = {
        "/wanted/act": {"item": [*household.wanted_ids]},
        "/wanted/upgrades/act": {"item": [*household.wanted_ids]},
        f"/series/{household.series_id}/act": {},
        f"/movies/{household.movie_id}/act": {},
    }
    for place, data in places.items():
        assert "extract" in flash_of(followed(client, client.post(place, data={"action": "extract", **data})))


def test_a_series_and_a_film_can_be_scanned_alone(client: FlaskClient, household: Household) -> None:
    for place in (f"/series/{household.series_id}", f"/movies/{household.movie_id}"):
        page = followed(client, client.post(f"{place}/act", data={"action": "scan"}))
        assert "was asked for" in flash_of(page)


def test_filters_find_and_leave_out(client: FlaskClient, household: Household) -> None:
    assert "Tin Parade" in client.get("/wanted?q=tin").text
    assert "Tin Parade" not in client.get("/wanted?q=harbour").text
    assert "Nothing matches" in client.get("/wanted?language=fr").text
    assert "Tin Parade" in client.get("/wanted?kind=movie&type=full&language=de&status=all").text
    assert "Tin Parade" not in client.get("/wanted?kind=episode").text
    assert "Tin Parade" in client.get("/wanted?kind=nonsense&status=nonsense&type=nonsense").text
    assert "Tin Parade" in client.get("/wanted/upgrades").text
    assert "wanted-" not in client.get("/wanted/upgrades?kind=episode").text


def test_next_and_previous_lead_through_the_whole_list(house: House, tmp_path: Path) -> None:
    furnish(house, tmp_path / "media", episodes=120)
    client = create_app(house).test_client()
    place, seen = "/wanted?status=all", []
    while place:
        page = client.get(place).text
        seen += re.findall(r'id="(wanted-\d+)"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        place = found.group(1).replace("&amp;", "&") if found else ""
        assert "status=all" in (place or "status=all")
    assert len(seen) == len(set(seen)) == 121
    found = re.search(r'rel="prev" href="([^"]+)"', page)
    assert found is not None
    assert client.get(found.group(1).replace("&amp;", "&")).status_code == 200


def test_a_damaged_cursor_is_refused_not_a_fault(client: FlaskClient, household: Household) -> None:
    assert client.get("/wanted?cursor=nonsense").status_code == 422


def test_jobs_can_be_cancelled_paused_resumed_and_retried(client: FlaskClient, household: Household) -> None:
    jobs = add_jobs(household)
    steps = (
        ("queued", "pause", JobStatus.PAUSED),
        ("queued", "resume", JobStatus.QUEUED),
        ("queued", "cancel", JobStatus.CANCELLED),
        ("failed", "retry", JobStatus.QUEUED),
        ("running", "cancel", JobStatus.RUNNING),
    )
    for which, action, status in steps:
        data = {"job": jobs[which], "action": action}
        flash_of(followed(client, client.post("/activity/queue/act", data=data)))
        with household.house.database.read() as unit:
            assert unit.jobs.get(jobs[which]).status is status
    assert "Stopping" in client.get("/activity/queue").text


def test_an_action_that_comes_too_late_is_explained(client: FlaskClient, household: Household) -> None:
    jobs = add_jobs(household)
    for job, action in ((jobs["cancelled"], "resume"), ("gone", "cancel"), (jobs["queued"], "dance")):
        page = followed(client, client.post("/activity/queue/act", data={"job": job, "action": action}))
        assert flash_of(page)


def test_a_job_is_acted_upon_where_it_is_shown(client: FlaskClient, household: Household) -> None:
    jobs = add_jobs(household)
    page = f"/activity/queue/{jobs['queued']}"
    data = {"job": jobs["queued"], "action": "pause"}
    answer = client.post("/activity/queue/act", data=data, headers={"Referer": f"http://localhost{page}"})
    assert answer.headers["Location"].endswith(page)
    for elsewhere in ("http://evil.example/x", "http://localhost//evil.example", "http://localhost/\\evil"):
        data["action"] = "resume" if data["action"] == "pause" else "pause"
        answer = client.post("/activity/queue/act", data=data, headers={"Referer": elsewhere})
        assert answer.headers["Location"].endswith("/activity/queue")


def test_the_queue_shows_progress_and_what_went_wrong(client: FlaskClient, household: Household) -> None:
    add_jobs(household)
    page = client.get("/activity/queue").text
    assert 'max="2000" value="312"' in page
    assert "312 / 2,000" in page
    assert "it broke" in page
    for heading in ("Running", "Waiting", "Failed", "Ended lately"):
        assert f">{heading}" in page


def test_the_queue_counts_all_jobs_and_not_just_those_it_shows(
    client: FlaskClient, household: Household
) -> None:
    with household.house.database.write() as unit:
        for number in range(1203):
            unit.jobs.enqueue(ExtractSubtitles(file_id=number + 1, file_path=f"/m/{number}.mkv"))
    page = client.get("/activity/queue").text
    assert re.search(r">Waiting <span[^>]*>1,20\d, the first 200 shown<", page)


def test_a_folder_is_added_edited_removed_and_comes_back(
    client: FlaskClient, household: Household, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    data = {"path": str(other), "label": "Other", "media_type": "movie", "back": "wanted"}
    answer = client.post("/settings/sources/add", data=data)
    assert answer.headers["Location"].endswith("/wanted")
    assert "is watched from now on" in flash_of(followed(client, answer))
    with household.house.database.read() as unit:
        added = unit.folders.find_by_path(str(other))
    assert added is not None
    place = f"/settings/sources/{added.id}"

    change = {"version": added.version, "label": "Films", "media_type": "auto"}
    assert "saved" in flash_of(followed(client, client.post(f"{place}/edit", data=change)))
    stale = followed(client, client.post(f"{place}/edit", data=change))
    assert "changed meanwhile" in flash_of(stale)
    assert "problem" in stale
    assert "changed meanwhile" in flash_of(followed(client, client.post(f"{place}/remove", data=change)))

    removal = client.post(f"{place}/remove", data={"version": added.version + 1})
    page = followed(client, removal)
    assert "not watched any more" in flash_of(page)
    assert f'value="{other}"' in page
    followed(client, client.post("/settings/sources/add", data=data))
    with household.house.database.read() as unit:
        assert unit.folders.get(added.id).enabled


def test_a_folder_that_cannot_be_watched_is_refused_with_the_reason(
    client: FlaskClient, household: Household, tmp_path: Path
) -> None:
    for path in ("relative", str(tmp_path / "none"), household.folder.path, str(tmp_path), "", "\0"):
        page = followed(client, client.post("/settings/sources/add", data={"path": path}))
        assert 'class="flash problem"' in page
    data = {"path": str(tmp_path), "media_type": "music"}
    assert "choose one" in flash_of(followed(client, client.post("/settings/sources/add", data=data)))


def test_one_folder_can_be_scanned(client: FlaskClient, household: Household) -> None:
    place = f"/settings/sources/{household.folder.id}/scan"
    assert "asked for" in flash_of(followed(client, client.post(place)))
    assert "no watched folder" in flash_of(followed(client, client.post("/settings/sources/99/scan"))).lower()


def test_the_wanted_languages_are_changed(client: FlaskClient, household: Household) -> None:
    data = {"languages": "German, pt-br; english", "source": "ja", "version": 1}
    page = followed(client, client.post("/settings/profiles/default", data=data))
    assert "German, Portuguese (Brazil), English" in flash_of(page)
    assert "worked out anew" in flash_of(page)
    assert "changed meanwhile" in flash_of(
        followed(client, client.post("/settings/profiles/default", data=data))
    )
    with household.house.database.read() as unit:
        assert unit.profiles.get_default().target_languages == ["de", "pt-BR", "en"]


def test_a_language_that_is_none_keeps_what_was_typed(client: FlaskClient) -> None:
    data = {"languages": "German, Qxzwish", "source": "en", "version": "1"}
    page = followed(client, client.post("/settings/profiles/default", data=data))
    assert "Qxzwish" in flash_of(page)
    assert 'value="German, Qxzwish"' in page
    for languages in (" , ", ",".join(f"a{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")):
        data["languages"] = languages
        assert flash_of(followed(client, client.post("/settings/profiles/default", data=data)))


def test_a_setting_is_saved_shown_as_saved_and_reset(client: FlaskClient, house: House) -> None:
    save, reset = "/settings/general/save?q=slow", "/settings/general/reset?q=slow"
    page = followed(client, client.post(save, data={"name": "slow_query_ms", "value": "350"}))
    assert "saved" in flash_of(page)
    assert "saved here" in page
    assert house.settings.database.slow_query_ms == 350
    page = followed(client, client.post(reset, data={"name": "slow_query_ms"}))
    assert "back to" in flash_of(page)
    assert house.settings.database.slow_query_ms == 200
    assert "Nothing was saved" in flash_of(followed(client, client.post(reset, data={"name": "x"})))


def test_a_bad_setting_is_refused_with_what_is_expected(client: FlaskClient) -> None:
    for name, value in (("slow_query_ms", "soon"), ("port", "80"), ("nothing", "1")):
        page = followed(client, client.post("/settings/general/save", data={"name": name, "value": value}))
        assert 'class="flash problem"' in page


def test_secrets_are_never_on_a_page(tmp_path: Path, prepared_sqlite_url: str) -> None:
    house = open_empty(tmp_path, prepared_sqlite_url, SUBLARR_API_KEY="a-very-secret-key")
    client = create_app(house).test_client()
    client.post("/login", data={"key": "a-very-secret-key"})
    for path in ("/settings/general", "/system/status"):
        assert "a-very-secret-key" not in client.get(path).text
    house.close()


def test_schedules_run_now_pause_and_go_on(client: FlaskClient, household: Household) -> None:
    add_jobs(household)
    for action in ("run", "run", "pause", "resume", "dance"):
        page = followed(client, client.post("/system/tasks/act", data={"name": "scan", "action": action}))
        assert flash_of(page)
    for action in ("run", "pause"):
        page = followed(client, client.post("/system/tasks/act", data={"name": "none", "action": action}))
        assert "no schedule none" in flash_of(page)


def test_status_tells_what_a_person_must_know(client: FlaskClient, household: Household) -> None:
    page = client.get("/system/status").text
    assert "answers this machine only, since no API key is set" in page
    assert "2 files were unreadable" in page
    assert household.house.version in page


def test_the_theme_is_kept_by_the_browser_and_leads_back(client: FlaskClient) -> None:
    answer = client.post("/appearance", data={"theme": "light", "back": "/series?q=x"})
    assert answer.headers["Location"].endswith("/series?q=x")
    assert 'data-theme="light"' in followed(client, answer)
    for elsewhere in ("//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nX: y"):
        answer = client.post("/appearance", data={"theme": "neon", "back": elsewhere})
        assert answer.headers["Location"].endswith("/wanted")


def test_with_a_key_a_browser_logs_in_goes_on_and_out(tmp_path: Path, prepared_sqlite_url: str) -> None:
    house = open_empty(tmp_path, prepared_sqlite_url, SUBLARR_API_KEY="a-very-secret-key")
    client = create_app(house).test_client()
    sent = client.get("/series?q=x")
    assert sent.status_code == 303
    assert "API key" in client.get(sent.headers["Location"]).text
    wrong = client.post("/login", data={"key": "wrong", "next": "/series?q=x"})
    assert wrong.status_code == 401
    assert "not the API key" in wrong.text
    right = client.post("/login", data={"key": "a-very-secret-key", "next": "/series?q=x"})
    assert right.headers["Location"].endswith("/series?q=x")
    assert "Log out" in client.get("/wanted").text
    assert client.post("/logout").status_code == 303
    assert client.get("/wanted").status_code == 303
    house.close()


def test_a_forged_message_is_not_shown(client: FlaskClient) -> None:
    client.set_cookie("sublarr_flash", "WyJwd25lZCIsZmFsc2Vd.aaaa.bbbb")
    assert "pwned" not in client.get("/wanted").text


def test_pages_below_a_base_path_lead_below_it(tmp_path: Path, prepared_sqlite_url: str) -> None:
    house = open_empty(tmp_path, prepared_sqlite_url, SUBLARR_BASE_PATH="/sublarr")
    client = create_app(house).test_client()
    page = client.get("/sublarr/wanted").text
    assert 'href="/sublarr/series"' in page
    assert not re.search(r'(href|action|src|hx-get|hx-post)="/(?!sublarr)', page)
    answer = client.post("/sublarr/wanted/act", data={"action": "scan"})
    assert answer.headers["Location"].endswith("/sublarr/wanted")
    house.close()


def test_a_live_message_is_the_very_row_of_the_page(client: FlaskClient, household: Household) -> None:
    jobs = add_jobs(household)
    templates = client.application.jinja_env
    with household.house.database.read() as unit:
        message = job_message(templates, unit.jobs.get(jobs["running"]), "")
        counts = counts_message(templates, read_counts(unit))
    row = message.split(">", 1)[1].rsplit("</hx-partial>", 1)[0].strip()
    page = client.get("/activity/queue").text
    assert re.sub(r"\s+", " ", row) in re.sub(r"\s+", " ", page)
    assert "<script>" not in message
    assert '<hx-partial hx-target=".n-open" hx-swap="textContent">5</hx-partial>' in counts


def test_a_change_is_shown_with_its_undo_which_can_be_undone(
    client: FlaskClient, household: Household
) -> None:
    with household.house.database.write() as unit:
        folder = unit.folders.listed()[0]
        # A label has one line, which the house holds every door to.
        unit.folders.update(folder.id, folder.version, FolderEdit(label=HOSTILE.replace("\n", " ")))
    page = client.get("/system/audit?entity=folder").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    line = re.search(r'name="line" value="(\d+)"', page)
    assert line is not None
    undone = followed(client, client.post("/system/audit/undo", data={"line": line[1]}))
    assert "Undone" in flash_of(undone)
    assert f"Takes back line {line[1]}" in undone
    again = followed(client, client.post("/system/audit/undo", data={"line": line[1]}))
    assert "undone already" in flash_of(again)
    assert "no line" in flash_of(followed(client, client.post("/system/audit/undo", data={"line": "4711"})))


def test_slow_statements_and_long_writes_are_shown_with_their_plans(
    client: FlaskClient, household: Household
) -> None:
    database = household.house.database
    database.slow_queries.change_threshold(60_000)
    assert "None so far." in client.get("/system/database").text
    database.slow_queries.threshold_seconds = 0.0
    database.write_holds.long_seconds = 0.0
    with database.write() as unit:
        unit.config.save("theme", HOSTILE)
    database.slow_queries.change_threshold(0)
    page = client.get("/system/database").text
    assert "None is looked for" in page
    (row,) = re.findall(
        r"<tr>\s*<td><code>config\.save_first</code>.*?</tr>", page.partition("Latest")[2], re.DOTALL
    )
    assert "tests.ui.test_pages:" in row
    assert "<summary>Plan</summary>" in row
    assert "INSERT INTO config_entries" in row
    writes = page[page.index('id="writes"') : page.index('id="slow"')]
    assert "<code>config.save_first</code> ×1" in writes
    assert "<script>alert" not in page
