"""Which request and which job the present thread works for, and on whose behalf."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class LogContext:
    """The ids that tie log lines together; empty where there is none."""

    request_id: str = ""
    job_id: str = ""
    actor: str = ""


_context: ContextVar[LogContext] = ContextVar("sublarr_log_context", default=LogContext())  # noqa: B039 (frozen)


def current_context() -> LogContext:
    """The ids that lines logged here would carry."""
    return _context.get()


def act_for(actor: str) -> None:
    """From here to the end of the surrounding `bind`, changes are made on behalf of `actor`."""
    _context.set(replace(_context.get(), actor=actor))


@contextmanager
def bind(
    *, request_id: str | None = None, job_id: str | None = None, actor: str | None = None
) -> Iterator[LogContext]:
    """Lines logged inside carry these ids; one that is not given stays as it was outside.

    `actor` names on whose behalf things are changed inside, for the audit.
    """
    outer = _context.get()
    inner = LogContext(
        request_id=outer.request_id if request_id is None else request_id,
        job_id=outer.job_id if job_id is None else job_id,
        actor=outer.actor if actor is None else actor,
    )
    token = _context.set(inner)
    try:
        yield inner
    finally:
        _context.reset(token)
