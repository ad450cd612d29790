"""Passwords do not reach pages, logs or error messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.vocabulary.masking import mask_text, mask_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://user:pw@host:5432/db", "postgresql://user:***@host:5432/db"),
        ("redis://:pw@host/0", "redis://:***@host/0"),
        ("postgresql://user:p@ss@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:p/ss@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user:p#s?s@host/db", "postgresql://user:***@host/db"),
        ("postgresql://user@host/db", "postgresql://user@host/db"),
        ("http://host:8989/a@b", "http://host:8989/a@b"),
        ("http://host:8989", "http://host:8989"),
        ("http://[::1]:8989/", "http://[::1]:8989/"),
        ("postgresql:///db?user=u&password=pw&x=1", "postgresql:///db?user=u&password=***&x=1"),
        ("https://host/api?apikey=pw", "https://host/api?apikey=***"),
        ("https://host/api?q=1&access_token=pw#x", "https://host/api?q=1&access_token=***#x"),
        ("/config/sublarr.db", "/config/sublarr.db"),
        ("", ""),
    ],
)
def test_a_url_loses_its_password_and_nothing_else(url: str, shown: str) -> None:
    assert mask_url(url) == shown


def test_urls_inside_error_messages_are_masked() -> None:
    text = "could not connect to 'postgresql://u:pw@host/db', then redis://:pw2@r/0 and http://h/"
    assert (
        mask_text(text)
        == "could not connect to 'postgresql://u:***@host/db', then redis://:***@r/0 and http://h/"
    )


def test_longer_secrets_go_first_and_short_ones_do_not_blank_out_words() -> None:
    assert mask_text("secret-long secret the", ("secret", "secret-long", "the")) == "*** *** the"


@given(st.text(st.characters(exclude_characters="@ '\"<>", exclude_categories=("Z", "C")), min_size=4))
def test_no_password_survives_however_it_is_written(password: str) -> None:
    hidden = f"Zq{password}"
    assert hidden not in mask_text(f"failed: postgresql://user:{hidden}@host.example/db?x=1")
