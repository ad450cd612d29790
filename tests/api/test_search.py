"""The search as programs ask for it, on both databases."""

import pytest
from flask.testing import FlaskClient

from sublarr.bootstrap import House
from sublarr.db.repositories.media import MediaWrite
from sublarr.vocabulary.media import MediaKind

_SEARCH = "/api/v1/search"


@pytest.fixture
def titles(house: House) -> dict[str, int]:
    """The ids of a few entries, by title."""
    with house.database.write() as unit:
        source_id = unit.folders.add("/media").source_id
        kinds = {"Amélie": MediaKind.MOVIE, "Amelie's Friends": MediaKind.SERIES, "Stalker": MediaKind.MOVIE}
        unit.media.upsert_many(
            [MediaWrite(kind, source_id, title, title, 2001) for title, kind in kinds.items()]
        )
        series_id = unit.media.ids_by_key(source_id, ["Amelie's Friends"])["Amelie's Friends"]
        episode = MediaWrite(
            MediaKind.EPISODE, source_id, "Pilot", "Pilot", series_id=series_id, season=1, episode=1
        )
        unit.media.upsert_many([episode])
        return dict(unit.media.ids_by_key(source_id, [*kinds, "Pilot"]))


def test_what_was_typed_is_found_without_accents_the_best_first(
    client: FlaskClient, titles: dict[str, int]
) -> None:
    answer = client.get(_SEARCH, query_string={"q": "AMELIE"})
    assert answer.status_code == 200, answer.text
    assert (answer.json["total"], answer.json["total_capped"]) == (3, False)
    first, *others = answer.json["items"]
    assert first == {
        "media_id": titles["Amélie"],
        "kind": "movie",
        "title": "Amélie",
        "year": 2001,
        "season": None,
        "episode": None,
        "series_id": None,
        "series_title": None,
        "rank": 0,
        "wanted": 0,
    }
    assert [(hit["kind"], hit["rank"]) for hit in others] == [("series", 1), ("episode", 3)]
    assert others[1]["series_title"] == "Amelie's Friends"


def test_a_kind_narrows_and_a_cursor_goes_on(client: FlaskClient, titles: dict[str, int]) -> None:
    some = client.get(f"{_SEARCH}?q=amelie&kind=movie&kind=series&limit=1").json
    assert (some["total"], [hit["kind"] for hit in some["items"]]) == (2, ["movie"])
    query = {"q": "amelie", "kind": ["movie", "series"], "limit": 1, "cursor": some["next"]}
    following = client.get(_SEARCH, query_string=query).json
    assert [hit["kind"] for hit in following["items"]] == ["series"]
    assert (following["next"], bool(following["prev"])) == (None, True)
    foreign = client.get(_SEARCH, query_string={**query, "q": "stalker"})
    assert (foreign.status_code, foreign.mimetype) == (422, "application/problem+json")


@pytest.mark.parametrize("words", [None, "", " ", "\u0301", "x" * 1_001, "a\0b"])
def test_words_that_cannot_be_looked_for_are_refused_by_name(client: FlaskClient, words: str | None) -> None:
    answer = client.get(_SEARCH, query_string={} if words is None else {"q": words})
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [problem["field"] for problem in answer.json["errors"]] == ["q"]


@pytest.mark.parametrize("words", ['"', "*", "NEAR(a b)", "a:b -c", "🎬", "千", "شلوم", "%"])
def test_nothing_typed_has_a_meaning_of_its_own(client: FlaskClient, words: str) -> None:
    answer = client.get(_SEARCH, query_string={"q": words})
    assert (answer.status_code, answer.json["items"], answer.json["total"]) == (200, [], 0)


def test_the_search_is_put_right_by_a_job_that_is_asked_for_once(client: FlaskClient) -> None:
    first, second = (client.post(f"{_SEARCH}/rebuild") for _ in range(2))
    assert (first.status_code, first.json["is_new"]) == (202, True)
    assert second.json == {"job_id": first.json["job_id"], "is_new": False}
    assert client.get(f"/api/v1/jobs/{first.json['job_id']}").json["job"]["kind"] == "rebuild_search"
