"""The notifier against a real socket: what it texts, to whom, how often, and what it never does."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from pathlib import Path

import pytest
import structlog

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier
from airflow_provider_robosms.sms.segments import measure
from tests.notifications.alerts import ALI, SARA, context, notifier
from tests.sensors.portal import KEY

pytestmark = pytest.mark.usefixtures("variables")


class TestWhatIsTexted:
    def test_one_person(self, portal, log):
        notifier(mask="RoboSMS")(context())
        [request] = portal.sent
        assert request == {
            "email": "shop@example.pk",
            "key": KEY,
            "mask": "RoboSMS",
            "to": ALI,
            "message": "Task load failed",
        }
        assert "RoboSMS alert texted to 92300****567 (code 000)." in log.text

    @pytest.mark.parametrize(
        "to",
        [
            [ALI, SARA],
            "0300-1234567, +92 333 7654321",
            "03001234567;03337654321;",
            "03001234567، 03337654321؛",  # as an Urdu keyboard writes them
            "03001234567\n03337654321\n",
            ["03001234567", "923001234567", "03337654321"],
        ],
    )
    def test_several_people_get_it_in_one_request(self, portal, to):
        notifier(to)(context())
        [request] = portal.sent
        assert (request["to"], request["multiple"]) == (f"{ALI},{SARA}", "1")

    def test_numbers_from_a_param_or_a_variable(self, portal, monkeypatch):
        monkeypatch.setenv("AIRFLOW_VAR_ROBOSMS_ALERT_NUMBERS", "0333 7654321")
        to = "{{ params.to or var.value.get('robosms_alert_numbers', '') }}"
        notifier(to)(context())
        notifier(to)({**context(), "params": {"to": ""}})
        # A deadline, and a DAG without a task, bring neither params nor var.
        notifier(to, "Deadline of {{ dag_run.dag_id }}")({"dag_run": {"dag_id": "sales"}, "deadline": {"id": "1"}})
        assert [(sent["to"], sent["message"]) for sent in portal.sent] == [
            (ALI, "Task load failed"),
            (SARA, "Task load failed"),
            (SARA, "Deadline of sales"),
        ]

    @pytest.mark.parametrize(
        ("text", "segments", "expected"),
        [
            ("x" * 400, 1, "x" * 157 + "..."),
            ("x" * 400, 2, "x" * 303 + "..."),
            ("ناکام " * 40, 1, None),
            ("👩‍👩‍👧‍👦" * 30, 1, None),
        ],
    )
    def test_a_long_text_is_shortened(self, portal, text, segments, expected):
        notifier(message=text, max_segments=segments)(context())
        message = portal.sent[0]["message"]
        assert measure(message).parts == segments
        assert message.endswith("...")
        assert expected in (None, message)
        if "👩" in text:
            assert set(message.removesuffix("...").split("👩‍👩‍👧‍👦")) == {""}  # whole families only

    @pytest.mark.parametrize("segments", [1, 2, 3])
    def test_a_long_urdu_text_is_cut_between_characters(self, portal, segments):
        """Letters with their vowel signs stay whole, wherever the limit falls: each start moves it by one unit."""
        word = "مُحَمَّدؐ"  # eight marks on five letters
        for start in range(len(word)):
            text = "ا" * start + f"{word} " * 60
            notifier(message=text, max_segments=segments, min_interval=0)(context())
            message = portal.sent[-1]["message"]
            kept = message.removesuffix("...")
            assert message != kept
            assert text.startswith(kept)
            assert unicodedata.category(text[len(kept)])[0] != "M"
            assert measure(message).parts == segments
            longest = {1: 70, 2: 134, 3: 201}[segments]
            assert longest - 5 < len(message) <= longest  # no more is given away than one letter with its marks

    @pytest.mark.parametrize("to", [923001234567, (923001234567, None), [923001234567.0]])
    def test_numbers_that_native_rendering_has_made_of_text(self, portal, to):
        notifier(to)(context())
        assert [sent["to"] for sent in portal.sent] == [ALI]

    def test_a_number_that_the_portal_refuses_does_not_keep_it_from_the_others(self, portal, log):
        portal.send_codes = ["215", "215", "000"]
        notifier([ALI, SARA])(context())
        assert [sent["to"] for sent in portal.sent] == [f"{ALI},{SARA}", ALI, SARA]
        assert "RoboSMS alert to 92300****567: not sent: invalid number format" in log.text
        assert "RoboSMS alert texted to 92333****321 (code 000)." in log.text

    def test_a_bad_number_does_not_keep_it_from_the_others(self, portal, log):
        notifier(["12", "042-35761999", SARA])(context())
        assert [sent["to"] for sent in portal.sent] == [SARA]
        assert log.text.count("leaves out one of its numbers") == 2
        assert "35761999" not in log.text

    @pytest.mark.parametrize(
        ("parameters", "reason"),
        [
            ({"to": ""}, "there is no number"),
            ({"to": ["x"]}, "there is no number"),
            ({"message": "{{ params.nothing }}"}, "its text is blank"),
        ],
    )
    def test_nothing_to_text_is_one_line(self, portal, log, parameters, reason):
        notifier(**{"to": ALI, **parameters})(context())
        assert portal.sent == []
        assert f"No RoboSMS alert is texted: {reason}." in log.text

    def test_one_notifier_serves_many_tasks(self, portal):
        one = notifier(dedup_key="{{ ti.task_id }}")
        one(context("a"))
        one(context("b"))
        assert [sent["message"] for sent in portal.sent] == ["Task a failed", "Task b failed"]

    def test_async(self, portal):
        async def deadline() -> None:
            await RoboSmsNotifier(
                to=ALI, message="Late: {{ dag_run.dag_id }}", context={"dag_run": {"dag_id": "sales"}}
            )

        asyncio.run(deadline())
        assert portal.sent[0]["message"] == "Late: sales"

    def test_as_airflow_runs_deadline_callbacks(self, portal):
        from airflow.sdk import AsyncCallback, SyncCallback
        from airflow.sdk.execution_time.callback_supervisor import execute_callback
        from airflow.triggers.callback import CallbackTrigger

        parameters = {"to": ALI, "message": "Late: {{ dag_run.dag_id }}", "min_interval": 0}
        with_context = {**parameters, "context": {"dag_run": {"dag_id": "sales"}, "deadline": {}}}
        callback = AsyncCallback(RoboSmsNotifier, kwargs=parameters)

        async def triggerer() -> list[str]:
            return [event.payload["state"] async for event in CallbackTrigger(callback.path, dict(with_context)).run()]

        assert asyncio.run(triggerer()) == ["running", "success"]
        callback = SyncCallback(RoboSmsNotifier, kwargs=parameters)
        assert execute_callback(callback.path, with_context, "", None, structlog.get_logger()) == (True, None)
        assert [sent["message"] for sent in portal.sent] == ["Late: sales"] * 2


class TestItsOwnFailures:
    @pytest.mark.parametrize(
        ("parameters", "line"),
        [
            ({"robosms_conn_id": "nowhere"}, "Connection 'nowhere' does not exist: create it with the type RoboSMS."),
            ({"to": "{{ var.value.nobody_set_this }}"}, "Variable nobody_set_this not found"),
            ({"to": "{{ nonsense( }}"}, "TemplateSyntaxError"),
        ],
    )
    @pytest.mark.parametrize("how", ["sync", "async"])
    def test_are_one_line_and_raise_nothing(self, portal, log, parameters, line, how):
        one = notifier(**{"to": ALI, **parameters}, context=context())
        if how == "sync":
            one(context())
        else:

            async def deadline() -> None:
                await one

            asyncio.run(deadline())
        assert portal.sent == []
        [shown] = [text for text in log.text.splitlines() if "was not texted" in text]
        assert line in shown
        assert "Traceback" not in log.text

    def test_without_a_mask(self, portal, monkeypatch, log):
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection(mask=""))
        notifier()(context())
        assert "was not texted: No sender mask is set" in log.text
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        notifier()(context())  # the first one counts for nothing
        assert len(portal.sent) == 1

    def test_a_text_that_cannot_be_rendered_is_still_an_alert(self, portal, log):
        notifier(message="{{ ti.no.such.thing }}")(context())
        assert portal.sent[0]["message"] == "Airflow: an alert of DAG sales has a text that cannot be rendered."
        assert "The alert's text could not be rendered: UndefinedError" in log.text

    def test_what_was_certainly_not_sent_is_tried_three_times(self, portal, log):
        portal.send_codes = ["101", "101"]
        notifier()(context())
        assert len(portal.sent) == 3
        portal.send_codes = ["101"] * 3
        notifier(SARA)(context())
        assert len(portal.sent) == 6
        assert "RoboSMS alert to 92333****321: not sent: sending failed (code 101)." in log.text
        notifier(SARA)(context())  # the next alert may try
        assert len(portal.sent) == 7

    @pytest.mark.parametrize("code", ["201", "202", "203", "205", "212"])
    def test_what_may_have_been_sent_or_cannot_help_is_tried_once(self, portal, log, code):
        portal.send_codes = [code]
        notifier()(context())
        assert len(portal.sent) == 1
        assert f"(code {code})" in log.text
        notifier()(context())
        assert len(portal.sent) == (1 if code == "201" else 2)  # not sent for sure: the next alert may go

    def test_no_number_and_no_key_in_any_log(self, portal, log, variables):
        portal.send_codes = ["101", "000"]
        for to in ([ALI, SARA], ALI, "{{ bad( }}", "0300123456712345"):
            notifier(to)(context())
        notifier(robosms_conn_id="call 0300 1234567")(context())
        text = log.text + repr(variables.values())
        text += "".join(file.read_bytes().decode("latin-1") for file in Path(os.environ["AIRFLOW_HOME"]).iterdir())
        assert "92300****567" in text
        for secret in (ALI, SARA, "3001234567", "300 1234567", KEY):
            assert secret not in text


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"max_segments": 0}, "max_segments must be a whole number from 1 to 10, not 0."),
        ({"max_segments": "two"}, "max_segments must be a whole number from 1 to 10, not 'two'."),
        ({"min_interval": -1}, "min_interval must be a timedelta or seconds from 0 to 10,000,000, not -1."),
        ({"min_interval": "10 min"}, "min_interval must be a timedelta or seconds from 0 to 10,000,000, not '10 min'."),
        ({"min_interval": float("nan")}, "min_interval must be a timedelta or seconds from 0 to 10,000,000, not nan."),
    ],
)
def test_bad_parameters_are_one_sentence_when_the_dag_is_parsed(parameters, sentence):
    with pytest.raises(RoboSmsError) as error:
        notifier(**parameters)
    assert str(error.value) == sentence
