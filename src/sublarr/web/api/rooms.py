"""Every resource of the API, in the order of its document."""

from sublarr.web.api import (
    audit,
    exports,
    folders,
    health,
    history,
    jobs,
    live,
    media,
    profiles,
    scan,
    schedules,
    search,
    settings,
    system,
    wanted,
)

ROOMS = (
    health.routes,
    media.routes,
    search.routes,
    wanted.routes,
    folders.routes,
    scan.routes,
    jobs.routes,
    schedules.routes,
    history.routes,
    exports.routes,
    profiles.routes,
    settings.routes,
    audit.routes,
    system.routes,
    live.routes,
)
# What answers without a key.
OPEN_OPERATIONS = frozenset({"show_health"})
