import json
import re
import sqlite3

from sublarr.db.schema import HEAD


def test_looking_at_a_database_that_is_not_there_makes_none(run, tmp_path):
    result = run("db", "status", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["condition"] == "empty"
    assert "sublarr db upgrade" in result.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["config"]


def test_the_schema_is_made_once_and_found_again(run):
    assert f"revision {HEAD} now" in run("db", "upgrade").stdout
    assert f"revision {HEAD} already" in run("db", "upgrade").stdout
    result = run("db", "status")
    assert result.exit_code == 0
    assert "Condition: current" in result.stdout


def test_the_pool_and_the_values_really_in_force_are_told(run, environment):
    environment |= {
        "SUBLARR_DB_POOL_SIZE": "3",
        "SUBLARR_DB_POOL_MAX_OVERFLOW": "4",
        "SUBLARR_DB_POOL_RECYCLE": "600",
    }
    run("db", "upgrade")
    told = json.loads(run("db", "status", "--json").stdout)
    values, pool = told["values_in_force"], told["pool"]
    text = run("db", "status").stdout
    if told["dialect"] == "sqlite":
        assert (values["write"]["journal_mode"], values["read"]["query_only"]) == ("wal", "on")
        assert (pool["size"], pool["max_overflow"]) == (16, None)
        assert re.search(r"^query_only +off +on$", text, re.MULTILINE)
    else:
        assert (values["write"]["TimeZone"], values["read"]["transaction_read_only"]) == ("UTC", "on")
        assert (pool["size"], pool["max_overflow"], pool["recycle_seconds"]) == (3, 4, 600)
        assert "Pool: 3 connections a process keeps, up to 4 more" in text
        assert re.search(r"^transaction_read_only +off +on$", text, re.MULTILINE)


def test_the_databases_password_is_not_shown(run, environment):
    environment["SUBLARR_DATABASE_URL"] = "postgresql://somebody:pa55word@127.0.0.1:1/nothing"
    result = run("db", "status")
    assert result.exit_code == 1
    assert "pa55word" not in result.output


def test_somebody_elses_database_is_left_as_it_is(run, environment, tmp_path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    environment["SUBLARR_DATABASE_URL"] = f"sqlite:///{path}"
    assert run("db", "status").exit_code == 1
    upgrade = run("db", "upgrade")
    assert upgrade.exit_code == 1
    assert "not one of this Sublarr's" in upgrade.stderr
    assert path.read_bytes() == before


def test_the_state_tells_whether_the_replica_answers(run, environment, replicated, replicated_urls):
    environment["SUBLARR_DATABASE_URL"], environment["SUBLARR_DATABASE_REPLICA_URL"] = replicated_urls
    replicated.catch_up()
    result = run("db", "status")
    assert result.exit_code == 0
    assert "Replica: answers reads" in result.stdout


def test_a_replica_that_is_down_is_told_of_without_its_password(run, environment, replicated_urls):
    environment["SUBLARR_DATABASE_URL"] = replicated_urls[0]
    environment["SUBLARR_DATABASE_REPLICA_URL"] = "postgresql://somebody:pa55word@127.0.0.1:1/nothing"
    result = run("db", "status", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["replica"].startswith("passed over: the database cannot be reached")
    assert "pa55word" not in result.output
