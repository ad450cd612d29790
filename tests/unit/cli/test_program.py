import ast
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import sublarr.cli.commands
from sublarr.cli.program import COMMANDS, program
from sublarr.vocabulary.errors import InvalidInput, NotFound

FOLDER = Path(sublarr.cli.commands.__file__).parent


def test_the_help_lists_every_command_with_what_it_does():
    result = CliRunner().invoke(program, ["--help"])
    assert result.exit_code == 0
    for name, entry in COMMANDS.items():
        assert f"  {name} " in result.output
        assert entry.summary in " ".join(result.output.split())


def test_no_command_file_is_forgotten_in_the_list():
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert files == {entry.module for entry in COMMANDS.values()}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(program, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_a_word_that_is_no_command_is_a_usage_error():
    result = CliRunner().invoke(program, ["nonsense"])
    assert result.exit_code == 2
    assert "No such command 'nonsense'" in result.stderr


def test_a_port_that_is_no_number_is_called_that():
    result = CliRunner().invoke(program, ["serve", "--port", "abc"])
    assert result.exit_code == 2
    assert "'abc' is not a valid whole number." in result.stderr


def test_every_unacceptable_setting_is_named_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environment = {
        "SUBLARR_CONFIG_DIR": str(tmp_path / "config"),
        "SUBLARR_PORT": "many",
        "SUBLARR_LOG_LEVEL": "loud",
        "SUBLARR_QUEUE_WORKERS": "-1",
    }
    result = CliRunner(env=environment).invoke(program, ["wanted"])
    assert result.exit_code == 2
    assert result.stdout == ""
    for name in ("SUBLARR_PORT", "SUBLARR_LOG_LEVEL", "SUBLARR_QUEUE_WORKERS"):
        assert name in result.stderr
    assert not (tmp_path / "config").exists()


def test_a_folder_that_may_not_be_written_to_is_said_without_a_traceback(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    result = CliRunner(env={"SUBLARR_CONFIG_DIR": str(tmp_path / "file" / "config")}).invoke(
        program, ["wanted"]
    )
    assert result.exit_code == 2
    assert result.stderr.startswith("sublarr: ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(("error", "code"), [(InvalidInput, 2), (NotFound, 1)])
def test_an_error_ends_with_its_message_its_remedy_and_its_exit_code(monkeypatch, error, code):
    monkeypatch.setattr(type(program), "get_command", lambda *_: failing)

    @click.command
    def failing() -> None:
        raise error("no such thing", remedy="Make one.")

    result = CliRunner().invoke(program, ["anything"])
    assert result.exit_code == code
    assert result.stderr == "sublarr: no such thing\nMake one.\n"
    shown = CliRunner().invoke(program, ["--debug", "anything"])
    assert "Traceback" in shown.stderr
    assert shown.stderr.endswith("sublarr: no such thing\nMake one.\n")


@pytest.mark.parametrize(
    "module", sorted(entry.module for entry in COMMANDS.values() if entry.module != "serve")
)
def test_only_serve_pays_for_the_web_server(module):
    imported = _modules_after(f"import sublarr.cli.commands.{module}")
    assert not imported & {"flask", "waitress", "sublarr.web"}


def test_starting_pays_for_no_library_that_only_some_commands_use():
    imported = _modules_after("import sublarr.cli.commands.scan")
    assert not imported & {"rich", "alembic", "av", "guessit", "pysubs2", "redis", "rq"}


def test_the_help_costs_nothing_but_itself():
    assert not _modules_after("import sublarr.cli") & {"sqlalchemy", "pydantic", "sublarr.db", "rich"}


def _modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(sorted(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return set(ast.literal_eval(printed))
