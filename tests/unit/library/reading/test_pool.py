"""The pool with real children: broken, killed, hanging and hijacked ones."""

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sublarr
from sublarr.library.reading.messages import ReadRequest
from sublarr.library.reading.pool import ReadingPool
from sublarr.vocabulary.errors import Corrupt, JobInterrupted, Unavailable
from sublarr.vocabulary.media import FolderContent, ProbeStatus
from sublarr.vocabulary.subtitles import SubtitleFormat


def probe_of(path, *, wants_name=False):
    return ReadRequest(str(path), "/", FolderContent.AUTO, wants_name=wants_name)


@pytest.fixture
def films(media, tmp_path):
    """Makes copies of a small film under the names given."""

    def make(*names):
        paths = []
        for name in names:
            shutil.copy(media.path("film.mkv"), tmp_path / name)
            paths.append(str(tmp_path / name))
        return paths

    return make


def statuses(results):
    return {Path(result.path).name: result.outcome.status for result in results}


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_end(pid):
    """Whether a process that need not be a child of ours ends within 10 s."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 10)[0])
    finally:
        os.close(handle)


def test_names_and_tracks_of_a_folder_are_read_together(films):
    paths = films("The.Long.Night.2011.720p.WEB-DL.x264-GRP.mkv", "The.Short.Day.2012.1080p.BluRay.mkv")
    with ReadingPool(2) as pool:
        found = {r.path: r for r in pool.read_files(probe_of(path, wants_name=True) for path in paths)}
    assert set(found) == set(paths)
    first = found[paths[0]]
    assert first.outcome.status is ProbeStatus.OK
    assert (first.facts.title, first.facts.year) == ("The Long Night", 2011)
    assert len(first.outcome.probe.tracks) == 5


def test_only_what_is_wanted_is_read(films):
    (path,) = films("A.Film.2001.mkv")
    with ReadingPool(1) as pool:
        named = next(pool.read_files([ReadRequest(path, "/", FolderContent.MOVIE, wants_probe=False)]))
        assert (named.facts.title, named.outcome) == ("A Film", None)
        probed = next(pool.read_files([probe_of(path)]))
        assert (probed.facts, probed.outcome.status) == (None, ProbeStatus.OK)


def test_no_child_is_started_for_nothing():
    with ReadingPool(2) as pool:
        assert list(pool.read_files([])) == []
        assert pool.process_ids() == ()


def test_a_child_killed_in_the_middle_loses_nothing(films):
    paths = films(*(f"{number}.mkv" for number in range(200)))
    results, killed = [], 0
    with ReadingPool(2) as pool:
        for result in pool.read_files(probe_of(path) for path in paths):
            results.append(result)
            if len(results) in {10, 60, 110}:
                os.kill(pool.process_ids()[0], signal.SIGKILL)
                killed += 1
    assert killed == 3
    assert sorted(result.path for result in results) == sorted(paths)
    assert set(statuses(results).values()) == {ProbeStatus.OK}


def test_a_file_that_hangs_its_reader_is_recorded_in_time_and_the_rest_is_read(films, misbehaving):
    paths = films("1.mkv", "hang.mkv", "2.mkv", "3.mkv")
    began = time.monotonic()
    with ReadingPool(1, timeout_seconds=1, command=misbehaving) as pool:
        results = list(pool.read_files(probe_of(path) for path in paths))
    assert time.monotonic() - began < 20
    expected = dict.fromkeys(("1.mkv", "2.mkv", "3.mkv"), ProbeStatus.OK)
    assert statuses(results) == {**expected, "hang.mkv": ProbeStatus.TIMED_OUT}
    assert len(results) == 4
    (late,) = [result for result in results if result.outcome.status is ProbeStatus.TIMED_OUT]
    assert late.outcome.message == "reading it took longer than 1 s"


def test_files_that_crash_their_reader_are_recorded_and_the_rest_is_read(films, misbehaving):
    paths = films("1.mkv", "crash.mkv", "2.mkv", "crash2.mkv", "3.mkv")
    with ReadingPool(2, command=misbehaving) as pool:
        results = list(pool.read_files(probe_of(path) for path in paths))
    assert len(results) == 5
    found = statuses(results)
    assert [found[f"{number}.mkv"] for number in (1, 2, 3)] == [ProbeStatus.OK] * 3
    assert [found[name] for name in ("crash.mkv", "crash2.mkv")] == [ProbeStatus.CRASHED] * 2
    assert "SIGSEGV" in next(r for r in results if "crash.mkv" in r.path).outcome.message


def test_a_file_whose_reader_was_killed_by_chance_is_not_blamed(films, misbehaving):
    paths = films("once.mkv", "2.mkv")
    with ReadingPool(1, command=misbehaving) as pool:
        results = list(pool.read_files(probe_of(path) for path in paths))
    assert statuses(results) == {"once.mkv": ProbeStatus.OK, "2.mkv": ProbeStatus.OK}


def test_a_film_that_crashes_the_probe_is_still_known_by_its_name(films, misbehaving):
    (path,) = films("crash.course.2013.mkv")
    with ReadingPool(1, command=misbehaving) as pool:
        (result,) = pool.read_files([probe_of(path, wants_name=True)])
    assert result.outcome.status is ProbeStatus.CRASHED
    assert result.facts.year == 2013
    assert result.problem == ""


def test_a_hijacked_child_that_answers_something_else_breaks_one_file_only(films, misbehaving):
    paths = films("wrong.mkv", "2.mkv")
    with ReadingPool(1, command=misbehaving) as pool:
        found = statuses(pool.read_files(probe_of(path) for path in paths))
    assert found == {"wrong.mkv": ProbeStatus.BROKEN, "2.mkv": ProbeStatus.OK}


def test_a_slow_reader_of_the_results_makes_no_file_late(films):
    paths = films(*(f"{number}.mkv" for number in range(40)))
    results = []
    with ReadingPool(1, timeout_seconds=0.5) as pool:
        for result in pool.read_files(probe_of(path) for path in paths):
            if len(results) in {3, 30}:
                # The caller writes to a slow database; nothing to wait for but time itself.
                time.sleep(0.8)
            results.append(result)
    assert set(statuses(results).values()) == {ProbeStatus.OK}
    assert len(results) == 40


def test_children_are_replaced_after_their_share_of_files(films):
    paths = films(*(f"{number}.mkv" for number in range(30)))
    seen = set()
    results = []
    with ReadingPool(1, recycle_after=10) as pool:
        for result in pool.read_files(probe_of(path) for path in paths):
            results.append(result.path)
            seen.update(pool.process_ids())
    assert sorted(results) == sorted(paths)
    assert len(seen) == 3
    assert not any(map(is_alive, seen))


def test_no_child_outlives_the_block_however_it_ends(films, misbehaving):
    paths = films("1.mkv", "2.mkv")
    with ReadingPool(2) as pool:
        list(pool.read_files(map(probe_of, paths)))
        idle = pool.process_ids()
        assert idle
    assert not any(map(is_alive, idle))
    busy = ()
    with pytest.raises(ZeroDivisionError), ReadingPool(2, command=misbehaving) as pool:  # noqa: PT012
        for _ in pool.read_files(map(probe_of, films("1.mkv", "hang.mkv"))):
            busy = pool.process_ids()
            raise ZeroDivisionError
    assert busy
    assert not any(map(is_alive, busy))


def test_leaving_a_reading_early_does_not_mix_its_answers_into_the_next(films):
    paths = films(*(f"{number}.mkv" for number in range(50)))
    with ReadingPool(1) as pool:
        reading = pool.read_files(map(probe_of, paths[:40]))
        next(reading)
        reading.close()
        results = list(pool.read_files(map(probe_of, paths[40:])))
    assert sorted(result.path for result in results) == sorted(paths[40:])


def test_children_die_with_a_killed_sublarr_even_while_they_hang(films, misbehaving):
    (path,) = films("hang.mkv")
    script = (
        "import sys\n"
        "from sublarr.library.reading.messages import ReadRequest\n"
        "from sublarr.library.reading.pool import ReadingPool\n"
        "from sublarr.vocabulary.media import FolderContent\n"
        "pool = ReadingPool(1, command=sys.argv[2:])\n"
        "def report():\n"
        "    if pool.process_ids(): print(*pool.process_ids(), flush=True)\n"
        "    return False\n"
        "list(pool.read_files([ReadRequest(sys.argv[1], '/', FolderContent.AUTO)], report))\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(sublarr.__file__).parent.parent)}
    parent = subprocess.Popen(
        [sys.executable, "-c", script, path, *misbehaving], stdout=subprocess.PIPE, env=environment
    )
    with parent:
        child = int(parent.stdout.readline())
        parent.stdout.readline()
        parent.kill()
    assert wait_for_end(child)


def test_a_cancelled_job_stops_reading_at_once(films, misbehaving):
    paths = films("hang.mkv")
    with ReadingPool(1, command=misbehaving) as pool:
        with pytest.raises(JobInterrupted):
            list(pool.read_files(map(probe_of, paths), lambda: bool(pool.process_ids())))
        assert pool.process_ids() == ()


def test_a_sublarr_that_cannot_start_readers_says_why():
    command = [sys.executable, "-c", "raise SystemExit('no room for av')"]
    with ReadingPool(2, command=command) as pool, pytest.raises(Unavailable, match="no room for av"):
        list(pool.read_files([probe_of("/a.mkv")]))


def test_a_reader_gets_no_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("SUBLARR_DATABASE_URL", "postgresql://me:secret@db/sublarr")
    command = [sys.executable, "-c", "import os; raise SystemExit(repr(sorted(os.environ)))"]
    with ReadingPool(1, command=command) as pool, pytest.raises(Unavailable) as caught:
        list(pool.read_files([probe_of("/a.mkv")]))
    assert "PYTHONPATH" in caught.value.message
    assert "SUBLARR" not in caught.value.message


def test_a_text_track_comes_out_of_a_film(media):
    with ReadingPool(1) as pool:
        raw = pool.read_subtitle(media.path("film.mkv"), 2)
        assert raw.format is SubtitleFormat.SRT
        assert raw.cues[0].text == "Hello <i>there</i>"
        assert set(pool.read_subtitles(media.path("film.mkv"), [2, 3, 2])) == {2, 3}


def test_errors_of_a_track_reach_the_person(media):
    with ReadingPool(1) as pool:
        with pytest.raises(Unavailable, match="No such file"):
            pool.read_subtitle(media.path("gone.mkv"), 2)
        with pytest.raises(Corrupt, match="not a media file"):
            pool.read_subtitle(media.path("lines.srt"), 0)
        assert pool.read_subtitle(media.path("film.mkv"), 2).cues


def test_an_extraction_that_hangs_crashes_or_is_cancelled_ends(films, misbehaving):
    hang, crash = films("hang.mkv", "crash.mkv")
    with ReadingPool(1, command=misbehaving) as pool:
        with pytest.raises(Unavailable, match=r"within 0\.3 s"):
            pool.read_subtitle(hang, 2, timeout_seconds=0.3)
        with pytest.raises(Corrupt, match="SIGSEGV"):
            pool.read_subtitle(crash, 2)
        with pytest.raises(JobInterrupted):
            pool.read_subtitle(hang, 2, should_stop=lambda: bool(pool.process_ids()))
        assert pool.process_ids() == ()


def test_a_thousand_small_films_are_probed_in_seconds(films, capsys):
    paths = films(*(f"{number}.mkv" for number in range(1000)))
    began = time.perf_counter()
    with ReadingPool(2) as pool:
        results = list(pool.read_files(map(probe_of, paths)))
    seconds = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n1,000 small films probed in {seconds:.2f} s ({1000 / seconds:.0f}/s)")
    assert len(results) == 1000
    assert seconds < 20


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("sublarr.library.reading.pool", {"av", "sqlalchemy", "flask", "pydantic"}),
        ("sublarr.library.reading.child", {"sqlalchemy", "flask", "pydantic", "guessit", "pysubs2"}),
    ],
)
def test_neither_side_loads_what_the_other_is_there_for(module, unwanted):
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    environment = {**os.environ, "PYTHONPATH": str(Path(sublarr.__file__).parent.parent)}
    loaded = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
    )
    assert unwanted.isdisjoint(loaded.stdout.split())
