import json

import pytest

from sublarr.health import Check, Health, HealthStatus, Report


def test_a_house_without_a_worker_is_degraded_which_is_no_failure(run):
    result = run("health")
    assert result.exit_code == 0
    assert "no worker runs jobs" in result.stdout
    assert "degraded" in result.stderr


def test_a_deep_look_tells_more(run_json):
    shallow = {check["name"] for check in run_json("health")["checks"]}
    deep = {check["name"] for check in run_json("health", "--deep")["checks"]}
    assert shallow < deep


@pytest.mark.parametrize(("status", "code"), [(HealthStatus.OK, 0), (HealthStatus.DOWN, 1)])
def test_a_house_that_is_down_fails_a_container_check(run, monkeypatch, status, code):
    report = Report(status, (Check("disk", status, "the disk is gone", "Bring it back.", None),))
    monkeypatch.setattr(Health, "ready", lambda self: report)
    result = run("health", "--json")
    assert result.exit_code == code
    assert json.loads(result.stdout)["checks"][0]["remedy"] == "Bring it back."
    assert status in result.stderr
