"""Logging: where lines go, what they look like, and what they never tell.

Built on the standard library's `logging`; rooms log with `logging.getLogger(__name__)` as anywhere. Every
line carries the request's and the job's id, passwords and known secrets are replaced, and what a stranger
wrote cannot start a line of its own.
"""

from sublarr.logs.context import LogContext, act_for, bind, current_context
from sublarr.logs.output import LogOutput, configure_logging

__all__ = ["LogContext", "LogOutput", "act_for", "bind", "configure_logging", "current_context"]
