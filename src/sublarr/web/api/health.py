"""Is it well? In one word for anyone, in detail for those with a key."""

from datetime import datetime
from http import HTTPStatus

from flask import Response

from sublarr.bootstrap import House
from sublarr.health import HealthStatus, Report
from sublarr.web.api.shapes import Shape, present
from sublarr.web.routes import Routes

routes = Routes("health", "Whether Sublarr works, and what it needs from a person")


class BareHealth(Shape):
    """One word: ok, degraded (works, with something missing) or down."""

    status: HealthStatus


class CheckShape(Shape):
    """One thing that was looked at."""

    name: str
    status: HealthStatus
    message: str
    remedy: str
    since: datetime | None


class DetailedHealth(Shape):
    """Everything that was looked at; the worst of it is the status."""

    status: HealthStatus
    checks: list[CheckShape]


@routes.get("/health", BareHealth)
def show_health(house: House) -> Response:
    """Whether the process answers. Needs no key."""
    return bare(house.health.live())


@routes.get("/health/detailed", DetailedHealth)
def show_detailed_health(house: House) -> DetailedHealth:
    """Every check, looked at no more than twice a minute."""
    return present(DetailedHealth, house.health.deep())


def bare(report: Report) -> Response:
    """The report in one word, with 503 where that is "down"."""
    is_down = report.status is HealthStatus.DOWN
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_down else HTTPStatus.OK
    body = BareHealth(status=report.status).model_dump_json()
    return Response(body, status, mimetype="application/json")
