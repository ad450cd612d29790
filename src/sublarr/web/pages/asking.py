"""Reading what a browser sent: words of an enumeration, ids, cursors. Whatever is not acceptable is as if unsent."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from flask import request

from sublarr.db.pages import PageRequest
from sublarr.vocabulary.errors import InvalidInput

_LARGEST_ID = 2**63 - 1

Word = TypeVar("Word", bound=StrEnum)


def chosen(kind: type[Word], name: str) -> Word | None:
    """The member of `kind` that the query names, or None."""
    text = request.args.get(name, "")
    return next((member for member in kind if member == text), None)


def words(name: str = "q") -> str:
    """What a person typed into a search box."""
    return request.args.get(name, "").strip()[:200].replace("\0", "")


def page_request(limit: int, *, wants_total: bool = True) -> PageRequest:
    """The page the query asks for."""
    return PageRequest(limit=limit, cursor=request.args.get("cursor") or None, wants_total=wants_total)


def ticked(name: str) -> tuple[int, ...]:
    """The ids that were ticked in a form, each once; raises `InvalidInput` for what is no id."""
    ids = []
    for text in request.form.getlist(name):
        if not text.isascii() or not text.isdigit() or int(text) > _LARGEST_ID:
            raise InvalidInput("the selection holds something that is not a row")
        ids.append(int(text))
    return tuple(dict.fromkeys(ids))


def version() -> int:
    """The version of the row that the form was made from; raises `InvalidInput`."""
    return number("version", "the form does not say which version it was made from")


def number(name: str, refusal: str = "the form does not say which row is meant") -> int:
    """A number in a form; raises `InvalidInput` with this refusal for anything else."""
    text = request.form.get(name, "")
    if not text.isascii() or not text.isdigit() or int(text) > _LARGEST_ID:
        raise InvalidInput(refusal)
    return int(text)


def query_without(*names: str) -> Mapping[str, str]:
    """The query as it is, without these parameters and without empty ones."""
    return {name: text for name, text in request.args.items() if text and name not in names}
