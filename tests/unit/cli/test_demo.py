import pytest


def test_a_sample_library_is_made_and_completed(run, tmp_path):
    folder = tmp_path / "sample"
    first = run("demo", str(folder), "--files", "10")
    assert first.exit_code == 0, first.stderr
    assert "10 files made" in first.stdout
    assert "sublarr serve --folder" in first.stderr
    again = run("demo", str(folder), "--files", "12")
    assert "2 files made, 10 were there" in again.stdout
    assert len(list(folder.rglob("*.mkv"))) == 12


def test_a_folder_with_somebodys_files_is_not_touched(run, tmp_path):
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear")
    result = run("demo", str(folder))
    assert result.exit_code == 2
    assert "is not empty" in result.stderr
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("count", ["0", "-1", "some"])
def test_an_impossible_number_of_files_is_a_usage_error(run, tmp_path, count):
    assert run("demo", str(tmp_path / "x"), "--files", count).exit_code == 2
