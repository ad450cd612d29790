"""`sublarr export`: whole lists as files, on both databases."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from sublarr.bootstrap import open_house
from sublarr.db.repositories.blocklist import NewBlock
from sublarr.db.repositories.glossary import EVERYWHERE, GlossaryScope, NewTerm
from sublarr.vocabulary.exports import ExportName

HOSTILE = ["=1+1", "'quoted'", "千と\n千尋", "", 'plain, with "both"']


@pytest.fixture
def stored(environment: dict[str, str]):
    """Entries and terms that an export must carry over unharmed."""
    blocks = [NewBlock("p", f"id {n}", "de", "/media/a.mkv", text, text) for n, text in enumerate(HOSTILE)]
    terms = [
        NewTerm(text or "x", text or "y", text.strip(), "name", 0.5, n % 2 == 0)
        for n, text in enumerate(HOSTILE)
    ]
    house = open_house({name: value for name, value in environment.items() if value})
    with house.database.write() as unit:
        source_id = unit.folders.add("/media").source_id
        unit.blocklist.add_many(blocks)
        for n, term in enumerate(terms):
            unit.glossary.add(GlossaryScope(source_id, 7) if n % 2 else EVERYWHERE, term)
    house.close()
    return blocks, terms


def _rows(text: str, form: str) -> list[dict]:
    if form == "jsonl":
        return [json.loads(line) for line in text.split("\n")[:-1]]
    if form == "json":
        return json.loads(text)
    reader = csv.DictReader(io.StringIO(text, newline=""))
    return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in reader]


def test_an_exported_blocklist_or_glossary_has_all_that_adding_it_again_needs(run, stored) -> None:
    for form in ("jsonl", "csv", "json"):
        _check_what_adding_again_needs(run, stored, form)


def _check_what_adding_again_needs(run, stored, form: str) -> None:
    blocks, terms = stored
    exported = _rows(_stdout(run("export", "blocklist", "--format", form)), form)
    found = [NewBlock(**{name: row[name] for name in NewBlock.__slots__}) for row in exported]
    assert found == blocks[::-1]
    exported = _rows(_stdout(run("export", "glossary", "--format", form)), form)
    fields = ("source_term", "target_term", "notes", "term_type")
    assert [[row[name] for name in fields] for row in exported] == [
        [getattr(term, name).strip() for name in fields] for term in terms
    ]
    assert {float(row["confidence"]) for row in exported} == {0.5}
    assert [str(row["series_id"] or "") for row in exported] == ["", "7", "", "7", ""]


def _stdout(result) -> str:
    assert result.exit_code == 0, result.stderr
    return result.stdout_bytes.decode()


def test_every_list_can_be_exported_from_an_empty_database(run) -> None:
    for what in ExportName:
        # The first start makes the default profile, which the audit tells of.
        rows = 1 if what is ExportName.AUDIT else 0
        assert _stdout(run("export", what, "--format", "csv")).count("\r\n") == 1 + rows, what
    assert _stdout(run("export", "wanted")) == ""


def test_a_file_appears_whole_under_its_name(run, stored, tmp_path: Path) -> None:
    target = tmp_path / "block list.csv"
    target.write_text("of yesterday")
    done = run("export", "blocklist", "--format", "csv", "--output", str(target))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "5 rows of blocklist" in done.stderr
    assert target.read_text("utf-8").startswith("id,provider_name")
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".tmp")] == []


def test_an_export_that_fails_leaves_yesterdays_file(run, stored, tmp_path: Path) -> None:
    target = tmp_path / "wanted.csv"
    target.write_text("of yesterday")
    done = run("export", "wanted", "--status", "nonsense", "--output", str(target))
    assert done.exit_code == 2
    assert "no status 'nonsense'" in done.stderr
    assert target.read_text() == "of yesterday"
    missing = run("export", "wanted", "--output", str(tmp_path / "no such folder" / "x"))
    assert missing.exit_code == 1
    assert "no such folder" in missing.stderr


def test_a_pipe_is_written_to_rather_than_replaced(run, stored, tmp_path: Path) -> None:
    assert run("export", "blocklist", "--output", os.devnull).exit_code == 0
    assert Path(os.devnull).is_char_device()
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    assert run("export", "blocklist", "--output", str(link)).exit_code == 0
    assert link.is_symlink()
    assert real.stat().st_size > 0


def test_a_filter_without_effect_is_refused_rather_than_passed_over(run) -> None:
    for words, message in (
        (("glossary", "--language", "de"), "glossary cannot be filtered by language"),
        (("jobs", "--kind", "nonsense"), "no kind 'nonsense'"),
        (("media", "--kind", "nonsense"), "no kind 'nonsense'"),
    ):
        done = run("export", *words)
        assert done.exit_code == 2
        assert message in done.stderr


def test_a_language_nobody_knows_or_a_folder_that_is_not_there_is_said_in_words(run, tmp_path: Path) -> None:
    unknown = run("export", "wanted", "--language", "klingonese")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "klingonese names no language" in unknown.stderr
    nowhere = run("export", "wanted", "--output", str(tmp_path / "none" / "wanted.csv"))
    assert (nowhere.exit_code, nowhere.stderr) == (1, f"sublarr: there is no folder {tmp_path / 'none'}\n")
    folder = run("export", "wanted", "--output", str(tmp_path))
    assert (folder.exit_code, folder.stderr) == (1, f"sublarr: {tmp_path}: Is a directory\n")


def test_the_help_names_every_list_that_can_be_exported(run) -> None:
    said = " ".join(run("export", "--help").stdout.split())
    listed = said.split("WHAT is one of ")[1].split(".")[0]
    assert set(listed.replace(" and ", ", ").split(", ")) == {name.value for name in ExportName}
    assert "[default: jsonl]" in said


def test_what_cannot_be_exported_is_a_mistake_of_usage(run) -> None:
    assert run("export", "secrets").exit_code == 2
    assert run("export", "wanted", "--format", "xml").exit_code == 2
