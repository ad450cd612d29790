"""The release part of a name: resolution, source, group, and where it begins.

Sources are called as guessit calls them, so that names read here and names read there compare.
"""

import re
from dataclasses import dataclass

_MARKER = re.compile(
    r"(?<![^\W_])(?:"
    r"(?P<resolution>(?:480|540|576|720|1080|1440|2160|4320)[pi]|4K)"
    r"|(?P<source>web[ .-]?dl|web-?rip|(?-i:WEB|DVD|BD)|uhd[ .]blu-?ray|blu-?ray|bd-?rip|br-?rip|[hp]dtv|sdtv|tv-?rip|dsr"
    r"|dvd-?rip|dvd-?[59r]|hd-?dvd|raw-?hd|vhs-?rip|hdcam|hdts|telesync)"
    r"|(?:[xh][ .]?26[45]|hevc|xvid|divx|av1|e?ac-?3|aac(?:[257][ .][01])?|dd[p+]?[257][ .][01]|dts(?:-hd)?"
    r"|truehd|atmos|remux|repack\d?|rerip|dual-audio|10-?bit|8-?bit|hdr(?:10)?\+?)"
    r")(?![^\W_])",
    re.IGNORECASE,
)
_SOURCES = {
    "webdl": "Web",
    "webrip": "Web",
    "web": "Web",
    "bluray": "Blu-ray",
    "bdrip": "Blu-ray",
    "brrip": "Blu-ray",
    "bd": "Blu-ray",
    "uhdbluray": "Ultra HD Blu-ray",
    "hdtv": "HDTV",
    "rawhd": "HDTV",
    "pdtv": "Digital TV",
    "sdtv": "TV",
    "tvrip": "TV",
    "dsr": "Satellite",
    "hddvd": "HD-DVD",
    "vhsrip": "VHS",
    "hdcam": "HD Camera",
    "hdts": "HD Telesync",
    "telesync": "Telesync",
}
_GROUP = re.compile(r"-[ ]?(?P<group>[^\W_][\w@]*)(?:\[[^\]]*\])?$")
_LAST_BRACKET = re.compile(r"\[(?P<group>[^\W_][\w .-]{2,})\]$")
_BRACKET = re.compile(r"[\[{]")


@dataclass(frozen=True, slots=True)
class Release:
    """What a name says of its release; `title` is the text before all that."""

    title: str
    source: str = ""
    resolution: str = ""
    group: str = ""
    is_marked: bool = False


def read_release(text: str) -> Release:
    """Takes the text after a title or an episode's number apart."""
    source = resolution = ""
    first = last = -1
    for marker in _MARKER.finditer(text):
        if first < 0:
            first = marker.start()
        last = marker.end()
        source = source or _source_name(marker["source"])
        resolution = resolution or _resolution(marker["resolution"])
    bracket = _BRACKET.search(text, 0, first if first >= 0 else len(text))
    end = bracket.start() if bracket else first if first >= 0 else len(text)
    return Release(
        title=text[:end].rstrip(" ([{"),
        source=source,
        resolution=resolution,
        group=_group(text, last),
        is_marked=first >= 0,
    )


def _source_name(written: str | None) -> str:
    if not written:
        return ""
    plain = re.sub(r"[ .-]", "", written.lower())
    return "DVD" if plain.startswith("dvd") else _SOURCES[plain]


def _resolution(written: str | None) -> str:
    if not written:
        return ""
    return "2160p" if written.lower() == "4k" else written.lower()


def _group(text: str, last_marker_end: int) -> str:
    if last_marker_end >= 0:
        found = _GROUP.search(text, last_marker_end)
        return found["group"] if found else ""
    bracket = _LAST_BRACKET.search(text)
    return bracket["group"] if bracket else ""
