"""Languages as canonical BCP 47 tags, read from every way that people write them.

`de`, `deu`, `ger`, `german` and `DE` are all `de`; `pt-BR`, `pt_br` and `pob` are `pt-BR`. Tables come from
`langcodes` (CLDR, ISO 639); only what media tools write and no registry knows is listed here. Names are
read from the IANA subtag registry that `language_data` ships, because loading CLDR's names takes 20 MB.
"""

import mmap
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

UNDETERMINED = "und"

# Tags of players and subtitle sites that no registry defines.
_HOUSE_TAGS: Mapping[str, str] = {
    "pob": "pt-BR",
    "pb": "pt-BR",
    "chs": "zh-Hans",
    "cht": "zh-Hant",
    "gre": "el",
    "brazilian": "pt-BR",
    "francais": "fr",
    "espanol": "es",
    "portugues": "pt",
    "latino": "es-419",
    "castellano": "es",
}
_REGISTRY = resources.files("language_data") / "data" / "language-subtag-registry.txt"
_NOT_A_LANGUAGE = frozenset({"", "und", "mul", "zxx", "mis", "karaoke"})


@lru_cache(maxsize=4096)
def parse_language(text: str) -> str | None:
    """The canonical tag of what `text` names, or None where it names no language."""
    word = text.strip().replace("_", "-").lower()
    if word in _NOT_A_LANGUAGE or len(word) < 2:
        return None
    if word in _HOUSE_TAGS:
        return _HOUSE_TAGS[word]
    if len(word) == 2 and _is_canonical(word):
        return word
    return _parse_tag(word) if len(word.split("-")[0]) <= 3 else _find_name(word)


def _is_canonical(subtag: str) -> bool:
    """Whether a two-letter subtag stands for itself, as nearly all do."""
    record = _record("language", subtag)
    return record is not None and "Preferred-Value" not in record and "Deprecated" not in record


def _parse_tag(word: str) -> str | None:
    # Its tables cost 3 MB, which a household that writes `en` and `de` never needs at rest.
    import langcodes  # noqa: PLC0415
    from langcodes.tag_parser import LanguageTagError  # noqa: PLC0415

    try:
        tag = langcodes.standardize_tag(word)
    except LanguageTagError:
        return None
    return tag if langcodes.tag_is_valid(tag) else None


def _find_name(word: str) -> str | None:
    """The language of exactly that name in some language; `langcodes.find` would take a part for the whole."""
    # As in _parse_tag: its table of names costs 5 MB.
    from language_data.names import get_trie_value, normalize_name  # noqa: PLC0415

    names, key = _names(), normalize_name(word)
    return _parse_tag(get_trie_value(names, key)) if key in names else None


@lru_cache(maxsize=1)
def _names() -> Any:
    from language_data.names import load_trie  # noqa: PLC0415 - as in _find_name
    from language_data.util import data_filename  # noqa: PLC0415

    return load_trie(data_filename("trie/und/name_to_language.marisa"))


@lru_cache(maxsize=1024)
def language_name(tag: str) -> str:
    """The English name of a canonical tag, the tag itself where there is none."""
    language, *qualifiers = tag.split("-")
    name = _registered_name("language", language)
    if name is None:
        return tag
    details = [_registered_name("region|script", part) or part for part in qualifiers]
    return f"{name} ({', '.join(details)})" if details else name


def _registered_name(record_type: str, subtag: str) -> str | None:
    record = _record(record_type, subtag)
    name = re.search(r"^Description: (.+)$", record, re.MULTILINE) if record is not None else None
    if name is None:
        return None
    variant = re.fullmatch(r".+ \((\w+) variant\)", name.group(1))
    return variant.group(1) if variant else name.group(1)


@lru_cache(maxsize=1024)
def _record(record_type: str, subtag: str) -> str | None:
    """A subtag's record in the registry (record-jar format, RFC 5646 section 3.1.1)."""
    if not subtag.isascii():
        # No subtag is, and a lone surrogate could not even be looked for.
        return None
    pattern = rf"^Type: (?:{record_type})\nSubtag: {re.escape(subtag)}\n(?:(?!%%).*\n)+".encode()
    # Mapped rather than read: 700 kB of text would leave holes in the heap for good.
    with (
        resources.as_file(_REGISTRY) as path,
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as registry,
    ):
        found = re.search(pattern, registry, re.MULTILINE | re.IGNORECASE)
        return found.group(0).decode() if found else None


def is_same_language(one: str, other: str) -> bool:
    """Whether two tags satisfy each other: equal, or one is the other without its region or script."""
    return one == other or one.startswith(other + "-") or other.startswith(one + "-")
