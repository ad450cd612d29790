import pytest

from sublarr.bootstrap import open_house
from sublarr.settings import load_settings


def test_every_setting_is_listed_with_where_it_comes_from(run_json, environment):
    items = run_json("config", "show")["items"]
    assert {item["name"] for item in items} == {
        info.name for info in load_settings({"SUBLARR_CONFIG_DIR": "/c"}).describe()
    }
    assert {item["origin"] for item in items if item["name"] == "target_language"} == {"environment"}


@pytest.mark.parametrize("name", ["target_language", "SUBLARR_TARGET_LANGUAGE"])
def test_a_value_is_saved_shown_and_forgotten_again(run, run_json, name):
    assert run("config", "set", name, "German").exit_code == 0
    setting = run_json("config", "show", name)
    assert (setting["value"], setting["origin"]) == ("de", "saved")
    assert run("config", "unset", name).exit_code == 0
    assert run_json("config", "show", name)["value"] == "fr"
    assert run("config", "unset", name).exit_code == 1


def test_forgetting_what_is_not_saved_is_said_in_plain_words(run):
    result = run("config", "unset", "nosuch")
    assert result.exit_code == 1
    assert "no value is saved for nosuch" in result.stderr
    assert "<" not in result.stderr


def test_a_negative_number_is_a_value_and_no_option(run):
    result = run("config", "set", "cache_ttl", "-5")
    assert result.exit_code == 2
    assert "No such option" not in result.stderr
    assert "cache_ttl" in result.stderr.lower()


def test_a_secret_is_read_from_standard_input_and_never_shown(run):
    assert run("config", "set", "api_key", "-", input="s3cret-key\n").exit_code == 0
    shown = run("config", "show", "api_key")
    assert "Value: ***" in shown.stdout
    assert "s3cret-key" not in run("config", "show", "--json").output


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("log_level", "loud", "one of DEBUG"),
        ("port", "80", "environment only"),
        ("nonsense", "1", "no setting"),
    ],
)
def test_what_cannot_be_saved_is_refused_with_the_reason(run, name, value, why):
    result = run("config", "set", name, value)
    assert result.exit_code == 2
    assert why in result.stderr


def test_a_saved_value_that_keeps_sublarr_from_starting_can_be_taken_back(run, environment):
    house = open_house(environment)
    with house.database.write() as unit:
        unit.config.save("log_level", "INFO")
        # What another version of the program found acceptable, this one would not save.
        unit.connection.exec_driver_sql("UPDATE config_entries SET value = 'loud' WHERE key = 'log_level'")
    house.close()
    stuck = run("wanted")
    assert stuck.exit_code == 2
    assert "sublarr config unset" in stuck.stderr
    assert run("config", "unset", "log_level").exit_code == 0
    assert run("wanted").exit_code == 0


def test_a_setting_that_does_not_exist_is_said(run):
    result = run("config", "show", "nonsense")
    assert result.exit_code == 1
    assert "there is no setting nonsense" in result.stderr
