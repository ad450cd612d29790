"""Log lines tell what happened, to whom it belongs, and no secrets."""

import io
import json
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sublarr.logs import LogOutput, bind, configure_logging, current_context
from sublarr.logs.formats import escape_controls
from sublarr.vocabulary.errors import InvalidInput

log = logging.getLogger("sublarr.tests")


@pytest.fixture(autouse=True)
def levels_are_restored() -> Iterator[None]:
    loggers = (logging.getLogger(), logging.getLogger("sublarr"))
    before = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture(params=["text", "json"])
def form(request: pytest.FixtureRequest) -> Literal["text", "json"]:
    return "json" if request.param == "json" else "text"


def written(tmp_path: Path) -> list[str]:
    return (tmp_path / "logs" / "sublarr.log").read_text("utf-8").split("\n")[:-1]


def open_log(tmp_path: Path, form: Literal["text", "json"], level: str = "INFO") -> LogOutput:
    return configure_logging(level, form, tmp_path / "logs" / "sublarr.log")


def test_console_and_file_get_the_same_lines(
    tmp_path: Path, form: Literal["text", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    output = open_log(tmp_path, form)
    log.info("found %d subtitles", 3)
    output.close()
    assert "found 3 subtitles" in written(tmp_path)[0]
    assert capsys.readouterr().err.splitlines() == written(tmp_path)


def test_json_lines_hold_the_documented_fields(tmp_path: Path) -> None:
    output = open_log(tmp_path, "json")
    with bind(request_id="r-1"), bind(job_id="j-1"):
        try:
            raise RuntimeError("broke\nhere")
        except RuntimeError:
            log.exception("failed")
    log.warning("plain")
    output.close()
    first, second = (json.loads(line) for line in written(tmp_path))
    assert {name: first[name] for name in ("level", "logger", "message", "request_id", "job_id")} == {
        "level": "ERROR",
        "logger": "sublarr.tests",
        "message": "failed",
        "request_id": "r-1",
        "job_id": "j-1",
    }
    assert "RuntimeError: broke\nhere" in first["exception"]
    assert datetime.fromisoformat(first["time"]).utcoffset() is not None
    assert set(second) == {"time", "level", "logger", "message"}


def test_text_lines_hold_time_level_ids_and_an_indented_traceback(tmp_path: Path) -> None:
    output = open_log(tmp_path, "text")
    with bind(request_id="r-1", job_id="j-1"):
        try:
            raise RuntimeError("broke\n2030-01-01 ERROR forged")
        except RuntimeError:
            log.exception("failed")
    output.close()
    first, *trace = written(tmp_path)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d ERROR   sublarr\.tests \[request r-1\] \[job j-1\] failed",
        first,
    )
    assert trace
    assert all(line.startswith("    | ") for line in trace)


def test_a_stranger_cannot_write_a_line_of_their_own(tmp_path: Path, form: Literal["text", "json"]) -> None:
    output = open_log(tmp_path, form)
    with bind(request_id="x\n2030-01-01 forged"):
        log.info("name: %s", "a\r\n2030-01-01 00:00:00 ERROR forged \x1b[31m \u2028 \udc80 \u202e")
    output.close()
    (line,) = written(tmp_path)
    assert line.isprintable()


@given(st.text(st.characters()))
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    escaped = escape_controls(text)
    assert len(escaped.splitlines()) <= 1
    escaped.encode("utf-8")


def test_passwords_and_secrets_never_reach_the_log(tmp_path: Path, form: Literal["text", "json"]) -> None:
    output = open_log(tmp_path, form)
    output.change_secrets({"s3cret-key"})
    try:
        raise RuntimeError("postgresql://u:hunter2@host/db said s3cret-key")
    except RuntimeError:
        log.exception("redis://:%s@host with %s", "hunter2", "s3cret-key", stack_info=True)
    output.close()
    text = "\n".join(written(tmp_path))
    assert "***" in text
    assert "hunter2@" not in text
    # The source line of the traceback itself is part of the program, not of what was logged.
    assert "with s3cret-key" not in text
    assert "***@host/db said ***" in text


def test_the_level_changes_without_a_restart_and_libraries_stay_quiet(tmp_path: Path) -> None:
    output = open_log(tmp_path, "text")
    log.debug("one")
    logging.getLogger("some.library").info("two")
    output.change_level("DEBUG")
    log.debug("three")
    output.change_level("ERROR")
    log.warning("four")
    logging.getLogger("some.library").warning("five")
    output.close()
    assert [line.rsplit(" ", 1)[1] for line in written(tmp_path)] == ["three"]


def test_ids_end_with_their_block_and_do_not_leak_to_other_threads() -> None:
    with bind(request_id="r"):
        with bind(job_id="j") as inner:
            assert (inner.request_id, inner.job_id) == ("r", "j")
            with ThreadPoolExecutor(1) as pool:
                assert pool.submit(current_context).result().job_id == ""
        with pytest.raises(KeyError), bind(job_id="k"):
            raise KeyError
        assert current_context().job_id == ""
    assert current_context().request_id == ""


def test_closing_leaves_no_handler_behind(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    open_log(tmp_path, "text").close()
    assert logging.getLogger().handlers == before


def test_the_log_file_is_rotated_and_old_ones_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sublarr.logs.output._FILE_BYTES", 1000)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    output = open_log(tmp_path, "text")
    for number in range(200):
        log.info("line %d", number)
    output.close()
    assert len(list((tmp_path / "logs").iterdir())) == 6


def test_a_log_file_that_cannot_be_written_is_told_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be", "utf-8")
    before = list(logging.getLogger().handlers)
    with pytest.raises(InvalidInput) as caught:
        open_log(tmp_path, "text")
    assert "SUBLARR_LOG_FILE" in caught.value.remedy
    assert logging.getLogger().handlers == before


def test_values_behind_a_message_are_fields_in_json_with_secrets_masked(tmp_path: Path) -> None:
    output = open_log(tmp_path, "json")
    output.change_secrets(["hunter22"])
    fields = {"statement": "files.known", "rows": 3, "plan": "SCAN hunter22", "message": "another"}
    logging.getLogger("sublarr.test").warning("slow", extra={"fields": fields})
    output.close()
    (line,) = [json.loads(line) for line in written(tmp_path)]
    assert (line["statement"], line["rows"], line["plan"]) == ("files.known", 3, "SCAN ***")
    assert line["message"] == "slow"
