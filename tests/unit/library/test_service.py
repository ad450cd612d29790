"""A folder as a person types it."""

import pytest

from sublarr.library.service import normalise


@pytest.mark.parametrize("typed", ["/media/tv", " /media/tv/ ", "//media//tv", "/media/x/../tv/."])
def test_one_folder_has_one_path_however_it_is_typed(typed: str) -> None:
    assert normalise(typed) == "/media/tv"


def test_the_root_is_a_folder_too() -> None:
    assert normalise("///") == "/"
