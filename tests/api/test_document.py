"""The OpenAPI document tells the truth: every operation is in it, and odd input gets only what it documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sublarr.bootstrap import House
from sublarr.web.api.rooms import ROOMS
from sublarr.web.app import create_app
from sublarr.web.openapi import make_document
from sublarr.web.routes import PREFIX
from tests.api.houses import fill, opened

DOCUMENT = make_document(ROOMS, "1", frozenset({"show_health"}))
OPERATIONS = [
    (path, method, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    # A stream has no input, and does not end by itself.
    if operation["operationId"] != "follow_jobs"
]
ODD_TEXTS = [
    "",
    "0",
    "-1",
    "1",
    "2",
    "9" * 30,
    "1e9",
    "null",
    "true",
    "ü",
    "\u0000",
    "\u202e",
    "%00",
    "' OR 1=1 --",
]
ODD_TEXTS += [
    "\U0001f600" * 400,
    "../../etc/passwd",
    "[]",
    "NaN",
    "wanted",
    "de",
    "*",
    '"1"',
    'W/"1"',
    "a" * 5000,
]
ODD_VALUES = [
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1.5,
    float("nan"),
    "x",
    "\ud800",
    "\u0000",
    [],
    {},
    [[]],
    [None],
    {"a": 1},
]
ODD_VALUES += [
    [1],
    [1, 1],
    ["de"],
    "/",
    "/tmp",
    "wanted",
    "ignored",
    [2**70],
    {"cache_ttl": "\u0000"},
    {"x": "y"},
]


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    return DOCUMENT["components"]["schemas"][reference.rsplit("/", 1)[1]] if reference else schema


def fields_of(operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return sorted(resolve(content["schema"]).get("properties", {})) if content else []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def visitor(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    server = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    url = server.create_database() if server else f"sqlite:///{folder / 'sublarr.db'}"
    with opened(folder / "config", SUBLARR_DATABASE_URL=url) as house:
        fill(house, folder / "media")
        yield create_app(house).test_client()
    if server:
        server.drop_database(url)


def send(visitor: FlaskClient, path: str, method: str, parameters: list[dict[str, Any]], draw: Any) -> Any:
    query, headers = [], {}
    for parameter in parameters:
        odd = draw(st.sampled_from(ODD_TEXTS))
        match parameter["in"]:
            case "path":
                path = path.replace("{" + parameter["name"] + "}", quote(odd.replace("/", "_") or "0"))
            case "query" if draw(st.booleans()):
                query.append(f"{parameter['name']}={quote(odd)}")
            case "header" if odd.isascii() and odd.isprintable():
                headers[parameter["name"]] = odd
    return path, "&".join(query), headers


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    OPERATIONS,
    ids=lambda value: value["operationId"] if isinstance(value, dict) else "",
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(data=st.data())
def test_odd_input_gets_a_documented_answer(
    visitor: FlaskClient, path: str, method: str, operation: dict[str, Any], data: st.DataObject
) -> None:
    url, query, headers = send(visitor, path, method, operation.get("parameters", []), data.draw)
    fields = fields_of(operation)
    body = None
    if fields:
        chosen = {name: data.draw(st.sampled_from(ODD_VALUES)) for name in fields if data.draw(st.booleans())}
        body = json.dumps(data.draw(st.sampled_from([chosen, [chosen], chosen | {"more": 1}])))
    answer = visitor.open(
        url,
        method=method.upper(),
        query_string=query,
        headers=headers,
        data=body,
        content_type="application/json",
    )
    documented = {int(status) for status in operation["responses"]}
    assert answer.status_code in documented, (url, query, body, answer.text)
    assert answer.status_code not in (500, 503), (url, query, body, answer.text)
    good = operation["responses"].get(str(answer.status_code), {}).get("content", {})
    if answer.data and good:
        assert answer.mimetype in good


def test_every_route_of_the_api_is_in_its_document(small: House) -> None:
    app = create_app(small)
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX) and rule.endpoint != "openapi"
    }
    assert served == {(path, method) for path, item in DOCUMENT["paths"].items() for method in item}


def test_the_document_is_served_and_leads_nowhere_unknown(small: House) -> None:
    answer = create_app(small).test_client().get(f"{PREFIX}/openapi.json")
    text = answer.text
    names = set(answer.json["components"]["schemas"])
    references = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert references <= names
    assert answer.json["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    OPERATIONS,
    ids=lambda value: value["operationId"] if isinstance(value, dict) else "",
)
def test_every_operation_says_what_it_is_for_and_how_it_fails(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert operation["summary"].endswith(".")
    assert {"401", "422", "500", "503"} <= set(operation["responses"])
    assert bool(operation.get("security")) == (operation["operationId"] != "show_health")
