import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sublarr.library.roots import RootStatus, check_root
from sublarr.library.walk import DirectoryListing, walk_folder
from sublarr.vocabulary.errors import InvalidInput
from sublarr.vocabulary.paths import to_native, to_text


def make(folder: Path, *names: str, content: bytes = b"x") -> None:
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def listings(folder: Path, below: str = "", *, skip_extras: bool = True) -> dict[str, DirectoryListing]:
    return {listing.path: listing for listing in walk_folder(str(folder), below, skip_extras=skip_extras)}


def videos(folder: Path, below: str = "", *, skip_extras: bool = True) -> set[str]:
    found = listings(folder, below, skip_extras=skip_extras).values()
    return {file.path.removeprefix(f"{folder}/") for listing in found for file in listing.videos}


def test_every_video_and_subtitle_is_found_with_its_size_and_time(tmp_path: Path) -> None:
    make(
        tmp_path, "Show/Season 01/a.MKV", "Show/Season 01/a.de.SRT", "film.ts", "notes.txt", content=b"12345"
    )
    found = listings(tmp_path)
    season = found[f"{tmp_path}/Show/Season 01"]
    assert [file.path for file in season.subtitles] == [f"{tmp_path}/Show/Season 01/a.de.SRT"]
    (video,) = season.videos
    status = os.stat(tmp_path / "Show/Season 01/a.MKV")
    assert (video.size, video.mtime_ns) == (5, status.st_mtime_ns)
    assert videos(tmp_path) == {"Show/Season 01/a.MKV", "film.ts"}
    assert list(found) == [str(tmp_path), f"{tmp_path}/Show", f"{tmp_path}/Show/Season 01"]
    assert not any(listing.problem for listing in found.values())


def test_an_empty_file_is_listed_so_that_its_probe_can_say_it_is_broken(tmp_path: Path) -> None:
    make(tmp_path, "film.mkv", content=b"")
    assert [file.size for file in listings(tmp_path)[str(tmp_path)].videos] == [0]


def test_a_scan_below_a_directory_sees_only_that_directory(tmp_path: Path) -> None:
    make(tmp_path, "A/1.mkv", "B/2.mkv")
    assert videos(tmp_path, f"{tmp_path}/B") == {"B/2.mkv"}
    with pytest.raises(InvalidInput):
        walk_folder(f"{tmp_path}/A", f"{tmp_path}/AB")


def test_trash_thumbnails_and_hidden_files_never_reach_the_library(tmp_path: Path) -> None:
    make(tmp_path, ".Trash-1000/a.mkv", "@eaDir/b.mkv", "Film/._film.mkv", "#recycle/c.mkv", "Film/film.mkv")
    make(tmp_path, "lost+found/d.mkv", "Film/.sublarr/e.mkv")
    assert videos(tmp_path) == {"Film/film.mkv"}
    assert f"{tmp_path}/@eaDir" in listings(tmp_path)[str(tmp_path)].skipped


def test_samples_trailers_and_extras_are_not_taken_for_films(tmp_path: Path) -> None:
    make(
        tmp_path,
        "Film (2021)/Film (2021).mkv",
        "Film (2021)/Film (2021)-trailer.mkv",
        "Film (2021)/sample.mkv",
    )
    make(
        tmp_path,
        "Film (2021)/Featurettes/Making of.mkv",
        "Film (2021)/Sample/x.mkv",
        "Film (2021)/How it was made-other.mkv",
    )
    make(
        tmp_path,
        "Show/Season 01/S01E01.mkv",
        "Show/Extras/interview.mkv",
        "Show/Season 01/Deleted Scenes/1.mkv",
    )
    assert videos(tmp_path) == {"Film (2021)/Film (2021).mkv", "Show/Season 01/S01E01.mkv"}
    assert "Film (2021)/Featurettes/Making of.mkv" in videos(tmp_path, skip_extras=False)


def test_a_series_or_film_whose_title_sounds_like_an_extra_is_kept(tmp_path: Path) -> None:
    make(
        tmp_path, "tv/Extras/Season 01/Extras - S01E01.mkv", "Trailers/Trailers.mkv", "flat/the-big-short.mkv"
    )
    make(tmp_path, "flat/Film.2021.1080p.WEB.x264-SCENE.mkv", "flat/Shorts/Season 1/S01E01.mkv")
    assert videos(tmp_path) == {
        "tv/Extras/Season 01/Extras - S01E01.mkv",
        "Trailers/Trailers.mkv",
        "flat/the-big-short.mkv",
        "flat/Film.2021.1080p.WEB.x264-SCENE.mkv",
        "flat/Shorts/Season 1/S01E01.mkv",
    }


def test_links_that_loop_do_not_walk_for_ever_nor_list_a_file_twice(tmp_path: Path) -> None:
    make(tmp_path, "media/Show/a.mkv", "outside/Film/b.mkv", "outside/c.mkv")
    media = tmp_path / "media"
    (media / "Show" / "up").symlink_to(media)
    (media / "all").symlink_to(media / "Show")
    (media / "again.mkv").symlink_to(media / "Show" / "a.mkv")
    (media / "c1.mkv").symlink_to(tmp_path / "outside" / "c.mkv")
    (media / "c2.mkv").symlink_to(tmp_path / "outside" / "c.mkv")
    (media / "linked").symlink_to(tmp_path / "outside" / "Film")
    (media / "linked-too").symlink_to(tmp_path / "outside" / "Film")
    (media / "everything").symlink_to(tmp_path)
    found = [file.path for listing in walk_folder(str(media)) for file in listing.videos]
    assert len(found) == len(set(found))
    assert {os.path.realpath(path) for path in found} == {
        str(tmp_path / "media/Show/a.mkv"),
        str(tmp_path / "outside/Film/b.mkv"),
        str(tmp_path / "outside/c.mkv"),
    }
    assert str(media / "Show/a.mkv") in found


