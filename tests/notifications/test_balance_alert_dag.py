"""What somebody types into the form of robosms_balance_alert is data: it is never rendered as a template."""

from __future__ import annotations

import importlib.util
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowTaskTimeout

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.gateway.client import GatewayClient
from tests.notifications.alerts import ALI, SARA, context
from tests.sensors.portal import KEY

pytestmark = pytest.mark.usefixtures("variables")
FILE = Path(__file__).parents[2] / "dags" / "robosms_balance_alert.py"
BALANCE = {"balance": "12.50", "rate": "0.50", "messages": 25, "username": "shop"}
LOW = "RoboSMS balance is low: 12.50, enough for 25 message parts. Please top up."


class Secrets:
    """Stands for the connections that a template could read."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.asked.append(name)
        raise AssertionError("a template has read a connection")


@pytest.fixture
def dag_file() -> ModuleType:
    spec = importlib.util.spec_from_file_location("balance_alert_under_test", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tell(
    dag_file: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    secrets: Secrets | None = None,
    balance: dict[str, Any] | None = None,
    try_number: int = 1,
    **params: str,
) -> None:
    filled = {"alert_to": "", "robosms_conn_id": "robosms_default", "min_messages": 500, **params}
    monkeypatch.setattr(
        dag_file, "get_current_context", lambda: {**context(try_number=try_number), "params": filled, "conn": secrets}
    )
    dag_file.dag.get_task("alert").python_callable(balance or BALANCE)


def test_numbers_of_the_form_or_the_variable(portal, dag_file, monkeypatch):
    monkeypatch.setenv("AIRFLOW_VAR_ROBOSMS_ALERT_NUMBERS", SARA)
    tell(dag_file, monkeypatch, alert_to="0300 1234567")
    tell(dag_file, monkeypatch)
    assert [(sent["to"], sent["message"]) for sent in portal.sent] == [(ALI, LOW), (SARA, LOW)]


@pytest.mark.parametrize("blank", [" ", "\u200b", None, "\n"])
def test_what_cannot_be_seen_does_not_hide_the_variable(portal, dag_file, monkeypatch, blank):
    monkeypatch.setenv("AIRFLOW_VAR_ROBOSMS_ALERT_NUMBERS", SARA)
    tell(dag_file, monkeypatch, alert_to=blank)
    assert [sent["to"] for sent in portal.sent] == [SARA]


@pytest.mark.parametrize(
    "typed",
    ["0300-1234567 0321-7654321", "None", "False", "nan", "Ali", "+1 212 555 0100"],
)
def test_numbers_that_cannot_be_read_fail_the_task(portal, dag_file, monkeypatch, typed):
    """The balance would run out, and nobody would hear of it."""
    with pytest.raises(RoboSmsError, match="leaves out one of its numbers"):
        tell(dag_file, monkeypatch, alert_to=typed)
    assert portal.sent == []


@pytest.mark.parametrize("code", ["203", "101", "215", "999"])
def test_an_alert_that_was_not_taken_fails_the_task(portal, dag_file, monkeypatch, code):
    portal.send_codes = [code] * 5
    with pytest.raises(RoboSmsError, match=r"Not everybody was told: RoboSMS alert to 92300\*\*\*\*567: "):
        tell(dag_file, monkeypatch, alert_to=ALI)


@pytest.mark.parametrize(("code", "posts"), [("999", 1), ("202", 2), ("215", 2), ("101", 4), ("203", 2)])
def test_a_retry_knows_that_it_does_not_know(portal, dag_file, monkeypatch, code, posts):
    """What may have been sent is held back and stays red; what was certainly not sent is sent."""
    portal.send_codes = [code] * (posts - 1 or 1)
    with suppress(RoboSmsError):
        tell(dag_file, monkeypatch, alert_to=ALI)
    if posts == 1:
        with pytest.raises(
            RoboSmsError,
            match=r"RoboSMS alert to 92300\*\*\*\*567 suppressed: the same one may have been sent by an earlier try",
        ):
            tell(dag_file, monkeypatch, alert_to=ALI, try_number=2)
    else:
        tell(dag_file, monkeypatch, alert_to=ALI, try_number=2)
    assert len(portal.sent) == posts


def test_one_of_two_is_told_and_a_retry_tells_the_other(portal, dag_file, monkeypatch):
    portal.send_codes = ["215", "000", "101", "101", "101"]
    with pytest.raises(RoboSmsError, match=r"Not everybody was told: RoboSMS alert to 92333\*\*\*\*321: not sent"):
        tell(dag_file, monkeypatch, alert_to=f"{ALI}, {SARA}")
    tell(dag_file, monkeypatch, alert_to=f"{ALI}, {SARA}", try_number=2)
    assert [sent["to"] for sent in portal.sent] == [f"{ALI},{SARA}", ALI, SARA, SARA, SARA, SARA]


def test_what_was_told_is_told_for_a_cleared_task_and_for_a_retry_of_another_run(portal, dag_file, monkeypatch):
    tell(dag_file, monkeypatch, alert_to=ALI)
    tell(dag_file, monkeypatch, alert_to=ALI, try_number=2)
    assert len(portal.sent) == 1


def test_who_was_not_asked_about_when_it_was_interrupted_may_be_told(portal, dag_file, monkeypatch):
    """The portal has refused the request for both, and the one that is interrupted is of the first."""
    portal.send_codes = ["215"]
    send, calls = GatewayClient.send, []

    def interrupted(client, numbers, *args):
        calls.append(numbers)
        if len(calls) == 2:
            raise AirflowTaskTimeout("Timeout")
        return send(client, numbers, *args)

    with monkeypatch.context() as patch:
        patch.setattr(GatewayClient, "send", interrupted)
        with pytest.raises(AirflowTaskTimeout):
            tell(dag_file, monkeypatch, alert_to=f"{ALI}, {SARA}")
    with pytest.raises(
        RoboSmsError, match=r"92300\*\*\*\*567 suppressed: the same one may have been sent by an earlier try"
    ):
        tell(dag_file, monkeypatch, alert_to=f"{ALI}, {SARA}", try_number=2)
    assert [sent["to"] for sent in portal.sent] == [f"{ALI},{SARA}", SARA]


@pytest.mark.parametrize("error", [AirflowTaskTimeout("Timeout"), RecursionError("deep"), OSError("broken")])
def test_an_alert_that_is_interrupted_may_have_been_sent(portal, dag_file, monkeypatch, error):
    send = GatewayClient.send

    def interrupted(*args):
        send(*args)
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(GatewayClient, "send", interrupted)
        with pytest.raises((RoboSmsError, AirflowTaskTimeout)):
            tell(dag_file, monkeypatch, alert_to=ALI)
    with pytest.raises(RoboSmsError, match="may have been sent by an earlier try"):
        tell(dag_file, monkeypatch, alert_to=ALI, try_number=2)
    assert len(portal.sent) == 1


@pytest.mark.parametrize("typed", [f"{ALI}, 0321-12345", f"0321-12345;{ALI}", f"{ALI}, n/a", f"None, {ALI}, Ali"])
def test_who_can_be_told_is_told_before_the_task_fails(portal, dag_file, monkeypatch, typed):
    with pytest.raises(RoboSmsError, match="Not everybody was told: The RoboSMS alert leaves out one of its numbers"):
        tell(dag_file, monkeypatch, alert_to=typed)
    assert [sent["to"] for sent in portal.sent] == [ALI]


def test_without_any_number_there_is_only_the_log(portal, log, dag_file, monkeypatch):
    tell(dag_file, monkeypatch)
    assert "there is no number" in log.text


@pytest.mark.parametrize("field", ["alert_to", "robosms_conn_id"])
@pytest.mark.parametrize(
    "typed", ["{{ conn.robosms_default.password[::-1] }}", "{{ [1, 2].no.such }}", "{% include 'x' %}"]
)
def test_a_template_in_the_form_reads_nothing(portal, log, dag_file, monkeypatch, field, typed):
    with pytest.raises(RoboSmsError, match=r"The RoboSMS alert was not texted|Not everybody was told"):
        tell(dag_file, monkeypatch, secrets := Secrets(), **{"alert_to": ALI, field: typed})
    assert secrets.asked == []
    assert portal.sent == []
    assert KEY[::-1] not in log.text


def test_nor_does_one_in_the_balance(portal, dag_file, monkeypatch):
    secrets = Secrets()
    tell(dag_file, monkeypatch, secrets, {**BALANCE, "balance": "{{ conn.x.password }}"}, alert_to=ALI)
    assert secrets.asked == []
    assert len(portal.sent) == 1


@pytest.mark.parametrize(
    "typed",
    [f"['{ALI}', '{SARA}']", f'["{ALI}","{SARA}"]', f"[{ALI}, {SARA}]", f"('{ALI}', '{SARA}')", f'"{ALI}", {SARA}'],
)
def test_a_list_that_became_text_is_read(portal, dag_file, monkeypatch, typed):
    tell(dag_file, monkeypatch, alert_to=typed)
    assert [sent["to"] for sent in portal.sent] == [f"{ALI},{SARA}"]
