"""Which request and which job the present thread works for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogContext:
    """The ids that tie log lines together; empty where there is none."""

    request_id: str = ""
    job_id: str = ""


_context: ContextVar[LogContext] = ContextVar("sublarr_log_context", default=LogContext())  # noqa: B039 (frozen)


def current_context() -> LogContext:
    """The ids that lines logged here would carry."""
    return _context.get()


@contextmanager
def bind(*, request_id: str | None = None, job_id: str | None = None) -> Iterator[LogContext]:
    """Lines logged inside carry these ids; one that is not given stays as it was outside."""
    outer = _context.get()
    inner = LogContext(
        request_id=outer.request_id if request_id is None else request_id,
        job_id=outer.job_id if job_id is None else job_id,
    )
    token = _context.set(inner)
    try:
        yield inner
    finally:
        _context.reset(token)
