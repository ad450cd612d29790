"""The typed schema: one file per aggregate; importing this package fills the metadata."""

from sublarr.db.models import (
    accounts,
    activity,
    catalogue,
    configuration,
    counters,
    events,
    ledger,
    profiles,
    providers,
    translation,
)

__all__ = [
    "accounts",
    "activity",
    "catalogue",
    "configuration",
    "counters",
    "events",
    "ledger",
    "profiles",
    "providers",
    "translation",
]
