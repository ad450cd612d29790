"""How words are folded: by rule, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.db.folding import fold, key


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Amélie", "amelie"),
        ("Ame\u0301lie", "amelie"),
        ("Straße", "strasse"),
        ("Iİıi", "iiii"),
        ("Ærø", "aero"),
        ("が", "が"),
        ("か\u3099", "が"),
        ("ﾊﾞﾊﾞ", "ババ"),
        ("한국", "한국"),
        ("\u1112\u1161\u11ab", "한"),
        ("ﬁn", "fin"),
        ("हिन्दी", "हिन्दी"),
        ("A\u200bB\u202eC\ufeff", "abc"),
        ("🎬\ufe0f", "🎬"),
    ],
)
def test_what_people_take_for_the_same_letter_is_the_same(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_a_folded_text_folds_to_itself_and_to_no_other_case(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert fold(text.upper()) == fold(text.upper().lower())


def test_the_key_of_a_title_is_its_words() -> None:
    assert key("spider-man:  no_way home") == "spider man no way home"
    assert key("千と千尋の神隠し") == "千と千尋の神隠し"
    assert key("!!!") == "!!!"
