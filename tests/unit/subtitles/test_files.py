"""Writing beside a video, on disks that fail in every way."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import sublarr
from sublarr.subtitles.files import is_leftover, remove_leftovers, write_beside
from sublarr.vocabulary.errors import Conflict, DiskFull, InvalidInput, Rejected, Unavailable
from sublarr.vocabulary.paths import to_text

NO_LINKS = [errno.EPERM, errno.EOPNOTSUPP]


@pytest.fixture(params=[None, *NO_LINKS], ids=["hard links", "exFAT", "SMB"])
def disk(request, tmp_path, monkeypatch):
    """A folder on file systems with hard links and without."""
    if request.param is not None:

        def refuse(*_):
            raise OSError(request.param, os.strerror(request.param))

        monkeypatch.setattr(os, "link", refuse)
    return tmp_path


def test_a_subtitle_is_written_whole_and_nothing_else_is_left(disk):
    write_beside(str(disk / "Film.de.srt"), "Grüße 字幕\n")
    assert (disk / "Film.de.srt").read_bytes() == "Grüße 字幕\n".encode()
    assert os.listdir(disk) == ["Film.de.srt"]


def test_a_persons_own_file_is_never_overwritten(disk):
    target = disk / "Film.de.srt"
    target.write_text("mine")
    with pytest.raises(Conflict, match=r"Film\.de\.srt"):
        write_beside(str(target), "ours")
    assert target.read_text() == "mine"
    assert os.listdir(disk) == ["Film.de.srt"]


def test_a_link_to_nowhere_is_somebodys_file_too(disk):
    target = disk / "Film.de.srt"
    target.symlink_to(disk / "elsewhere")
    with pytest.raises(Conflict):
        write_beside(str(target), "ours")
    assert not (disk / "elsewhere").exists()


def test_a_replacement_asked_for_replaces(disk):
    target = disk / "Film.de.srt"
    target.write_text("old")
    write_beside(str(target), "new", replace=True)
    assert target.read_text() == "new"
    assert os.listdir(disk) == ["Film.de.srt"]


def test_of_two_writers_at_once_one_wins_and_the_other_is_told(disk):
    barrier = threading.Barrier(8)
    outcomes = []

    def write(number):
        barrier.wait()
        try:
            write_beside(str(disk / "Film.de.srt"), f"{number}\n" * 1000)
            outcomes.append(number)
        except Conflict:
            outcomes.append(None)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [number for number in outcomes if number is not None]
    assert (disk / "Film.de.srt").read_text() == f"{winner}\n" * 1000
    assert os.listdir(disk) == ["Film.de.srt"]


def test_a_subtitle_may_be_read_by_whoever_may_read_other_new_files(disk):
    previous = os.umask(0o027)
    try:
        write_beside(str(disk / "Film.de.srt"), "x")
    finally:
        os.umask(previous)
    assert stat.S_IMODE((disk / "Film.de.srt").stat().st_mode) == 0o640


def test_a_folder_with_an_undecodable_name_is_written_to(tmp_path):
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    write_beside(to_text(os.fsdecode(folder)) + "/Film.de.srt", "x")
    assert os.listdir(folder) == [b"Film.de.srt"]


@pytest.mark.parametrize(
    ("number", "error"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, Rejected),
        (errno.EACCES, Rejected),
        (errno.EIO, Unavailable),
    ],
)
@pytest.mark.parametrize("step", ["open", "fsync", "replace"])
def test_a_failing_disk_is_named_and_leaves_the_old_file(tmp_path, monkeypatch, number, error, step):
    target = tmp_path / "Film.de.srt"
    target.write_text("old")

    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(error, match=r"Film\.de\.srt") as caught:
        write_beside(str(target), "new", replace=True)
    monkeypatch.undo()
    assert caught.value.remedy
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["Film.de.srt"]


def test_without_hard_links_a_failed_rename_frees_the_name_again(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(os, "link", fail)
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(Rejected):
        write_beside(str(tmp_path / "Film.de.srt"), "x")
    assert os.listdir(tmp_path) == []


def test_a_vanished_folder_and_an_endless_name_are_told_apart(tmp_path):
    with pytest.raises(Unavailable, match="not there"):
        write_beside(str(tmp_path / "gone" / "Film.de.srt"), "x")
    with pytest.raises(InvalidInput, match="too long"):
        write_beside(str(tmp_path / ("x" * 300)), "x")
    assert os.listdir(tmp_path) == []


def test_a_process_killed_while_it_writes_leaves_only_what_is_swept(tmp_path):
    script = (
        "import os, signal, sys\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "from sublarr.subtitles.files import write_beside\n"
        "write_beside(sys.argv[1], 'x' * 100)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(sublarr.__file__).parent.parent)}
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "Film.de.srt")], env=environment, check=False
    )
    (left,) = os.listdir(tmp_path)
    assert is_leftover(left)
    written_at = (tmp_path / left).stat().st_mtime
    assert remove_leftovers(str(tmp_path), now=lambda: written_at + 10) == 0
    (tmp_path / "Film.en.srt").write_text("kept")
    (tmp_path / ".other.tmp").write_text("kept")
    assert remove_leftovers(str(tmp_path), now=lambda: written_at + 7_200) == 1
    assert sorted(os.listdir(tmp_path)) == [".other.tmp", "Film.en.srt"]


def test_sweeping_a_folder_that_is_gone_says_so(tmp_path):
    with pytest.raises(Unavailable, match="not there"):
        remove_leftovers(str(tmp_path / "gone"))
