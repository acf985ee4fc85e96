"""The notifier against a real socket: what it texts, to whom, how often, and what it never does."""

from __future__ import annotations

import asyncio
import json
import logging
import multiprocessing
import os
import sqlite3
import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from airflow_provider_robosms.gateway.protocol import RoboSmsError
from airflow_provider_robosms.notifications import claims
from airflow_provider_robosms.notifications import robosms as module
from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier
from airflow_provider_robosms.sms.segments import measure
from tests.notifications.variables import FileVariables
from tests.sensors.portal import KEY, Portal

ALI, SARA = "923001234567", "923337654321"


@pytest.fixture(autouse=True)
def variables(monkeypatch, tmp_path) -> FileVariables:
    (tmp_path / "home").mkdir()
    (tmp_path / "variables").mkdir()
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 0.01)
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.01))
    fake = FileVariables(tmp_path / "variables")
    monkeypatch.setattr(claims, "Variable", fake)
    return fake


@pytest.fixture
def portal(monkeypatch):
    with Portal() as portal:
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        yield portal


def context(task_id: str = "load", dag_id: str = "sales") -> dict:
    ti = SimpleNamespace(task_id=task_id, dag_id=dag_id)
    return {"ti": ti, "dag_run": SimpleNamespace(dag_id=dag_id, run_id="r1"), "params": {"to": "0300 1234567"}}


def notifier(to=ALI, message="Task {{ ti.task_id }} failed", **parameters) -> RoboSmsNotifier:
    return RoboSmsNotifier(to, message, **parameters)


class Log:
    """Everything that a person could read: Airflow's loggers write to the terminal, the others to logging."""

    def __init__(self, capfd, caplog) -> None:
        caplog.set_level(logging.DEBUG)
        self._capfd, self._caplog = capfd, caplog
        self._terminal = ""

    @property
    def text(self) -> str:
        self._terminal += "".join(self._capfd.readouterr())
        return self._terminal + self._caplog.text


@pytest.fixture
def log(capfd, caplog) -> Log:
    return Log(capfd, caplog)


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
            ({"robosms_conn_id": "nowhere"}, "AirflowNotFoundException: The conn_id `nowhere` isn't defined"),
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
        # Not sent for sure, by the account's fault: the next alert may go. The others: no.
        assert len(portal.sent) == (2 if code in ("203", "205", "212") else 1)

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


class TestOncePerInterval:
    def test_the_same_alert_to_the_same_person_goes_once(self, portal, log):
        for task in range(5):
            notifier()(context(f"task_{task}"))
        assert [sent["message"] for sent in portal.sent] == ["Task task_0 failed"]
        suppressed = "RoboSMS alert to 92300****567 suppressed: the same one went out in the last 600 s (min_interval)."
        assert log.text.count(suppressed) == 4

    def test_each_alert_without_an_interval(self, portal, variables):
        for task in range(5):
            notifier(min_interval=0)(context(f"task_{task}"))
        assert len(portal.sent) == 5
        assert variables.calls == []

    @pytest.mark.parametrize("interval", [0.3, timedelta(seconds=0.3)])
    def test_again_after_the_interval(self, portal, interval):
        one = notifier(min_interval=interval)
        one(context())
        one(context())
        time.sleep(0.35)
        one(context())
        assert len(portal.sent) == 2

    def test_what_makes_an_alert_another_one(self, portal):
        notifier()(context())
        notifier(SARA)(context())
        notifier(message="Other {{ ti.task_id }}")(context())
        notifier(mask="RoboSMS")(context())
        notifier()(context(dag_id="stock"))
        assert len(portal.sent) == 5
        notifier([ALI, SARA])(context())
        assert len(portal.sent) == 5

    def test_a_person_who_has_not_got_it_gets_it(self, portal):
        notifier(ALI)(context())
        notifier([ALI, SARA])(context())
        assert [sent["to"] for sent in portal.sent] == [ALI, SARA]

    def test_a_key_of_ones_own(self, portal):
        per_task = "{{ ti.task_id }}"
        for task, dag in (("a", "x"), ("b", "x"), ("a", "x"), ("a", "y")):
            notifier(dedup_key=per_task)(context(task, dag))
        assert [sent["message"] for sent in portal.sent] == ["Task a failed", "Task b failed"]

    def test_the_variable_holds_a_time_and_nothing_personal(self, portal, variables):
        notifier()(context())
        [(name, value)] = variables.values().items()
        assert name.startswith("robosms_alert_")
        assert set(json.loads(value)) == {"at", "by"}
        assert ALI not in name + value

    def test_another_machine_knows_it_by_the_variable(self, portal, variables, monkeypatch, tmp_path):
        notifier()(context())
        (tmp_path / "other home").mkdir()
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "other home"))
        notifier()(context())
        assert len(portal.sent) == 1

    def test_without_variables_the_machine_counts_alone(self, portal, variables, log):
        variables.down = True
        notifier()(context())
        notifier()(context())
        assert len(portal.sent) == 1
        assert "Alerts are counted on this machine only (ConnectionError)." in log.text

    def test_without_a_home_the_variables_count_alone(self, portal, monkeypatch, tmp_path, log):
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "does not exist"))
        notifier()(context())
        notifier()(context())
        assert len(portal.sent) == 1
        assert "Alerts are not counted on this machine (FileNotFoundError)" in log.text

    def test_without_either_the_alert_goes_out(self, portal, variables, monkeypatch, tmp_path):
        variables.down = True
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "does not exist"))
        notifier()(context())
        notifier()(context())
        assert len(portal.sent) == 2

    def test_a_damaged_database_and_a_foreign_variable(self, portal, variables, tmp_path):
        (tmp_path / "home" / "robosms_alerts.sqlite3").write_bytes(b"not a database" * 100)
        notifier()(context())
        [name] = variables.values()
        variables.set(name, "somebody's text", description="")
        notifier()(context())
        assert len(portal.sent) == 2

    def test_the_database_is_private_and_forgets(self, portal, tmp_path):
        path = tmp_path / "home" / "robosms_alerts.sqlite3"
        notifier()(context())
        assert path.stat().st_mode & 0o777 == 0o600
        with sqlite3.connect(path) as database:
            database.execute("UPDATE claim SET at = at - ?", (claims.KEEP_SECONDS + 1,))
        database.close()
        notifier(SARA)(context())
        with sqlite3.connect(path) as database:
            assert database.execute("SELECT count(*) FROM claim").fetchone() == (1,)
        database.close()

    def test_a_clock_that_was_wrong_suppresses_nothing_for_long(self, portal, tmp_path):
        notifier()(context())
        with sqlite3.connect(tmp_path / "home" / "robosms_alerts.sqlite3") as database:
            database.execute("UPDATE claim SET at = at + 86400")
        database.close()
        for file in (tmp_path / "variables").iterdir():
            file.unlink()
        notifier()(context())
        assert len(portal.sent) == 2


