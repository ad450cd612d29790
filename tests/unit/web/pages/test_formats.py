"""Values as pages write them."""

from datetime import UTC, datetime, timedelta

import pytest

from sublarr.web.pages.formats import duration, episode_code, file_name, file_size, local_time, plural, told

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "{:%H:%M}"),
        (NOW - timedelta(days=1), "yesterday {:%H:%M}"),
        (NOW + timedelta(days=1), "tomorrow {:%H:%M}"),
        (NOW - timedelta(days=5), "5 Mar {:%H:%M}"),
        (NOW - timedelta(days=400), "3 Feb 2025"),
    ],
)
def test_times_are_short_and_never_ambiguous(moment: datetime, words: str) -> None:
    assert local_time(moment, NOW) == words.format(moment.astimezone())


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KB"), (300 * 1024, "300 KB"), (5 * 1024**5, "5120.0 TB")],
)
def test_sizes_are_read_at_a_glance(size: int, words: str) -> None:
    assert file_size(size) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (-3, "0 s"), (61, "1 min 1 s"), (90_000, "1 d 1 h"), (21_600, "6 h")]
)
def test_spans_are_told_in_their_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_one_is_not_told_as_many() -> None:
    assert (plural(1, "film"), plural(1200, "film"), plural(2, "process", "processes")) == (
        "1 film",
        "1,200 films",
        "2 processes",
    )


def test_episodes_are_named_as_people_know_them() -> None:
    assert (episode_code(1, 2), episode_code(None, 7), episode_code(1, None)) == ("S01E02", "E07", "")


def test_a_name_with_a_line_break_stays_on_its_line() -> None:
    assert file_name("/media/a\nb.mkv") == "a\\nb.mkv"


def test_a_result_names_only_what_happened() -> None:
    assert told({"found": 1200, "new": 0, "written": ["a", "b"], "problems": []}) == "1,200 seen, 2 written"
    assert told({"passed_over": []}) == "nothing to do"
