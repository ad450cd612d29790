import pytest

from sublarr.bootstrap import open_house
from sublarr.db.repositories.workers import NewWorker
from sublarr.vocabulary.jobs import ExtractSubtitles, JobStatus, PruneHistory


@pytest.fixture
def queued(environment):
    """Three jobs that wait, as another process asked for them."""
    house = open_house(environment)
    with house.database.write() as unit:
        ids = [
            unit.jobs.enqueue(payload).job_id
            for payload in (
                PruneHistory(),
                ExtractSubtitles(file_id=1, file_path="/m/a.mkv"),
                ExtractSubtitles(file_id=2, file_path="/m/b.mkv"),
            )
        ]
    yield ids
    house.close()


def test_jobs_are_listed_by_status_and_kind(run, run_json, queued):
    assert {job["id"] for job in run_json("jobs", "list")["items"]} == set(queued)
    assert run_json("jobs", "list", "--kind", "extract_subtitles")["total"] == 2
    assert run_json("jobs", "list", "--status", "failed", "--status", "completed")["total"] == 0
    assert "a.mkv" in run("jobs", "list").stdout


def test_pages_follow_each_other_to_the_end_without_repeating_a_job(run_json, queued):
    first = run_json("jobs", "list", "--limit", "2")
    assert (len(first["items"]), first["prev"], first["total"]) == (2, None, 3)
    second = run_json("jobs", "list", "--limit", "2", "--cursor", first["next"])
    assert second["next"] is None
    assert {job["id"] for job in first["items"] + second["items"]} == set(queued)


def test_another_lists_cursor_is_refused_rather_than_believed(run, run_json, queued):
    cursor = run_json("jobs", "list", "--limit", "1")["next"]
    assert run("wanted", "--cursor", cursor).exit_code == 2


@pytest.mark.parametrize("limit", ["0", "501", "many"])
def test_an_impossible_limit_is_a_usage_error(run, limit):
    assert run("jobs", "list", "--limit", limit).exit_code == 2


def test_a_job_is_shown_with_its_diary(run, run_json, queued):
    shown = run_json("jobs", "show", queued[1])
    assert shown["title"] == "Extract subtitles: a.mkv"
    assert [line["event"] for line in shown["diary"]] == ["queued"]
    printed = run("jobs", "show", queued[1]).stdout
    assert "Status: queued" in printed
    assert "Failed attempts: 0 of " in printed
    assert "Asked for by: person" in printed


def test_a_job_can_be_held_back_resumed_and_ended(run, run_json, queued):
    for word, status in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        result = run("jobs", word, queued[0])
        assert result.exit_code == 0, result.stderr
        assert run_json("jobs", "show", queued[0])["status"] == status


def test_many_jobs_are_ended_although_one_cannot_be(run, run_json, queued):
    run("jobs", "cancel", queued[0])
    result = run("jobs", "cancel", *queued, "nonsense")
    assert result.exit_code == 1
    assert f"{queued[0]}: the job" in result.stderr
    assert "nonsense: there is no job nonsense" in result.stderr
    assert run_json("jobs", "list", "--status", "cancelled")["total"] == 3


def test_a_failed_job_is_given_a_fresh_start(run, run_json, queued, environment):
    house = open_house(environment)
    with house.database.write() as unit:
        unit.workers.add(NewWorker("w1", "here", 1, "worker", 1, "1.0", ""))
        claim = unit.claims.claim("w1", [PruneHistory.kind])
        unit.claims.fail(claim, "the disk was full", "Trace")
    house.close()
    assert run_json("jobs", "show", queued[0])["error"] == "the disk was full"
    assert run("jobs", "retry", queued[0]).exit_code == 0
    assert run_json("jobs", "show", queued[0])["status"] == JobStatus.QUEUED


def test_a_waiting_job_cannot_be_retried_and_that_is_said(run, queued):
    result = run("jobs", "retry", queued[0])
    assert result.exit_code == 1
    assert "is queued" in result.stderr
