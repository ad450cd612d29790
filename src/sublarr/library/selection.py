"""Which names of a media folder are looked at: suffixes, hidden places, and extras beside a film or series.

The names of extras are those that Plex and Jellyfin document. Missing a real film is worse than listing an
extra, so a name that could be either counts as an extra only with further evidence.
"""

import re
from collections.abc import Collection

VIDEO_SUFFIXES = frozenset({"mkv", "mp4", "avi", "m4v", "wmv", "flv", "webm", "ts"})
SUBTITLE_SUFFIXES = frozenset({"ass", "ssa", "srt", "vtt"})

# What NAS systems, file systems and archivers leave lying about without a leading dot.
_HIDDEN_DIRECTORIES = frozenset(
    {
        "@eadir",
        "@recycle",
        "@recently-snapshot",
        "@tmp",
        "#recycle",
        "#snapshot",
        "$recycle.bin",
        "lost+found",
        "system volume information",
        "__macosx",
    }
)
_SAMPLE_DIRECTORIES = frozenset({"sample", "samples"})
_EXTRAS_DIRECTORIES = frozenset(
    {
        "backdrops",
        "behind the scenes",
        "clips",
        "deleted scenes",
        "extras",
        "featurettes",
        "interviews",
        "other",
        "scenes",
        "shorts",
        "theme-music",
        "trailers",
    }
)
_CLEAR_EXTRA = re.compile(
    r"^sample(?:$|[-._])|[-._](?:sample|trailer|behindthescenes|deletedscene|featurette)\d*$",
    re.IGNORECASE,
)
# Only in lower case: `-SCENE` or `-EXTRA` at the end of a release name is its group.
_POSSIBLE_EXTRA = re.compile(r"-(?:short|other|scene|extra|clip|interview|deleted)$")


def suffix_of(name: str) -> str:
    """The lower-case suffix of a file name without its dot; '' where there is none."""
    stem, dot, suffix = name.rpartition(".")
    return suffix.lower() if dot and stem else ""


def stem_of(name: str) -> str:
    """A file name without the suffix of a video or subtitle; other names are left whole."""
    suffix = suffix_of(name)
    known = suffix in VIDEO_SUFFIXES or suffix in SUBTITLE_SUFFIXES
    return name[: -len(suffix) - 1] if known else name


def is_hidden_file(name: str) -> bool:
    """Whether a file is kept out of sight by its name (`._Film.mkv`, `.Film.mkv`)."""
    return name.startswith(".")


def is_hidden_directory(name: str) -> bool:
    """Whether a directory holds no media by its name: trash, thumbnails, snapshots, dot directories."""
    return name.startswith(".") or name.lower() in _HIDDEN_DIRECTORIES


def is_extras_directory(name: str, *, beside_media: bool) -> bool:
    """Whether a directory holds samples or extras.

    `beside_media` says that it lies in a film's, a series' or a season's folder; elsewhere "Extras" or
    "Shorts" is as likely to be the title of a series.
    """
    lowered = name.lower()
    return lowered in _SAMPLE_DIRECTORIES or (beside_media and lowered in _EXTRAS_DIRECTORIES)


def is_extra_video(stem: str, siblings: Collection[str]) -> bool:
    """Whether a video's stem names a sample, a trailer or another extra; `siblings` are its folder's stems."""
    if _CLEAR_EXTRA.search(stem):
        return True
    found = _POSSIBLE_EXTRA.search(stem)
    if found is None:
        return False
    # `the-big-short` is a film written with hyphens; `Making of-short` and `Film-short` beside `Film` are not.
    described = stem[: found.start()]
    return " " in described or described in siblings
