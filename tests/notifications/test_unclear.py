"""What is not clearly understood, in an alert: an alert is not lost, and what is no text is not texted."""

from __future__ import annotations

import json

import pytest
from airflow.sdk import DAG

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.notifications import claims
from tests.notifications.alerts import ALI, context, notifier

pytestmark = pytest.mark.usefixtures("variables")
NO_TEXT = "Airflow: an alert of DAG sales has no text."


def native() -> DAG:
    return DAG("sales", schedule=None, render_template_as_native_obj=True)


def own_context(value: object, dag: DAG | None = None) -> dict:
    return {**context(), "value": value, **({"dag": dag} if dag else {})}


@pytest.mark.parametrize("value", [None, {"text": "Hello"}, ["Hello"], float("nan"), object()])
@pytest.mark.parametrize("dag", [None, native()], ids=["text", "native"])
def test_an_alert_whose_text_is_none_says_that_it_is_one(portal, log, value, dag):
    notifier(message="{{ value }}")(own_context(value, dag))
    assert [sent["message"] for sent in portal.sent] == [NO_TEXT]
    assert "Hello" not in log.text


@pytest.mark.parametrize("message", ["\u200b\u200d", " \n", "\u3164", ""])
def test_a_text_that_shows_nothing_is_not_paid_for(portal, log, message):
    notifier(message=message)(context())
    assert portal.sent == []
    assert "No RoboSMS alert is texted: its text is blank." in log.text


def test_half_a_character_does_not_lose_the_alert(portal):
    notifier(message="no file {{ value }}")(own_context("caf\udce9.csv"))
    assert [sent["message"] for sent in portal.sent] == ["no file caf?.csv"]


@pytest.mark.parametrize("to", [None, "None", {"Ali": ALI}, {ALI: "Ali"}, b"923001234567", True, [], [None, "", "nan"]])
def test_to_nobody_in_particular(portal, log, to):
    notifier(to)(context())
    assert portal.sent == []
    assert "No RoboSMS alert is texted: there is no number." in log.text
    assert "cell" not in log.text


@pytest.mark.parametrize(
    "value", [None, "", " ", "\u200b", float("nan"), "NaN", False, True, 0, {}, [], "-", "Loading...", "#N/A"]
)
@pytest.mark.parametrize("dag", [None, native()], ids=["text", "native"])
def test_a_key_that_nothing_was_given_for_hides_no_other_alert(portal, value, dag):
    for message in ("Stock is empty", "Till is open"):
        notifier(message=message, dedup_key="{{ value }}")(own_context(value, dag))
    assert [sent["message"] for sent in portal.sent] == ["Stock is empty", "Till is open"]


def test_a_key_that_cannot_be_written_loses_no_alert(portal, log):
    notifier(message="Stock is empty", dedup_key="{{ value }}")(own_context(10**5000, native()))
    assert len(portal.sent) == 1
    assert "dedup_key came out as a value that cannot identify an alert" in log.text


def test_a_key_that_is_another_text_each_time_does_not_text_each_time(portal, log):
    for _ in range(3):
        notifier(message="Stock is empty", dedup_key="{{ value }}")(own_context(object()))
    assert len(portal.sent) == 1
    assert "dedup_key came out as a value that cannot identify an alert" in log.text


@pytest.mark.parametrize("value", [None, "", "None", float("nan")])
def test_a_mask_that_nothing_was_given_for_is_the_connections(portal, value):
    notifier(mask="{{ value }}")(own_context(value))
    assert [sent["mask"] for sent in portal.sent] == ["SMS-ALERT"]


def test_secrets_do_not_leave_by_sms(portal):
    failure = RuntimeError("could not connect to postgresql://ali:hunter2secret@db/sales")
    notifier(message="failed: {{ exception }}")({**context(), "exception": failure})
    assert [sent["message"] for sent in portal.sent] == ["failed: could not connect to postgresql://***@db/sales"]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"max_segments": True}, "max_segments must be a whole number from 1 to 10, not True."),
        ({"max_segments": 10**6}, "max_segments must be a whole number from 1 to 10, not a number of 7 characters."),
        ({"max_segments": "None"}, "max_segments must be a whole number from 1 to 10, not 'None'."),
        ({"min_interval": None}, "min_interval must be a timedelta or seconds from 0 to 10,000,000, not None."),
        ({"min_interval": float("inf")}, "min_interval must be a timedelta or seconds from 0 to 10,000,000, not inf."),
        ({"min_interval": True}, "min_interval must be a timedelta or seconds from 0 to 10,000,000, not True."),
    ],
)
def test_parameters_are_one_sentence(parameters, sentence):
    with pytest.raises(RoboSmsError) as error:
        notifier(**parameters)
    assert str(error.value) == sentence


def test_settings_as_text(portal):
    notifier(message="x" * 400, max_segments="2", min_interval="600")(context())
    assert len(portal.sent[0]["message"]) == 306


# What the Variables hold.


@pytest.fixture
def another_machine(monkeypatch, tmp_path):
    """The Variables alone decide."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "does not exist"))


@pytest.mark.usefixtures("another_machine")
def test_the_variables_do_not_grow_with_the_alerts(variables, monkeypatch):
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 0)
    clock = 1_000_000.0
    for number in range(600):
        clock += 60
        assert claims.Claim(600)._take_everywhere([f"{number * 2654435761 % 2**32:08x}"], clock)
    values = variables.values()
    assert len(values) <= 256
    assert sum(len(json.loads(value)) for value in values.values()) < 512


def test_alerts_of_one_variable_do_not_forget_each_other(variables):
    assert claims.Claim(600)._take_everywhere(["aa1", "aa2", "ab1"], 1000.0) == {"aa1", "aa2", "ab1"}
    assert claims.Claim(600)._take_everywhere(["aa3", "aa1"], 1001.0) == {"aa3"}
    assert claims.Claim(600)._take_everywhere(["aa1", "aa2", "aa3", "ab1"], 1002.0) == set()
    assert claims.Claim(600)._take_everywhere(["aa1"], 1700.0) == {"aa1"}


def test_withdrawing_one_leaves_the_others(variables):
    one, other = claims.Claim(600), claims.Claim(600)
    one.take(["aa1", "aa2"])
    one.end({"aa2": True})
    other.take(["aa1", "aa2"])
    assert other.held == {"aa1"}
    other.end({})
    one.held = {"aa2"}
    one.end({})
    assert variables.values() == {}


def test_a_claim_that_another_alert_has_overwritten_is_entered_again(variables, monkeypatch):
    overwritten: list[str] = []

    def sleep(_: float) -> None:
        if not overwritten:  # another alert, which had read the Variable before ours was in it
            overwritten.append("once")
            variables.set("robosms_alert_aa", json.dumps({"aa9": {"at": 1000.0, "for": 600, "by": "other"}}), "")

    monkeypatch.setattr(claims.time, "sleep", sleep)
    assert claims.Claim(600)._take_everywhere(["aa1"], 1000.0) == {"aa1"}
    assert set(json.loads(variables.values()["robosms_alert_aa"])) == {"aa1", "aa9"}


@pytest.mark.parametrize(
    "note", ["[]", "5", '{"aa1": 5}', '{"aa1": {"at": "yesterday"}}', '{"aa2": {"for": "x"}}', "{", "null"]
)
def test_what_somebody_wrote_into_a_variable(variables, note):
    variables.set("robosms_alert_aa", note, "")
    assert claims.Claim(600)._take_everywhere(["aa1"], 1000.0) == {"aa1"}
