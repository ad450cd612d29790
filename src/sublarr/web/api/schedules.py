"""What recurs: looking at it, pausing it, running it now."""

from datetime import datetime
from http import HTTPStatus

from sublarr.bootstrap import House
from sublarr.web.api.jobs import QueuedJob
from sublarr.web.api.shapes import Given, Listed, Shape, Text, present, present_all
from sublarr.web.routes import Routes

routes = Routes("schedules", "Recurring jobs")


class ByName(Given):
    """The path of one schedule."""

    name: Text


class ScheduleShape(Shape):
    """A recurring job: every `interval_seconds`, or daily at the local time `daily_at` (HH:MM), or never by itself."""

    name: str
    title: str
    kind: str
    interval_seconds: int | None
    daily_at: str | None
    enabled: bool
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_job_id: str | None


class SchedulePage(Listed[ScheduleShape]):
    """Every schedule, by name."""


class ScheduleChange(Given):
    """Whether it goes on by itself."""

    enabled: bool


@routes.get("/schedules", SchedulePage)
def list_schedules(house: House) -> SchedulePage:
    """Every schedule, by name."""
    with house.database.read() as unit:
        return present_all(SchedulePage, unit.schedules.listed())


@routes.add("PUT", "/schedules/<name>", ScheduleShape, problems=(404,))
def change_schedule(house: House, path: ByName, body: ScheduleChange) -> ScheduleShape:
    """Pause a schedule, or let it go on."""
    with house.database.write(urgent=True) as unit:
        unit.schedules.set_enabled(path.name, enabled=body.enabled)
        return present(ScheduleShape, unit.schedules.get(path.name))


@routes.add("POST", "/schedules/<name>/run", QueuedJob, status=HTTPStatus.ACCEPTED, problems=(404,))
def run_schedule(house: House, path: ByName) -> QueuedJob:
    """Have a schedule's job done now; its rhythm stays."""
    return present(QueuedJob, house.scheduler.run_now(path.name))
