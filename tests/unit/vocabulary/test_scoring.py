"""The points that come with the program."""

import pytest

from sublarr.vocabulary.scoring import DEFAULT_WEIGHTS, GREATEST_POINTS, ScoreType, WeightKey

_NO_MATCH_OF_A_VIDEO = {WeightKey.HASH, WeightKey.FORMAT_BONUS, WeightKey.HEARING_IMPAIRED}


@pytest.mark.parametrize(
    ("score_type", "hash_points", "others"), [("episode", 359, 356), ("movie", 119, 115)]
)
def test_a_hash_match_is_worth_more_than_all_that_names_can_tell(
    score_type: str, hash_points: int, others: int
) -> None:
    weights = DEFAULT_WEIGHTS[ScoreType(score_type)]
    assert weights[WeightKey.HASH] == hash_points
    assert sum(weights[key] for key in weights.keys() - _NO_MATCH_OF_A_VIDEO) == others < hash_points


@pytest.mark.parametrize("score_type", ScoreType)
def test_the_sums_alone_would_let_a_format_outweigh_a_hash(score_type: ScoreType) -> None:
    weights = DEFAULT_WEIGHTS[score_type]
    assert sum(weights.values()) - weights[WeightKey.HASH] > weights[WeightKey.HASH]
    assert max(weights.values()) <= GREATEST_POINTS


def test_nobody_can_change_the_points_that_come_with_the_program() -> None:
    with pytest.raises(TypeError):
        DEFAULT_WEIGHTS[ScoreType.MOVIE][WeightKey.HASH] = 0  # type: ignore[index]


def test_a_film_is_known_by_its_title_and_an_episode_by_its_series() -> None:
    only_episode = DEFAULT_WEIGHTS[ScoreType.EPISODE].keys() - DEFAULT_WEIGHTS[ScoreType.MOVIE].keys()
    assert only_episode == {WeightKey.SERIES, WeightKey.SEASON, WeightKey.EPISODE}
    assert DEFAULT_WEIGHTS[ScoreType.MOVIE].keys() - DEFAULT_WEIGHTS[ScoreType.EPISODE].keys() == {
        WeightKey.TITLE
    }
