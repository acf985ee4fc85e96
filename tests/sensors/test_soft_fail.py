"""The balance sensor with soft_fail: it skips only what is known."""

from __future__ import annotations

import asyncio

import pytest
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    AirflowTaskTimeout,
    TaskDeferred,
)

from airflow_provider_robosms.exceptions import RoboSmsError
from airflow_provider_robosms.sensors import robosms as sensors
from tests.sensors.portal import Portal
from tests.sensors.test_balance_sensor import Run, sensor


@pytest.fixture
def portal(monkeypatch):
    monkeypatch.setattr(sensors, "SHORTEST_POLL", 0.01)
    with Portal() as portal:
        monkeypatch.setenv("AIRFLOW_CONN_ROBOSMS_DEFAULT", portal.connection())
        yield portal


@pytest.mark.parametrize("mode", [{}, {"mode": "reschedule"}, {"deferrable": True}])
@pytest.mark.parametrize("balance", ["code 203", "code 206", "code 210", "code 212", 404, 405, 302])
def test_soft_fail_does_not_skip_what_only_a_person_can_mend(portal, mode, balance):
    """Downstream of a skip everything goes on as if the balance were fine."""
    portal.balance = balance
    words = balance if isinstance(balance, str) else f"HTTP {balance}"
    with pytest.raises(AirflowFailException, match=words):
        sensor(min_balance=1, soft_fail=True, **mode).execute(Run().context())
    with pytest.raises(AirflowSkipException):
        sensor(min_balance=1, never_fail=True, **mode).execute(Run().context())


@pytest.mark.parametrize("parameters", [{"robosms_conn_id": "nowhere"}, {"robosms_conn_id": "other"}])
def test_soft_fail_does_not_skip_a_connection_that_cannot_be_used(monkeypatch, parameters):
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", '{"conn_type": "http", "login": "a", "password": "b"}')
    with pytest.raises(AirflowFailException, match="type RoboSMS"):
        sensor(min_balance=1, soft_fail=True, **parameters).execute(Run().context())


@pytest.mark.parametrize("mode", [{}, {"mode": "reschedule"}])
def test_soft_fail_does_not_skip_when_the_balance_could_not_be_read_in_time(portal, mode):
    portal.balance = None
    with pytest.raises(AirflowSensorTimeout, match="could not be read when the time was up"):
        sensor(min_balance=1, soft_fail=True, timeout=0, **mode).execute(Run().context())
    portal.script, portal.balance = [None], "0.50"
    with pytest.raises(AirflowSkipException):
        sensor(min_balance=1, soft_fail=True, timeout=0.3).execute(Run().context())


@pytest.mark.parametrize("mode", [{}, {"mode": "reschedule"}, {"deferrable": True}])
def test_soft_fail_does_not_skip_when_the_task_ends_while_it_waits_for_the_answer(portal, monkeypatch, mode):
    def interrupted(client):
        raise AirflowTaskTimeout("Timeout")  # its execution_timeout

    monkeypatch.setattr(sensors, "poll_balance", interrupted)
    with pytest.raises(AirflowSensorTimeout, match="could not be read when the time was up"):
        sensor(min_balance=1, soft_fail=True, **mode).execute(Run().context())


def test_silent_fail_tolerates_polls_and_makes_no_balance_of_them(portal):
    portal.balance = None
    silent = {"min_balance": 1, "soft_fail": True, "silent_fail": True}
    with pytest.raises(AirflowSensorTimeout, match="could not be read when the time was up"):
        sensor(**silent, timeout=0.3).execute(Run().context())
    with pytest.raises(TaskDeferred) as deferred:
        sensor(**silent, timeout=0.3, deferrable=True).execute(Run().context())
    [event] = asyncio.run(_events(deferred.value.trigger))
    assert event["status"] == "failed"
    with pytest.raises(AirflowSensorTimeout, match="could not be read when the time was up"):
        sensor(**silent, deferrable=True).resume_execution("execute_complete", {"event": event}, Run().context())


async def _events(trigger):
    return [event.payload async for event in trigger.run()]


@pytest.mark.parametrize("words", ["Trigger failure", "Trigger timeout", "x"])
def test_soft_fail_does_not_skip_when_the_trigger_never_answered(portal, words):
    """No triggerer ran, or it died: nobody has read the balance."""
    waiting = sensor(min_balance=1, soft_fail=True, deferrable=True)
    with pytest.raises(AirflowSensorTimeout, match="could not be read when the time was up"):
        waiting.resume_execution("__fail__", {"error": words}, Run().context())
    with pytest.raises(AirflowSkipException):
        sensor(min_balance=1, never_fail=True, deferrable=True).resume_execution(
            "__fail__", {"error": words}, Run().context()
        )


@pytest.mark.parametrize(
    "event",
    [
        None,
        "met",
        {},
        {"status": "met"},
        {"status": "met", "balance": {}},
        {"status": "met", "balance": None},
        {"status": "?"},
    ],
)
def test_an_event_without_a_balance_is_none(portal, event):
    waiting = sensor(min_balance=1, deferrable=True)
    with pytest.raises(RoboSmsError, match="The trigger ended without the RoboSMS balance"):
        waiting.resume_execution("execute_complete", {"event": event}, Run().context())
    with pytest.raises(RoboSmsError):
        sensor(min_balance=1, soft_fail=True, deferrable=True).resume_execution(
            "execute_complete", {"event": event}, Run().context()
        )
