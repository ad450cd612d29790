"""The command `sublarr` run in this process, on a database of the test's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sublarr.cli.program import program

Run = Callable[..., Result]


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str | None]:
    (tmp_path / "config").mkdir()
    return {
        "SUBLARR_DATABASE_URL": database_url,
        "SUBLARR_CONFIG_DIR": str(tmp_path / "config"),
        "SUBLARR_TARGET_LANGUAGE": "fr",
    }


@pytest.fixture
def run(environment: dict[str, str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("wanted", "--json")`; a folder without `.env` is where it runs."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, **options: Any) -> Result:
        result = CliRunner(env=environment).invoke(program, words, **options)
        assert "Traceback" not in result.output
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def run_json(run: Run) -> Callable[..., Any]:
    """What a command prints as JSON, with nothing else beside it on standard output."""

    def run_json(*words: str) -> Any:
        result = run(*words, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return run_json