def _fail(home: str, number: int, start) -> None:
    """One task process whose callback fires."""
    os.environ["AIRFLOW_HOME"] = home
    start.wait()
    notifier(min_interval=600)(context(f"task_{number}"))


def test_two_machines_that_both_found_no_claim(variables, monkeypatch):
    """The race that a Variable leaves open: both have looked before either has written."""
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 1.0)
    both_have_looked = threading.Barrier(2)
    get, put = variables.get, variables.set
    looked: set[int] = set()

    def slow_get(key: str, default: str) -> str:
        value = get(key, default)
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            both_have_looked.wait()
        return value

    def slow_set(key: str, value: str, description: str) -> None:
        if threading.current_thread().name.endswith("_1"):
            time.sleep(0.4)
        put(key, value, description)

    variables.get, variables.set = slow_get, slow_set
    with ThreadPoolExecutor(2, thread_name_prefix="machine") as pool:
        won = list(pool.map(lambda _: claims._claim_everywhere({"alert"}, 600, time.time()), range(2)))
    assert sorted(map(len, won)) == [0, 1]


@pytest.mark.parametrize(
    ("machines", "with_variables", "expected"),
    [(1, False, 1), (100, True, 1), (3, True, 1), (3, False, 3)],
    ids=["one machine", "a pod each", "three machines", "three machines without Variables"],
)
def test_a_hundred_processes_fail_at_once(portal, variables, monkeypatch, tmp_path, machines, with_variables, expected):
    """A hundred processes at once; *machines* folders that they share."""
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 2.0)
    variables.slowest = 0.3
    variables.down = not with_variables
    homes = [tmp_path / f"machine {number}" for number in range(machines)]
    for home in homes:
        home.mkdir()
    fork = multiprocessing.get_context("fork")
    start = fork.Event()
    processes = [
        fork.Process(target=_fail, args=(str(homes[number % machines]), number, start)) for number in range(100)
    ]
    for process in processes:
        process.start()
    start.set()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    print(f"{len(processes)} processes on {machines} machines: {len(portal.sent)} texts")
    assert len(portal.sent) == expected


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"max_segments": 0}, "max_segments must be a whole number from 1, not 0."),
        ({"max_segments": "2"}, "max_segments must be a whole number from 1, not '2'."),
        ({"min_interval": -1}, "min_interval must be a timedelta or seconds from 0, not -1."),
        ({"min_interval": "10 min"}, "min_interval must be a timedelta or seconds from 0, not '10 min'."),
        ({"min_interval": float("nan")}, "min_interval must be a timedelta or seconds from 0, not nan."),
    ],
)
def test_bad_parameters_are_one_sentence_when_the_dag_is_parsed(parameters, sentence):
    with pytest.raises(RoboSmsError) as error:
        notifier(**parameters)
    assert str(error.value) == sentence
