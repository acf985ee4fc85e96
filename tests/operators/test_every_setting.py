"""Whoever adds a setting and reads it loosely finds out here: each parameter, given a value that is nothing, is one sentence.

The parameters come from the signatures, so a new one is tried without being named.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.hooks.gsheets import GoogleSheetsHook
from airflow_provider_robosms.hooks.robosms import RoboSmsHook
from airflow_provider_robosms.notifications.robosms import RoboSmsNotifier
from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from airflow_provider_robosms.sensors.robosms import RoboSmsBalanceSensor
from airflow_provider_robosms.transfers.gsheets_to_robosms import GoogleSheetsToRoboSmsOperator
from airflow_provider_robosms.transfers.sql_to_robosms import SqlToRoboSmsOperator
from airflow_provider_robosms.triggers.robosms import RoboSmsBalanceTrigger, RoboSmsLowBalanceEventTrigger
from tests.operators.stage import StateStore, context, numbers

pytestmark = pytest.mark.usefixtures("sandbox")
(ONE,) = numbers(1)


class Thing:
    """A value that no setting means; its text is long, and true."""


def _run(task: Any) -> None:
    task.execute(context(StateStore()))


def _list(**fields: Any) -> None:
    given = {"messages": None} if "messages" in fields else {"to": ONE, "message": "Salam"}
    _run(RoboSmsSendOperator(task_id="send", **{**given, **fields}))


def _sheet(**fields: Any) -> None:
    _run(GoogleSheetsToRoboSmsOperator(task_id="send", **{"spreadsheet_id": "x" * 40, "message": "Salam", **fields}))


def _table(**fields: Any) -> None:
    text = {} if "message_column" in fields else {"message": "Salam"}
    _run(SqlToRoboSmsOperator(task_id="send", **{"table": "customers", "sql": "SELECT 1", **text, **fields}))


def _threshold(fields: dict[str, Any]) -> dict[str, Any]:
    return fields if fields.keys() & {"min_messages", "min_balance"} else {"min_balance": 1, **fields}


def _sensor(**fields: Any) -> None:
    _run(RoboSmsBalanceSensor(task_id="wait", **_threshold(fields)))


#: Class -> what makes one with a parameter and uses it.
USES: dict[type[Any], Callable[..., Any]] = {
    RoboSmsSendOperator: _list,
    GoogleSheetsToRoboSmsOperator: _sheet,
    SqlToRoboSmsOperator: _table,
    RoboSmsBalanceSensor: _sensor,
    RoboSmsBalanceTrigger: lambda **fields: RoboSmsBalanceTrigger(
        **{"robosms_conn_id": "robosms_default", "deadline": time.time(), **_threshold(fields)}
    ),
    RoboSmsLowBalanceEventTrigger: lambda **fields: RoboSmsLowBalanceEventTrigger(**_threshold(fields)),
    RoboSmsNotifier: lambda **fields: RoboSmsNotifier(ONE, "Salam", **fields),
    RoboSmsHook: lambda **fields: RoboSmsHook(**fields).client,
    GoogleSheetsHook: lambda **fields: GoogleSheetsHook(**fields).get_credentials(),
}
#: Where the sentence names it otherwise.
WORDS = {
    (GoogleSheetsToRoboSmsOperator, "spreadsheet_id"): "neither by its address nor by its key",
    (RoboSmsSendOperator, "to"): "bad number: a phone number is text",
    (GoogleSheetsToRoboSmsOperator, "send_window"): "send_window",
}
#: An alert is not lost for what one of its templates gave: see tests/notifications/test_unclear.py.
ELSEWHERE = {(RoboSmsNotifier, name) for name in ("to", "message", "mask", "robosms_conn_id", "dedup_key")}


def _parameters() -> Iterator[Any]:
    for kind in USES:
        own = [one for one in kind.__mro__ if one.__module__.startswith("airflow_provider_robosms.")]
        names = {name for one in own for name in inspect.signature(one.__init__).parameters}
        for name in sorted(names - {"self", "args", "kwargs"}):
            if (kind, name) not in ELSEWHERE:
                yield pytest.param(kind, name, id=f"{kind.__name__}-{name}")


@pytest.mark.parametrize(("kind", "name"), list(_parameters()))
def test_a_value_that_is_nothing_is_one_sentence_and_nothing_is_sent(sandbox, monkeypatch, kind, name):
    def asked(*_: Any) -> None:
        raise AssertionError("the spreadsheet was opened")

    monkeypatch.setattr(GoogleSheetsToRoboSmsOperator, "_open_api", asked)
    monkeypatch.setattr("airflow_provider_robosms.transfers.sql_table.CampaignTable", asked)
    with pytest.raises((RoboSmsError, AirflowFailException)) as caught:
        USES[kind](**{name: Thing()})
    assert getattr(caught.value, "permanent", True), "a retry would read the same"
    assert WORDS.get((kind, name), name) in str(caught.value)
    assert "Thing object" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sandbox.received()["posts"] == 0


def test_all_faces_of_the_provider_are_tried():
    from airflow_provider_robosms.get_provider_info import get_provider_info

    info = get_provider_info()
    modules = {
        module for part in ("hooks", "operators", "sensors", "triggers") for module in info[part][0]["python-modules"]
    }
    modules |= {entry["python-module"] for entry in info["transfers"]}
    modules |= {path.rpartition(".")[0] for path in info["notifications"]}
    assert modules <= {kind.__module__ for kind in USES}
