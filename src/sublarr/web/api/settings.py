"""Settings as they are in force, each with where it came from; saving one in the app, and forgetting it again."""

from typing import Annotated

from pydantic import Field

from sublarr.bootstrap import House
from sublarr.settings import Origin, validate_saved
from sublarr.vocabulary.errors import FieldProblem, InvalidInput, NotFound
from sublarr.vocabulary.masking import MASK
from sublarr.web.api.shapes import Given, Listed, Shape, Text
from sublarr.web.routes import Routes

routes = Routes("settings", "Settings")

# Several settings are lists or JSON.
_LONGEST_VALUE = 20_000


class ByName(Given):
    """The path of one setting."""

    name: Text


class SettingShape(Shape):
    """A setting; secrets are shown as ***, and URLs without their passwords."""

    name: str
    environment_name: str
    section: str
    meaning: str
    expected: str
    default: str
    value: str
    origin: Origin
    is_secret: bool
    is_boot_only: bool = Field(description="Whether it is taken from the environment alone")


class SettingPage(Listed[SettingShape]):
    """Every setting, by section."""


class SettingValues(Given):
    """Values to save, as text; a secret given as *** stays as it is."""

    values: Annotated[
        dict[str, Annotated[str, Field(max_length=_LONGEST_VALUE)]], Field(min_length=1, max_length=200)
    ]


@routes.get("/settings", SettingPage)
def list_settings(house: House) -> SettingPage:
    """Every setting as it is in force."""
    return _page(house)


@routes.add("PUT", "/settings", SettingPage, problems=(409,))
def save_settings(house: House, body: SettingValues) -> SettingPage:
    """Save values: all of them, or none where one is not acceptable. They take effect at once."""
    shown = {info.name: info.value for info in house.settings.describe() if MASK in info.value}
    values = {name: text for name, text in body.values.items() if shown.get(name) != text}
    problems = [problem for name, text in values.items() for problem in _problems(name, text)]
    if problems:
        raise InvalidInput("some values are not acceptable", problems=problems)
    for name, text in values.items():
        house.save_setting(name, text)
    return _page(house)


@routes.add("DELETE", "/settings/<name>", SettingShape, problems=(404,))
def reset_setting(house: House, path: ByName) -> SettingShape:
    """Forget a saved value: the environment's or the default holds again."""
    # Raises `NotFound` for a name that means nothing.
    house.settings.value_of(path.name)
    house.reset_setting(path.name)
    return next(shape for shape in _page(house).items if shape.name == path.name)


def _problems(name: str, text: str) -> tuple[FieldProblem, ...]:
    try:
        if "\0" in text:
            raise InvalidInput("", problems=[FieldProblem(name, "It holds a NUL character.")])
        validate_saved(name, text)
    except InvalidInput as refused:
        return refused.problems
    except NotFound as unknown:
        return (FieldProblem(name, unknown.message),)
    return ()


def _page(house: House) -> SettingPage:
    items = [SettingShape.model_validate(info) for info in house.settings.describe()]
    return SettingPage(items=items, total=len(items))
