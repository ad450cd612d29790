import threading
from datetime import UTC, datetime, timedelta

import pytest

from sublarr.health import Finding, Health, HealthStatus
from sublarr.health.checks import DEEP_SECONDS
from sublarr.vocabulary.errors import DatabaseUnavailable

OK, DEGRADED, DOWN = HealthStatus.OK, HealthStatus.DEGRADED, HealthStatus.DOWN


class _World:
    """Clocks that stand, and probes that say what they are told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.seconds = 0.0
        self.ready: Finding | Exception = Finding()
        self.deep: Finding | Exception = Finding()
        self.deep_runs = 0
        self.health = Health(
            {"ready": self._ready}, {"deep": self._deep}, lambda: self.now, lambda: self.seconds
        )

    def _ready(self) -> Finding:
        if isinstance(self.ready, Exception):
            raise self.ready
        return self.ready

    def _deep(self) -> Finding:
        self.deep_runs += 1
        if isinstance(self.deep, Exception):
            raise self.deep
        return self.deep

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def world() -> _World:
    return _World()


def test_being_alive_depends_on_nothing(world: _World) -> None:
    world.ready = DatabaseUnavailable("gone")
    assert world.health.live().status is OK


@pytest.mark.parametrize(
    ("ready", "deep", "whole"),
    [(OK, OK, OK), (OK, DEGRADED, DEGRADED), (DOWN, DEGRADED, DOWN), (DEGRADED, DOWN, DOWN)],
)
def test_the_whole_is_as_well_as_its_worst_part(
    world: _World, ready: HealthStatus, deep: HealthStatus, whole: HealthStatus
) -> None:
    world.ready, world.deep = Finding(ready), Finding(deep)
    assert world.health.deep().status is whole
    assert world.health.ready().status is ready


def test_an_error_of_the_house_is_told_with_its_remedy(world: _World) -> None:
    world.ready = DatabaseUnavailable("gone", remedy="Start it.")
    (check,) = world.health.ready().checks
    assert (check.status, check.message, check.remedy) == (DOWN, "gone", "Start it.")


def test_a_probe_that_breaks_does_not_break_the_others(world: _World) -> None:
    world.ready = ZeroDivisionError("oops")
    checks = {check.name: check for check in world.health.deep().checks}
    assert (checks["ready"].status, checks["deep"].status) == (DOWN, OK)
    assert "ZeroDivisionError: oops" in checks["ready"].message


def test_since_is_kept_for_as_long_as_the_state_stands(world: _World) -> None:
    began = world.now
    world.health.ready()
    world.pass_(60)
    world.ready = Finding(OK, "in other words")
    assert world.health.ready().checks[0].since == began
    world.ready = Finding(DEGRADED)
    turned = world.now
    assert world.health.ready().checks[0].since == turned
    world.pass_(60)
    world.ready = Finding(DEGRADED, "worse, but not down")
    assert world.health.ready().checks[0].since == turned


def test_a_thorough_look_is_taken_every_half_minute_however_often_it_is_asked_for(world: _World) -> None:
    first = world.health.deep()
    world.deep = Finding(DOWN)
    world.pass_(DEEP_SECONDS - 0.1)
    assert world.health.deep() is first
    world.pass_(0.2)
    assert world.health.deep().status is DOWN
    assert world.deep_runs == 2


def test_many_who_ask_at_once_share_one_look(world: _World) -> None:
    threads = [threading.Thread(target=world.health.deep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.deep_runs == 1
