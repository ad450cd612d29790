"""Lets reports with undecodable file names travel between test processes; a pytest plugin of tests/conftest.py.

Such names hold lone surrogates. xdist sends captured output as UTF-8, which has no room for them: without this, a
test that logs one would take its whole process down.
"""

from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, object, object]:
    return encodable((yield))


def encodable(value: object) -> object:
    """The same data, with each lone surrogate written as its escape."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode("utf-8")
        case dict():
            return {encodable(key): encodable(item) for key, item in value.items()}
        case list() | tuple():
            return type(value)(map(encodable, value))
        case _:
            return value
