from pathlib import Path

import av
import pytest

from sublarr.demo.many import make_many
from sublarr.vocabulary.errors import InvalidInput


def _videos(directory):
    return sorted(path for path in directory.rglob("*.mkv"))


@pytest.mark.parametrize("layout", ["arr", "scene"])
def test_as_many_files_as_asked_for_no_two_the_same(tmp_path, layout):
    report = make_many(tmp_path, 300, layout=layout)
    videos = _videos(tmp_path)
    assert (len(videos), report.made, report.kept) == (300, 300, 0)
    assert len({video.read_bytes() for video in videos}) == 300
    assert report.total_bytes == sum(video.stat().st_size for video in videos)


def test_each_file_holds_an_english_and_a_german_track(tmp_path):
    make_many(tmp_path, 3, layout="scene")
    for video in _videos(tmp_path):
        with av.open(str(video)) as container:
            assert [stream.metadata["language"] for stream in container.streams.subtitles] == ["eng", "ger"]


def test_the_folders_told_are_the_ones_to_watch(tmp_path):
    report = make_many(tmp_path, 50, layout="arr")
    assert [folder.path.relative_to(tmp_path) for folder in report.folders] == [Path("TV"), Path("Films")]
    assert all(_videos(folder.path) for folder in report.folders)


def test_asking_for_more_adds_only_the_difference(tmp_path):
    make_many(tmp_path, 40, layout="arr")
    first = {video: video.stat().st_mtime_ns for video in _videos(tmp_path)}
    report = make_many(tmp_path, 60, layout="arr")
    assert (report.made, report.kept) == (20, 40)
    assert first.items() <= {video: video.stat().st_mtime_ns for video in _videos(tmp_path)}.items()


def test_progress_is_told_to_the_end(tmp_path):
    told = []
    make_many(
        tmp_path, 1100, layout="scene", on_progress=lambda done, total, name: told.append((done, total))
    )
    assert told == [(500, 1100), (1000, 1100), (1100, 1100)]


def test_a_folder_with_somebody_elses_files_is_left_alone(tmp_path):
    (tmp_path / "holiday.mkv").write_bytes(b"mine")
    with pytest.raises(InvalidInput):
        make_many(tmp_path, 10, layout="scene")
    assert _videos(tmp_path) == [tmp_path / "holiday.mkv"]
