"""Languages as people write them, in file names and forms."""

import pytest

from sublarr.vocabulary.language import is_same_language, language_name, parse_language


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("deu", "de"),
        ("ger", "de"),
        ("german", "de"),
        ("Deutsch", "de"),
        ("pt-BR", "pt-BR"),
        ("pt_br", "pt-BR"),
        ("pob", "pt-BR"),
        ("brazilian portuguese", "pt-BR"),
        ("zh-Hans", "zh-Hans"),
        ("chs", "zh-Hans"),
        ("jpn", "ja"),
        ("iw", "he"),
        ("français", "fr"),
        ("francais", "fr"),
        ("latino", "es-419"),
        ("cantonese", "yue"),
    ],
)
def test_every_usual_way_to_write_a_language_is_understood(written: str, tag: str) -> None:
    assert parse_language(written) == tag


@pytest.mark.parametrize(
    "word",
    [
        "",
        "x",
        "und",
        "mul",
        "forced",
        "commentary",
        "remastered",
        "english1",
        "karaoke",
        "1080p",
        "qq",
    ],
)
def test_a_word_of_a_file_name_is_not_taken_for_a_language(word: str) -> None:
    assert parse_language(word) is None


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("de", "German"),
        ("pt-BR", "Portuguese (Brazil)"),
        ("zh-Hans", "Chinese (Simplified)"),
        ("nb", "Norwegian Bokmål"),
        ("qq", "qq"),
    ],
)
def test_people_read_names_instead_of_tags(tag: str, name: str) -> None:
    assert language_name(tag) == name


def test_a_regional_subtitle_serves_who_wants_the_language_and_the_other_way_round() -> None:
    assert is_same_language("pt-BR", "pt")
    assert is_same_language("pt", "pt-BR")
    assert not is_same_language("pt-BR", "pt-PT")
    assert not is_same_language("de", "del")


@pytest.mark.parametrize("tag", ["de-\udc80", "千と千尋", "", "\0"])
def test_what_is_no_tag_at_all_is_still_named_by_what_was_written(tag: str) -> None:
    assert tag.rpartition("-")[2] in language_name(tag)
