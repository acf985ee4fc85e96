"""The link to the portal is there for every task, also for one that fails: then it is wanted most."""

from __future__ import annotations

import pytest
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.links.robosms import RoboSmsPortalLink
from airflow_provider_robosms.operators.robosms import RoboSmsSendOperator
from tests.sensors.portal import Portal

PATH = "/sms"


@pytest.fixture
def portal(monkeypatch):
    with Portal() as portal:
        host = f"{portal.url}{PATH}/"
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection().replace(portal.url, host))
        yield portal


def link(operator: RoboSmsSendOperator) -> str:
    return RoboSmsPortalLink().get_link(operator, ti_key=None)


def operator(**parameters) -> RoboSmsSendOperator:
    return RoboSmsSendOperator(task_id="send", **{"to": "0300 1234567", "message": "hello", **parameters})


@pytest.mark.parametrize("parameters", [{}, {"check_balance": False}, {"dry_run": True}, {"to": []}])
def test_a_task_that_succeeds(portal, parameters):
    one = operator(**parameters)
    one.execute({})
    assert link(one) == f"{portal.url}{PATH}"
    assert {path.removeprefix(PATH) for path in portal.paths} <= {"/api/check-balance", "/api/send-message"}
    assert all(path.startswith(PATH) for path in portal.paths)


@pytest.mark.parametrize(
    ("balance", "error"), [("code 203", AirflowFailException), ("0.10", AirflowFailException), (None, RoboSmsError)]
)
def test_a_task_that_fails(portal, balance, error):
    portal.balance = balance
    one = operator()
    with pytest.raises(error):
        one.execute({})
    assert link(one) == f"{portal.url}{PATH}"
    assert portal.sent == []


def test_without_a_connection_there_is_none_and_the_error_is_the_operators_own(monkeypatch):
    one = operator(robosms_conn_id="nowhere")
    with pytest.raises(Exception, match="nowhere"):
        one.execute({})
    assert link(one) == ""
