"""Every resource of the API, in the order of its document."""

from sublarr.web.api import (
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
    profiles.routes,
    settings.routes,
    system.routes,
    live.routes,
)
# What answers without a key.
OPEN_OPERATIONS = frozenset({"show_health"})
