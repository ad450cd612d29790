"""What makes one subtitle better than another: the points that come with the program, and their limits.

The numbers are subliminal's, with a bonus for styled formats. A hash match outweighs all else by the order in
which candidates are compared, never by its points alone.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

# Enough to let any one match decide, and far from what a 32-bit column or a sum of points can hold.
GREATEST_POINTS = 10_000


class ScoreType(StrEnum):
    """What is scored has weights of its own."""

    EPISODE = "episode"
    MOVIE = "movie"


class WeightKey(StrEnum):
    """A kind of match between a video and a subtitle."""

    HASH = "hash"
    SERIES = "series"
    TITLE = "title"
    YEAR = "year"
    SEASON = "season"
    EPISODE = "episode"
    RELEASE_GROUP = "release_group"
    SOURCE = "source"
    AUDIO_CODEC = "audio_codec"
    RESOLUTION = "resolution"
    HEARING_IMPAIRED = "hearing_impaired"
    FORMAT_BONUS = "format_bonus"


DEFAULT_WEIGHTS: Mapping[ScoreType, Mapping[WeightKey, int]] = MappingProxyType(
    {
        ScoreType.EPISODE: MappingProxyType(
            {
                WeightKey.HASH: 359,
                WeightKey.SERIES: 180,
                WeightKey.YEAR: 90,
                WeightKey.SEASON: 30,
                WeightKey.EPISODE: 30,
                WeightKey.RELEASE_GROUP: 14,
                WeightKey.SOURCE: 7,
                WeightKey.AUDIO_CODEC: 3,
                WeightKey.RESOLUTION: 2,
                WeightKey.HEARING_IMPAIRED: 1,
                WeightKey.FORMAT_BONUS: 50,
            }
        ),
        ScoreType.MOVIE: MappingProxyType(
            {
                WeightKey.HASH: 119,
                WeightKey.TITLE: 60,
                WeightKey.YEAR: 30,
                WeightKey.RELEASE_GROUP: 13,
                WeightKey.SOURCE: 7,
                WeightKey.AUDIO_CODEC: 3,
                WeightKey.RESOLUTION: 2,
                WeightKey.HEARING_IMPAIRED: 1,
                WeightKey.FORMAT_BONUS: 50,
            }
        ),
    }
)
