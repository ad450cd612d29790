from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.db.repositories.files import KnownFile
from sublarr.library.changes import compare
from sublarr.vocabulary.media import FoundFile, ProbeStatus
from sublarr.vocabulary.paths import is_within


def _known(*files: tuple[str, int, int], status: ProbeStatus | None = ProbeStatus.OK) -> dict[str, KnownFile]:
    return {
        path: KnownFile(number, path, size, mtime, status)
        for number, (path, size, mtime) in enumerate(files, 1)
    }


def _found(*files: tuple[str, int, int]) -> dict[str, FoundFile]:
    return {path: FoundFile(path, size, mtime) for path, size, mtime in files}


def test_an_unchanged_file_is_left_alone() -> None:
    changes = compare(_known(("/m/a", 1, 1)), _found(("/m/a", 1, 1)), ())
    assert (changes.unchanged, changes.new, changes.changed, changes.gone) == (1, (), (), ())


@pytest.mark.parametrize("now", [("/m/a", 2, 1), ("/m/a", 1, 2)])
def test_another_size_or_time_is_another_content(now: tuple[str, int, int]) -> None:
    assert len(compare(_known(("/m/a", 1, 1)), _found(now), ()).changed) == 1


@pytest.mark.parametrize("status", [None, ProbeStatus.UNREADABLE])
def test_a_file_that_could_not_be_opened_is_tried_again(status: ProbeStatus | None) -> None:
    changes = compare(_known(("/m/a", 1, 1), status=status), _found(("/m/a", 1, 1)), ())
    assert len(changes.changed) == 1


@pytest.mark.parametrize("status", [ProbeStatus.BROKEN, ProbeStatus.CRASHED, ProbeStatus.TIMED_OUT])
def test_a_bad_file_is_not_read_at_every_scan(status: ProbeStatus) -> None:
    assert compare(_known(("/m/a", 1, 1), status=status), _found(("/m/a", 1, 1)), ()).unchanged == 1


def test_what_was_out_of_sight_is_kept() -> None:
    changes = compare(_known(("/m/d/a", 1, 1), ("/m/d2/a", 1, 2)), {}, ["/m/d"])
    assert [file.path for file in changes.gone] == ["/m/d2/a"]
    assert changes.kept_unseen == 1


def test_a_rename_is_one_move() -> None:
    changes = compare(_known(("/m/old", 5, 7)), _found(("/m/new", 5, 7)), ())
    assert [(move.file_id, move.file.path) for move in changes.moved] == [(1, "/m/new")]
    assert changes.new == changes.gone == ()


def test_a_file_whose_old_place_is_out_of_sight_may_be_a_copy() -> None:
    changes = compare(_known(("/m/d/old", 5, 7)), _found(("/m/new", 5, 7)), ["/m/d"])
    assert (changes.moved, len(changes.new), changes.kept_unseen) == ((), 1, 1)


def test_empty_files_are_never_taken_for_each_other() -> None:
    assert compare(_known(("/m/old", 0, 7)), _found(("/m/new", 0, 7)), ()).moved == ()


_files = st.dictionaries(
    st.sampled_from([f"/m/{folder}/{name}" for folder in "ab" for name in "xyz"]),
    st.tuples(st.integers(0, 2), st.integers(0, 2)),
)


@given(_files, _files, st.sets(st.sampled_from(["/m/a", "/m/b", "/m/a/x"])))
def test_every_file_has_one_fate_and_nothing_unseen_is_gone(
    before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]], unseen: set[str]
) -> None:
    known = _known(*((path, *stamp) for path, stamp in before.items()))
    found = _found(*((path, *stamp) for path, stamp in after.items()))
    changes = compare(known, found, unseen)
    moved_to = {move.file.path for move in changes.moved}
    new, changed = {file.path for file in changes.new}, {file.path for file in changes.changed}
    assert len(new | changed | moved_to) == len(new) + len(changed) + len(moved_to)
    assert len(new | changed | moved_to) + changes.unchanged == len(found)
    gone = {file.path for file in changes.gone}
    moved_from = {move.old_path for move in changes.moved}
    assert not gone & moved_from
    assert gone | moved_from <= known.keys() - found.keys()
    assert not any(is_within(path, place) for path in gone | moved_from for place in unseen)
    assert len(gone) + len(moved_from) + changes.kept_unseen == len(known.keys() - found.keys())
