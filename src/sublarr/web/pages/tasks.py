"""System, tasks: what recurs by itself, when, and running it now."""

from flask import Response, request

from sublarr.vocabulary.errors import SublarrError
from sublarr.web.pages.frame import Frame

_PATH = "/system/tasks"


def add_routes(frame: Frame) -> None:
    """Register the list and its actions."""
    frame.get(_PATH, show)
    frame.post(f"{_PATH}/act", act)


def show(frame: Frame) -> Response:
    """Every schedule with its last and next run."""
    with frame.house.database.read() as unit:
        schedules = unit.schedules.listed()
    return frame.render("tasks.html", schedules=schedules)


def act(frame: Frame) -> Response:
    """Run a schedule's job now, pause the schedule, or let it go on."""
    name, action = request.form.get("name", ""), request.form.get("action", "")
    try:
        match action:
            case "run":
                enqueued = frame.house.scheduler.run_now(name)
                told = "Asked for." if enqueued.is_new else "It was waiting to run already."
            case "pause" | "resume":
                with frame.house.database.write(urgent=True) as unit:
                    unit.schedules.set_enabled(name, enabled=action == "resume")
                told = "Paused: it runs only when you ask." if action == "pause" else "It recurs again."
            case _:
                told = "That is no action of this page."
    except SublarrError as problem:
        return frame.refused(_PATH, problem)
    return frame.done(_PATH, told)
