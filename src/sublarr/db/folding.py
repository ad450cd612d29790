"""How words are compared: without case, accents and other marks of writing, alike on both databases.

Documents and what people type are folded here and nowhere else; a database's own idea of case and accents, which
follows its locale or its version, is never asked. Folding never depends on what stands around a letter.
"""

import re
from unicodedata import normalize

# Letters that people type without the stroke or the tie that no decomposition takes away.
_PLAIN = str.maketrans(
    {
        "ı": "i",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "ł": "l",
        "ŧ": "t",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u2019": "'",
        "\u2018": "'",
        "\u2044": "/",
    }
)
# Accents of Latin, Greek and Cyrillic, points of Hebrew, vowels of Arabic, and what is not seen: joiners, directions,
# variants. Marks that make another letter stay: the voicing of kana, vowels of Indic and Thai.
_MARKS = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u2069\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]+"
)
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text as it is compared: `Amélie` as `amelie`, `Straße` as `strasse`, `ＡＢＣ` as `abc`."""
    if text.isascii():
        return text.lower()
    apart = normalize("NFKD", normalize("NFKD", text.casefold()).casefold())
    # Put together again, lest Korean and kana be as many letters as a syllable has strokes.
    return normalize("NFC", _MARKS.sub("", apart).translate(_PLAIN))


def key(folded: str) -> str:
    """The words of a folded text with one space between, as titles are ranked and sorted; itself if it has none."""
    return " ".join(_WORD.findall(folded)) or folded.strip()