def test_a_link_into_a_hidden_store_is_the_only_way_to_its_file(tmp_path: Path) -> None:
    make(tmp_path, ".annex/objects/film.mkv")
    (tmp_path / "film.mkv").symlink_to(tmp_path / ".annex/objects/film.mkv")
    (tmp_path / "objects").symlink_to(tmp_path / ".annex/objects")
    assert "film.mkv" in videos(tmp_path)


def test_a_dangling_link_is_out_of_sight_rather_than_gone(tmp_path: Path) -> None:
    make(tmp_path, "here.mkv")
    (tmp_path / "film.mkv").symlink_to(tmp_path / "unmounted/film.mkv")
    (tmp_path / "Show").symlink_to(tmp_path / "unmounted/Show")
    listing = listings(tmp_path)[str(tmp_path)]
    assert set(listing.unseen) == {f"{tmp_path}/film.mkv", f"{tmp_path}/Show"}
    assert "may not be mounted" in listing.problem
    assert [file.path for file in listing.videos] == [f"{tmp_path}/here.mkv"]


def test_a_directory_that_cannot_be_read_is_said_and_the_rest_is_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "A/1.mkv", "B/2.mkv")
    really_scan = os.scandir

    def scan(path: str) -> object:
        if path.endswith("/A"):
            raise OSError(5, "Input/output error")
        return really_scan(path)

    monkeypatch.setattr(os, "scandir", scan)
    found = listings(tmp_path)
    assert found[f"{tmp_path}/A"].unseen == (f"{tmp_path}/A",)
    assert "Input/output error" in found[f"{tmp_path}/A"].problem
    assert len(found[f"{tmp_path}/B"].videos) == 1


def test_a_directory_that_vanishes_while_walking_is_said(tmp_path: Path) -> None:
    make(tmp_path, "A/1.mkv", "B/2.mkv")
    walk = walk_folder(str(tmp_path))
    next(walk)
    (tmp_path / "A/1.mkv").unlink()
    (tmp_path / "A").rmdir()
    rest = {listing.path: listing for listing in walk}
    assert rest[f"{tmp_path}/A"].problem
    assert len(rest[f"{tmp_path}/B"].videos) == 1


def test_any_name_a_file_system_allows_is_just_a_name(tmp_path: Path) -> None:
    names = ["new\nline.mkv", "x" * 251 + ".mkv", os.fsdecode(b"caf\xe9.mkv"), "漢字.mkv"]
    make(tmp_path, *names)
    found = [file.path for file in listings(tmp_path)[str(tmp_path)].videos]
    assert sorted(found) == sorted(to_text(f"{tmp_path}/{name}") for name in names)
    assert all(os.path.exists(to_native(path)) for path in found)
    assert all(path.encode() for path in found)


def test_a_pipe_named_like_a_film_cannot_hang_a_probe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "film.mkv")
    assert videos(tmp_path) == set()


@pytest.fixture
def deep_folder(tmp_path: Path) -> Iterator[Path]:
    """A chain of 1,500 directories, taken down again here because pytest's own clean-up recurses."""
    start = os.getcwd()
    os.chdir(tmp_path)
    try:
        for _ in range(1500):
            os.mkdir("d")
            os.chdir("d")
        yield tmp_path
        for _ in range(1500):
            os.chdir("..")
            os.rmdir("d")
    finally:
        os.chdir(start)


def test_a_tree_deeper_than_the_recursion_limit_is_walked(deep_folder: Path) -> None:
    assert sum(1 for _ in walk_folder(str(deep_folder))) == 1501


def test_ten_thousand_files_are_walked_in_well_under_a_second(tmp_path: Path) -> None:
    for show in range(50):
        folder = tmp_path / f"Show {show}"
        folder.mkdir()
        for episode in range(200):
            (folder / f"Show {show} - S01E{episode:03}.mkv").touch()
    began = time.perf_counter()
    assert len(videos(tmp_path)) == 10_000
    assert time.perf_counter() - began < 2


@pytest.mark.skipif(not os.path.ismount("/proc"), reason="no second file system at hand")
def test_a_mount_point_is_told_from_an_ordinary_directory(tmp_path: Path) -> None:
    assert next(iter(walk_folder("/", "/proc/sys/kernel"))).is_mount_point is False
    assert next(iter(walk_folder("/proc"))).is_mount_point is True
    assert next(iter(walk_folder(str(tmp_path)))).is_mount_point is False


def test_a_root_that_is_not_there_is_told_from_one_that_is_empty(tmp_path: Path) -> None:
    make(tmp_path, "file", "full/a.mkv")
    (tmp_path / "empty").mkdir()
    assert check_root(str(tmp_path / "full")).is_ok
    assert check_root(str(tmp_path / "gone")).status is RootStatus.MISSING
    state = check_root(str(tmp_path / "file"))
    assert (state.status, state.message) == (
        RootStatus.NOT_A_DIRECTORY,
        f"{tmp_path}/file is a file, not a folder",
    )
    state = check_root(str(tmp_path / "empty"))
    assert state.status is RootStatus.EMPTY
    assert "nothing was removed" in state.message


def test_a_root_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    state = check_root(str(tmp_path))
    assert state.status is RootStatus.UNREADABLE
    assert "may not read" in state.message
    assert stat.S_ISDIR(os.stat(tmp_path).st_mode)
