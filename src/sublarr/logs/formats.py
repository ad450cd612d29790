"""The two forms of a log line: for people, and JSON for collectors.

Masking happens here and not in a filter, because only a formatter sees the whole text: message, arguments,
traceback and stack.
"""

import json
import logging
import re
from collections.abc import Collection
from datetime import UTC, datetime

from sublarr.logs.context import current_context
from sublarr.vocabulary.masking import mask_text

# C0 and C1 controls, the line and paragraph separators, and the marks that reverse the direction of text
# (which let a file name disguise what follows it). Tabs are harmless.
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escape_controls(text: str) -> str:
    """The text on one line, with control characters and lone surrogates made visible."""
    return _UNSAFE.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


class MaskingFormatter(logging.Formatter):
    """What both forms share: masked text, and the traceback apart from the message."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: Collection[str] = ()

    def message_of(self, record: logging.LogRecord) -> str:
        """The message with its arguments, masked."""
        return mask_text(record.getMessage(), self.secrets)

    def fields_of(self, record: logging.LogRecord) -> dict[str, object]:
        """The values behind the message by name, masked, where the record has such."""
        fields: dict[str, object] = getattr(record, "fields", {})
        return {
            name: mask_text(value, self.secrets) if isinstance(value, str) else value
            for name, value in fields.items()
        }

    def trace_of(self, record: logging.LogRecord) -> str:
        """The traceback and stack, masked; '' where the record has none."""
        parts = []
        if record.exc_info:
            parts.append(self.formatException(record.exc_info))
        elif record.exc_text:
            parts.append(record.exc_text)
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return mask_text("\n".join(parts), self.secrets)


class TextFormatter(MaskingFormatter):
    """One line for people; the lines of a traceback are indented, so that none looks like a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Time in the household's zone, level, logger, ids, message."""
        when = datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "milliseconds")
        context = current_context()
        ids = "".join(
            f" [{title} {escape_controls(value)}]"
            for title, value in (("request", context.request_id), ("job", context.job_id))
            if value
        )
        line = f"{when} {record.levelname:<7} {record.name}{ids} {escape_controls(self.message_of(record))}"
        trace = self.trace_of(record)
        return line + "".join(f"\n    | {escape_controls(part)}" for part in trace.split("\n") if trace)


class JsonFormatter(MaskingFormatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The fields time (UTC), level, logger, message; request_id, job_id, exception where there are any.

        What a record was given as `extra={"fields": {…}}` stands beside them, unless it has one of their names.
        """
        context = current_context()
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message_of(record),
            "request_id": context.request_id,
            "job_id": context.job_id,
            "exception": self.trace_of(record),
        }
        told = {name: text for name, text in fields.items() if text or name == "message"}
        return json.dumps(self.fields_of(record) | told)
