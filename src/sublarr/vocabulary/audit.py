"""Who changes what people decide, and the words in which it is written down."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Actor:
    """On whose behalf a change is made: a person at a door, a job, or the program itself."""

    name: str
    request_id: str = ""


SYSTEM = Actor("system")


class AuditAction(StrEnum):
    """What may be done to an audited thing; each can be undone."""

    ADDED = "added"
    CHANGED = "changed"
    DELETED = "deleted"
    RESTORED = "restored"
    DEFAULT_MOVED = "default_moved"
    # Which profile series or films were given, each.
    ASSIGNED = "assigned"
    # Of these a line tells the ids, for they are of many at once.
    ADDED_MANY = "added_many"
    CLEARED = "cleared"
    IGNORED = "ignored"
    UNIGNORED = "unignored"
