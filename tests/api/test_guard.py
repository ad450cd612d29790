"""Who is let in, by key, by cookie, or from this machine; and what foreign pages cannot do."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sublarr.bootstrap import House
from sublarr.web.app import create_app
from sublarr.web.security import COOKIE, listening_host
from tests.api.houses import KEY, opened

MEDIA = "/api/v1/media"
WITH_KEY = {"X-Api-Key": KEY}


@pytest.fixture
def visitor(locked: House) -> FlaskClient:
    return create_app(locked).test_client()


def test_the_key_opens_everything_and_without_it_nothing_is_told(visitor: FlaskClient) -> None:
    assert visitor.get(MEDIA, headers=WITH_KEY).status_code == 200
    for path in (MEDIA, "/api/v1/openapi.json", "/api/v1/nothing", "/live/jobs", "/api/v1/health/detailed"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.json["code"]) == (401, "not_signed_in"), path
        assert "ApiKey" in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("path", ["/ping", "/health", "/ready", "/api/v1/health", "/metrics", "/login"])
def test_monitors_and_the_login_page_need_no_key(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path).status_code == 200


def test_metrics_ask_for_a_key_where_the_household_wants_that(tmp_path: Path) -> None:
    with opened(tmp_path, SUBLARR_API_KEY=KEY, SUBLARR_METRICS_AUTH="true") as house:
        client = create_app(house).test_client()
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers=WITH_KEY).status_code == 200


def test_a_browser_without_a_session_is_sent_to_the_login_page_and_back(visitor: FlaskClient) -> None:
    sent = visitor.get("/wanted?q=a")
    assert sent.status_code == 303
    assert sent.location == "/login?next=/wanted%3Fq%3Da"
    assert visitor.get("/wanted", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/login"


def test_a_browser_that_knew_the_key_is_remembered_until_the_key_changes(
    visitor: FlaskClient, locked: House
) -> None:
    entered = visitor.post("/login", data={"key": KEY, "next": "/wanted"})
    assert (entered.status_code, entered.location) == (303, "/wanted")
    cookie = entered.headers["Set-Cookie"]
    assert cookie.startswith(COOKIE)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert visitor.get(MEDIA).status_code == 200
    locked.save_setting("api_key", "another-key")
    assert visitor.get(MEDIA).status_code == 401
    assert visitor.get(MEDIA, headers={"X-Api-Key": "another-key"}).status_code == 200


def test_over_https_the_cookie_never_travels_in_the_clear(visitor: FlaskClient) -> None:
    entered = visitor.post("/login", data={"key": KEY}, base_url="https://localhost")
    assert "Secure" in entered.headers["Set-Cookie"]


def test_a_cookie_from_elsewhere_opens_nothing(visitor: FlaskClient, tmp_path: Path) -> None:
    with opened(tmp_path / "other", SUBLARR_API_KEY=KEY) as other:
        stranger = create_app(other).test_client()
        stranger.post("/login", data={"key": KEY})
        forged = stranger.get_cookie(COOKIE)
    visitor.set_cookie(COOKIE, forged.value)
    assert visitor.get(MEDIA).status_code == 401


def test_guessing_keys_ends_after_ten(visitor: FlaskClient) -> None:
    for number in range(5):
        assert visitor.get(MEDIA, headers={"X-Api-Key": f"guess {number}"}).status_code == 401
        assert visitor.post("/login", data={"key": f"form {number}"}).status_code == 401
    stopped = visitor.get(MEDIA, headers={"X-Api-Key": "guess 11"})
    assert stopped.status_code == 429
    assert 1 <= int(stopped.headers["Retry-After"]) <= 60
    # Even the right one: else the guesser would learn that it is right.
    assert visitor.get(MEDIA, headers=WITH_KEY).status_code == 429
    assert visitor.post("/login", data={"key": KEY}).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert visitor.get(MEDIA, headers=WITH_KEY, environ_base=elsewhere).status_code == 200


def test_a_dashboard_with_an_old_key_does_not_lock_out_its_neighbours(visitor: FlaskClient) -> None:
    for _ in range(30):
        visitor.get(MEDIA, headers={"X-Api-Key": "old"})
    assert visitor.get(MEDIA, headers=WITH_KEY).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "none"}, 202),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 202),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "X-Api-Key": KEY}, 202),
        ({}, 202),
    ],
)
def test_another_sites_page_changes_nothing_for_a_signed_in_browser(
    visitor: FlaskClient, headers: dict[str, str], status: int, locked: House
) -> None:
    from sublarr.bootstrap.workers import schedules

    locked.scheduler.install(schedules(locked.settings))
    visitor.post("/login", data={"key": KEY})
    assert visitor.post("/api/v1/schedules/prune_history/run", headers=headers).status_code == status


def test_another_sites_page_may_still_link_here(visitor: FlaskClient) -> None:
    visitor.post("/login", data={"key": KEY})
    assert visitor.get("/wanted", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "address", "status"),
    [
        ("localhost", "127.0.0.1", 200),
        ("localhost:5765", "::1", 200),
        ("127.0.0.1:5765", "::ffff:127.0.0.1", 200),
        ("[::1]:5765", "::1", 200),
        ("sublarr.localhost", "127.0.0.1", 200),
        ("LOCALHOST.", "127.9.9.9", 200),
        ("rebound.example", "127.0.0.1", 403),
        ("localhost.evil.example", "127.0.0.1", 403),
        ("192.168.1.5:5765", "192.168.1.9", 403),
        ("localhost", "192.168.1.9", 403),
        ("[::1", "127.0.0.1", 403),
        ("", "127.0.0.1", 403),
    ],
)
def test_without_a_key_only_this_machine_is_served_and_only_by_its_own_name(
    small: House, host: str, address: str, status: int
) -> None:
    client = create_app(small).test_client()
    for path in (MEDIA, "/metrics", "/ping"):
        answer = client.get(path, environ_overrides={"HTTP_HOST": host, "REMOTE_ADDR": address})
        assert answer.status_code == status


def test_without_a_key_a_proxys_visitors_are_not_taken_for_this_machine(small: House) -> None:
    client = create_app(small).test_client()
    assert client.get(MEDIA, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


def test_without_a_key_the_server_listens_to_this_machine_alone(small: House, locked: House) -> None:
    assert listening_host(small.settings) == "127.0.0.1"
    assert listening_host(locked.settings) == "0.0.0.0"


def test_a_trusted_proxy_tells_who_asks_and_how(tmp_path: Path) -> None:
    settings = {"SUBLARR_API_KEY": KEY, "SUBLARR_TRUSTED_PROXIES": "10.0.0.0/8"}
    with opened(tmp_path, **settings) as house:
        client = create_app(house).test_client()
        told = {
            "X-Forwarded-For": "198.51.100.1, 203.0.113.9, 10.0.0.2",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "subs.example",
        }

        def guess(address: str, number: int) -> int:
            told["X-Api-Key"] = f"guess {number}"
            return client.get(MEDIA, headers=told, environ_overrides={"REMOTE_ADDR": address}).status_code

        assert [guess("10.0.0.1", number) for number in range(11)][-1] == 429
        # The stranger behind the proxy is stopped, not the proxy itself nor the address he invented.
        assert guess("192.0.2.1", 1) == 401
        for address in ("203.0.113.9", "10.0.0.1"):
            answer = client.get(MEDIA, headers=WITH_KEY, environ_overrides={"REMOTE_ADDR": address})
            assert answer.status_code == (429 if address == "203.0.113.9" else 200)
        told.pop("X-Api-Key")
        told["X-Forwarded-For"] = "203.0.113.10"
        entered = client.post(
            "/login", data={"key": KEY}, headers=told, environ_overrides={"REMOTE_ADDR": "10.0.0.1"}
        )
        assert "Secure" in entered.headers["Set-Cookie"]


def test_pages_allow_no_inline_code_and_no_frames(small: House) -> None:
    headers = create_app(small).test_client().get("/wanted").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert headers["Cache-Control"] == "no-store"
