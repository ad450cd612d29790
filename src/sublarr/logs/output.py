"""Where log lines go: the console, and a rotated file."""

import logging
import logging.handlers
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from sublarr.logs.formats import JsonFormatter, MaskingFormatter, TextFormatter
from sublarr.vocabulary.errors import InvalidInput

_PROGRAM = "sublarr"
_FILE_BYTES = 5_000_000
_FILES_KEPT = 5


class LogOutput:
    """The handlers this process logs through; level and secrets may change while it runs."""

    def __init__(self, formatter: MaskingFormatter, handlers: Collection[logging.Handler]) -> None:
        self._formatter = formatter
        self._handlers = handlers
        for handler in handlers:
            handler.setFormatter(formatter)
            logging.getLogger().addHandler(handler)

    def change_level(self, level: str) -> None:
        """Log from this level on; libraries speak from WARNING on, unless a higher one is asked for."""
        logging.getLogger(_PROGRAM).setLevel(level)
        logging.getLogger().setLevel(max(logging.WARNING, logging.getLogger(_PROGRAM).level))

    def change_secrets(self, secrets: Collection[str]) -> None:
        """Replace these values wherever they would be logged."""
        self._formatter.secrets = frozenset(secrets)

    def close(self) -> None:
        """Take the handlers away again."""
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
            handler.close()


def configure_logging(
    level: str, log_format: Literal["text", "json"], file: Path | None = None, secrets: Collection[str] = ()
) -> LogOutput:
    """Send this process's log lines to the console and, if given, a rotated file.

    A file belongs to one process: two that rotate the same one would lose lines. Raises `InvalidInput` where
    it cannot be written.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if file is not None:
        handlers.append(_open_file(file))
    output = LogOutput(JsonFormatter() if log_format == "json" else TextFormatter(), handlers)
    output.change_level(level)
    output.change_secrets(secrets)
    return output


def _open_file(path: Path) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # An undecodable file name in a message must not cost the line.
        return logging.handlers.RotatingFileHandler(
            path, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        raise InvalidInput(
            f"The log file {path} cannot be written: {error.strerror}.",
            remedy="Set SUBLARR_LOG_FILE to a file that can be written, or to none.",
        ) from error
